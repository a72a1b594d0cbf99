/**
 * A map in insertion order whose delete moves the last entry into the hole. agent-core's pages show this order, so a
 * delete between two pages can hide or repeat an entry (wire facts, 6); a client has to survive it.
 */
export class SwapRemoveMap<V> {
  readonly #index = new Map<string, number>();
  readonly #entries: Array<readonly [string, V]> = [];

  get size(): number {
    return this.#entries.length;
  }

  get(key: string): V | undefined {
    const at = this.#index.get(key);
    return at === undefined ? undefined : this.#entries[at]?.[1];
  }

  has(key: string): boolean {
    return this.#index.has(key);
  }

  set(key: string, value: V): void {
    const at = this.#index.get(key) ?? this.#entries.length;
    this.#entries[at] = [key, value];
    this.#index.set(key, at);
  }

  delete(key: string): boolean {
    const at = this.#index.get(key);
    if (at === undefined) return false;
    this.#index.delete(key);
    const last = this.#entries.pop();
    if (last !== undefined && at < this.#entries.length) {
      this.#entries[at] = last;
      this.#index.set(last[0], at);
    }
    return true;
  }

  values(): V[] {
    return this.#entries.map(([, value]) => value);
  }

  /** `count` values from offset `start`, as one page. */
  page(start: number, count: number): V[] {
    return this.#entries.slice(start, start + count).map(([, value]) => value);
  }
}
