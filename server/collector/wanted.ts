/** So long after somebody looked a node is read at the full rate: whoever looks once looks again. */
const LOOK_MS = 15_000;
/** Of so many nodes at most; the rest waits as if nobody looked. */
const MOST = 16;

/**
 * The nodes of which more is wanted than of the many: their own page, or that of an object on them, is open, or they rebuild.
 * Each reason has sixteen places of its own.
 */
export class WantedNodes {
  /** When somebody looked last, by node; the order is that of looking. */
  readonly #lookedAt = new Map<string, number>();
  readonly #rebuilding = new Set<string>();

  constructor(private readonly now: () => number) {}

  /** Notes that somebody looks; true when the node was not wanted before. */
  look(node: string): boolean {
    const wasWanted = this.has(node);
    this.#lookedAt.delete(node);
    this.#lookedAt.set(node, this.now());
    for (const oldest of this.#lookedAt.keys()) {
      if (this.#lookedAt.size <= MOST) break;
      this.#lookedAt.delete(oldest);
    }
    return !wasWanted;
  }

  /** Notes whether a node rebuilds. When many do, those that began later have no place. */
  rebuilds(node: string, isRebuilding: boolean): void {
    if (!isRebuilding) this.#rebuilding.delete(node);
    else if (this.#rebuilding.size < MOST) this.#rebuilding.add(node);
  }

  has(node: string): boolean {
    if (this.#rebuilding.has(node)) return true;
    return this.now() - (this.#lookedAt.get(node) ?? Number.NEGATIVE_INFINITY) < LOOK_MS;
  }
}
