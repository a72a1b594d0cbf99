import * as z from 'zod';
import { Instant, U64 } from './scalars';
import { Observed } from './source';

/** Rates over one sampling interval. A latency is null when no such operation finished in it (none is not zero). */
export const IoRate = z.object({
  readIops: z.number(),
  writeIops: z.number(),
  readBytesPerSecond: z.number(),
  writeBytesPerSecond: z.number(),
  readLatencyUs: z.number().nullable(),
  writeLatencyUs: z.number().nullable(),
});
export type IoRate = z.infer<typeof IoRate>;

/** Counters since the io-engine started or was reset, exact. */
export const IoTotals = z.object({
  readOps: U64,
  writeOps: U64,
  unmapOps: U64,
  bytesRead: U64,
  bytesWritten: U64,
  bytesUnmapped: U64,
  readLatencyTicks: U64,
  writeLatencyTicks: U64,
  unmapLatencyTicks: U64,
  tickRate: U64,
  observed: Observed,
});
export type IoTotals = z.infer<typeof IoTotals>;

/** Columns of one time series; every array is as long as `at`; null is a gap (unknown), never 0. */
export const IoSeries = z.object({
  at: z.array(Instant),
  readIops: z.array(z.number().nullable()),
  writeIops: z.array(z.number().nullable()),
  readBytesPerSecond: z.array(z.number().nullable()),
  writeBytesPerSecond: z.array(z.number().nullable()),
  readLatencyUs: z.array(z.number().nullable()),
  writeLatencyUs: z.array(z.number().nullable()),
  /** Seconds between two points of this series. */
  stepSeconds: z.number(),
});
export type IoSeries = z.infer<typeof IoSeries>;

export const MetricsQuery = z.strictObject({ minutes: z.coerce.number().int().min(1).max(1440).default(15) });
export type MetricsQuery = z.infer<typeof MetricsQuery>;
