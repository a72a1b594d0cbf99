'use client';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { topics } from '@/contract/keys';
import { SNAPSHOT_LIST } from '@/contract/lists';
import type { Snapshot, SnapshotWindow } from '@/contract/snapshot';
import { AsOf } from '../ui/AsOf';
import { StatusBadge } from '../ui/Badge';
import { EmptyState } from '../ui/Card';
import { ListPage } from '../ui/ListPage';
import type { Column, RowWindow } from '../ui/list-types';
import { TextLink } from '../ui/TextLink';
import { useList } from '../ui/useList';
import { Bytes, Moment } from '../ui/values';
import { snapshotHref } from './snapshot-anchor';

// Comes with the first snapshot that is chosen.
const Details = dynamic(() => import('./SnapshotDetails').then((m) => m.SnapshotDetails), { ssr: false });

function columnsOf(cluster: string): ReadonlyArray<Column<Snapshot>> {
  return [
    {
      key: 'id',
      title: 'Snapshot',
      sort: 'id',
      width: 'minmax(11rem, 23rem)',
      cell: (s) => <span title={s.id}>{s.id}</span>,
    },
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

const LIST = {
  catalogue: SNAPSHOT_LIST,
  topic: topics.snapshots,
  pick: (answer: SnapshotWindow) => answer,
  columnsOf,
};

/** All volume snapshots of a cluster, also those whose volume is gone. */
export function SnapshotList({ cluster }: { cluster: string }) {
  const all = useList(cluster, 'snapshots', LIST);
  const chosen = useChosen(all.list.data, all.state.row);
  return (
    <div className={chosen ? 'grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]' : undefined}>
      <ListPage
        {...all}
        title="Snapshots"
        noun="snapshots"
        rowHref={(s) => snapshotHref(cluster, s)}
        facets={['status']}
        placeholder="Filter: words, volume:shop-db-0, size>1GiB"
        empty={<EmptyState title="No snapshots">Take one from a volume’s page.</EmptyState>}
      />
      {chosen && <Details cluster={cluster} snapshot={chosen} onClose={() => all.state.set({ row: undefined })} />}
    </div>
  );
}

/** The snapshot that the address is about; it stays when one scrolls on. */
function useChosen(list: RowWindow<Snapshot> | undefined, id: string | undefined): Snapshot | undefined {
  const [kept, setKept] = useState<Snapshot>();
  const found = id === undefined ? undefined : list?.rows.find((s) => s.id === id);
  if (found && found !== kept) setKept(found);
  // With all rows here one that is not among them is gone.
  const isWhole = list !== undefined && list.rows.length >= list.matched;
  return found ?? (kept?.id === id && !isWhole ? kept : undefined);
}
