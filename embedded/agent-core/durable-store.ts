import { afterProcessTime } from '@/embedded/process-time';
import type { GatedStore } from '@/embedded/store/gated-store';
import type { Store } from '@/embedded/store/store';
import { storeFailed } from './errors';

/**
 * The store as agent-core uses it: each call has a time limit, and one that fails or does not end in time is a
 * FailedPersist (behaviour facts, 1.2 and 10.2). What did not end in time may take effect all the same.
 */
export class DurableStore implements Store {
  constructor(
    private readonly inner: GatedStore,
    private readonly timeoutMs: number,
  ) {}

  get(key: string): Promise<string | undefined> {
    return this.#limited(this.inner.get(key));
  }

  put(key: string, value: string): Promise<void> {
    return this.#limited(this.inner.put(key, value));
  }

  delete(key: string): Promise<void> {
    return this.#limited(this.inner.delete(key));
  }

  list(prefix: string): Promise<Array<readonly [key: string, value: string]>> {
    return this.#limited(this.inner.list(prefix));
  }

  /** As when agent-core dies: no call ever settles. */
  cut(): void {
    this.inner.cut();
  }

  #limited<T>(call: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // A store that was cut off never answers, and nobody waits for it.
      const calledOff = afterProcessTime(
        this.timeoutMs,
        () => reject(storeFailed(`no answer in ${this.timeoutMs} ms`)),
        { ref: false },
      );
      call
        .then(resolve, (error: unknown) => reject(storeFailed(error instanceof Error ? error.message : String(error))))
        .finally(calledOff);
    });
  }
}
