import type { Overview } from '@/contract/overview';
import { StatusBadge } from '../ui/Badge';
import { EmptyState } from '../ui/Card';
import { CapacityBar } from '../ui/meters';
import { Table } from '../ui/Table';
import { TextLink } from '../ui/TextLink';
import { Iops, Throughput } from '../ui/values';

/** The storage nodes in short. */
export function NodesTable({ cluster, data: { nodes, observedAt } }: { cluster: string; data: Overview }) {
  if (nodes.length === 0)
    return observedAt === null ? (
      <p className="text-unknown">The nodes are not known yet.</p>
    ) : (
      <EmptyState title="No storage nodes yet">
        An io-engine registers its node with the control plane when it starts.
      </EmptyState>
    );
  return (
    <Table
      label="Nodes"
      rows={nodes}
      rowKey={(n) => n.id}
      none=""
      columns={[
        {
          title: 'Node',
          nowrap: true,
          cell: (n) => (
            <TextLink href={`/c/${cluster}/nodes/${encodeURIComponent(n.id)}`} className="font-medium">
              {n.id}
            </TextLink>
          ),
        },
        {
          title: 'Status',
          cell: (n) => (
            <span className="inline-flex flex-wrap gap-1">
              <StatusBadge status={n.status} />
              {n.cordon !== 'none' && <StatusBadge status={n.cordon} />}
            </span>
          ),
        },
        { title: 'Pools', align: 'end', cell: (n) => n.pools },
        { title: 'Targets', align: 'end', cell: (n) => n.targets },
        { title: 'IOPS', align: 'end', cell: (n) => <Iops rate={n.io} /> },
        { title: 'Throughput', align: 'end', nowrap: true, cell: (n) => <Throughput rate={n.io} /> },
        { title: 'Capacity', cell: (n) => <CapacityBar capacity={n.capacity} label={n.id} /> },
      ]}
    />
  );
}
