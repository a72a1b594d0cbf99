import type { Store } from '@/embedded/store/store';
import { notSaved, type Resource, SvcError } from './errors';
import { SwapRemoveMap } from './swap-remove-map';

/** Below this key are the specs, which only agent-core writes. */
export const SPEC_ROOT = 'agent-core/specs';

/**
 * All specs of one kind: in memory for reads, one JSON value per object in the store. A change that cannot be written is
 * taken back, and the spec is dirty until a flush has made the store say the same as the memory: what failed may have
 * been written after all.
 */
export class SpecTable<S extends object> {
  readonly #map = new SwapRemoveMap<S>();
  /** What the store holds, by id; the same strings as the store's own, where that is in memory. */
  readonly #stored = new Map<string, string>();
  readonly #dirty = new Set<string>();
  /** The last change of each id that is being written: only its failure is taken back. */
  readonly #writing = new Map<string, symbol>();

  constructor(
    private readonly store: Store,
    private readonly kind: string,
    readonly resource: Resource,
    private readonly id: (spec: S) => string,
    private readonly changed: (spec: S, present: boolean) => void = () => {},
  ) {}

  async load(): Promise<void> {
    for (const [, value] of await this.store.list(`${SPEC_ROOT}/${this.kind}/`)) {
      // Only this class writes below its prefix, and it writes whole specs.
      const spec = JSON.parse(value) as S;
      this.#map.set(this.id(spec), spec);
      this.#stored.set(this.id(spec), value);
      this.changed(spec, true);
    }
  }

  get(id: string): S | undefined {
    return this.#map.get(id);
  }

  values(): S[] {
    return this.#map.values();
  }

  page(start: number, count: number): S[] {
    return this.#map.page(start, count);
  }

  get size(): number {
    return this.#map.size;
  }

  /** Makes the spec known and durable. Specs are changed in place and put again. Rejects with FailedPersist. */
  async put(spec: S): Promise<void> {
    const id = this.id(spec);
    this.#map.set(id, spec);
    this.changed(spec, true);
    const value = JSON.stringify(spec);
    const mine = Symbol();
    this.#writing.set(id, mine);
    try {
      await this.store.put(this.#key(id), value);
    } catch (error) {
      if (this.#isLast(id, mine)) this.#takeBack(id, spec);
      throw notSaved(this.resource, id, reasonOf(error));
    }
    this.#stored.set(id, value);
    if (this.#isLast(id, mine)) this.#dirty.delete(id);
  }

  /** Rejects with FailedPersist; then the spec is still there. */
  async delete(id: string): Promise<void> {
    const spec = this.#map.get(id);
    try {
      await this.store.delete(this.#key(id));
    } catch (error) {
      if (spec !== undefined) this.#dirty.add(id);
      throw notSaved(this.resource, id, reasonOf(error));
    }
    this.#map.delete(id);
    this.#stored.delete(id);
    this.#dirty.delete(id);
    if (spec !== undefined) this.changed(spec, false);
  }

  isDirty(id: string): boolean {
    return this.#dirty.has(id);
  }

  /** Makes the store say what the memory says. True while that cannot be done for all. */
  async flush(): Promise<boolean> {
    for (const id of [...this.#dirty]) {
      const spec = this.#map.get(id);
      await (spec === undefined ? this.delete(id) : this.put(spec)).catch(() => undefined);
    }
    return this.#dirty.size > 0;
  }

  #takeBack(id: string, spec: S): void {
    this.#dirty.add(id);
    const value = this.#stored.get(id);
    if (value === undefined) {
      this.#map.delete(id);
      this.changed(spec, false);
      return;
    }
    // In place: whoever holds the spec has to see it as it is.
    for (const key of Object.keys(spec)) delete (spec as Record<string, unknown>)[key];
    Object.assign(spec, JSON.parse(value));
    this.changed(spec, true);
  }

  #isLast(id: string, mine: symbol): boolean {
    if (this.#writing.get(id) !== mine) return false;
    this.#writing.delete(id);
    return true;
  }

  #key(id: string): string {
    return `${SPEC_ROOT}/${this.kind}/${id}`;
  }
}

const reasonOf = (error: unknown) => (error instanceof SvcError ? error.detail : String(error));
