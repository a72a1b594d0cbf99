import type { Store } from './store';

/** Keeps everything in memory: for tests and clusters that live as long as their process. */
export class MemoryStore implements Store {
  readonly #entries = new Map<string, string>();

  async get(key: string): Promise<string | undefined> {
    return this.#entries.get(key);
  }

  async put(key: string, value: string): Promise<void> {
    this.#entries.set(key, value);
  }

  async delete(key: string): Promise<void> {
    this.#entries.delete(key);
  }

  async list(prefix: string): Promise<Array<readonly [key: string, value: string]>> {
    return [...this.#entries].filter(([key]) => key.startsWith(prefix)).sort(byKey);
  }
}

/** Orders entries by code unit, as etcd orders keys. */
export function byKey(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
