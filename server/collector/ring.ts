import type { IoRate } from '@/contract/io';
import { decodeRate, encodeRate } from './rate-code';

export const COLUMNS = [
  'readIops',
  'writeIops',
  'readBytesPerSecond',
  'writeBytesPerSecond',
  'readLatencyUs',
  'writeLatencyUs',
] as const;

const FIRST_CAPACITY = 32;
const WIDTH = COLUMNS.length;
const BYTES_PER_POINT = WIDTH * Uint16Array.BYTES_PER_ELEMENT;

/**
 * The last points of one series, in steps on the absolute time line. 12 bytes a point, grown by doubling up to `limit`
 * points, then the oldest is overwritten. Readings within one step are averaged; a step without any is unknown.
 */
export class Ring {
  #codes = new Uint16Array(FIRST_CAPACITY * WIDTH);
  #first = 0;
  #last = -1;
  /** Sum and number of the known readings within the last step, by column. */
  readonly #sums = new Float64Array(WIDTH);
  readonly #counts = new Uint32Array(WIDTH);

  constructor(
    private readonly limit: number,
    private readonly stepMs: number,
  ) {}

  /** Most bytes that a ring of so many points takes. */
  static bytesOf(limit: number): number {
    return limit * BYTES_PER_POINT;
  }

  get bytes(): number {
    return this.#codes.byteLength;
  }

  /** Number of the oldest step that is kept, and of the newest one; the oldest is the larger of both when there is none. */
  get first(): number {
    return this.#first;
  }
  get last(): number {
    return this.#last;
  }

  /** Adds what was measured from `since` to `at`; undefined is a gap. What lies before the last step is left out. */
  push(since: number, at: number, rate: IoRate | undefined): void {
    const step = Math.floor(at / this.stepMs);
    if (step < this.#last) return;
    if (step > this.#last) {
      // Slow readings span steps that nothing else will fill.
      const spanned = rate ? Math.max(this.#last + 1, Math.ceil(since / this.stepMs), step - this.limit + 1) : step;
      this.#moveTo(step);
      for (let filled = spanned; filled < step; filled += 1) this.#write(filled, (name) => rate?.[name]);
      this.#sums.fill(0);
      this.#counts.fill(0);
    }
    for (const [i, name] of COLUMNS.entries()) {
      const value = rate?.[name];
      if (value === null || value === undefined) continue;
      this.#sums[i] = (this.#sums[i] ?? 0) + value;
      this.#counts[i] = (this.#counts[i] ?? 0) + 1;
    }
    this.#write(step, (_, i) => (this.#counts[i] ? (this.#sums[i] ?? 0) / (this.#counts[i] ?? 1) : undefined));
  }

  /** Value of a column in a step; NaN: unknown, or not kept. */
  value(column: number, step: number): number {
    if (step < this.#first || step > this.#last) return Number.NaN;
    return decodeRate(this.#codes[this.#slot(step) * WIDTH + column] ?? 0);
  }

  #write(step: number, read: (name: (typeof COLUMNS)[number], column: number) => number | null | undefined): void {
    const at = this.#slot(step) * WIDTH;
    for (const [i, name] of COLUMNS.entries()) this.#codes[at + i] = encodeRate(read(name, i));
  }

  /** Makes `step` the last one; those between it and the last are unknown until they are written. */
  #moveTo(step: number): void {
    if (this.#last < 0) this.#first = step;
    const needed = Math.min(this.limit, step - this.#first + 1);
    if (needed > this.#capacity) this.#grow(needed);
    const from = Math.max(this.#last + 1, step - this.#capacity + 1);
    this.#last = step;
    this.#first = Math.max(this.#first, step - this.#capacity + 1);
    for (let cleared = from; cleared <= step; cleared += 1) {
      const at = this.#slot(cleared) * WIDTH;
      this.#codes.fill(0, at, at + WIDTH);
    }
  }

  get #capacity(): number {
    return this.#codes.length / WIDTH;
  }

  #slot(step: number): number {
    return step % this.#capacity;
  }

  #grow(needed: number): void {
    let capacity = this.#capacity;
    while (capacity < needed) capacity = Math.min(capacity * 2, this.limit);
    const codes = new Uint16Array(capacity * WIDTH);
    for (let step = this.#first; step <= this.#last; step += 1) {
      const from = this.#slot(step) * WIDTH;
      codes.set(this.#codes.subarray(from, from + WIDTH), (step % capacity) * WIDTH);
    }
    this.#codes = codes;
  }
}
