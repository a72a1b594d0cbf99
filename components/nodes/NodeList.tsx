'use client';
import { topics } from '@/contract/keys';
import { NODE_LIST } from '@/contract/lists';
import type { NodeRow, NodeWindow } from '@/contract/node';
import { AsOf } from '../ui/AsOf';
import { StatusBadge } from '../ui/Badge';
import { EmptyState } from '../ui/Card';
import { ListPage } from '../ui/ListPage';
import type { Column } from '../ui/list-types';
import { useList } from '../ui/useList';
import { Age, Bytes, Iops, Latency, Throughput, Unknown } from '../ui/values';

const COLUMNS: ReadonlyArray<Column<NodeRow>> = [
  {
    key: 'name',
    title: 'Node',
    sort: 'name',
    width: 'minmax(8rem, 1.5fr)',
    cell: (n) => <span title={n.id}>{n.id}</span>,
  },
  {
    key: 'status',
    title: 'Status',
    sort: 'status',
    width: 'minmax(11rem, 15rem)',
    cell: (n) => (
      <span className="flex items-center gap-1.5">
        <StatusBadge status={n.status} title={n.statusReason ?? undefined} />
        {n.cordon !== 'none' && (
          <StatusBadge status={n.cordon} title={[...n.cordonLabels, ...n.drainLabels].join(', ')} />
        )}
        <AsOf observed={n.observed} short />
      </span>
    ),
  },
  {
    key: 'since',
    title: 'Since',
    sort: 'since',
    width: '6.5rem',
    cell: (n) => <Age at={n.since} />,
  },
  { key: 'pools', title: 'Pools', sort: 'pools', width: '4.5rem', align: 'end', cell: (n) => n.pools },
  { key: 'replicas', title: 'Replicas', sort: 'replicas', width: '6rem', align: 'end', cell: (n) => n.replicas },
  { key: 'targets', title: 'Targets', sort: 'targets', width: '5.5rem', align: 'end', cell: (n) => n.targets },
  {
    key: 'rebuilds',
    title: 'Rebuilds',
    sort: 'rebuilds',
    width: '6rem',
    align: 'end',
    cell: (n) => (n.rebuilds === null ? <Unknown why={n.statusReason ?? undefined} /> : n.rebuilds),
  },
  {
    key: 'used',
    title: 'Used',
    sort: 'used',
    width: '6.5rem',
    align: 'end',
    cell: (n) => <Bytes value={n.capacity.usedBytes} />,
  },
  {
    key: 'capacity',
    title: 'Capacity',
    sort: 'capacity',
    width: '6.5rem',
    align: 'end',
    cell: (n) => <Bytes value={n.capacity.capacityBytes} />,
  },
  { key: 'iops', title: 'IOPS', sort: 'iops', width: '6rem', align: 'end', cell: (n) => <Iops rate={n.io} /> },
  {
    key: 'throughput',
    title: 'Throughput',
    sort: 'throughput',
    width: '7.5rem',
    align: 'end',
    cell: (n) => <Throughput rate={n.io} />,
  },
  { key: 'latency', title: 'Latency', width: '6rem', align: 'end', cell: (n) => <Latency rate={n.io} /> },
  { key: 'version', title: 'Version', sort: 'version', width: '5.5rem', cell: (n) => n.version ?? <Unknown /> },
];

const LIST = {
  catalogue: NODE_LIST,
  topic: topics.nodes,
  pick: (answer: NodeWindow) => answer,
  columnsOf: () => COLUMNS,
};

/** All storage nodes of a cluster. */
export function NodeList({ cluster }: { cluster: string }) {
  const all = useList(cluster, 'nodes', LIST);
  return (
    <ListPage
      {...all}
      title="Nodes"
      noun="nodes"
      rowHref={(n) => `/c/${cluster}/nodes/${encodeURIComponent(n.id)}`}
      facets={['status', 'cordon']}
      placeholder="Filter: words, status:online"
      empty={
        <EmptyState title="No storage nodes yet">
          An io-engine registers its node with the control plane when it starts.
        </EmptyState>
      }
    />
  );
}
