import type { NodeRow } from '@/contract/node';
import type { PoolRow } from '@/contract/pool';
import type { Rebuild } from '@/contract/rebuild';
import type { ReplicaRow } from '@/contract/replica';
import type { VolumeId } from '@/contract/scalars';
import type { Snapshot } from '@/contract/snapshot';
import type { VolumeRow } from '@/contract/volume';
import type {
  ChildModel,
  EngineReading,
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
  | { kind: 'known'; nexus: NexusModel; from: 'io-engine' | 'agent-core' }
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

/** Indexes over one snapshot, made once for all views of it; those that few views ask for only when one does. */
export class Joined {
  /** Rows are kept here by the views that make them. */
  readonly rows: {
    volumes?: VolumeRow[];
    replicas?: ReplicaRow[];
    pools?: PoolRow[];
    nodes?: NodeRow[];
    snapshots?: Snapshot[];
    ended?: Rebuild[];
  } = {};
  readonly #made = new Map<string, unknown>();

  constructor(
    readonly snapshot: ClusterSnapshot,
    readonly silences: ReadonlyMap<string, Silence>,
    readonly volumes: ReadonlyMap<VolumeId, JoinedVolume>,
  ) {}

  /** Copies by pool name, with their volume. */
  get byPool(): ReadonlyMap<string, Array<{ volume: JoinedVolume; copy: Copy }>> {
    return this.#once('byPool', () => {
      const all = [...this.volumes.values()].flatMap((volume) => volume.copies.map((copy) => ({ volume, copy })));
      const placed = all.filter(({ copy }) => copy.replica.pool !== undefined);
      return groupBy(placed, ({ copy }) => copy.replica.pool ?? '');
    });
  }

  get snapshotsOf(): ReadonlyMap<VolumeId, SnapshotModel[]> {
    return this.#once('snapshotsOf', () =>
      groupBy([...(this.snapshot.snapshots?.items.values() ?? [])], (x) => x.volume),
    );
  }

  get volumeOfNexus(): ReadonlyMap<string, JoinedVolume> {
    return this.#once('volumeOfNexus', () => {
      const targets = [...this.volumes.values()].flatMap((v) =>
        v.model.target ? [[v.model.target.nexus, v] as const] : [],
      );
      return new Map<string, JoinedVolume>(targets);
    });
  }

  /** Volumes whose target is on a node. */
  get targetsOn(): ReadonlyMap<string, JoinedVolume[]> {
    return this.#once('targetsOn', () =>
      groupBy(
        [...this.volumes.values()].filter((v) => v.model.target),
        (v) => v.model.target?.node ?? '',
      ),
    );
  }

  /** Records of rebuilds outlive their target: the replica still tells the volume. */
  get volumeOfReplica(): ReadonlyMap<string, JoinedVolume> {
    return this.#once('volumeOfReplica', () => {
      const owners = new Map<string, JoinedVolume>();
      for (const v of this.volumes.values()) for (const copy of v.copies) owners.set(copy.replica.id, v);
      return owners;
    });
  }

  #once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name) as T; // each name is made by one getter
  }
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
  const rebuilds = groupBy(
    s.running.filter((r) => !silences.has(r.node)),
    (r) => r.stats.nexus as string,
  );
  return new Joined(s, silences, joinAll(s, silences, rebuilds));
}

/** All that a join is made of beside the volumes; the moments of reading are no part of it. */
interface Parts {
  parts: readonly unknown[];
  volumes: ReadonlyMap<VolumeId, JoinedVolume>;
}

// By the volumes that agent-core listed: mostly nothing but counters has changed from one snapshot to the next.
const lastJoins = new WeakMap<ReadonlyMap<string, VolumeModel>, Parts>();

function joinAll(
  s: ClusterSnapshot,
  silences: ReadonlyMap<string, Silence>,
  rebuilds: ReadonlyMap<string, RunningRebuild[]>,
): ReadonlyMap<VolumeId, JoinedVolume> {
  const volumes = new Map<VolumeId, JoinedVolume>();
  if (!s.volumes) return volumes;
  const parts = [
    s.replicas?.items,
    s.pools?.items,
    ...[...silences].map(([node, { sentence }]) => `${node}: ${sentence}`),
    ...s.running,
    // Targets that an io-engine does not know yet are judged by which of both was read last.
    ...[...s.engines.values()].flatMap((e) => [e.node, e.nexuses, e.at <= (s.volumes?.at ?? 0)]),
  ];
  const last = lastJoins.get(s.volumes.items);
  if (last?.parts.length === parts.length && last.parts.every((part, i) => part === parts[i])) return last.volumes;
  for (const model of s.volumes.items.values()) volumes.set(model.id, joinVolume(s, model, silences, rebuilds));
  lastJoins.set(s.volumes.items, { parts, volumes });
  return volumes;
}

