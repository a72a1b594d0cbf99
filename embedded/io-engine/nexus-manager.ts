import { Nexus } from './nexus';
import type { NexusHost, NexusSpec } from './nexus-children';
import { alreadyExists, internal, invalid, notFound } from './rpc-error';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The nexuses of one node. Changes of one nexus happen one after the other. */
export class NexusManager {
  private readonly nexuses = new Map<string, Nexus>();
  private readonly byNqnCache = new Map<string, Nexus>();
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(private readonly host: NexusHost) {}

  list(): Nexus[] {
    return [...this.nexuses.values()].filter((n) => n.isListed);
  }

  get(uuid: string): Nexus {
    const nexus = this.nexuses.get(uuid);
    if (!nexus?.isListed) throw notFound(`nexus ${uuid} is not here`);
    return nexus;
  }

  byNqn(nqn: string): Nexus | undefined {
    // Asked at each I/O of a host, so the last answer is kept as long as it holds.
    const known = this.byNqnCache.get(nqn);
    if (known?.published && this.nexuses.get(known.uuid) === known) return known;
    this.byNqnCache.delete(nqn);
    const found = [...this.nexuses.values()].find((n) => n.published && n.nqn === nqn);
    if (found) this.byNqnCache.set(nqn, found);
    return found;
  }

  /** Opens a new nexus over its children. Throws RpcErrors. */
  create(spec: NexusSpec): Promise<Nexus> {
    if (!UUID.test(spec.uuid)) throw invalid(`'${spec.uuid}' is not a uuid`);
    if (spec.sizeBytes <= 0) throw invalid('a nexus has to have a size');
    if (spec.children.length === 0) throw invalid('a nexus has to have a child');
    return this.exclusive(spec.uuid, async () => {
      for (const nexus of this.nexuses.values()) {
        if (nexus.name === spec.name) throw alreadyExists(`nexus ${spec.name} exists`);
        // INTERNAL is what upstream answers for a uuid that is taken (wire facts, 3).
        if (nexus.uuid === spec.uuid) throw internal(`uuid ${spec.uuid} is taken`);
      }
      const nexus = new Nexus(spec, this.host);
      this.nexuses.set(spec.uuid, nexus);
      try {
        await nexus.open();
        return nexus;
      } catch (error) {
        this.nexuses.delete(spec.uuid);
        throw error;
      }
    });
  }

  /** Runs a change of one nexus after those that came before. */
  change<T>(uuid: string, run: (nexus: Nexus) => T | Promise<T>): Promise<T> {
    return this.exclusive(uuid, async () => run(this.get(uuid)));
  }

  /** Shuts the nexus down and forgets it; an unknown one is NOT_FOUND. */
  destroy(uuid: string): Promise<void> {
    return this.change(uuid, async (nexus) => {
      await nexus.shutdown();
      this.nexuses.delete(uuid);
    });
  }

  async shutdownAll(): Promise<void> {
    await Promise.allSettled(this.list().map((n) => this.change(n.uuid, (nexus) => nexus.shutdown())));
    this.nexuses.clear();
  }

  killAll(): void {
    for (const nexus of this.nexuses.values()) nexus.kill();
    this.nexuses.clear();
  }

  private exclusive<T>(uuid: string, run: () => Promise<T>): Promise<T> {
    const before = this.queues.get(uuid) ?? Promise.resolve();
    const mine = before.then(run, run);
    const settled = mine
      .catch(() => undefined)
      .finally(() => {
        if (this.queues.get(uuid) === settled) this.queues.delete(uuid);
      });
    this.queues.set(uuid, settled);
    return mine;
  }
}
