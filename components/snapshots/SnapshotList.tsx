'use client';
import { useMemo } from 'react';
import { topics } from '@/contract/keys';
import { SNAPSHOT_LIST } from '@/contract/lists';
import type { Snapshot } from '@/contract/snapshot';
import { useListWindow } from '../live/useListWindow';
import { AsOf } from '../ui/AsOf';
import { StatusBadge } from '../ui/Badge';
import { EmptyState } from '../ui/Card';
import { ListPage } from '../ui/ListPage';
import type { Column } from '../ui/list-types';
import { TextLink } from '../ui/TextLink';
import { useListState } from '../ui/useListState';
import { Bytes, Moment } from '../ui/values';

function columnsOf(cluster: string): ReadonlyArray<Column<Snapshot>> {
  return [
    { key: 'id', title: 'Snapshot', sort: 'id', width: 'minmax(19rem, 1.5fr)', cell: (s) => s.id },
    {
      key: 'volume',
      title: 'Of volume',
      sort: 'volume',
      width: 'minmax(12rem, 1fr)',
      cell: (s) =>
        s.sourceVolume.exists ? (
          <TextLink href={`/c/${cluster}/volumes/${s.sourceVolume.id}`}>{s.sourceVolume.name}</TextLink>
        ) : (
          <span title={s.sourceVolume.id}>deleted volume</span>
        ),
    },
    {
      key: 'status',
      title: 'State',
      sort: 'status',
      width: 'minmax(8rem, 12rem)',
      cell: (s) => (
        <>
          <StatusBadge status={s.specStatus} /> <AsOf observed={s.observed} short />
        </>
      ),
    },
    { key: 'created', title: 'Taken', sort: 'created', width: '13.5rem', cell: (s) => <Moment at={s.createdAt} /> },
    {
      key: 'size',
      title: 'Volume size',
      sort: 'size',
      width: '8rem',
      align: 'end',
      cell: (s) => <Bytes value={s.specSizeBytes} />,
    },
    {
      key: 'allocated',
      title: 'Allocated',
      sort: 'allocated',
      width: '8rem',
      align: 'end',
      cell: (s) => <Bytes value={s.allocatedBytes} />,
    },
    {
      key: 'replicas',
      title: 'Copies',
      width: '7rem',
      align: 'end',
      cell: (s) => `${s.replicas.filter((r) => r.status === 'online').length} / ${s.replicas.length} online`,
    },
    { key: 'restores', title: 'Restores', sort: 'restores', width: '6.5rem', align: 'end', cell: (s) => s.restores },
  ];
}

const idOf = (s: Snapshot) => s.id;

/** All volume snapshots of a cluster, also those whose volume is gone. */
export function SnapshotList({ cluster }: { cluster: string }) {
  const state = useListState(SNAPSHOT_LIST.defaultSort);
  const list = useListWindow(cluster, topics.snapshots, state, (answer) => answer);
  const columns = useMemo(() => columnsOf(cluster), [cluster]);
  return (
    <ListPage
      name="snapshots"
      catalogue={SNAPSHOT_LIST}
      cluster={cluster}
      title="Snapshots"
      noun="snapshots"
      state={state}
      list={list}
      columns={columns}
      rowKey={idOf}
      facets={['status']}
      placeholder="Filter: words, volume:shop-db-0, size>1GiB"
      empty={<EmptyState title="No snapshots">Take one from a volume’s page.</EmptyState>}
    />
  );
}
