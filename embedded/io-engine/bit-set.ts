/** A set of the whole numbers below `size`, one bit for each: large disks have millions of clusters. */
export class BitSet {
  private readonly words: Uint32Array;

  constructor(readonly size: number) {
    this.words = new Uint32Array(Math.ceil(size / 32));
  }

  has(index: number): boolean {
    return ((this.words[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
  }

  set(index: number, on: boolean): void {
    const at = index >>> 5;
    const word = this.words[at] ?? 0;
    const bit = 1 << (index & 31);
    this.words[at] = on ? word | bit : word & ~bit;
  }
}
