import { setTimeout as delay } from 'node:timers/promises';
import { never } from './gated-store';
import type { Store } from './store';

/** What is wrong with the way to a store. */
export interface StoreCondition {
  readonly isFailing: boolean;
  /** Every call takes so much longer, in milliseconds. */
  readonly delayMs: number;
}

const WELL: StoreCondition = { isFailing: false, delayMs: 0 };

/** A store that one of its users reaches slowly, or not at all. Calls take effect in the order in which they were made. */
export class FaultyStore implements Store {
  private present = WELL;
  private waiting = new AbortController();
  private user = 0;

  constructor(private readonly inner: Store) {}

  get condition(): StoreCondition {
    return this.present;
  }

  /** Changes the way; calls that wait for the slow one go on at once. */
  become(condition: Partial<StoreCondition>): void {
    this.present = { ...WELL, ...condition };
    this.waiting.abort();
    this.waiting = new AbortController();
  }

  /** The user is dead: what waits never arrives. It takes calls of the next user afterwards. */
  drop(): void {
    this.user += 1;
    this.waiting.abort();
    this.waiting = new AbortController();
  }

  get(key: string): Promise<string | undefined> {
    return this.reach(() => this.inner.get(key));
  }

  put(key: string, value: string): Promise<void> {
    return this.reach(() => this.inner.put(key, value));
  }

  delete(key: string): Promise<void> {
    return this.reach(() => this.inner.delete(key));
  }

  list(prefix: string): Promise<Array<readonly [key: string, value: string]>> {
    return this.reach(() => this.inner.list(prefix));
  }

  private async reach<T>(run: () => Promise<T>): Promise<T> {
    const { delayMs } = this.present;
    const { user } = this;
    if (delayMs > 0) {
      await delay(delayMs, undefined, { ref: false, signal: this.waiting.signal }).catch(() => undefined);
      if (user !== this.user) return never();
    }
    if (this.present.isFailing) throw new Error('the store does not answer');
    return run();
  }
}
