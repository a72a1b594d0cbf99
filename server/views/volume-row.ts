import type { IoRate } from '@/contract/io';
import type { VolumeRow } from '@/contract/volume';
import type { ClusterSnapshot } from '../model/snapshot';
import {
  digits,
  digitsOrNull,
  fromAgentCore,
  fromEngine,
  instantOrNull,
  labelsOf,
  nameOf,
  ofRow,
  pvcOf,
  rowRate,
} from './facts';
import { healthOf } from './health';
import { type Joined, type JoinedVolume, join } from './join';

/** The measured rate under a key of the snapshot; null: unknown. */
export const rateOf = (s: ClusterSnapshot, key: string): IoRate | null => s.rates.get(key)?.rate ?? null;

/** The same with as many digits as a list shows. */
export const rowRateOf = (s: ClusterSnapshot, key: string): IoRate | null => rowRate(rateOf(s, key));

/** Rate of a volume is that of its target; an unpublished volume has no I/O to measure. */
export function volumeRate(s: ClusterSnapshot, v: JoinedVolume): IoRate | null {
  return v.target.kind === 'known' ? rateOf(s, `nexus:${v.target.nexus.id}`) : null;
}

export function volumeRowOf(j: Joined, v: JoinedVolume): VolumeRow {
  const s = j.snapshot;
  const m = v.model;
  const health = healthOf(v);
  const observed =
    v.target.kind === 'known' && v.target.from === 'io-engine'
      ? fromEngine(s, v.target.nexus.node, v.target.at)
      : fromAgentCore(s, s.volumes?.at);
  const progresses = v.rebuilds.map((r) => r.stats.progress);
  const left = v.rebuilds.map((r) => r.secondsLeft);
  const since = s.since.get(`volume:${m.id}`);
  return {
    id: m.id,
    name: nameOf(m),
    pvc: pvcOf(m),
    status: health.status,
    statusReason: health.reason,
    // Since when it is so is only known when the collector saw the same status.
    since: since?.status === health.status ? instantOrNull(since.since) : null,
    specStatus: m.specStatus,
    sizeBytes: digits(m.sizeBytes),
    allocatedBytes:
      v.copies.some((c) => c.silence) && m.usage?.allocatedBytes === 0n ? null : digitsOrNull(m.usage?.allocatedBytes),
    thin: m.thin,
    replicas: { wanted: m.replicas, healthy: health.healthy, present: v.copies.length },
    published: m.target !== undefined,
    targetNode: m.target?.node ?? null,
    io: rowRate(volumeRate(s, v)),
    rebuild:
      v.rebuilds.length === 0
        ? null
        : {
            count: v.rebuilds.length,
            progress: Math.min(...progresses),
            secondsLeft: left.every((x) => x !== undefined) ? Math.max(...left.map((x) => x ?? 0)) : null,
          },
    snapshots: m.numSnapshots,
    labels: labelsOf(m.labels),
    observed: ofRow(observed),
  };
}

/** All volume rows of a snapshot, made once; undefined while volumes were never read. */
export function volumeRows(s: ClusterSnapshot): VolumeRow[] | undefined {
  if (!s.volumes) return undefined;
  const j = join(s);
  j.rows.volumes ??= [...j.volumes.values()].map((v) => volumeRowOf(j, v));
  return j.rows.volumes;
}
