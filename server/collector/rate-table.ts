import type { RateLookup } from '@/server/model/snapshot';
import type { Rates } from './engine-rates';

/**
 * The rates of all nodes, found by key. Each node's are replaced as a whole with each of its readings, and a view of now
 * costs a reference per node: a map of all of them would be made anew ten times a second, 50,000 entries in a large cluster.
 */
export class RateTable {
  #byNode = new Map<string, Rates>();
  /** The node that has a key. What is gone from there is found nowhere. */
  #nodeOf = new Map<string, string>();

  get nodes(): ReadonlyMap<string, Rates> {
    return this.#byNode;
  }

  set(node: string, rates: Rates): void {
    this.#byNode = new Map(this.#byNode).set(node, rates);
    for (const key of rates.keys()) this.#nodeOf.set(key, node);
    let live = 0;
    for (const each of this.#byNode.values()) live += each.size;
    if (this.#nodeOf.size > 2 * live + 1_000) this.#sweep();
  }

  /** True when there were some. */
  delete(node: string): boolean {
    if (!this.#byNode.has(node)) return false;
    this.#byNode = new Map(this.#byNode);
    return this.#byNode.delete(node);
  }

  /** The rates of now, with `more` beside them. Later readings do not change them; one of a key that has moved to another node is not found any more. */
  view(more: Rates): RateLookup {
    const byNode = this.#byNode;
    const nodeOf = this.#nodeOf;
    return { get: (key) => more.get(key) ?? byNode.get(nodeOf.get(key) ?? '')?.get(key) };
  }

  #sweep(): void {
    const live = new Map<string, string>();
    for (const [node, rates] of this.#byNode) for (const key of rates.keys()) live.set(key, node);
    this.#nodeOf = live;
  }
}
