'use client';
import { Plus } from 'lucide-react';
import { topics } from '@/contract/keys';
import { VOLUME_LIST } from '@/contract/lists';
import type { VolumeRow, VolumeWindow } from '@/contract/volume';
import { PermittedLink } from '../session/PermittedLink';
import { AsOf } from '../ui/AsOf';
import { StatusBadge } from '../ui/Badge';
import { EmptyState } from '../ui/Card';
import { durationText } from '../ui/format';
import { ListPage } from '../ui/ListPage';
import type { Column } from '../ui/list-types';
import { ProgressBar } from '../ui/meters';
import { useList } from '../ui/useList';
import { Age, Bytes, Iops, Latency, Throughput, Unknown } from '../ui/values';

const COLUMNS: ReadonlyArray<Column<VolumeRow>> = [
  {
    key: 'name',
    title: 'Name',
    sort: 'name',
    width: 'minmax(11rem, 2fr)',
    cell: (v) => <span title={`${v.name}\n${v.id}`}>{v.name}</span>,
  },
  {
    key: 'status',
    title: 'Status',
    sort: 'status',
    width: 'minmax(8.5rem, 13rem)',
    cell: (v) => (
      <>
        <StatusBadge status={v.status} title={v.statusReason ?? undefined} /> <AsOf observed={v.observed} short />
      </>
    ),
  },
  {
    key: 'size',
    title: 'Size',
    sort: 'size',
    width: '6.5rem',
    align: 'end',
    cell: (v) => <Bytes value={v.sizeBytes} />,
  },
  {
    key: 'allocated',
    title: 'Used',
    sort: 'allocated',
    width: '6.5rem',
    align: 'end',
    cell: (v) => <Bytes value={v.allocatedBytes} />,
  },
  {
    key: 'replicas',
    title: 'Replicas',
    sort: 'replicas',
    width: '7.5rem',
    align: 'end',
    cell: (v) => <Replicas row={v} />,
  },
  {
    key: 'node',
    title: 'Target',
    sort: 'node',
    width: 'minmax(8.5rem, 1fr)',
    cell: (v) => v.targetNode ?? <span className="text-ink-2">not published</span>,
  },
  {
    key: 'iops',
    title: 'IOPS',
    sort: 'iops',
    width: '6rem',
    align: 'end',
    cell: (v) => (v.published ? <Iops rate={v.io} /> : '–'),
  },
  {
    key: 'throughput',
    title: 'Throughput',
    sort: 'throughput',
    width: '8rem',
    align: 'end',
    cell: (v) => (v.published ? <Throughput rate={v.io} /> : '–'),
  },
  {
    key: 'latency',
    title: 'Latency',
    sort: 'latency',
    width: '6.5rem',
    align: 'end',
    cell: (v) => (v.published ? <Latency rate={v.io} /> : '–'),
  },
  { key: 'rebuild', title: 'Rebuild', width: 'minmax(12.5rem, 1fr)', cell: (v) => <RebuildCell row={v} /> },
  {
    key: 'pvc',
    title: 'Claim',
    optional: true,
    width: 'minmax(11rem, 1fr)',
    cell: (v) => (v.pvc ? `${v.pvc.namespace}/${v.pvc.name}` : <span className="text-ink-2">none</span>),
  },
  { key: 'since', title: 'Since', sort: 'since', optional: true, width: '8rem', cell: (v) => <Age at={v.since} /> },
  {
    key: 'snapshots',
    title: 'Snapshots',
    sort: 'snapshots',
    optional: true,
    width: '7rem',
    align: 'end',
    cell: (v) => v.snapshots,
  },
  {
    key: 'thin',
    title: 'Provisioning',
    sort: 'thin',
    optional: true,
    width: '7.5rem',
    cell: (v) => (v.thin ? 'Thin' : 'Thick'),
  },
  {
    key: 'labels',
    title: 'Labels',
    optional: true,
    width: 'minmax(14rem, 1fr)',
    cell: (v) => {
      const text = Object.entries(v.labels)
        .map(([k, x]) => `${k}=${x}`)
        .join(', ');
      return <span title={text}>{text || '–'}</span>;
    },
  },
  { key: 'id', title: 'UUID', sort: 'id', optional: true, width: '22.5rem', cell: (v) => v.id },
];

function Replicas({ row }: { row: VolumeRow }) {
  const { healthy, wanted, present } = row.replicas;
  return (
    <span title={`${present} present`}>
      {healthy === null ? (
        <Unknown why="The target does not answer, so the health of its copies is not known" />
      ) : (
        healthy
      )}{' '}
      / {wanted}
      <span className="sr-only"> healthy of wanted</span>
    </span>
  );
}

function RebuildCell({ row }: { row: VolumeRow }) {
  if (!row.rebuild)
    return row.published && row.replicas.healthy === null ? <Unknown /> : <span className="text-ink-2">–</span>;
  const { progress, secondsLeft } = row.rebuild;
  return (
    <span className="flex items-center gap-2">
      <ProgressBar percent={progress} label={`Rebuild of ${row.name}`} />
      <span className="whitespace-nowrap">
        {progress === null ? 'running' : `${Math.floor(progress)} %`}
        {secondsLeft === null ? '' : `, ${durationText(secondsLeft)}`}
      </span>
    </span>
  );
}

const LIST = {
  catalogue: VOLUME_LIST,
  topic: topics.volumes,
  pick: (answer: VolumeWindow) => answer,
  columnsOf: () => COLUMNS,
};

/** All volumes of a cluster, as a window that the server filters and sorts. */
export function VolumeList({ cluster }: { cluster: string }) {
  const all = useList(cluster, 'volumes', LIST);
  const create = (
    <PermittedLink cluster={cluster} permission="volumes:create" kind="primary" href={`/c/${cluster}/volumes/new`}>
      <Plus aria-hidden size={15} />
      Create volume
    </PermittedLink>
  );
  return (
    <ListPage
      {...all}
      title="Volumes"
      noun="volumes"
      rowHref={(v) => `/c/${cluster}/volumes/${v.id}`}
      facets={['status', 'node']}
      placeholder="Filter: words, status:degraded, node:io-2, size>10GiB"
      actions={create}
      empty={
        <EmptyState title="No volumes yet" action={create}>
          Volumes appear here when a PersistentVolumeClaim asks for one, or when you create one.
        </EmptyState>
      }
    />
  );
}
