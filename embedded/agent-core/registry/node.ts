import { processNow } from '@/embedded/process-time';
import type { Nexus, RegisterRequest, Replica } from '@/gen/mayastor/v1/common';
import type { Pool } from '@/gen/mayastor/v1/pool';
import type { SnapshotInfo } from '@/gen/mayastor/v1/snapshot';
import { nodeNotOnline } from '../errors';
import type { EngineClient } from './engine-client';

export type NodeStatus = 'Unknown' | 'Online' | 'Offline';

/** What an io-engine has, as it said last. */
interface Inventory {
  pools: Map<string, Pool>;
  replicas: Map<string, Replica>;
  nexuses: Map<string, Nexus>;
  snapshots: Map<string, SnapshotInfo>;
}

type Kind = keyof Inventory;

const empty = (): Inventory => ({ pools: new Map(), replicas: new Map(), nexuses: new Map(), snapshots: new Map() });

/** Runtime view of one io-engine: its status and the cache of its inventory. Not Online: the cache is empty. */
export class EngineNode {
  #status: NodeStatus = 'Unknown';
  #client: EngineClient | undefined;
  #instance: string | undefined;
  #inventory = empty();
  /** Objects changed by our own calls while a poll is under way: the poll's older answer must not undo them. */
  readonly #touched = new Set<string>();
  /** The node's revision before the inventory was read; undefined since one of our own calls changed something. */
  #revision: number | undefined;
  #polling: Promise<boolean> | undefined;
  /** Pools, replicas, nexuses and snapshots that polls have read so far. */
  #entriesRead = 0;
  #seen = false;
  #armed = false;
  #lastSeenMs = 0;
  #probing = false;

  constructor(
    readonly id: string,
    private readonly connect: (endpoint: string) => EngineClient,
    private readonly statusChanged: (node: EngineNode, before: NodeStatus) => void,
  ) {}

  get status(): NodeStatus {
    return this.#status;
  }

  get online(): boolean {
    return this.#status === 'Online';
  }

  /** False until the node registered since agent-core started: it has no state before. */
  get seen(): boolean {
    return this.#seen;
  }

  /** Pools, replicas, nexuses and snapshots that it is known to have. */
  get entries(): number {
    const { pools, replicas, nexuses, snapshots } = this.#inventory;
    return pools.size + replicas.size + nexuses.size + snapshots.size;
  }

  get entriesRead(): number {
    return this.#entriesRead;
  }

  get endpoint(): string {
    return this.#client?.endpoint ?? '';
  }

  get pools(): ReadonlyMap<string, Pool> {
    return this.#inventory.pools;
  }

  get replicas(): ReadonlyMap<string, Replica> {
    return this.#inventory.replicas;
  }

  get nexuses(): ReadonlyMap<string, Nexus> {
    return this.#inventory.nexuses;
  }

  get snapshots(): ReadonlyMap<string, SnapshotInfo> {
    return this.#inventory.snapshots;
  }

