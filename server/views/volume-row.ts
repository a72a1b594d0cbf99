import type { IoRate } from '@/contract/io';
import type { RowObserved } from '@/contract/source';
import type { VolumeRow } from '@/contract/volume';
import type { ClusterSnapshot, StatusSince } from '../model/snapshot';
import {
  digits,
  digitsOrNull,
  instantOrNull,
  labelsOf,
  nameOf,
  ofRow,
  pvcOf,
  rowFromAgentCore,
  rowFromEngine,
  rowRate,
  staleOf,
} from './facts';
import { healthOf } from './health';
import { type Joined, type JoinedVolume, join, targetReadAt } from './join';

/** The measured rate under a key of the snapshot; null: unknown. */
export const rateOf = (s: ClusterSnapshot, key: string): IoRate | null => s.rates.get(key)?.rate ?? null;

/** The same with as many digits as a list shows. */
export const rowRateOf = (s: ClusterSnapshot, key: string): IoRate | null => rowRate(rateOf(s, key));

/** Rate of a volume is that of its target; an unpublished volume has no I/O to measure. */
export function volumeRate(s: ClusterSnapshot, v: JoinedVolume): IoRate | null {
  return v.target.kind === 'known' ? rateOf(s, `nexus:${v.target.nexus.id}`) : null;
}

/** What a row is made of beside its join: while these and the join are the same, so is the row. */
interface Made {
  row: VolumeRow;
  rate: IoRate | null;
  since: StatusSince | undefined;
}

const made = new WeakMap<JoinedVolume, Made>();

/** The row of a volume; the one from before when it says the same, so that a snapshot costs what changed in it. */
export function volumeRowOf(j: Joined, v: JoinedVolume): VolumeRow {
  const s = j.snapshot;
  const rate = volumeRate(s, v);
  const since = s.since.get(`volume:${v.model.id}`);
  const silent = j.silences.size > 0 ? silentNodeOf(j, v) : undefined;
  const observed =
    silent !== undefined
      ? ofRow(staleOf(s, silent))
      : v.target.kind === 'known' && v.target.from === 'io-engine'
        ? rowFromEngine(s, v.target.nexus.node, targetReadAt(s, v.target))
        : rowFromAgentCore(s, s.volumes?.at);
  const before = made.get(v);
  if (before && before.since === since && sameObserved(before.row.observed, observed)) {
    if (before.rate === rate) return before.row;
    const io = rowRate(rate);
    const row = sameRate(before.row.io, io) ? before.row : { ...before.row, io };
    made.set(v, { row, rate, since });
    return row;
  }
  const row = makeRow(v, { rate, since, observed });
  made.set(v, { row, rate, since });
  return row;
}

/** The node whose silence makes a volume unknown: that of its target, else that of a copy. */
function silentNodeOf(j: Joined, v: JoinedVolume): string | undefined {
  if (healthOf(v).status !== 'unknown') return undefined;
  const target = v.model.target?.node;
  if (target !== undefined && j.silences.has(target)) return target;
  return v.copies.find((c) => c.silence)?.silence?.node;
}

const sameObserved = (a: RowObserved, b: RowObserved) =>
  a.at === b.at && a.stale === b.stale && a.source === b.source && a.node === b.node;

const sameRate = (a: IoRate | null, b: IoRate | null) =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.readIops === b.readIops &&
    a.writeIops === b.writeIops &&
    a.readBytesPerSecond === b.readBytesPerSecond &&
    a.writeBytesPerSecond === b.writeBytesPerSecond &&
    a.readLatencyUs === b.readLatencyUs &&
    a.writeLatencyUs === b.writeLatencyUs);

function makeRow(
  v: JoinedVolume,
  { rate, since, observed }: { rate: IoRate | null; since: StatusSince | undefined; observed: RowObserved },
): VolumeRow {
  const m = v.model;
  const health = healthOf(v);
  const progresses = v.rebuilds.map((r) => r.stats.progress);
  const left = v.rebuilds.map((r) => r.secondsLeft);
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
    io: rowRate(rate),
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
    observed,
  };
}

// The last rows by the volumes that agent-core listed: when none of them differs, orders and facets made of them hold, too.
const lastRows = new WeakMap<ReadonlyMap<string, unknown>, VolumeRow[]>();

/** All volume rows of a snapshot, made once; undefined while volumes were never read. */
export function volumeRows(s: ClusterSnapshot): VolumeRow[] | undefined {
  if (!s.volumes) return undefined;
  const j = join(s);
  if (j.rows.volumes) return j.rows.volumes;
  const rows = [...j.volumes.values()].map((v) => volumeRowOf(j, v));
  const before = lastRows.get(s.volumes.items);
  j.rows.volumes = before?.every((row, i) => row === rows[i]) ? before : rows;
  lastRows.set(s.volumes.items, j.rows.volumes);
  return j.rows.volumes;
}
