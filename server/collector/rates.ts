import type { IoRate } from '@/contract/io';
import type { IoTotalsModel } from '@/server/model/model';

/** Counters at one moment; `instance` is the io-engine's instance uuid, new after each start. */
export interface IoSample {
  at: number;
  instance?: string;
  totals: IoTotalsModel;
}

/** Longer apart, two samples say nothing of now; closer, the clock's own grain is too large a share. */
export const MAX_GAP_MS = 5 * 60_000;
const MIN_GAP_MS = 50;

/** Nothing was read or written; there is no latency of nothing. */
const STILL: IoRate = Object.freeze({
  readIops: 0,
  writeIops: 0,
  readBytesPerSecond: 0,
  writeBytesPerSecond: 0,
  readLatencyUs: null,
  writeLatencyUs: null,
});

const COUNTERS = [
  'readOps',
  'writeOps',
  'unmapOps',
  'bytesRead',
  'bytesWritten',
  'bytesUnmapped',
  'readLatencyTicks',
  'writeLatencyTicks',
  'unmapLatencyTicks',
] as const;

/**
 * Rates between two samples of the same counters, or undefined for a gap: io-engine restarted, counters were reset, the
 * tick rate changed, or the time between is absurd (wire facts, 9). A latency is null when no such operation finished.
 */
export function ioRate(before: IoSample, after: IoSample): IoRate | undefined {
  const dtMs = after.at - before.at;
  if (!(dtMs >= MIN_GAP_MS && dtMs <= MAX_GAP_MS)) return undefined;
  if (before.instance !== after.instance) return undefined;
  const a = before.totals;
  const b = after.totals;
  // Counters that stand still keep their identity from reading to reading: most devices of a large cluster.
  if (a === b) return STILL;
  if (a.tickRate !== b.tickRate) return undefined;
  if (COUNTERS.some((counter) => b[counter] < a[counter])) return undefined;
  const perSecond = (delta: bigint) => (Number(delta) * 1000) / dtMs;
  return {
    readIops: perSecond(b.readOps - a.readOps),
    writeIops: perSecond(b.writeOps - a.writeOps),
    readBytesPerSecond: perSecond(b.bytesRead - a.bytesRead),
    writeBytesPerSecond: perSecond(b.bytesWritten - a.bytesWritten),
    readLatencyUs: latencyUs(b.readLatencyTicks - a.readLatencyTicks, b.readOps - a.readOps, b.tickRate),
    writeLatencyUs: latencyUs(b.writeLatencyTicks - a.writeLatencyTicks, b.writeOps - a.writeOps, b.tickRate),
  };
}

/** Mean latency in µs. Subtracted as BigInt, because the totals pass 2^53 on real systems; the quotient then fits a number. */
function latencyUs(ticks: bigint, ops: bigint, tickRate: bigint): number | null {
  if (ops === 0n || tickRate === 0n) return null;
  return Number((ticks * 1_000_000_000n) / (tickRate * ops)) / 1000;
}

/**
 * The sum of rates, for a node over its targets and for the cluster over its nodes. Latencies are means weighted by
 * operations. With no rates at all it is zero when `knownEmpty` (the node has no targets), else unknown.
 */
export function sumRates(rates: Iterable<IoRate>, knownEmpty: boolean): IoRate | undefined {
  const sum = { readIops: 0, writeIops: 0, readBytesPerSecond: 0, writeBytesPerSecond: 0 };
  let readUs = 0;
  let writeUs = 0;
  let count = 0;
  for (const rate of rates) {
    count += 1;
    sum.readIops += rate.readIops;
    sum.writeIops += rate.writeIops;
    sum.readBytesPerSecond += rate.readBytesPerSecond;
    sum.writeBytesPerSecond += rate.writeBytesPerSecond;
    readUs += (rate.readLatencyUs ?? 0) * rate.readIops;
    writeUs += (rate.writeLatencyUs ?? 0) * rate.writeIops;
  }
  if (count === 0 && !knownEmpty) return undefined;
  return {
    ...sum,
    readLatencyUs: sum.readIops > 0 ? readUs / sum.readIops : null,
    writeLatencyUs: sum.writeIops > 0 ? writeUs / sum.writeIops : null,
  };
}