  /** The connection, of a node that is known at all; its status is not looked at. */
  get client(): EngineClient {
    if (this.#client === undefined) throw nodeNotOnline(this.id);
    return this.#client;
  }

  /** A keep-alive. A new instance, or a node that was away, is read anew before it counts as Online. */
  registered(request: RegisterRequest): void {
    this.#seen = true;
    this.#armed = true;
    this.#lastSeenMs = processNow();
    const isNew = this.#instance !== request.instanceUuid || this.#client?.endpoint !== request.grpcEndpoint;
    if (isNew) {
      this.#instance = request.instanceUuid;
      this.#client?.close();
      this.#client = this.connect(request.grpcEndpoint);
      this.#polling = undefined;
      this.#revision = undefined;
      this.#inventory = empty();
      // The old instance is gone whatever we thought of it, so what hangs on it hears of it.
      if (this.#status === 'Online') this.#become('Unknown');
    }
    if (this.#status !== 'Online') void this.poll();
  }

  /** The io-engine stopped cleanly and said so. */
  deregistered(): void {
    this.#armed = false;
    this.#become('Unknown');
  }

  /**
   * Marks an Online node Offline when its keep-alive is overdue and it does not answer a probe either. One that is not
   * Online is not probed: only its next keep-alive brings it back.
   */
  async watch(nodeDeadlineMs: number): Promise<void> {
    if (!this.#armed || !this.online || this.#probing || processNow() - this.#lastSeenMs <= nodeDeadlineMs) return;
    const seen = this.#lastSeenMs;
    const client = this.#client;
    if (client === undefined) return;
    this.#probing = true;
    const alive = await client.probe().then(
      () => true,
      () => false,
    );
    this.#probing = false;
    if (client !== this.#client || seen !== this.#lastSeenMs || !this.#armed) return;
    if (alive) this.#lastSeenMs = processNow();
    else if (this.online) this.#become('Offline');
  }

  /** Reads the whole inventory; false when the node did not answer, which makes it Unknown. Polls never overlap. */
  poll(): Promise<boolean> {
    const client = this.#client;
    if (client === undefined) return Promise.resolve(false);
    if (this.#polling !== undefined) return this.#polling;
    const revision = client.revision();
    // Within one process a node tells whether its lists are still those that were read last.
    if (this.online && revision !== undefined && revision === this.#revision) return Promise.resolve(true);
    this.#touched.clear();
    const polling: Promise<boolean> = this.#read(client)
      .then(
        (inventory) => {
          if (client !== this.#client || !this.#armed) return false;
          this.#revision = this.#touched.size === 0 ? revision : undefined;
          this.#apply(inventory);
          this.#become('Online');
          return true;
        },
        () => {
          if (client === this.#client && this.#status === 'Online') this.#become('Unknown');
          return false;
        },
      )
      .finally(() => {
        if (this.#polling === polling) this.#polling = undefined;
      });
    this.#polling = polling;
    return polling;
  }

  set<K extends Kind>(kind: K, id: string, value: Inventory[K] extends Map<string, infer V> ? V : never): void {
    this.#touch(kind, id);
    if (this.#status !== 'Online') return;
    // The conditional type above is the map's own value type, which the compiler cannot follow through the key.
    (this.#inventory[kind] as Map<string, unknown>).set(id, value);
  }

  remove(kind: Kind, id: string): void {
    this.#touch(kind, id);
    this.#inventory[kind].delete(id);
  }

  #touch(kind: Kind, id: string): void {
    this.#revision = undefined;
    if (this.#polling !== undefined) this.#touched.add(`${kind}/${id}`);
  }

  close(): void {
    this.#armed = false;
    this.#client?.close();
  }

  cut(): void {
    this.#armed = false;
    this.#client?.cut();
  }

  async #read(client: EngineClient): Promise<Inventory> {
    const [pools, replicas, nexuses, snapshots] = await Promise.all([
      client.listPools(),
      client.listReplicas(),
      client.listNexuses(),
      client.listSnapshots(),
    ]);
    this.#entriesRead +=
      pools.pools.length + replicas.replicas.length + nexuses.nexusList.length + snapshots.snapshots.length;
    return {
      pools: new Map(pools.pools.map((pool) => [pool.name, pool])),
      replicas: new Map(replicas.replicas.filter((r) => !r.isSnapshot).map((replica) => [replica.uuid, replica])),
      nexuses: new Map(nexuses.nexusList.map((nexus) => [nexus.uuid, nexus])),
      snapshots: new Map(snapshots.snapshots.map((snapshot) => [snapshot.snapshotUuid, snapshot])),
    };
  }

  #apply(fresh: Inventory): void {
    for (const key of this.#touched) {
      const [kind, id] = splitKey(key);
      const kept = this.#inventory[kind].get(id);
      const target = fresh[kind] as Map<string, unknown>; // same kind on both sides
      if (kept === undefined) target.delete(id);
      else target.set(id, kept);
    }
    this.#touched.clear();
    this.#inventory = fresh;
  }

  #become(status: NodeStatus): void {
    const before = this.#status;
    if (before === status) return;
    this.#status = status;
    if (status !== 'Online') {
      this.#inventory = empty();
      this.#revision = undefined;
    }
    this.statusChanged(this, before);
  }
}

function splitKey(key: string): [kind: Kind, id: string] {
  const at = key.indexOf('/');
  return [key.slice(0, at) as Kind, key.slice(at + 1)]; // keys are only made in set() and remove()
}
