import type { Store } from '@/embedded/store/store';
import { Resource } from './errors';
import { SpecTable } from './spec-table';
import type { AppNodeSpec, NexusSpec, NodeSpec, PoolSpec, ReplicaSpec, SnapshotSpec, VolumeSpec } from './specs';

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
  readonly nodes: SpecTable<NodeSpec>;
  readonly pools: SpecTable<PoolSpec>;
  readonly replicas: SpecTable<ReplicaSpec>;
  readonly nexuses: SpecTable<NexusSpec>;
  readonly volumes: SpecTable<VolumeSpec>;
  readonly snapshots: SpecTable<SnapshotSpec>;
  readonly appNodes: SpecTable<AppNodeSpec>;
  readonly #replicasByVolume = new Index<ReplicaSpec>();
  readonly #replicasByPool = new Index<ReplicaSpec>();
  readonly #nexusesByVolume = new Index<NexusSpec>();
  readonly #nexusesByName = new Index<NexusSpec>();
  readonly #nexusesByNode = new Index<NexusSpec>();
  readonly #snapshotsByVolume = new Index<SnapshotSpec>();
  readonly #volumesByGroup = new Index<VolumeSpec>();
  readonly #volumesBySnapshot = new Index<VolumeSpec>();

  constructor(store: Store) {
    this.nodes = new SpecTable(store, 'node', Resource.Node, (s) => s.id);
    this.pools = new SpecTable(store, 'pool', Resource.Pool, (s) => s.id);
    this.replicas = new SpecTable(
      store,
      'replica',
      Resource.Replica,
      (s) => s.uuid,
      (s, present) => {
        this.#replicasByVolume.update(s.uuid, present ? s.volume : undefined, s);
        this.#replicasByPool.update(s.uuid, present ? s.poolId : undefined, s);
      },
    );
    this.nexuses = new SpecTable(
      store,
      'nexus',
      Resource.Nexus,
      (s) => s.uuid,
      (s, present) => {
        this.#nexusesByVolume.update(s.uuid, present ? s.owner : undefined, s);
        this.#nexusesByName.update(s.uuid, present ? s.name : undefined, s);
        this.#nexusesByNode.update(s.uuid, present ? s.node : undefined, s);
      },
    );
    this.volumes = new SpecTable(
      store,
      'volume',
      Resource.Volume,
      (s) => s.uuid,
      (s, present) => {
        this.#volumesByGroup.update(s.uuid, present ? s.affinityGroup : undefined, s);
        this.#volumesBySnapshot.update(s.uuid, present ? s.contentSource?.snapshot : undefined, s);
      },
    );
    this.snapshots = new SpecTable(
      store,
      'snapshot',
      Resource.VolumeSnapshot,
      (s) => s.uuid,
      (s, present) => this.#snapshotsByVolume.update(s.uuid, present ? s.volume : undefined, s),
    );
    this.appNodes = new SpecTable(store, 'app-node', Resource.AppNode, (s) => s.id);
  }

  async load(): Promise<void> {
    for (const table of this.#tables) await table.load();
  }

  /** Whether the last change of that spec could not be written. */
  isDirty(resource: Resource, id: string): boolean {
    return this.#tables.some((table) => table.resource === resource && table.isDirty(id));
  }

  /** Writes what could not be written. True while something is left. */
  async flush(): Promise<boolean> {
    let isLeft = false;
    for (const table of this.#tables) isLeft = (await table.flush()) || isLeft;
    return isLeft;
  }

  get #tables() {
    return [this.nodes, this.pools, this.replicas, this.nexuses, this.volumes, this.snapshots, this.appNodes];
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
