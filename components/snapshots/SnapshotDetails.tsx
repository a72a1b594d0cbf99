'use client';
import { X } from 'lucide-react';
import type { Snapshot } from '@/contract/snapshot';
import { AsOf } from '../ui/AsOf';
import { StatusBadge } from '../ui/Badge';
import { IconButton } from '../ui/Button';
import { Card, KeyValue } from '../ui/Card';
import { CopyButton } from '../ui/CopyButton';
import { TextLink } from '../ui/TextLink';
import { Bytes, Moment } from '../ui/values';
import { DeleteSnapshotButton } from './DeleteSnapshotButton';
import { snapshotHref } from './snapshot-anchor';

/** All of one snapshot beside the list: what it holds, where its copies are, and what can be done. */
export function SnapshotDetails({
  cluster,
  snapshot: s,
  onClose,
}: {
  cluster: string;
  snapshot: Snapshot;
  onClose: () => void;
}) {
  const volume = snapshotHref(cluster, s);
  return (
    <aside aria-label={`Snapshot ${s.id.slice(0, 8)}`}>
      <Card
        title={`Snapshot ${s.id.slice(0, 8)}`}
        actions={
          <span className="flex">
            <DeleteSnapshotButton cluster={cluster} snapshot={s} />
            <IconButton label="Close" onClick={onClose}>
              <X aria-hidden size={17} />
            </IconButton>
          </span>
        }
      >
        <p className="mb-3 flex flex-wrap items-center gap-2">
          <StatusBadge status={s.specStatus} />
          <AsOf observed={s.observed} />
        </p>
        <KeyValue
          items={[
            [
              'UUID',
              <span key="i" className="inline-flex items-center gap-1">
                {s.id}
                <CopyButton text={s.id} label="Copy the snapshot’s id" />
              </span>,
              'wide',
            ],
            [
              'Of volume',
              volume ? (
                <TextLink key="v" href={volume}>
                  {s.sourceVolume.name}
                </TextLink>
              ) : (
                `${s.sourceVolume.id}, which is deleted`
              ),
              'wide',
            ],
            ['Taken', <Moment key="t" at={s.createdAt} />, 'wide'],
            ['Size of a volume made of it', <Bytes key="z" value={s.specSizeBytes} />],
            ['Volumes made of it', s.restores],
            ['Allocated', <Bytes key="a" value={s.allocatedBytes} />],
            ['Allocated, all copies', <Bytes key="b" value={s.totalAllocatedBytes} />],
          ]}
        />
        <h3 className="mt-4 mb-1">Copies</h3>
        <ul className="flex flex-col gap-1">
          {s.replicas.map((r) => (
            <li key={r.id} className="flex flex-wrap items-center justify-between gap-x-3">
              {r.pool === null ? (
                'on an unknown pool'
              ) : (
                <TextLink href={`/c/${cluster}/pools/${encodeURIComponent(r.pool)}`}>{r.pool}</TextLink>
              )}
              <StatusBadge status={r.status} />
            </li>
          ))}
          {s.replicas.length === 0 && <li className="text-bad">No copy is left.</li>}
        </ul>
      </Card>
    </aside>
  );
}
