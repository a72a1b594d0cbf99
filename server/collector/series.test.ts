import { describe, expect, it } from 'vitest';
import type { IoRate } from '@/contract/io';
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
    for (let s = 0; s <= 120; s += 1) series.push('cluster', T0 + s * 1000, s === 100 ? undefined : rate(s, 10));
    const answer = series.of('cluster', 1);
    expect(answer.at[0]).toBe('2026-01-01T00:01:00.000Z');
    expect(answer.at).toHaveLength(61);
    expect(answer.writeIops[0]).toBe(60);
    expect(answer.writeIops[40]).toBeNull();
    expect(answer.readLatencyUs[0]).toBeNull();
    expect(answer.readIops[0]).toBe(0);
  });

  it('shows a stretch without readings as a gap', () => {
    const series = store(60);
    series.push('cluster', T0, rate(1));
    series.push('cluster', T0 + 30_000, rate(2));
    expect(series.of('cluster', 5).writeIops).toEqual([1, null, 2]);
  });

  it('averages long windows down to 600 points at most', () => {
    const series = store(3600);
    for (let s = 1; s <= 3600; s += 1) series.push('node:a', T0 + s * 1000, rate(s % 2 === 0 ? 0 : 10));
    const answer = series.of('node:a', 60);
    expect(answer.stepSeconds).toBe(6);
    expect(answer.at.length).toBeLessThanOrEqual(601);
    expect(answer.writeIops[10]).toBe(5);
  });

  it('keeps the newest hour', () => {
    const series = store(5000);
    for (let s = 1; s <= 5000; s += 1) series.push('pool:a', T0 + s * 1000, rate(s));
    const all = series.of('pool:a', 600);
    expect(all.at.at(-1)).toBe(new Date(T0 + 4_980_000).toISOString()); // 60 s steps: 600 minutes in 600 points
    expect(all.at[0]).toBe(new Date(T0 + 1_380_000).toISOString());
  });

  it('keeps as many volumes as it may, and those asked for last', () => {
    const series = store(10, { volumes: 2 });
    const all = ['volume:1', 'volume:2', 'volume:3'];
    for (const key of all) series.push(key, T0, rate(1));
    expect(all.map((key) => series.of(key, 5).at.length)).toEqual([1, 1, 0]);
    for (const key of all) series.push(key, T0 + 1000, rate(1));
    // Asking for the third one made room for it, so that it is recorded from then on.
    expect(series.of('volume:3', 5).at).toHaveLength(1);
    series.keepOnly((key) => key !== 'volume:3');
    expect(series.of('volume:3', 5).at).toHaveLength(0);
  });

  it('leaves out a reading that is not after the last one', () => {
    const series = store(10);
    series.push('cluster', T0 + 2000, rate(2));
    series.push('cluster', T0 + 1000, rate(1));
    expect(series.of('cluster', 5).writeIops).toEqual([2]);
  });
});
