import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Filterable, type FilterKeys, matches, parseFilter, printFilter } from './filter';

const keys: FilterKeys = { status: 'text', node: 'text', size: 'size', replicas: 'number', thin: 'flag' };
const row: Filterable = {
  words: ['shop-db-0', 'a1b2'],
  value: (k) => ({ status: 'degraded', node: ['io-1', 'io-2'], size: 20n << 30n, replicas: 3, thin: true })[k],
};
const passes = (text: string) => {
  const got = parseFilter(text, keys);
  if (!got.ok) throw new Error(got.error.message);
  return matches(got.terms, row);
};

describe('filter', () => {
  it.each([
    ['', true],
    ['shop', true],
    ['SHOP-DB', true],
    ['other', false],
    ['status:degraded node:io-2', true],
    ['status:deg*', true],
    ['status:deg', false],
    ['-status:online', true],
    ['size>10GiB size<=20G', true],
    ['size<10', false],
    ['replicas:3 thin:yes', true],
    ['node:io-3', false],
    ['"shop-db"', true],
  ])('%s', (text, want) => expect(passes(text)).toBe(want));

  it.each([
    ['nope:1', 0],
    ['status:', 7],
    ['size>x', 5],
    ['a "b', 2],
    ['status>x', 6],
    ['thin:maybe', 5],
    ['-', 1],
  ])('points at the offending character of %s', (text, at) => {
    const got = parseFilter(text, keys);
    expect(got.ok ? undefined : got.error.at).toBe(at);
  });

  it('reads back what it prints, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const got = parseFilter(text);
        if (!got.ok) return;
        const bare = (terms: typeof got.terms) => terms.map(({ start: _s, end: _e, ...t }) => t);
        const again = parseFilter(printFilter(got.terms));
        expect(again.ok && bare(again.terms)).toEqual(bare(got.terms));
      }),
      { numRuns: 2_000 },
    );
  });
});