/**
 * The last join of each volume, by its model: models keep their identity while agent-core says the same, and so does the join
 * while nothing else of it changed. In a quiet cluster of 10,000 volumes a snapshot then costs what changed.
 */
const joined = new WeakMap<VolumeModel, JoinedVolume>();
const NO_REBUILDS: RunningRebuild[] = [];

function joinVolume(
  s: ClusterSnapshot,
  model: VolumeModel,
  silences: ReadonlyMap<string, Silence>,
  byNexus: ReadonlyMap<string, RunningRebuild[]>,
): JoinedVolume {
  const target = targetOf(s, model, silences);
  const places = model.replicaTopology.map((replica) => placeOf(s, replica, silences));
  const rebuilds = (model.target && byNexus.get(model.target.nexus)) || NO_REBUILDS;
  const before = joined.get(model);
  if (before && isSame(before, target, places, rebuilds)) return before;
  const now = { model, target, ...copiesOf(target, places), rebuilds };
  joined.set(model, now);
  return now;
}

function isSame(
  before: JoinedVolume,
  target: TargetKnowledge,
  places: readonly Place[],
  rebuilds: readonly RunningRebuild[],
): boolean {
  return (
    sameTarget(before.target, target) &&
    before.rebuilds.length === rebuilds.length &&
    before.rebuilds.every((r, i) => r === rebuilds[i]) &&
    before.copies.every(({ replica, listed, silence }, i) => {
      const place = places[i];
      return (
        listed === place?.listed &&
        replica.node === place?.node &&
        replica.pool === place?.pool &&
        silence?.sentence === place?.silence?.sentence
      );
    })
  );
}

function sameTarget(a: TargetKnowledge, b: TargetKnowledge): boolean {
  if (a.kind === 'known') return b.kind === 'known' && a.nexus === b.nexus && a.from === b.from;
  return a.kind === 'unknown' ? b.kind === 'unknown' && a.why === b.why : b.kind === 'none';
}

// Lists of nexuses keep their identity while nothing in them changes.
const indexes = new WeakMap<readonly NexusModel[], ReadonlyMap<string, NexusModel>>();

function nexusOn(engine: EngineReading | undefined, id: string): NexusModel | undefined {
  if (!engine) return undefined;
  let index = indexes.get(engine.nexuses);
  if (!index) {
    index = new Map(engine.nexuses.map((nexus) => [nexus.id, nexus]));
    indexes.set(engine.nexuses, index);
  }
  return index.get(id);
}

function targetOf(s: ClusterSnapshot, v: VolumeModel, silences: ReadonlyMap<string, Silence>): TargetKnowledge {
  if (!v.target) return { kind: 'none' };
  const silence = silences.get(v.target.node);
  if (silence) return { kind: 'unknown', why: silence.sentence };
  const engine = s.engines.get(v.target.node);
  const nexus = nexusOn(engine, v.target.nexus);
  if (nexus) return { kind: 'known', nexus, from: 'io-engine' };
  const readAt = s.volumes?.at ?? 0;
  // A target made after the io-engine was last read is known from agent-core only; one that it no longer lists is gone.
  if (v.nexus && (!engine || engine.at <= readAt)) return { kind: 'known', nexus: v.nexus, from: 'agent-core' };
  return { kind: 'unknown', why: `${v.target.node} answers, but does not have this volume’s target` };
}

/** When a known target was read. */
export const targetReadAt = (s: ClusterSnapshot, target: TargetKnowledge & { kind: 'known' }): ReadAt =>
  (target.from === 'io-engine' ? s.engines.get(target.nexus.node)?.at : s.volumes?.at) ?? s.at;

interface Place {
  replica: ReplicaTopologyModel;
  listed: ReplicaModel | undefined;
  pool: string | undefined;
  node: string | undefined;
  silence: Silence | undefined;
}

function placeOf(s: ClusterSnapshot, replica: ReplicaTopologyModel, silences: ReadonlyMap<string, Silence>): Place {
  const listed = s.replicas?.items.get(replica.id);
  const pool = replica.pool ?? listed?.pool;
  const node = replica.node ?? listed?.node ?? (pool === undefined ? undefined : s.pools?.items.get(pool)?.node);
  return { replica, listed, pool, node, silence: node === undefined ? undefined : silences.get(node) };
}

function copiesOf(target: TargetKnowledge, places: readonly Place[]): { copies: Copy[]; strays: ChildModel[] } {
  const strays = target.kind === 'known' ? [...target.nexus.children] : [];
  // A child's URI holds its replica's id (behaviour facts, 1.3); volumes have few children, so looking beats parsing.
  const take = (replica: string): ChildModel | undefined => {
    const at = strays.findIndex((child) => child.uri.includes(replica));
    return at < 0 ? undefined : strays.splice(at, 1)[0];
  };
  const copies = places.map(
    ({ replica, listed, pool, node, silence }): Copy => ({
      replica: { ...replica, node, pool },
      listed,
      child: take(replica.id),
      silence,
    }),
  );
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
