'use client';
import { topics } from '@/contract/keys';
import { POOL_LIST } from '@/contract/lists';
import type { PoolRow, PoolWindow } from '@/contract/pool';
import { AsOf } from '../ui/AsOf';
import { Badge, StatusBadge } from '../ui/Badge';
import { EmptyState } from '../ui/Card';
import { ListPage } from '../ui/ListPage';
import type { Column } from '../ui/list-types';
import { percentOf } from '../ui/meters';
import { TextLink } from '../ui/TextLink';
import { useList } from '../ui/useList';
import { Bytes, Iops, Latency, Throughput, Unknown } from '../ui/values';

/** Committed beyond capacity is normal with thin volumes, but it should be seen. */
function Committed({ row }: { row: PoolRow }) {
  const { committedBytes, capacityBytes } = row.capacity;
  const over = committedBytes !== null && capacityBytes !== null && BigInt(committedBytes) > BigInt(capacityBytes);
  return (
    <span
      className={over ? 'text-warn' : undefined}
      title={over ? 'More is promised to thin volumes than the pool holds' : undefined}
    >
      <Bytes value={committedBytes} />
      {over && <span className="sr-only"> (more than the pool holds)</span>}
    </span>
  );
}

function Used({ row }: { row: PoolRow }) {
  const percent = percentOf(row.capacity.usedBytes, row.capacity.capacityBytes);
  if (percent === undefined) return <Unknown why={row.statusReason ?? undefined} />;
  return (
    <>
      <Bytes value={row.capacity.usedBytes} />{' '}
      <span className="text-ink-2">({percent > 0 && percent < 1 ? '< 1' : percent.toFixed(0)} %)</span>
    </>
  );
}

function columnsOf(cluster: string): ReadonlyArray<Column<PoolRow>> {
  return [
    {
      key: 'name',
      title: 'Pool',
      sort: 'name',
      width: 'minmax(9rem, 1.5fr)',
      cell: (p) => <span title={p.id}>{p.id}</span>,
    },
    {
      key: 'status',
      title: 'Status',
      sort: 'status',
      width: 'minmax(8.5rem, 13rem)',
      cell: (p) => (
        <>
          <StatusBadge status={p.status} title={p.statusReason ?? undefined} /> <AsOf observed={p.observed} short />
        </>
      ),
    },
    {
      key: 'node',
      title: 'Node',
      sort: 'node',
      width: 'minmax(6rem, 1fr)',
      cell: (p) => <TextLink href={`/c/${cluster}/nodes/${encodeURIComponent(p.node)}`}>{p.node}</TextLink>,
    },
    { key: 'used', title: 'Used', sort: 'used', width: '10.5rem', align: 'end', cell: (p) => <Used row={p} /> },
    {
      key: 'committed',
      title: 'Committed',
      sort: 'committed',
      width: '7.5rem',
      align: 'end',
      cell: (p) => <Committed row={p} />,
    },
    {
      key: 'capacity',
      title: 'Capacity',
      sort: 'capacity',
      width: '7rem',
      align: 'end',
      cell: (p) => <Bytes value={p.capacity.capacityBytes} />,
    },
    {
      key: 'replicas',
      title: 'Replicas',
      sort: 'replicas',
      width: '11rem',
      align: 'end',
      cell: (p) => (
        <>
          {p.replicas} {p.unhealthyReplicas > 0 && <Badge tone="warn">{p.unhealthyReplicas} not healthy</Badge>}
        </>
      ),
    },
    { key: 'iops', title: 'IOPS', sort: 'iops', width: '6rem', align: 'end', cell: (p) => <Iops rate={p.io} /> },
    {
      key: 'throughput',
      title: 'Throughput',
      sort: 'throughput',
      width: '8rem',
      align: 'end',
      cell: (p) => <Throughput rate={p.io} />,
    },
    { key: 'latency', title: 'Latency', width: '6.5rem', align: 'end', cell: (p) => <Latency rate={p.io} /> },
  ];
}

const LIST = {
  catalogue: POOL_LIST,
  topic: topics.pools,
  pick: (answer: PoolWindow) => answer,
  columnsOf,
};

/** All pools of a cluster. */
export function PoolList({ cluster }: { cluster: string }) {
  const all = useList(cluster, 'pools', LIST);
  return (
    <ListPage
      {...all}
      title="Pools"
      noun="pools"
      rowHref={(p) => `/c/${cluster}/pools/${encodeURIComponent(p.id)}`}
      facets={['status', 'node']}
      placeholder="Filter: words, status:online, node:io-2"
      empty={
        <EmptyState title="No pools yet">
          A pool is one disk of a node. In Kubernetes, apply a DiskPool resource for each disk that Mayastor may use;
          the page of a <TextLink href={`/c/${cluster}/nodes`}>node</TextLink> lists its disks and which are free.
        </EmptyState>
      }
    />
  );
}
