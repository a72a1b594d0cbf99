import type { IoRate } from '@/contract/io';
import type { IoTotalsModel } from '../model/model';

export interface Sample {
  /** Monotonic milliseconds of the reading. */
  atMs: number;
  totals: IoTotalsModel;
  /** The io-engine's life; counters of another one cannot be compared. */
  instance: string | undefined;
}

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

/** Shortest interval that gives an honest rate. */
const MIN_INTERVAL_MS = 100;

/**
 * Rates between two samples, or undefined where there is none to give: a restart, a reset, a changed clock rate or samples
 * too close (wire facts, 9). Never negative.
 */
export function rateBetween(a: Sample, b: Sample): IoRate | undefined {
  const ms = b.atMs - a.atMs;
  if (ms < MIN_INTERVAL_MS || a.instance !== b.instance || a.totals.tickRate !== b.totals.tickRate) return undefined;
  if (COUNTERS.some((k) => b.totals[k] < a.totals[k])) return undefined;
  const delta = (k: (typeof COUNTERS)[number]) => b.totals[k] - a.totals[k];
  const perSecond = (n: bigint) => (Number(n) * 1000) / ms;
  return {
    readIops: perSecond(delta('readOps')),
    writeIops: perSecond(delta('writeOps')),
    readBytesPerSecond: perSecond(delta('bytesRead')),
    writeBytesPerSecond: perSecond(delta('bytesWritten')),
    readLatencyUs: meanLatencyUs(delta('readLatencyTicks'), delta('readOps'), b.totals.tickRate),
    writeLatencyUs: meanLatencyUs(delta('writeLatencyTicks'), delta('writeOps'), b.totals.tickRate),
  };
}

/** Mean latency in µs to three decimals; null when no operation ended. BigInt, because ticks x 1e6 leaves 2^53 quickly. */
export function meanLatencyUs(ticks: bigint, ops: bigint, tickRate: bigint): number | null {
  if (ops <= 0n || tickRate <= 0n) return null;
  return Number((ticks * 1_000_000_000n) / tickRate / ops) / 1000;
}

/** Sum of rates; latencies weighted by operations. Undefined for no rates at all. */
export function sumRates(rates: readonly IoRate[]): IoRate | undefined {
  if (rates.length === 0) return undefined;
  const total = (f: (r: IoRate) => number) => rates.reduce((n, r) => n + f(r), 0);
  const weighted = (ops: (r: IoRate) => number, latency: (r: IoRate) => number | null) => {
    const known = rates.filter((r) => latency(r) !== null && ops(r) > 0);
    const n = known.reduce((sum, r) => sum + ops(r), 0);
    return n > 0 ? known.reduce((sum, r) => sum + ops(r) * (latency(r) ?? 0), 0) / n : null;
  };
  return {
    readIops: total((r) => r.readIops),
    writeIops: total((r) => r.writeIops),
    readBytesPerSecond: total((r) => r.readBytesPerSecond),
    writeBytesPerSecond: total((r) => r.writeBytesPerSecond),
    readLatencyUs: weighted(
      (r) => r.readIops,
      (r) => r.readLatencyUs,
    ),
    writeLatencyUs: weighted(
      (r) => r.writeIops,
      (r) => r.writeLatencyUs,
    ),
  };
}
