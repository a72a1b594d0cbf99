import type { NodeRow } from '@/contract/node';
import type { PoolRow } from '@/contract/pool';
import type { Rebuild } from '@/contract/rebuild';
import type { ReplicaRow } from '@/contract/replica';
import type { VolumeId } from '@/contract/scalars';
import type { Snapshot } from '@/contract/snapshot';
import type { VolumeRow } from '@/contract/volume';
import type {
  ChildModel,
  NexusModel,
  ReadAt,
  ReplicaModel,
  ReplicaTopologyModel,
  SnapshotModel,
  VolumeModel,
} from '../model/model';
import type { ClusterSnapshot, RunningRebuild } from '../model/snapshot';
import { type Silence, silenceOf } from './silence';

/** A volume's target as it is really known: live from its io-engine, cached by agent-core, or not at all. */
export type TargetKnowledge =
  | { kind: 'none' }
  | { kind: 'known'; nexus: NexusModel; at: ReadAt; from: 'io-engine' | 'agent-core' }
  | { kind: 'unknown'; why: string };

/** One copy of a volume, whichever half of it is known. */
export interface Copy {
  replica: ReplicaTopologyModel;
  listed: ReplicaModel | undefined;
  child: ChildModel | undefined;
  silence: Silence | undefined;
}

/** A volume with what lies on other objects. */
export interface JoinedVolume {
  model: VolumeModel;
  target: TargetKnowledge;
  copies: Copy[];
  /** Children of the target that belong to no listed replica (removed, or a dead node's). */
  strays: ChildModel[];
  rebuilds: RunningRebuild[];
}

/** Indexes over one snapshot, made once for all views of it. */
export interface Joined {
  snapshot: ClusterSnapshot;
  silences: ReadonlyMap<string, Silence>;
  volumes: ReadonlyMap<VolumeId, JoinedVolume>;
  /** Copies by pool name, with their volume. */
  byPool: ReadonlyMap<string, Array<{ volume: JoinedVolume; copy: Copy }>>;
  snapshotsOf: ReadonlyMap<VolumeId, SnapshotModel[]>;
  volumeOfNexus: ReadonlyMap<string, JoinedVolume>;
  /** Volumes whose target is on a node. */
  targetsOn: ReadonlyMap<string, JoinedVolume[]>;
  /** Records of rebuilds outlive their target: the replica still tells the volume. */
  volumeOfReplica: ReadonlyMap<string, JoinedVolume>;
  /** Rows are kept here by the views that make them. */
  rows: {
    volumes?: VolumeRow[];
    replicas?: ReplicaRow[];
    pools?: PoolRow[];
    nodes?: NodeRow[];
    snapshots?: Snapshot[];
    ended?: Rebuild[];
  };
}

// Memory of pure results, dropped with their snapshot: a hundred tabs ask for the same join.
const joins = new WeakMap<ClusterSnapshot, Joined>();

/** The join of a snapshot. */
export function join(s: ClusterSnapshot): Joined {
  const known = joins.get(s);
  if (known) return known;
  const made = makeJoin(s);
  joins.set(s, made);
  return made;
}

