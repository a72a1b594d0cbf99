/** Unit of rebuilds and of the I/O log (behaviour facts, 4.6). */
export const SEGMENT = 64 * 1024;

/** One bit for each segment of a device. */
export class SegmentMap {
  private bits: Uint8Array;

  constructor(sizeBytes: number) {
    this.bits = new Uint8Array(Math.ceil(sizeBytes / SEGMENT));
  }

  get length(): number {
    return this.bits.length;
  }

  /** Marks every segment that the range touches; grows with the device. */
  mark(offset: number, length: number): void {
    const first = Math.floor(offset / SEGMENT);
    const last = Math.ceil((offset + length) / SEGMENT);
    if (last > this.bits.length) {
      const grown = new Uint8Array(last);
      grown.set(this.bits);
      this.bits = grown;
    }
    this.bits.fill(1, first, last);
  }

  has(segment: number): boolean {
    return this.bits[segment] === 1;
  }

  get marked(): number {
    let n = 0;
    for (const bit of this.bits) n += bit;
    return n;
  }
}
