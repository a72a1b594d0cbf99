import { describe, expect, it } from 'vitest';
import type { IoRate } from '@/contract/io';
import type { Rates } from './engine-rates';
import { RateTable } from './rate-table';

const rate = (readIops: number): IoRate => ({
  readIops,
  writeIops: 0,
  readBytesPerSecond: 0,
  writeBytesPerSecond: 0,
  readLatencyUs: null,
  writeLatencyUs: null,
});
const rates = (all: Record<string, number>): Rates =>
  new Map(Object.entries(all).map(([key, iops]) => [key, { at: 1, rate: rate(iops) }]));

describe('RateTable', () => {
  it('finds a rate wherever it is, and what stands beside the nodes', () => {
    const table = new RateTable();
    table.set('io-1', rates({ 'nexus:a': 1 }));
    table.set('io-2', rates({ 'nexus:b': 2 }));
    const view = table.view(rates({ cluster: 3 }));
    expect(['nexus:a', 'nexus:b', 'cluster', 'nexus:c'].map((key) => view.get(key)?.rate.readIops)).toEqual([
      1,
      2,
      3,
      undefined,
    ]);
  });

  it('keeps what a view says when later readings come, and follows a target to another node', () => {
    const table = new RateTable();
    table.set('io-1', rates({ 'nexus:a': 1 }));
    const before = table.view(new Map());
    table.set('io-1', rates({ 'nexus:a': 5 }));
    expect(before.get('nexus:a')?.rate.readIops).toBe(1);
    table.set('io-1', rates({}));
    table.set('io-2', rates({ 'nexus:a': 7 }));
    expect(table.view(new Map()).get('nexus:a')?.rate.readIops).toBe(7);
  });

  it('has no rate of a node that is silent, and keeps nothing of keys that are gone', () => {
    const table = new RateTable();
    table.set('io-1', rates({ 'nexus:a': 1 }));
    expect(table.delete('io-1')).toBe(true);
    expect(table.delete('io-1')).toBe(false);
    expect(table.view(new Map()).get('nexus:a')).toBeUndefined();
    for (let n = 0; n < 5_000; n += 1) table.set('io-1', rates({ [`nexus:${n}`]: n }));
    expect(table.view(new Map()).get('nexus:4999')?.rate.readIops).toBe(4_999);
    expect(table.view(new Map()).get('nexus:4998')).toBeUndefined();
  });
});
