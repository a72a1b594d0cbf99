import type { ListQuery } from '@/contract/list';
import { REBUILD_LIST } from '@/contract/lists';
import type { Rebuild, RebuildsAnswer } from '@/contract/rebuild';
import type { ClusterSnapshot, EndedRebuild, RunningRebuild } from '../model/snapshot';
import { replicaOfUri } from '../model/uri';
import { sizeOrNull } from './cells';
import { digits, fromEngine, instantOrNull, nameOf } from './facts';
import { type Joined, join } from './join';
import { type ListRules, type Outcome, windowOver } from './window';

function endOf(s: ClusterSnapshot, uri: string): Rebuild['destination'] {
  const replica = replicaOfUri(uri);
  const model = replica && s.replicas?.items.get(replica);
  const pool = model?.pool ?? null;
  const node = model?.node ?? (pool === null ? null : (s.pools?.items.get(pool)?.node ?? null));
  return { uri, replica: replica ?? null, pool, node };
}

/**
 * Where a rebuild reads from. The io-engine names it only when the rebuild has ended; until then it follows from its rule, a
 * healthy child and one on the target's own node first (behaviour facts, 7), unless several others are equal.
 */
function sourceOf(s: ClusterSnapshot, { node, stats }: RunningRebuild | EndedRebuild): Rebuild['source'] {
  if (stats.sourceUri !== undefined) return endOf(s, stats.sourceUri);
  if (stats.endedAt !== undefined) return null;
  const nexus = s.engines.get(node)?.nexuses.find((n) => n.id === stats.nexus);
  const healthy = (nexus?.children ?? [])
    .filter((c) => c.state === 'online' && c.uri !== stats.childUri)
    .map((c) => endOf(s, c.uri));
  return healthy.find((end) => end.node === node) ?? (healthy.length === 1 ? (healthy[0] ?? null) : null);
}

/** A rebuild as people follow it. Block counts become bytes with the block size that the io-engine names. */
export function rebuildOf(j: Joined, r: RunningRebuild | EndedRebuild): Rebuild {
  const s = j.snapshot;
  const { stats } = r;
  const size = BigInt(stats.blockSize);
  const known = stats.blockSize > 0 && stats.blocksTotal > 0n;
  const bytes = (blocks: bigint) => (known ? digits(blocks * size) : null);
  const ended = stats.endedAt !== undefined;
  const silent = !ended && j.silences.has(r.node);
  const joined =
    j.volumeOfNexus.get(stats.nexus) ??
    j.volumeOfReplica.get(replicaOfUri(stats.childUri) ?? '') ??
    j.volumeOfReplica.get(replicaOfUri(stats.sourceUri ?? '') ?? '');
  const volumeId = joined?.model.id ?? s.engines.get(r.node)?.nexuses.find((n) => n.id === stats.nexus)?.volume;
  const volume = volumeId === undefined ? undefined : s.volumes?.items.get(volumeId);
  const source = sourceOf(s, r);
  const rate = 'bytesPerSecond' in r && !silent ? (r.bytesPerSecond ?? null) : null;
  return {
    id: `${stats.nexus}:${replicaOfUri(stats.childUri) ?? stats.childUri}:${stats.startedAt ?? 0}`,
    volume: volumeId === undefined ? null : { id: volumeId, name: volume ? nameOf(volume) : volumeId },
    nexus: stats.nexus,
    node: r.node,
    source,
    isSourceConcluded: source !== null && stats.sourceUri === undefined,
    destination: endOf(s, stats.childUri),
    state: stats.state,
    kind: known || stats.isPartial ? (stats.isPartial ? 'partial' : 'full') : 'unknown',
    progress: stats.progress,
    bytesTotal: bytes(stats.blocksTotal),
    bytesRecovered: bytes(stats.blocksRecovered),
    bytesTransferred: bytes(stats.blocksTransferred),
    bytesRemaining: bytes(stats.blocksRemaining),
    bytesPerSecond: rate,
    secondsLeft: 'secondsLeft' in r && !silent ? (r.secondsLeft ?? null) : null,
    why: r.why ?? null,
    startedAt: instantOrNull(stats.startedAt),
    endedAt: instantOrNull(stats.endedAt),
    observed: fromEngine(s, r.node, r.at),
  };
}

export const rebuildRules: ListRules<Rebuild, typeof REBUILD_LIST> = {
  list: REBUILD_LIST,
  words: (r) => [r.volume?.name ?? '', r.volume?.id ?? '', r.node, r.destination.pool ?? ''],
  values: {
    volume: (r) => (r.volume ? [r.volume.name, r.volume.id] : undefined),
    node: (r) => [r.node, r.source?.node ?? '', r.destination.node ?? ''].filter((node) => node !== ''),
    state: (r) => r.state,
    kind: (r) => r.kind,
  },
  sorts: {
    ended: (r) => r.endedAt,
    started: (r) => r.startedAt,
    volume: (r) => r.volume?.name ?? null,
    node: (r) => r.node,
    state: (r) => r.state,
    kind: (r) => r.kind,
    copied: (r) => sizeOrNull(r.bytesTransferred),
  },
  facets: { state: (r) => r.state, kind: (r) => r.kind, node: (r) => r.node },
  columns: {
    id: (r) => r.id,
    volume_id: (r) => r.volume?.id ?? null,
    volume: (r) => r.volume?.name ?? null,
    node: (r) => r.node,
    state: (r) => r.state,
    kind: (r) => r.kind,
    source_node: (r) => r.source?.node ?? null,
    source_pool: (r) => r.source?.pool ?? null,
    destination_node: (r) => r.destination.node,
    destination_pool: (r) => r.destination.pool,
    bytes_total: (r) => r.bytesTotal,
    bytes_transferred: (r) => r.bytesTransferred,
    why: (r) => r.why,
    started_at: (r) => r.startedAt,
    ended_at: (r) => r.endedAt,
  },
  id: (r) => r.id,
};

/** Rebuilds that ended, made once per snapshot. */
export function endedRows(s: ClusterSnapshot): Rebuild[] {
  const j = join(s);
  j.rows.ended ??= unique(s.ended.map((r) => rebuildOf(j, r)));
  return j.rows.ended;
}

/** Running rebuilds, and a window of those that ended. */
export function rebuildsView(s: ClusterSnapshot, query: ListQuery): Outcome<RebuildsAnswer> {
  const j = join(s);
  const newest = [...s.engines.values()].reduce<number | undefined>((a, e) => Math.max(a ?? 0, e.at), undefined);
  const history = windowOver(s, endedRows(s), newest, query, rebuildRules);
  if (!history.ok) return history;
  return { ok: true, value: { running: unique(s.running.map((r) => rebuildOf(j, r))), history: history.value } };
}

/** An io-engine may remember the same record twice over a restart of the console; rows need unique ids. */
export const unique = (rebuilds: readonly Rebuild[]): Rebuild[] => [
  ...new Map(rebuilds.map((r) => [r.id, r])).values(),
];
