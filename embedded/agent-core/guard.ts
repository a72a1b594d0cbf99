import { conflict, type Resource, storeDirty } from './errors';

const TRIES = 5;

/**
 * One operation at a time per resource. Whoever finds it taken tries 5 times, `retryMs` apart, then fails with
 * Conflict; one that is dirty in the store fails with FailedPersist (behaviour facts, 1.2).
 */
export class OperationGuard {
  readonly #held = new Set<string>();

  constructor(
    private readonly retryMs: number,
    /** Whether the resource has changes that are not in the store yet: nothing is done to it then. */
    private readonly isDirty: (resource: Resource, id: string) => boolean = () => false,
  ) {}

  async run<T>(resource: Resource, id: string, work: () => Promise<T>): Promise<T> {
    const key = `${resource}/${id}`;
    for (let attempt = 1; this.#held.has(key); attempt++) {
      if (attempt >= TRIES) throw conflict(id);
      await new Promise((resolve) => setTimeout(resolve, this.retryMs));
    }
    if (this.isDirty(resource, id)) throw storeDirty(resource, id);
    return this.#hold(key, work);
  }

  /** For reconcilers: does nothing when the resource is busy or dirty; they come again. */
  async tryRun<T>(resource: Resource, id: string, work: () => Promise<T>): Promise<T | undefined> {
    const key = `${resource}/${id}`;
    return this.#held.has(key) || this.isDirty(resource, id) ? undefined : this.#hold(key, work);
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