function makeJoin(s: ClusterSnapshot): Joined {
  const silences = new Map<string, Silence>();
  const nodeNames = new Set([...(s.nodes?.items.keys() ?? []), ...s.engines.keys()]);
  for (const node of nodeNames) {
    const silence = silenceOf(s, node);
    if (silence) silences.set(node, silence);
  }
  const live = new Map<string, { nexus: NexusModel; at: ReadAt }>();
  for (const engine of s.engines.values()) {
    if (silences.has(engine.node)) continue;
    for (const nexus of engine.nexuses) live.set(nexus.id, { nexus, at: engine.at });
  }
  const rebuildsByNexus = groupBy(
    s.running.filter((r) => !silences.has(r.node)),
    (r) => r.stats.nexus as string,
  );
  const volumes = new Map<VolumeId, JoinedVolume>();
  const byPool = new Map<string, Array<{ volume: JoinedVolume; copy: Copy }>>();
  const volumeOfNexus = new Map<string, JoinedVolume>();
  const volumeOfReplica = new Map<string, JoinedVolume>();
  for (const model of s.volumes?.items.values() ?? []) {
    const target = targetOf(s, model, live, silences);
    const { copies, strays } = copiesOf(s, model, target, silences);
    const nexusId = model.target?.nexus;
    const joined: JoinedVolume = {
      model,
      target,
      copies,
      strays,
      rebuilds: nexusId ? (rebuildsByNexus.get(nexusId) ?? []) : [],
    };
    volumes.set(model.id, joined);
    if (nexusId) volumeOfNexus.set(nexusId, joined);
    for (const copy of copies) {
      volumeOfReplica.set(copy.replica.id, joined);
      const pool = copy.replica.pool;
      if (pool === undefined) continue;
      const there = byPool.get(pool);
      if (there) there.push({ volume: joined, copy });
      else byPool.set(pool, [{ volume: joined, copy }]);
    }
  }
  const snapshotsOf = groupBy([...(s.snapshots?.items.values() ?? [])], (x) => x.volume);
  const targetsOn = groupBy(
    [...volumes.values()].filter((v) => v.model.target),
    (v) => v.model.target?.node ?? '',
  );
  return { snapshot: s, targetsOn, silences, volumes, byPool, snapshotsOf, volumeOfNexus, volumeOfReplica, rows: {} };
}

function targetOf(
  s: ClusterSnapshot,
  v: VolumeModel,
  live: ReadonlyMap<string, { nexus: NexusModel; at: ReadAt }>,
  silences: ReadonlyMap<string, Silence>,
): TargetKnowledge {
  if (!v.target) return { kind: 'none' };
  const silence = silences.get(v.target.node);
  if (silence) return { kind: 'unknown', why: silence.sentence };
  const now = live.get(v.target.nexus);
  if (now) return { kind: 'known', nexus: now.nexus, at: now.at, from: 'io-engine' };
  const engine = s.engines.get(v.target.node);
  const readAt = s.volumes?.at ?? 0;
  // A target made after the io-engine was last read is known from agent-core only; one that it no longer lists is gone.
  if (v.nexus && (!engine || engine.at <= readAt))
    return { kind: 'known', nexus: v.nexus, at: readAt, from: 'agent-core' };
  return { kind: 'unknown', why: `${v.target.node} answers, but does not have this volume’s target` };
}

function copiesOf(
  s: ClusterSnapshot,
  v: VolumeModel,
  target: TargetKnowledge,
  silences: ReadonlyMap<string, Silence>,
): { copies: Copy[]; strays: ChildModel[] } {
  const strays = target.kind === 'known' ? [...target.nexus.children] : [];
  // A child's URI holds its replica's id (behaviour facts, 1.3); volumes have few children, so looking beats parsing.
  const take = (replica: string): ChildModel | undefined => {
    const at = strays.findIndex((child) => child.uri.includes(replica));
    return at < 0 ? undefined : strays.splice(at, 1)[0];
  };
  const copies = v.replicaTopology.map((replica): Copy => {
    const listed = s.replicas?.items.get(replica.id);
    const pool = replica.pool ?? listed?.pool;
    const node = replica.node ?? listed?.node ?? (pool === undefined ? undefined : s.pools?.items.get(pool)?.node);
    const child = take(replica.id);
    return {
      replica: { ...replica, node, pool },
      listed,
      child,
      silence: node === undefined ? undefined : silences.get(node),
    };
  });
  return { copies, strays };
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const out = new Map<K, T[]>();
  for (const item of items) {
    const k = key(item);
    const there = out.get(k);
    if (there) there.push(item);
    else out.set(k, [item]);
  }
  return out;
}
