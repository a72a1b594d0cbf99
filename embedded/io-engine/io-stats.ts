import type { IoStats } from '@/gen/mayastor/v1/stats';

/** Ticks are nanoseconds of the process' monotonic clock. */
const TICK_RATE = 1_000_000_000n;
/** What SPDK reports as minimum while there was no such operation (wire facts, 9). */
export const NO_MINIMUM = 2n ** 64n - 1n;

export type IoKind = 'read' | 'write' | 'unmap';

interface Counter {
  ops: bigint;
  bytes: bigint;
  ticks: bigint;
  min: bigint;
  max: bigint;
}

const zero = (): Counter => ({ ops: 0n, bytes: 0n, ticks: 0n, min: NO_MINIMUM, max: 0n });

/** Counts the I/O of one device: operations that succeeded, their bytes, and how long each took. */
export class IoCounters {
  private counters = { read: zero(), write: zero(), unmap: zero() };

  /** `startedAt` is process.hrtime.bigint() from before the I/O. */
  count(kind: IoKind, bytes: number, startedAt: bigint): void {
    const c = this.counters[kind];
    const ticks = process.hrtime.bigint() - startedAt;
    c.ops += 1n;
    c.bytes += BigInt(bytes);
    c.ticks += ticks;
    if (ticks < c.min) c.min = ticks;
    if (ticks > c.max) c.max = ticks;
  }

  reset(): void {
    this.counters = { read: zero(), write: zero(), unmap: zero() };
  }

  toWire(name: string, uuid: string): IoStats {
    const { read, write, unmap } = this.counters;
    return {
      name,
      uuid,
      numReadOps: read.ops,
      bytesRead: read.bytes,
      numWriteOps: write.ops,
      bytesWritten: write.bytes,
      numUnmapOps: unmap.ops,
      bytesUnmapped: unmap.bytes,
      readLatencyTicks: read.ticks,
      writeLatencyTicks: write.ticks,
      unmapLatencyTicks: unmap.ticks,
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
