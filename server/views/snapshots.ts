import type { ListQuery } from '@/contract/list';
import { SNAPSHOT_LIST } from '@/contract/lists';
import type { Snapshot, SnapshotWindow } from '@/contract/snapshot';
import type { SnapshotModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { observedCell, sizeOrNull, sizeOrUnknown } from './cells';
import { digits, digitsOrNull, etagOf, fromAgentCore, instantOrNull, nameOf, ofRow } from './facts';
import { join } from './join';
import { type ListRules, type Outcome, windowOver } from './window';

/** A snapshot does not change; whether volumes were made from it does. */
export const snapshotEtag = (m: SnapshotModel): string => etagOf([m.id, m.specStatus, m.restores]);

export function snapshotRow(s: ClusterSnapshot, m: SnapshotModel): Snapshot {
  const volume = s.volumes?.items.get(m.volume);
  return {
    id: m.id,
    sourceVolume: { id: m.volume, name: volume ? nameOf(volume) : m.volume, exists: volume !== undefined },
    specStatus: m.specStatus,
    createdAt: instantOrNull(m.createdAt),
    sizeBytes: digits(m.sizeBytes),
    specSizeBytes: digits(m.specSizeBytes),
    allocatedBytes: digitsOrNull(m.allocatedBytes),
    totalAllocatedBytes: digits(m.totalAllocatedBytes),
    restores: m.restores,
    replicas: m.replicas.map((r) => ({ id: r.id, pool: r.pool ?? null, status: r.status })),
    etag: snapshotEtag(m),
    observed: ofRow(fromAgentCore(s, s.snapshots?.at)),
  };
}

export const snapshotRules: ListRules<Snapshot, typeof SNAPSHOT_LIST> = {
  list: SNAPSHOT_LIST,
  words: (r) => [r.id, r.sourceVolume.name, r.sourceVolume.id],
  values: {
    status: (r) => r.specStatus,
    volume: (r) => [r.sourceVolume.name, r.sourceVolume.id],
    id: (r) => r.id,
    size: (r) => BigInt(r.sizeBytes),
    allocated: (r) => sizeOrUnknown(r.allocatedBytes),
    restores: (r) => r.restores,
  },
  sorts: {
    created: (r) => r.createdAt,
    volume: (r) => r.sourceVolume.name,
    size: (r) => BigInt(r.sizeBytes),
    allocated: (r) => sizeOrNull(r.allocatedBytes),
    restores: (r) => r.restores,
    status: (r) => r.specStatus,
    id: (r) => r.id,
  },
  facets: { status: (r) => r.specStatus },
  columns: {
    id: (r) => r.id,
    volume_id: (r) => r.sourceVolume.id,
    volume: (r) => r.sourceVolume.name,
    status: (r) => r.specStatus,
    created_at: (r) => r.createdAt,
    size_bytes: (r) => r.sizeBytes,
    allocated_bytes: (r) => r.allocatedBytes,
    total_allocated_bytes: (r) => r.totalAllocatedBytes,
    restores: (r) => r.restores,
    pools: (r) => r.replicas.flatMap((x) => x.pool ?? []).join(' '),
    observed_at: (r) => observedCell(r.observed),
  },
  id: (r) => r.id,
};

/** All snapshots, made once per snapshot of the cluster; undefined while they were never read. */
export function snapshotRows(s: ClusterSnapshot): Snapshot[] | undefined {
  if (!s.snapshots) return undefined;
  const { rows } = join(s);
  rows.snapshots ??= [...s.snapshots.items.values()].map((m) => snapshotRow(s, m));
  return rows.snapshots;
}

/** A window of the snapshots. */
export function snapshotsView(s: ClusterSnapshot, query: ListQuery): Outcome<SnapshotWindow> {
  return windowOver(s, snapshotRows(s), s.snapshots?.at, query, snapshotRules);
}
