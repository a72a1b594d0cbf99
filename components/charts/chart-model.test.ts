import { describe, expect, it } from 'vitest';
import type { IoSeries } from '@/contract/io';
import {
  type Chart,
  chartPoints,
  ioCharts,
  lastMeasured,
  latestWords,
  linePath,
  nearest,
  timeTicks,
  valueTicks,
} from './chart-model';

const series = (seconds: number[], read: Array<number | null>): IoSeries => ({
  at: seconds.map((s) => new Date(s * 1000).toISOString()),
  readIops: read,
  writeIops: read,
  readBytesPerSecond: read,
  writeBytesPerSecond: read,
  readLatencyUs: read,
  writeLatencyUs: read,
  stepSeconds: 2,
});
const iops = (seconds: number[], read: Array<number | null>) => ioCharts(series(seconds, read))[0] as Chart; // three, always
const reads = (chart: Chart) => chartPoints(chart).map((p) => p.values[0]);

describe('chartPoints', () => {
  it('keeps an unknown value as a gap, never as zero', () => {
    expect(reads(iops([2, 4, 6], [1, null, 3]))).toEqual([1, null, 3]);
  });

  it('breaks the line where points are missing altogether', () => {
    const points = chartPoints(iops([2, 4, 60], [1, 2, 3]));
    expect(points.map((p) => p.values[0])).toEqual([1, 2, null, 3]);
    expect(points.map((p) => p.at)).toEqual([2000, 4000, 4001, 60_000]);
  });

  it('does not break for a poll that came a little late', () => {
    expect(chartPoints(iops([2, 4, 8], [1, 2, 3]))).toHaveLength(3);
  });

  it('thins a long series without losing its peak or its gap', () => {
    const seconds = Array.from({ length: 1800 }, (_, i) => i * 2 + (i >= 900 ? 600 : 0));
    const points = chartPoints(
      iops(
        seconds,
        seconds.map((_, i) => (i === 1234 ? 99 : i === 1236 || (i >= 300 && i < 360) ? null : 1)),
      ),
    );
    expect(points.length).toBeLessThan(320);
    const values = points.map((p) => p.values[0]);
    expect(Math.max(...values.map((v) => v ?? 0))).toBe(99);
    expect(values.filter((v) => v === null)).toHaveLength(60 / 6 + 1 + 1);
    expect(points.every((p, i) => i === 0 || p.at > (points[i - 1]?.at ?? 0))).toBe(true);
  });
});

describe('linePath', () => {
  const path = (...values: Array<number | null>) =>
    linePath(
      values.map((v, i) => ({ at: i * 100, values: [v] })),
      0,
      0,
      400,
      10,
    );

  it('breaks where a value is not known, and shows a value that stands alone', () => {
    expect(path(0, 10, null, 5, null)).toBe('M0.0 100.00L250.0 0.00M750.0 50.00h0');
    expect(path(null, null)).toBe('');
  });
});

describe('valueTicks', () => {
  const ticks = (top: number) => valueTicks([{ at: 0, values: [null, top] }]);

  it('goes in round steps from zero to what there is', () => {
    expect(ticks(290)).toEqual([0, 100, 200, 300]);
    expect(ticks(7)).toEqual([0, 2.5, 5, 7.5]);
    expect(ticks(0)).toEqual([0, 1, 2, 3]);
    expect(valueTicks([{ at: 0, values: [900 * 1024] }], true)).toEqual([0, 512, 1024, 1536].map((k) => k * 1024));
    for (const top of [1, 3, 9.99, 1234, 1e9]) expect(ticks(top).at(-1)).toBeGreaterThanOrEqual(top);
  });
});

describe('timeTicks', () => {
  it('names round minutes, few enough to be read', () => {
    const minute = 60_000;
    expect(timeTicks(0.5 * minute, 5.5 * minute)).toEqual([1, 2, 3, 4, 5].map((m) => m * minute));
    expect(timeTicks(minute, 16 * minute)).toEqual([5, 10, 15].map((m) => m * minute));
    expect(timeTicks(0, 1440 * minute).length).toBeLessThanOrEqual(6);
  });
});

describe('nearest', () => {
  it('finds the moment under the crosshair', () => {
    expect([0, 14, 16, 24, 99].map((t) => nearest([10, 20, 30], t))).toEqual([0, 0, 1, 1, 2]);
    expect(nearest([], 5)).toBe(-1);
  });
});

describe('lastMeasured', () => {
  it('is the newest point with a value, once that is old', () => {
    const s = series([2, 4, 6], [1, 2, null]);
    expect(lastMeasured(s, 10_000)).toBeUndefined();
    expect(lastMeasured(s, 60_000)).toBe(new Date(4_000).toISOString());
    expect(lastMeasured(series([2], [null]), 60_000)).toBeUndefined();
  });
});

describe('latestWords', () => {
  it('says unknown for a value that is not there', () => {
    expect(latestWords(iops([2], [null]))).toBe('IOPS now: read unknown, write unknown');
  });

  it('writes the values of one axis in one unit', () => {
    const { axis } = ioCharts(series([2], [5]))[2] ?? {};
    expect([0, 5_000, 10_000, 15_000].map((us) => axis?.(us, 15_000))).toEqual(['0 ms', '5 ms', '10 ms', '15 ms']);
    expect([0, 500, 1_500].map((us) => axis?.(us, 1_500))).toEqual(['0 µs', '500 µs', '1,500 µs']);
  });

  it('says a dash for the latency of what did not happen, and unknown only where nobody measured', () => {
    const measured = { ...series([2, 4], [5, 5]), writeLatencyUs: [300, null] };
    const latency = ioCharts(measured)[2];
    expect(latency && latestWords(latency)).toMatch(/write –$/);
    const silent = ioCharts({ ...series([2, 4], [5, null]), writeLatencyUs: [300, null] })[2];
    expect(silent && latestWords(silent)).toMatch(/write unknown$/);
  });
});
