import type { ReplicaCountPlan } from '@/contract/volume';
import { CodeBlock } from '../../ui/CopyButton';
import { bytesText, durationText } from '../../ui/format';
import { Table } from '../../ui/Table';
import { RejectedPools } from '../PlacementView';

/** What a change of the count adds or removes, what that costs, and what protection remains. */
export function PlanView({ volumeId, plan }: { volumeId: string; plan: ReplicaCountPlan }) {
  return (
    <div className="flex flex-col gap-4">
      {!plan.allowed.allowed && (
        <p role="alert" className="rounded-lg border border-bad bg-bad-bg px-4 py-2 font-medium">
          {plan.allowed.reason}
        </p>
      )}
      {plan.adds.length > 0 && (
        <>
          <Table
            label="Copies that are added"
            rows={plan.adds}
            rowKey={(a) => a.pool}
            none=""
            columns={[
              { title: 'Adds a copy on pool', cell: (a) => a.pool },
              { title: 'Node', cell: (a) => a.node },
            ]}
          />
          <p>
            {plan.estimatedBytes === null
              ? 'How much is copied is not known'
              : `${bytesText(plan.estimatedBytes)} are copied`}
            {plan.estimatedSeconds === null
              ? '.'
              : `, about ${durationText(plan.estimatedSeconds)} at the rate seen on this cluster.`}
          </p>
        </>
      )}
      {plan.removes.length > 0 && (
        <Table
          label="Copies that are removed"
          rows={plan.removes}
          rowKey={(r) => r.replica}
          none=""
          columns={[
            {
              title: 'Removes the copy',
              nowrap: true,
              cell: (r) => <span title={r.replica}>{r.replica.slice(0, 8)}</span>,
            },
            { title: 'Pool', cell: (r) => r.pool ?? 'unknown' },
            { title: 'Node', cell: (r) => r.node ?? 'unknown' },
            { title: 'Why this one', cell: (r) => r.why },
          ]}
        />
      )}
      <p className="font-medium">{plan.protection}</p>
      {plan.warnings.length > 0 && (
        <ul className="list-disc pl-5">
          {plan.warnings.map((w) => (
            <li key={w} className="text-warn">
              {w}
            </li>
          ))}
        </ul>
      )}
      {Math.abs(plan.to - plan.from) > 1 && (
        <p className="text-ink-2">
          It goes one by one: after each step the console waits until the volume is as healthy as before.
        </p>
      )}
      {plan.to > plan.from && <RejectedPools rejected={plan.rejected} />}
      {plan.to !== plan.from && (
        <details>
          <summary className="cursor-pointer text-ink-2">The same from the command line</summary>
          <div className="mt-2">
            <CodeBlock text={commands(volumeId, plan)} label="command" />
          </div>
        </details>
      )}
    </div>
  );
}

/** kubectl-mayastor, too, moves by one. */
function commands(volumeId: string, plan: ReplicaCountPlan): string {
  const step = plan.to > plan.from ? 1 : -1;
  const counts = Array.from({ length: Math.abs(plan.to - plan.from) }, (_, i) => plan.from + step * (i + 1));
  return counts.map((n) => `kubectl mayastor scale volume ${volumeId} ${n}`).join('\n');
}
