import { Fragment } from 'react';
import { formatBytes } from '@/contract/size';
import type { PlacementPlan } from '@/contract/volume';
import { Table } from '../ui/Table';

type Rejected = PlacementPlan['rejected'];

/** Where the copies would go, and for every other pool why it takes none. */
export function PlacementView({ plan }: { plan: PlacementPlan }) {
  // With no pool read, or none there, a table would say what the sentence above says, and worse.
  const isKnown = plan.chosen.length + plan.spare.length + plan.rejected.length > 0;
  return (
    <div className="flex flex-col gap-4">
      {plan.shortfall && (
        <p role="alert" className="rounded-lg border border-bad bg-bad-bg px-4 py-2 font-medium">
          {plan.shortfall}
        </p>
      )}
      {isKnown && (
        <div>
          <h3 className="mb-1">
            The copies would go to ({plan.chosen.length} of {plan.wanted})
          </h3>
          <Table
            label="Chosen pools"
            rows={plan.chosen}
            rowKey={(c) => c.pool}
            none="No pool can take a copy."
            columns={[
              { title: 'Pool', nowrap: true, cell: (c) => c.pool },
              { title: 'Node', nowrap: true, cell: (c) => c.node },
              { title: 'Free now', align: 'end', nowrap: true, cell: (c) => formatBytes(BigInt(c.freeBytes)) },
              {
                title: 'Committed with it',
                align: 'end',
                nowrap: true,
                cell: (c) =>
                  c.committedAfterPercent === null ? 'unknown' : `${Math.round(c.committedAfterPercent)} %`,
              },
            ]}
          />
        </div>
      )}
      {plan.spare.length > 0 && (
        <p className="text-ink-2">
          Could take one as well, but the pools above rank higher:{' '}
          {plan.spare.map((s, i) => (
            // Whole where there is room; a name longer than the line may break.
            <Fragment key={s.pool}>
              {i > 0 && ' '}
              <span className="inline-block">
                {s.pool} on {s.node}
                {i < plan.spare.length - 1 ? ',' : '.'}
              </span>
            </Fragment>
          ))}
        </p>
      )}
      <RejectedPools rejected={plan.rejected} />
      {isKnown && (
        <p className="text-[0.93rem] text-ink-2">
          By the control plane’s rules as things are now. It decides when the volume is made.
        </p>
      )}
    </div>
  );
}

export function RejectedPools({ rejected }: { rejected: Rejected }) {
  if (rejected.length === 0) return null;
  return (
    <div>
      <h3 className="mb-1">Cannot take one ({rejected.length})</h3>
      <Table
        label="Pools that cannot take a copy"
        rows={rejected}
        rowKey={(r) => r.pool}
        none=""
        columns={[
          { title: 'Pool', nowrap: true, cell: (r) => r.pool },
          { title: 'Node', nowrap: true, cell: (r) => r.node },
          { title: 'Why', cell: (r) => r.reason },
        ]}
      />
    </div>
  );
}
