import type { Store } from './store';

/**
 * A store that can be cut off from its user. After `cut()` no call ever settles, so that work under way in a killed
 * component stops where it stands, as it does when a process dies, and leaves nothing behind.
 */
export class GatedStore implements Store {
  #cut = false;

  constructor(private readonly inner: Store) {}

  cut(): void {
    this.#cut = true;
  }

  get(key: string): Promise<string | undefined> {
    return this.#gate(() => this.inner.get(key));
  }

  put(key: string, value: string): Promise<void> {
    return this.#gate(() => this.inner.put(key, value));
  }

  delete(key: string): Promise<void> {
    return this.#gate(() => this.inner.delete(key));
  }

  list(prefix: string): Promise<Array<readonly [key: string, value: string]>> {
    return this.#gate(() => this.inner.list(prefix));
  }

  async #gate<T>(run: () => Promise<T>): Promise<T> {
    if (this.#cut) return never();
    const value = await run();
    return this.#cut ? never() : value;
  }
}

/** A promise that stays pending for ever. */
export function never<T>(): Promise<T> {
  return new Promise(() => {});
}
