import { describe, expect, it } from 'vitest';
import type { IoSeries } from '@/contract/io';
import { CHARTS, type Chart, chartPoints, lastMeasured, latestWords } from './chart-model';

const IOPS = CHARTS[0] as Chart; // the table is never empty

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

describe('chartPoints', () => {
  it('keeps an unknown value as a gap, never as zero', () => {
    expect(chartPoints(series([2, 4, 6], [1, null, 3]), IOPS).map((p) => p.read)).toEqual([1, null, 3]);
  });

  it('breaks the line where points are missing altogether', () => {
    const points = chartPoints(series([2, 4, 60], [1, 2, 3]), IOPS);
    expect(points.map((p) => p.read)).toEqual([1, 2, null, 3]);
    expect(points.map((p) => p.at)).toEqual([2000, 4000, 4001, 60_000]);
  });

  it('does not break for a poll that came a little late', () => {
    expect(chartPoints(series([2, 4, 8], [1, 2, 3]), IOPS)).toHaveLength(3);
  });
});

describe('latestWords', () => {
  it('says unknown for a value that is not there', () => {
    expect(latestWords(chartPoints(series([2], [null]), IOPS), IOPS)).toBe('IOPS now: read unknown, write unknown');
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
