import { NQN_PREFIX } from '@/embedded/fabric/nvmf-uri';
import { Nexus } from './nexus';
import type { NexusHost, NexusSpec } from './nexus-children';
import { alreadyExists, internal, invalid, notFound } from './rpc-error';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The nexuses of one node. Changes of one nexus happen one after the other. */
export class NexusManager {
  private readonly nexuses = new Map<string, Nexus>();
  private readonly byName = new Map<string, Nexus>();
  private readonly queues = new Map<string, Promise<unknown>>();
  /** Grows with each change of what is listed, but for the progress of rebuilds. */
  revision = 0;
  private readonly watchers = new Set<(nexus: Nexus) => void>();

  constructor(private readonly host: NexusHost) {}

  get isRebuilding(): boolean {
    for (const nexus of this.nexuses.values()) if (nexus.isRebuilding) return true;
    return false;
  }

  /** Calls back with each change of a nexus, until the answer is called. */
  watch(changed: (nexus: Nexus) => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  list(): Nexus[] {
    return [...this.nexuses.values()].filter((n) => n.isListed);
  }

  get(uuid: string): Nexus {
    const nexus = this.nexuses.get(uuid);
    if (!nexus?.isListed) throw notFound(`nexus ${uuid} is not here`);
    return nexus;
  }

  byNqn(nqn: string): Nexus | undefined {
    const nexus = nqn.startsWith(NQN_PREFIX) ? this.byName.get(nqn.slice(NQN_PREFIX.length)) : undefined;
    return nexus?.published ? nexus : undefined;
  }

  /** Opens a new nexus over its children. Throws RpcErrors. */
  create(spec: NexusSpec): Promise<Nexus> {
    if (!UUID.test(spec.uuid)) throw invalid(`'${spec.uuid}' is not a uuid`);
    if (spec.sizeBytes <= 0) throw invalid('a nexus has to have a size');
    if (spec.children.length === 0) throw invalid('a nexus has to have a child');
    return this.exclusive(spec.uuid, async () => {
      if (this.byName.has(spec.name)) throw alreadyExists(`nexus ${spec.name} exists`);
      // INTERNAL is what upstream answers for a uuid that is taken (wire facts, 3).
      if (this.nexuses.has(spec.uuid)) throw internal(`uuid ${spec.uuid} is taken`);
      const nexus: Nexus = new Nexus(spec, this.host, () => {
        this.revision++;
        for (const watch of this.watchers) watch(nexus);
      });
      this.nexuses.set(spec.uuid, nexus);
      this.byName.set(spec.name, nexus);
      try {
        await nexus.open();
        return nexus;
      } catch (error) {
        this.forget(nexus);
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
      this.forget(nexus);
    });
  }

  async shutdownAll(): Promise<void> {
    await Promise.allSettled(this.list().map((n) => this.change(n.uuid, (nexus) => nexus.shutdown())));
    this.clear();
  }

  killAll(): void {
    for (const nexus of this.nexuses.values()) nexus.kill();
    this.clear();
  }

  private forget(nexus: Nexus): void {
    this.nexuses.delete(nexus.uuid);
    if (this.byName.get(nexus.name) === nexus) this.byName.delete(nexus.name);
  }

  private clear(): void {
    this.nexuses.clear();
    this.byName.clear();
    this.revision++;
  }

  private exclusive<T>(uuid: string, run: () => Promise<T>): Promise<T> {
    const before = this.queues.get(uuid) ?? Promise.resolve();
    const mine = before.then(run, run);
    const settled = mine
      .catch(() => undefined)
      .finally(() => {
        this.revision++;
        if (this.queues.get(uuid) === settled) this.queues.delete(uuid);
      });
    this.queues.set(uuid, settled);
    return mine;
  }
}
