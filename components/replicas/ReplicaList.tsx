'use client';
import { topics } from '@/contract/keys';
import { REPLICA_LIST } from '@/contract/lists';
import type { ReplicaRow, ReplicaWindow } from '@/contract/replica';
import { AsOf } from '../ui/AsOf';
import { StatusBadge } from '../ui/Badge';
import { EmptyState } from '../ui/Card';
import { ListPage } from '../ui/ListPage';
import type { Column } from '../ui/list-types';
import { ProgressBar } from '../ui/meters';
import { TextLink } from '../ui/TextLink';
import { useList } from '../ui/useList';
import { Bytes, Iops, Latency, Throughput, Unknown } from '../ui/values';

function columnsOf(cluster: string): ReadonlyArray<Column<ReplicaRow>> {
  return [
    {
      key: 'volume',
      linked: true,
      title: 'Volume',
      sort: 'volume',
      width: 'minmax(11rem, 1.5fr)',
      cell: (r) =>
        r.volume ? (
          <TextLink href={`/c/${cluster}/volumes/${r.volume.id}`} className="font-medium">
            {r.volume.name}
          </TextLink>
        ) : (
          <span className="text-ink-2">of no volume</span>
        ),
    },
    {
      key: 'id',
      title: 'Replica',
      sort: 'id',
      width: 'minmax(8rem, 23rem)',
      cell: (r) => <span title={r.id}>{r.id}</span>,
    },
    {
      key: 'status',
      title: 'Status',
      sort: 'status',
      width: 'minmax(8.5rem, 13rem)',
      cell: (r) => (
        <>
          <StatusBadge status={r.status} title={r.statusReason ?? undefined} /> <AsOf observed={r.observed} short />
        </>
      ),
    },
    {
      key: 'pool',
      title: 'Pool',
      sort: 'pool',
      width: 'minmax(9rem, 1fr)',
      cell: (r) =>
        r.pool === null ? (
          <Unknown />
        ) : (
          <TextLink href={`/c/${cluster}/pools/${encodeURIComponent(r.pool)}`}>{r.pool}</TextLink>
        ),
    },
    {
      key: 'node',
      title: 'Node',
      sort: 'node',
      width: 'minmax(8rem, 1fr)',
      cell: (r) =>
        r.node === null ? (
          <Unknown />
        ) : (
          <>
            <TextLink href={`/c/${cluster}/nodes/${encodeURIComponent(r.node)}`}>{r.node}</TextLink>
            {r.local && <span className="text-ink-2"> (local)</span>}
          </>
        ),
    },
    {
      key: 'size',
      title: 'Size',
      sort: 'size',
      width: '6.5rem',
      align: 'end',
      cell: (r) => <Bytes value={r.sizeBytes} />,
    },
    {
      key: 'allocated',
      title: 'Used',
      sort: 'allocated',
      width: '6.5rem',
      align: 'end',
      cell: (r) => <Bytes value={r.allocatedBytes} />,
    },
    {
      key: 'rebuild',
      title: 'Rebuild',
      sort: 'rebuild',
      width: '9rem',
      cell: (r) =>
        r.status === 'unknown' ? (
          <Unknown />
        ) : r.status !== 'rebuilding' ? (
          <span className="text-ink-2">–</span>
        ) : (
          <span className="flex items-center gap-2">
            <ProgressBar percent={r.rebuildProgress} label={`Rebuild of ${r.id}`} />
            {r.rebuildProgress === null ? 'running' : `${Math.floor(r.rebuildProgress)} %`}
          </span>
        ),
    },
    { key: 'iops', title: 'IOPS', sort: 'iops', width: '6rem', align: 'end', cell: (r) => <Iops rate={r.io} /> },
    {
      key: 'throughput',
      title: 'Throughput',
      sort: 'throughput',
      optional: true,
      width: '8rem',
      align: 'end',
      cell: (r) => <Throughput rate={r.io} />,
    },
    {
      key: 'latency',
      title: 'Latency',
      sort: 'latency',
      optional: true,
      width: '6.5rem',
      align: 'end',
      cell: (r) => <Latency rate={r.io} />,
    },
    {
      key: 'thin',
      title: 'Provisioning',
      optional: true,
      width: '7.5rem',
      cell: (r) => (r.thin === null ? <Unknown /> : r.thin ? 'Thin' : 'Thick'),
    },
    {
      key: 'why',
      title: 'Why',
      optional: true,
      width: 'minmax(18rem, 1fr)',
      cell: (r) => <span title={r.statusReason ?? undefined}>{r.statusReason ?? '–'}</span>,
    },
  ];
}

const LIST = {
  catalogue: REPLICA_LIST,
  topic: topics.replicas,
  pick: (answer: ReplicaWindow) => answer,
  columnsOf,
};

/** Every copy of every volume, wherever it lies, and those that no volume names. */
export function ReplicaList({ cluster }: { cluster: string }) {
  const all = useList(cluster, 'replicas', LIST);
  return (
    <ListPage
      {...all}
      title="Replicas"
      noun="replicas"
      rowHref={(r) => (r.volume ? `/c/${cluster}/volumes/${r.volume.id}` : undefined)}
      facets={['status', 'node']}
      placeholder="Filter: words, status:faulted, pool:pool-io-2-0"
      empty={<EmptyState title="No replicas">A volume’s copies appear here as soon as it is made.</EmptyState>}
    />
  );
}
