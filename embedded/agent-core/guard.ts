import { conflict, type Resource } from './errors';

const TRIES = 5;

/**
 * One operation at a time per resource. Whoever finds it taken tries 5 times, `retryMs` apart, then fails with
 * Conflict (behaviour facts, 1.2).
 */
export class OperationGuard {
  readonly #held = new Set<string>();

  constructor(private readonly retryMs: number) {}

  async run<T>(resource: Resource, id: string, work: () => Promise<T>): Promise<T> {
    const key = `${resource}/${id}`;
    for (let attempt = 1; this.#held.has(key); attempt++) {
      if (attempt >= TRIES) throw conflict(id);
      await new Promise((resolve) => setTimeout(resolve, this.retryMs));
    }
    return this.#hold(key, work);
  }

  /** For reconcilers: does nothing when the resource is busy; they come again. */
  async tryRun<T>(resource: Resource, id: string, work: () => Promise<T>): Promise<T | undefined> {
    const key = `${resource}/${id}`;
    return this.#held.has(key) ? undefined : this.#hold(key, work);
  }

  async #hold<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.#held.add(key);
    try {
      return await work();
    } finally {
      this.#held.delete(key);
    }
  }
}
