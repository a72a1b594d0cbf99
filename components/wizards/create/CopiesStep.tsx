'use client';
import { CheckField, TextField } from '../../ui/Field';
import { ErrorPanel } from '../../ui/states';
import { PlacementView } from '../PlacementView';
import { useChoices } from '../useChoices';
import type { StepProps } from './step';
import type { PlanState } from './usePlan';

/** How many copies, where they may go, and where they would go now. */
export function CopiesStep({ cluster, draft, errors, set, plan }: StepProps & { plan: PlanState }) {
  const choices = useChoices(cluster);
  const nodes = choices.data?.nodes ?? [];
  const toggle = (id: string, on: boolean) =>
    set({ allowedNodes: on ? [...draft.allowedNodes, id] : draft.allowedNodes.filter((n) => n !== id) });
  return (
    <div className="flex flex-col gap-5">
      <div className="grid gap-4 md:grid-cols-2">
        <TextField
          label="Replicas"
          hint="Copies, each on another node. With 3 the data survives the loss of two."
          inputMode="numeric"
          value={draft.replicas}
          error={errors.replicas}
          onChange={(e) => set({ replicas: e.target.value })}
        />
        <div className="self-center">
          <CheckField
            label="Self-healing"
            hint="A lost copy is replaced and rebuilt without asking."
            checked={draft.selfHeal}
            onChange={(e) => set({ selfHeal: e.target.checked })}
          />
        </div>
      </div>
      <details open={hasTopology(draft) || undefined}>
        <summary className="cursor-pointer font-medium">Rules for where the copies go</summary>
        <div className="mt-3 grid gap-4 md:grid-cols-2">
          <TextField
            label="Node labels"
            hint="key=value that a node must have; a key alone asks for the key."
            value={draft.nodeInclusion}
            error={errors.nodeInclusion}
            onChange={(e) => set({ nodeInclusion: e.target.value })}
          />
          <TextField
            label="Spread over node label"
            hint="Keys whose values must differ between copies, for example zone."
            value={draft.nodeSpread}
            error={errors.nodeSpread}
            onChange={(e) => set({ nodeSpread: e.target.value })}
          />
          <TextField
            label="Pool labels"
            hint="key=value that a pool must have."
            value={draft.poolInclusion}
            error={errors.poolInclusion}
            onChange={(e) => set({ poolInclusion: e.target.value })}
          />
          <TextField
            label="Affinity group"
            hint="Volumes of one group keep their single copies apart."
            list="affinity-groups"
            value={draft.affinityGroup}
            error={errors.affinityGroup}
            onChange={(e) => set({ affinityGroup: e.target.value })}
          />
          <datalist id="affinity-groups">
            {choices.data?.affinityGroups.map((g) => (
              <option key={g} value={g} />
            ))}
          </datalist>
          <fieldset className="md:col-span-2">
            <legend className="mb-1 font-medium">Only these nodes</legend>
            <div className="flex max-h-48 flex-wrap gap-x-5 gap-y-2 overflow-auto">
              {nodes.map((n) => (
                <CheckField
                  key={n.id}
                  label={n.id}
                  hint={n.reason ?? undefined}
                  checked={draft.allowedNodes.includes(n.id)}
                  onChange={(e) => toggle(n.id, e.target.checked)}
                />
              ))}
            </div>
            {errors.allowedNodes && (
              <p role="alert" className="font-medium text-bad">
                {errors.allowedNodes}
              </p>
            )}
          </fieldset>
        </div>
      </details>
      {plan.problem && <ErrorPanel problem={plan.problem} />}
      {plan.data && <PlacementView plan={plan.data} />}
    </div>
  );
}

const hasTopology = (d: StepProps['draft']): boolean =>
  d.nodeInclusion !== '' ||
  d.nodeSpread !== '' ||
  d.poolInclusion !== '' ||
  d.affinityGroup !== '' ||
  d.allowedNodes.length > 0;
