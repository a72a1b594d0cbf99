import type { IoStats } from '@/gen/mayastor/v1/stats';

/** Ticks are nanoseconds of the process' monotonic clock. */
const TICK_RATE = 1_000_000_000n;
/** What SPDK reports as minimum while there was no such operation (wire facts, 9). */
export const NO_MINIMUM = 2n ** 64n - 1n;

export type IoKind = 'read' | 'write' | 'unmap';

/** Nanoseconds of the process' monotonic clock, whole. */
export const nowNs = () => Math.round(performance.now() * 1e6);

/** Numbers are exact up to 2^53 and an order of magnitude faster; what has grown beyond this is carried over. */
const CARRY = 2 ** 52;

/** A sum that may pass 2^53. */
class Total {
  private carried = 0n;
  private recent = 0;

  add(amount: number): void {
    this.recent += amount;
    if (this.recent < CARRY) return;
    this.carried += BigInt(this.recent);
    this.recent = 0;
  }

  get value(): bigint {
    return this.carried + BigInt(this.recent);
  }
}

class Counter {
  ops = 0;
  readonly bytes = new Total();
  readonly ticks = new Total();
  private least = Number.POSITIVE_INFINITY;
  private most = 0;

  count(bytes: number, ticks: number): void {
    this.ops += 1;
    this.bytes.add(bytes);
    this.ticks.add(ticks);
    if (ticks < this.least) this.least = ticks;
    if (ticks > this.most) this.most = ticks;
  }

  get min(): bigint {
    return this.ops === 0 ? NO_MINIMUM : BigInt(this.least);
  }

  get max(): bigint {
    return BigInt(this.most);
  }
}

/** Counts the I/O of one device: operations that succeeded, their bytes, and how long each took. */
export class IoCounters {
  /** Made by the first I/O of its kind: most of many thousand devices have none. */
  private counters: { [kind in IoKind]?: Counter } = {};

  /** `startedAt` is nowNs() from before the I/O. */
  count(kind: IoKind, bytes: number, startedAt: number): void {
    this.counters[kind] ??= new Counter();
    this.counters[kind].count(bytes, nowNs() - startedAt);
  }

  reset(): void {
    this.counters = {};
  }

  toWire(name: string, uuid: string): IoStats {
    const { read = NOTHING, write = NOTHING, unmap = NOTHING } = this.counters;
    return {
      name,
      uuid,
      numReadOps: BigInt(read.ops),
      bytesRead: read.bytes.value,
      numWriteOps: BigInt(write.ops),
      bytesWritten: write.bytes.value,
      numUnmapOps: BigInt(unmap.ops),
      bytesUnmapped: unmap.bytes.value,
      readLatencyTicks: read.ticks.value,
      writeLatencyTicks: write.ticks.value,
      unmapLatencyTicks: unmap.ticks.value,
      maxReadLatencyTicks: read.max,
      minReadLatencyTicks: read.min,
      maxWriteLatencyTicks: write.max,
      minWriteLatencyTicks: write.min,
      maxUnmapLatencyTicks: unmap.max,
      minUnmapLatencyTicks: unmap.min,
      tickRate: TICK_RATE,
    };
  }
}

const NOTHING = new Counter();
