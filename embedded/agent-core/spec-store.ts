import type { Store } from '@/embedded/store/store';
import type { AppNodeSpec, NexusSpec, NodeSpec, PoolSpec, ReplicaSpec, SnapshotSpec, VolumeSpec } from './specs';
import { SwapRemoveMap } from './swap-remove-map';

/** Below this key are the specs, which only agent-core writes. */
export const SPEC_ROOT = 'agent-core/specs';

/** All specs of one kind: in memory for reads, one JSON value per object in the store. */
class Table<S> {
  readonly #map = new SwapRemoveMap<S>();

  constructor(
    private readonly store: Store,
    private readonly kind: string,
    private readonly id: (spec: S) => string,
    private readonly changed: (spec: S, present: boolean) => void = () => {},
  ) {}

  async load(): Promise<void> {
    for (const [, value] of await this.store.list(`${SPEC_ROOT}/${this.kind}/`)) {
      // Only this class writes below its prefix, and it writes whole specs.
      const spec = JSON.parse(value) as S;
      this.#map.set(this.id(spec), spec);
      this.changed(spec, true);
    }
  }

  get(id: string): S | undefined {
    return this.#map.get(id);
  }

  values(): S[] {
    return this.#map.values();
  }

  page(start: number, count: number): S[] {
    return this.#map.page(start, count);
  }

  get size(): number {
    return this.#map.size;
  }

  /** Makes the spec known and durable. Specs are changed in place and put again. */
  async put(spec: S): Promise<void> {
    this.#map.set(this.id(spec), spec);
    this.changed(spec, true);
    await this.store.put(`${SPEC_ROOT}/${this.kind}/${this.id(spec)}`, JSON.stringify(spec));
  }

  async delete(id: string): Promise<void> {
    const spec = this.#map.get(id);
    await this.store.delete(`${SPEC_ROOT}/${this.kind}/${id}`);
    this.#map.delete(id);
    if (spec !== undefined) this.changed(spec, false);
  }
}

/** Index of specs by something that owns them. An owner may change; the id may not. */
class Index<S> {
  readonly #owners = new Map<string, Map<string, S>>();
  readonly #owner = new Map<string, string>();

  update(id: string, owner: string | undefined, spec: S): void {
    const before = this.#owner.get(id);
    if (before !== undefined && before !== owner) {
      const group = this.#owners.get(before);
      group?.delete(id);
      if (group?.size === 0) this.#owners.delete(before);
      this.#owner.delete(id);
    }
    if (owner === undefined) return;
    this.#owner.set(id, owner);
    const group = this.#owners.get(owner) ?? new Map<string, S>();
    group.set(id, spec);
    this.#owners.set(owner, group);
  }

  of(owner: string): S[] {
    return [...(this.#owners.get(owner)?.values() ?? [])];
  }

  count(owner: string): number {
    return this.#owners.get(owner)?.size ?? 0;
  }

  keys(): string[] {
    return [...this.#owners.keys()];
  }
}

/** The desired state of everything, current at any time. */
export class Specs {
  readonly nodes: Table<NodeSpec>;
  readonly pools: Table<PoolSpec>;
  readonly replicas: Table<ReplicaSpec>;
  readonly nexuses: Table<NexusSpec>;
  readonly volumes: Table<VolumeSpec>;
  readonly snapshots: Table<SnapshotSpec>;
  readonly appNodes: Table<AppNodeSpec>;
  readonly #replicasByVolume = new Index<ReplicaSpec>();
  readonly #replicasByPool = new Index<ReplicaSpec>();
  readonly #nexusesByVolume = new Index<NexusSpec>();
  readonly #nexusesByName = new Index<NexusSpec>();
  readonly #nexusesByNode = new Index<NexusSpec>();
  readonly #snapshotsByVolume = new Index<SnapshotSpec>();
  readonly #volumesByGroup = new Index<VolumeSpec>();
  readonly #volumesBySnapshot = new Index<VolumeSpec>();

  constructor(store: Store) {
    this.nodes = new Table(store, 'node', (s) => s.id);
    this.pools = new Table(store, 'pool', (s) => s.id);
    this.replicas = new Table(
      store,
      'replica',
      (s) => s.uuid,
      (s, present) => {
        this.#replicasByVolume.update(s.uuid, present ? s.volume : undefined, s);
        this.#replicasByPool.update(s.uuid, present ? s.poolId : undefined, s);
      },
    );
    this.nexuses = new Table(
      store,
      'nexus',
      (s) => s.uuid,
      (s, present) => {
        this.#nexusesByVolume.update(s.uuid, present ? s.owner : undefined, s);
        this.#nexusesByName.update(s.uuid, present ? s.name : undefined, s);
        this.#nexusesByNode.update(s.uuid, present ? s.node : undefined, s);
      },
    );
    this.volumes = new Table(
      store,
      'volume',
      (s) => s.uuid,
      (s, present) => {
        this.#volumesByGroup.update(s.uuid, present ? s.affinityGroup : undefined, s);
        this.#volumesBySnapshot.update(s.uuid, present ? s.contentSource?.snapshot : undefined, s);
      },
    );
    this.snapshots = new Table(
      store,
      'snapshot',
      (s) => s.uuid,
      (s, present) => this.#snapshotsByVolume.update(s.uuid, present ? s.volume : undefined, s),
    );
    this.appNodes = new Table(store, 'app-node', (s) => s.id);
  }

  async load(): Promise<void> {
    const tables = [this.nodes, this.pools, this.replicas, this.nexuses, this.volumes, this.snapshots, this.appNodes];
    for (const table of tables) await table.load();
  }

  replicasOf(volume: string): ReplicaSpec[] {
    return this.#replicasByVolume.of(volume);
  }

  replicaCountOf(volume: string): number {
    return this.#replicasByVolume.count(volume);
  }

  replicaCountOn(pool: string): number {
    return this.#replicasByPool.count(pool);
  }

  nexusesOf(volume: string): NexusSpec[] {
    return this.#nexusesByVolume.of(volume);
  }

  /** The nexuses of a volume have its uuid as their name, also when it has given them up. */
  nexusesNamed(name: string): NexusSpec[] {
    return this.#nexusesByName.of(name);
  }

  nexusCountOn(node: string): number {
    return this.#nexusesByNode.count(node);
  }

  snapshotsOf(volume: string): SnapshotSpec[] {
    return this.#snapshotsByVolume.of(volume);
  }

  /** Volumes restored from the snapshot. */
  restoresOf(snapshot: string): VolumeSpec[] {
    return this.#volumesBySnapshot.of(snapshot);
  }

  groupMembers(group: string): VolumeSpec[] {
    return this.#volumesByGroup.of(group);
  }

  groups(): string[] {
    return this.#volumesByGroup.keys();
  }
}
