import type { IoRate } from '@/contract/io';

export const COLUMNS = [
  'readIops',
  'writeIops',
  'readBytesPerSecond',
  'writeBytesPerSecond',
  'readLatencyUs',
  'writeLatencyUs',
] as const;

const FIRST_CAPACITY = 64;

/**
 * The last points of one series. 32 bytes a point (a moment and six floats), grown by doubling up to `limit` points, then
 * the oldest is overwritten. NaN stands for unknown.
 */
export class Ring {
  #at = new Float64Array(FIRST_CAPACITY);
  #columns = COLUMNS.map(() => new Float32Array(FIRST_CAPACITY));
  #next = 0;
  #length = 0;

  constructor(private readonly limit: number) {}

  get length(): number {
    return this.#length;
  }

  /** Appends a point; undefined is a gap. A moment not after the last one is left out. */
  push(at: number, rate: IoRate | undefined): void {
    if (this.#length > 0 && at <= this.at(this.#length - 1)) return;
    if (this.#length === this.#at.length && this.#length < this.limit) this.#grow();
    this.#at[this.#next] = at;
    this.#columns.forEach((column, i) => {
      const name = COLUMNS[i];
      column[this.#next] = (name && rate?.[name]) ?? Number.NaN;
    });
    this.#next = (this.#next + 1) % this.#at.length;
    this.#length = Math.min(this.#length + 1, this.#at.length);
  }

  /** Moment of the i-th oldest point. */
  at(i: number): number {
    return this.#at[this.#slot(i)] ?? Number.NaN;
  }

  /** Value of the i-th oldest point; NaN: unknown. */
  value(column: number, i: number): number {
    return this.#columns[column]?.[this.#slot(i)] ?? Number.NaN;
  }

  #slot(i: number): number {
    const capacity = this.#at.length;
    return (this.#next - this.#length + i + capacity) % capacity;
  }

  // Only called while nothing was overwritten yet, so the points lie in order from 0.
  #grow(): void {
    const size = Math.min(this.#at.length * 2, this.limit);
    const at = new Float64Array(size);
    at.set(this.#at);
    this.#columns = this.#columns.map((column) => {
      const wider = new Float32Array(size);
      wider.set(column);
      return wider;
    });
    this.#next = this.#at.length;
    this.#at = at;
  }
}
