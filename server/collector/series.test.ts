import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IoRate } from '@/contract/io';
import { decodeRate, encodeRate } from './rate-code';
import { SeriesStore } from './series';

const T0 = Date.UTC(2026, 0, 1);
const rate = (writeIops: number, writeLatencyUs: number | null = null): IoRate => ({
  readIops: 0,
  writeIops,
  readBytesPerSecond: 0,
  writeBytesPerSecond: 0,
  readLatencyUs: null,
  writeLatencyUs,
});
const store = (atSecond: number, options = {}) => new SeriesStore({ now: () => T0 + atSecond * 1000, ...options });

describe('SeriesStore', () => {
  it('answers the last minutes, oldest first, with null where nothing is known', () => {
    const series = store(120);
    for (let s = 0; s <= 120; s += 2)
      series.push('cluster', T0 + s * 1000, s === 100 ? undefined : rate(s, 10), T0 + s * 1000 - 2_000);
    const answer = series.of('cluster', 1);
    expect(answer.stepSeconds).toBe(2);
    expect(answer.at[0]).toBe('2026-01-01T00:01:00.000Z');
    expect(answer.at).toHaveLength(31);
    expect(answer.writeIops[0]).toBe(60);
    expect(answer.writeIops[20]).toBeNull();
    expect(answer.readLatencyUs[0]).toBeNull();
    expect(answer.writeLatencyUs[0]).toBe(10);
    expect(answer.readIops[0]).toBe(0);
  });

  it('averages readings within a step, and fills the steps that a slow reading spans', () => {
    const series = store(60);
    series.push('cluster', T0 + 1_000, rate(10));
    series.push('cluster', T0 + 1_900, rate(30));
    series.push('cluster', T0 + 9_000, rate(7), T0 + 2_000);
    expect(series.of('cluster', 5).writeIops).toEqual([20, 7, 7, 7, 7]);
  });

  it('shows a stretch without readings as a gap', () => {
    const series = store(60);
    series.push('cluster', T0, rate(1));
    series.push('cluster', T0 + 30_000, rate(2));
    expect(series.of('cluster', 5).writeIops).toEqual([1, null, 2]);
  });

  it('averages long windows down to 600 points at most', () => {
    const series = store(3600);
    for (let s = 2; s <= 3600; s += 2) series.push('node:a', T0 + s * 1000, rate(s % 4 === 0 ? 0 : 10));
    const answer = series.of('node:a', 60);
    expect(answer.stepSeconds).toBe(6);
    expect(answer.at.length).toBeLessThanOrEqual(601);
    expect(Math.max(...answer.writeIops.map((x) => x ?? 0))).toBeLessThan(10);
  });

  it('keeps a day in minutes beside the hour', () => {
    const seconds = 30 * 3600;
    const series = store(seconds);
    for (let s = 10; s <= seconds; s += 10) series.push('pool:a', T0 + s * 1000, rate(s), T0 + (s - 10) * 1000);
    const day = series.of('pool:a', 1440);
    expect(day.stepSeconds).toBe(180);
    expect(day.at[0]).toBe(new Date(T0 + 6 * 3_600_000).toISOString());
    expect(day.at.at(-1)).toBe(new Date(T0 + 30 * 3_600_000).toISOString());
    expect(day.writeIops).not.toContain(null);
    expect(day.writeIops[0]).toBeCloseTo(21_700, -3);
    const hour = series.of('pool:a', 60);
    expect(hour.writeIops).not.toContain(null);
    expect(hour.at[0]).toBe(new Date(T0 + 29 * 3_600_000).toISOString());
  });

  it('keeps all volumes of a cluster of up to a thousand, and makes room when there are more', () => {
    const series = store(10, { volumes: 2, allVolumes: 3 });
    series.fit(3);
    for (const n of [1, 2, 3, 4]) series.push(`volume:${n}`, T0, rate(n));
    const points = (n: number) => series.of(`volume:${n}`, 60).at.length;
    expect([1, 2, 3].map(points)).toEqual([1, 1, 1]);
    series.fit(4);
    // Those asked for last are kept; asking for another one would make room for it.
    expect([3, 2].map(points)).toEqual([1, 1]);
    expect(points(1)).toBe(0);
  });

  it('stays within its bound, whatever the number of volumes', () => {
    const series = store(0, { volumes: 20 });
    for (let m = 0; m <= 25 * 60; m += 1) {
      const at = T0 + m * MINUTE;
      for (let v = 0; v < 50; v += 1) series.push(`volume:${v}`, at, rate(v), at - MINUTE);
      series.push('cluster', at, rate(1), at - MINUTE);
    }
    expect(series.bytes).toBeGreaterThan(20 * 17_000);
    expect(series.bytes).toBeLessThanOrEqual(series.bound(1));
    expect(series.bound(1)).toBe(21 * 12 * (1_800 + 1_440));
    // 100 nodes with 300 pools, a cluster and the default number of volumes, as docs/architecture.md says.
    expect(store(0).bound(401) / 1e6).toBeLessThan(32);
  });

  it('keeps as many volumes as it may, and those asked for last', () => {
    const series = store(10, { volumes: 2 });
    const all = ['volume:1', 'volume:2', 'volume:3'];
    for (const key of all) series.push(key, T0, rate(1));
    expect(all.map((key) => series.of(key, 5).at.length)).toEqual([1, 1, 0]);
    for (const key of all) series.push(key, T0 + 2000, rate(1));
    // Asking for the third one made room for it, so that it is recorded from then on.
    expect(series.of('volume:3', 5).at).toHaveLength(1);
    series.keepOnly((key) => key !== 'volume:3');
    expect(series.of('volume:3', 5).at).toHaveLength(0);
  });

  it('leaves out a reading that is before the last one', () => {
    const series = store(10);
    series.push('cluster', T0 + 4000, rate(2));
    series.push('cluster', T0 + 1000, rate(1));
    expect(series.of('cluster', 5).writeIops).toEqual([2]);
  });
});

const MINUTE = 60_000;

describe('a rate in 16 bits', () => {
  it('is exact to three digits, and tells zero from unknown', () => {
    expect(decodeRate(encodeRate(0))).toBe(0);
    for (const unknown of [undefined, null, Number.NaN]) expect(decodeRate(encodeRate(unknown))).toBeNaN();
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e12, noNaN: true }), (value) => {
        expect(Math.abs(decodeRate(encodeRate(value)) / value - 1)).toBeLessThan(0.0003);
      }),
    );
    for (let n = 1; n < 1000; n += 1) expect(Number(decodeRate(encodeRate(n)).toPrecision(3))).toBe(n);
  });
});
