import { describe, expect, it } from 'vitest';
import type { IoTotalsModel } from '../model/model';
import { type IoSample, ioRate, sumRates } from './rates';

const totals = (over: Partial<IoTotalsModel> = {}): IoTotalsModel => ({
  readOps: 0n,
  writeOps: 0n,
  unmapOps: 0n,
  bytesRead: 0n,
  bytesWritten: 0n,
  bytesUnmapped: 0n,
  readLatencyTicks: 0n,
  writeLatencyTicks: 0n,
  unmapLatencyTicks: 0n,
  tickRate: 1_000_000_000n,
  ...over,
});
const sample = (at: number, over: Partial<IoTotalsModel> = {}, instance = 'a'): IoSample => ({
  at,
  totals: totals(over),
  instance,
});

describe('ioRate', () => {
  it('gives IOPS, throughput and mean latency', () => {
    const a = sample(0, { writeOps: 100n, bytesWritten: 4096n, writeLatencyTicks: 1_000_000n });
    const b = sample(2000, {
      writeOps: 300n,
      bytesWritten: 4096n + 819_200n,
      writeLatencyTicks: 1_000_000n + 200n * 250_000n,
    });
    expect(ioRate(a, b)).toEqual({
      readIops: 0,
      writeIops: 100,
      readBytesPerSecond: 0,
      writeBytesPerSecond: 409_600,
      readLatencyUs: null,
      writeLatencyUs: 250,
    });
  });

  it.each([
    ['a counter went back', sample(0, { readOps: 5n }), sample(1000, { readOps: 4n })],
    ['only a latency counter went back', sample(0, { unmapLatencyTicks: 5n }), sample(1000, { unmapLatencyTicks: 4n })],
    ['the io-engine is another one', sample(0), sample(1000, { readOps: 4n }, 'b')],
    ['the tick rate changed', sample(0), sample(1000, { tickRate: 2n })],
    ['the samples are too close', sample(0), sample(20, { readOps: 4n })],
    ['time stood still or went back', sample(1000), sample(1000, { readOps: 4n })],
  ])('gives a gap when %s', (_why, a, b) => expect(ioRate(a, b)).toBeUndefined());

  it('keeps precision for latency counters near 2^63', () => {
    const base = (1n << 63n) - 10n;
    const a = sample(0, { readOps: 1n << 62n, readLatencyTicks: base });
    const b = sample(1000, { readOps: (1n << 62n) + 4n, readLatencyTicks: base + 400_000n });
    expect(ioRate(a, b)?.readLatencyUs).toBe(100);
    expect(ioRate(a, b)?.readIops).toBe(4);
  });
});

describe('sumRates', () => {
  it('weighs latencies by operations and skips those without', () => {
    const rate = (writeIops: number, writeLatencyUs: number | null) => ({
      readIops: 0,
      writeIops,
      readBytesPerSecond: 0,
      writeBytesPerSecond: 0,
      readLatencyUs: null,
      writeLatencyUs,
    });
    expect(sumRates([rate(100, 10), rate(300, 50), rate(0, null)], false)).toMatchObject({
      writeIops: 400,
      writeLatencyUs: 40,
      readLatencyUs: null,
    });
    expect(sumRates([], false)).toBeUndefined();
    expect(sumRates([], true)?.writeIops).toBe(0);
  });
});
