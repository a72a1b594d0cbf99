import type { ListQuery } from '@/contract/list';
import type { Snapshot, SnapshotWindow } from '@/contract/snapshot';
import type { SnapshotModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { coarse, digits, digitsOrNull, etagOf, fromAgentCore, instantOrNull, nameOf } from './facts';
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
    observed: coarse(fromAgentCore(s, s.snapshots?.at)),
  };
}

const rules: ListRules<Snapshot> = {
  keys: { volume: 'text', id: 'text', size: 'size', restores: 'number' },
  words: (r) => [r.id, r.sourceVolume.name, r.sourceVolume.id],
  value: (r, key) => {
    switch (key) {
      case 'volume':
        return [r.sourceVolume.name, r.sourceVolume.id];
      case 'id':
        return r.id;
      case 'size':
        return BigInt(r.sizeBytes);
      case 'restores':
        return r.restores;
      default:
        return undefined;
    }
  },
  columns: {
    created: (r) => r.createdAt,
    volume: (r) => r.sourceVolume.name,
    size: (r) => BigInt(r.sizeBytes),
    allocated: (r) => (r.allocatedBytes === null ? null : BigInt(r.allocatedBytes)),
    restores: (r) => r.restores,
    id: (r) => r.id,
  },
  defaultSort: '-created',
  facets: { status: (r) => r.specStatus },
  id: (r) => r.id,
};

/** A window of the snapshots. */
export function snapshotsView(s: ClusterSnapshot, query: ListQuery): Outcome<SnapshotWindow> {
  const all = s.snapshots && [...s.snapshots.items.values()].map((m) => snapshotRow(s, m));
  return windowOver(s, all, s.snapshots?.at, query, rules);
}
