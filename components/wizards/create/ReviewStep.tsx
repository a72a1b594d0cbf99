'use client';
import { formatBytes } from '@/contract/size';
import type { CreateVolume } from '@/contract/volume';
import { KeyValue, Skeleton } from '../../ui/Card';
import { CodeBlock } from '../../ui/CopyButton';
import { CheckField, SelectField } from '../../ui/Field';
import { LabelList } from '../../ui/LabelList';
import { ErrorPanel } from '../../ui/states';
import { PlacementView } from '../PlacementView';
import { useChoices } from '../useChoices';
import { manifestOf } from './manifest';
import type { StepProps } from './step';
import type { PlanState } from './usePlan';

/** Everything once more: what is made, where, and whether it is published. */
export function ReviewStep({
  cluster,
  draft,
  errors,
  set,
  plan,
  volume,
}: StepProps & { plan: PlanState; volume: CreateVolume | undefined }) {
  const choices = useChoices(cluster);
  if (!volume) return null;
  return (
    <div className="flex flex-col gap-5">
      <KeyValue
        items={[
          ['Name', volume.name ?? 'none; its id will be shown'],
          ['Size', formatBytes(BigInt(volume.sizeBytes), 3)],
          ['Provisioning', volume.thin ? 'thin' : 'thick'],
          ['Replicas', volume.replicas],
          ['Self-healing', volume.selfHeal ? 'on' : 'off'],
          ['Labels', <LabelList key="l" labels={volume.labels} />],
        ]}
      />
      <CheckField
        label="Publish it"
        hint="Makes its target, so that hosts can connect. In Kubernetes the CSI driver does this when a pod starts."
        checked={draft.publish}
        onChange={(e) => set({ publish: e.target.checked })}
      />
      {draft.publish && (
        <SelectField
          label="Node of the target"
          value={draft.publishNode}
          error={errors.publishNode}
          onChange={(e) => set({ publishNode: e.target.value })}
        >
          <option value="">Let the control plane choose</option>
          {choices.data?.nodes.map((n) => (
            <option key={n.id} value={n.id} disabled={!n.schedulable}>
              {n.id}
              {n.reason ? ` (${n.reason})` : ''}
            </option>
          ))}
        </SelectField>
      )}
      {plan.problem && <ErrorPanel problem={plan.problem} />}
      {plan.data ? <PlacementView plan={plan.data} /> : <Skeleton lines={4} label="Asking where the copies would go" />}
      <details>
        <summary className="cursor-pointer font-medium">The same in Kubernetes</summary>
        <div className="mt-2">
          <CodeBlock text={manifestOf(volume)} label="manifest" />
        </div>
      </details>
    </div>
  );
}
