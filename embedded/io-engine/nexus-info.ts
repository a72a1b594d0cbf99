import { setTimeout as delay } from 'node:timers/promises';
import type { NexusInfo, Store } from '@/embedded/store/store';
import { withTimeout } from './with-timeout';

const RETRIES = 30;

/**
 * Keeps the NexusInfo in the store. A write after a child fault may be acknowledged only once `durable()` has resolved:
 * else a later nexus would trust the child that missed it. Gives up after 30 tries, a second of Mayastor's apart (behaviour
 * facts, 4.1), and then calls `gaveUp`.
 */
export class NexusInfoKeeper {
  private readonly healthy = new Map<string, boolean>();
  private cleanShutdown = false;
  private version = 0;
  private saved = 0;
  private saving: Promise<void> | undefined;
  private readonly dead = new AbortController();

  constructor(
    private readonly store: Store,
    private readonly key: string,
    /** Between two tries, and how long one may take. */
    private readonly ms: { readonly retry: number; readonly timeout: number },
    private readonly gaveUp: () => void,
  ) {}

  get isDurable(): boolean {
    return this.saved === this.version;
  }

  /** Notes a child's health. The last healthy one stays so: it holds the newest data, even when it cannot be read now. */
  set(replicaUuid: string, isHealthy: boolean): void {
    const others = [...this.healthy].some(([uuid, healthy]) => healthy && uuid !== replicaUuid);
    if (!isHealthy && this.healthy.get(replicaUuid) && !others) return;
    if (this.healthy.get(replicaUuid) === isHealthy) return;
    this.healthy.set(replicaUuid, isHealthy);
    this.version++;
  }

  remove(replicaUuid: string): void {
    if (this.healthy.delete(replicaUuid)) this.version++;
  }

  setClean(): void {
    this.cleanShutdown = true;
    this.version++;
  }

  /** Resolves when all that was noted so far is in the store; rejects when the store cannot be reached any more. */
  async durable(): Promise<void> {
    const wanted = this.version;
    while (this.saved < wanted) {
      this.saving ??= this.save().finally(() => {
        this.saving = undefined;
      });
      await this.saving;
    }
  }

  /** Nothing is written after this. */
  kill(): void {
    this.dead.abort();
  }

  private async save(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.dead.signal.throwIfAborted();
      const version = this.version;
      const children = [...this.healthy].map(([uuid, healthy]) => ({ uuid, healthy }));
      const info: NexusInfo = { clean_shutdown: this.cleanShutdown, children };
      try {
        await withTimeout(this.store.put(this.key, JSON.stringify(info)), this.ms.timeout, this.key);
        this.saved = version;
        return;
      } catch (error) {
        if (attempt >= RETRIES) {
          this.gaveUp();
          throw error;
        }
        await delay(this.ms.retry, undefined, { signal: this.dead.signal });
      }
    }
  }
}
