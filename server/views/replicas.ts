import type { ListQuery } from '@/contract/list';
import { REPLICA_LIST } from '@/contract/lists';
import type { CopyStatus, ReplicaRow, ReplicaWindow } from '@/contract/replica';
import type { ReplicaModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { ioColumns, iopsOf, latencyOf, observedCell, sizeOrNull, sizeOrUnknown, throughputOf } from './cells';
import { digits, digitsOrNull, nameOf, ofRow, rowFromAgentCore, rowFromEngine, staleOf } from './facts';
import { type Copy, type Joined, type JoinedVolume, join } from './join';
import { sentenceOf } from './volume-replica';
import { rowRateOf } from './volume-row';
import { type ListRules, type Outcome, windowOver } from './window';

/** A copy as its target uses it; of an unpublished volume, as its own node says. */
function statusOf(v: JoinedVolume, { child, replica, listed, silence }: Copy): CopyStatus {
  if (v.target.kind === 'unknown') return 'unknown';
  if (v.target.kind === 'known') {
    if (!child) return silence ? 'unknown' : 'degraded';
    const isRebuilding = child.rebuildProgress !== undefined || v.rebuilds.some((r) => r.stats.childUri === child.uri);
    if (isRebuilding && child.state !== 'online') return 'rebuilding';
    return known(child.state);
  }
  return silence ? 'unknown' : known(listed?.status ?? replica.status);
}

/** A state of a newer server is shown where the copy itself is; in the list it is not known. */
const known = (state: string): CopyStatus =>
  state === 'online' || state === 'degraded' || state === 'faulted' ? state : 'unknown';

function rowOf(j: Joined, v: JoinedVolume, copy: Copy): ReplicaRow {
  const s = j.snapshot;
  const { replica, listed, child, silence } = copy;
  const status = statusOf(v, copy);
  const rebuild = v.rebuilds.find((r) => r.stats.childUri === child?.uri);
  const engine = replica.node === undefined || silence ? undefined : s.engines.get(replica.node);
  return {
    id: replica.id,
    volume: { id: v.model.id, name: nameOf(v.model) },
    pool: replica.pool ?? null,
    node: replica.node ?? null,
    status,
    statusReason: status === 'online' ? null : sentenceOf(v, copy),
    sizeBytes: digits(listed?.sizeBytes ?? v.model.sizeBytes),
    allocatedBytes: silence ? null : digitsOrNull(listed?.allocatedBytes ?? replica.usage?.allocatedBytes),
    thin: listed?.thin ?? v.model.thin,
    local: v.target.kind === 'known' && replica.node === v.target.nexus.node,
    rebuildProgress: status === 'rebuilding' ? (rebuild?.stats.progress ?? child?.rebuildProgress ?? null) : null,
    io: silence ? null : rowRateOf(s, `replica:${replica.id}`),
    observed:
      silence && replica.node !== undefined
        ? ofRow(staleOf(s, replica.node))
        : engine
          ? rowFromEngine(s, engine.node, engine.at)
          : rowFromAgentCore(s, s.replicas?.at),
  };
}

/** A replica that no volume names takes room, too. */
function orphanOf(j: Joined, r: ReplicaModel): ReplicaRow {
  const s = j.snapshot;
  const silence = j.silences.get(r.node);
  return {
    id: r.id,
    volume: null,
    pool: r.pool,
    node: r.node,
    status: silence ? 'unknown' : known(r.status),
    statusReason: silence ? `Not known: ${silence.sentence}.` : 'No volume names it.',
    sizeBytes: digits(r.sizeBytes),
    allocatedBytes: silence ? null : digitsOrNull(r.allocatedBytes),
    thin: r.thin,
    local: false,
    rebuildProgress: null,
    io: silence ? null : rowRateOf(s, `replica:${r.id}`),
    observed: silence ? ofRow(staleOf(s, r.node)) : rowFromAgentCore(s, s.replicas?.at),
  };
}

/** All copies of all volumes, and those that belong to none; made once per snapshot. Undefined: volumes were never read. */
export function replicaRows(s: ClusterSnapshot): ReplicaRow[] | undefined {
  if (!s.volumes) return undefined;
  const j = join(s);
  j.rows.replicas ??= [
    ...[...j.volumes.values()].flatMap((v) => v.copies.map((copy) => rowOf(j, v, copy))),
    ...[...(s.replicas?.items.values() ?? [])].filter((r) => !j.volumeOfReplica.has(r.id)).map((r) => orphanOf(j, r)),
  ];
  return j.rows.replicas;
}

const GRAVITY: Readonly<Record<CopyStatus, number>> = { faulted: 0, degraded: 1, rebuilding: 2, unknown: 3, online: 4 };

export const replicaRules: ListRules<ReplicaRow, typeof REPLICA_LIST> = {
  list: REPLICA_LIST,
  words: (r) => [r.id, ...(r.volume ? [r.volume.name, r.volume.id] : []), r.pool ?? '', r.node ?? ''],
  values: {
    status: (r) => r.status,
    id: (r) => r.id,
    volume: (r) => (r.volume ? [r.volume.name, r.volume.id] : ''),
    pool: (r) => r.pool ?? undefined,
    node: (r) => r.node ?? undefined,
    size: (r) => sizeOrUnknown(r.sizeBytes),
    allocated: (r) => sizeOrUnknown(r.allocatedBytes),
    iops: (r) => iopsOf(r) ?? undefined,
    thin: (r) => r.thin ?? undefined,
    local: (r) => r.local,
  },
  sorts: {
    volume: (r) => r.volume?.name ?? null,
    id: (r) => r.id,
    status: (r) => GRAVITY[r.status],
    pool: (r) => r.pool,
    node: (r) => r.node,
    size: (r) => sizeOrNull(r.sizeBytes),
    allocated: (r) => sizeOrNull(r.allocatedBytes),
    rebuild: (r) => r.rebuildProgress,
    iops: iopsOf,
    throughput: throughputOf,
    latency: latencyOf,
  },
  facets: {
    status: (r) => r.status,
    node: (r) => r.node ?? '',
    pool: (r) => r.pool ?? '',
    thin: (r) => String(r.thin),
  },
  columns: {
    id: (r) => r.id,
    volume_id: (r) => r.volume?.id ?? null,
    volume: (r) => r.volume?.name ?? null,
    pool: (r) => r.pool,
    node: (r) => r.node,
    status: (r) => r.status,
    reason: (r) => r.statusReason,
    size_bytes: (r) => r.sizeBytes,
    allocated_bytes: (r) => r.allocatedBytes,
    thin: (r) => r.thin,
    local: (r) => r.local,
    rebuild_percent: (r) => r.rebuildProgress,
    ...ioColumns<ReplicaRow>(),
    observed_at: (r) => observedCell(r.observed),
  },
  id: (r) => r.id,
};

/** A window of the copies of all volumes. */
export function replicasView(s: ClusterSnapshot, query: ListQuery): Outcome<ReplicaWindow> {
  return windowOver(s, replicaRows(s), s.replicas?.at ?? s.volumes?.at, query, replicaRules);
}
