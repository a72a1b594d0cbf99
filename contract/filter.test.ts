import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FilterTerm, OPERATORS, type ParsedFilter, parseFilter, printFilter } from './filter';
import { addTerm, hasValue, removeTerm, toggleValue } from './filter-edit';
import { compileFilter, type Filterable } from './filter-match';
import type { FilterKeys } from './lists';

const keys: FilterKeys = {
  status: { kind: 'text', what: '', values: ['online', 'degraded'] },
  node: { kind: 'text', what: '' },
  size: { kind: 'size', what: '' },
  replicas: { kind: 'number', what: '' },
  latency: { kind: 'duration', what: '' },
  thin: { kind: 'flag', what: '' },
};
const fields: Record<string, ReturnType<Filterable['value']>> = {
  status: 'degraded',
  node: ['io-1', 'io-2'],
  size: 20n << 30n,
  replicas: 3,
  latency: 5_000,
  thin: true,
  none: '',
};
const row: Filterable = { words: ['shop-db-0', 'a1b2', 'a,b'], value: (key) => fields[key] };
const termsOf = (got: ParsedFilter) => {
  if (!got.ok) throw new Error(`${got.error.at}: ${got.error.message}`);
  return got.terms;
};
const passes = (text: string) => compileFilter(termsOf(parseFilter(text)))(row);
const plain = (terms: readonly FilterTerm[]) =>
  terms.map(({ key, operator, negated, values }) => ({ key, operator, negated, values: values.map((v) => v.text) }));

describe('filter', () => {
  it.each([
    ['', true],
    ['shop', true],
    ['SHOP-DB', true],
    ['other', false],
    ['a,b', true],
    ['status:degraded node:io-2', true],
    ['status:deg*', true],
    ['status:deg', false],
    ['status:online,degraded', true],
    ['-status:online,degraded', false],
    ['node:io-9,io-2', true],
    ['-status:online', true],
    ['size>10GiB size<=20G', true],
    ['size<10', false],
    ['size>0', true],
    ['replicas:3 thin:yes', true],
    ['replicas:2,3', true],
    ['latency>=5ms latency<0.1s', true],
    ['latency>5ms', false],
    ['node:io-3', false],
    ['"shop-db"', true],
    ['none:""', true],
    ['none:*', false],
    ['unknown:x', false],
    ['-unknown:x', true],
  ])('%s', (text, want) => expect(passes(text)).toBe(want));

  it.each([
    ['nope:1', 0],
    ['-nope:1', 1],
    ['status:', 7],
    ['status:degraded,', 16],
    ['node:a,,b', 7],
    ['size>x', 5],
    ['size>1,2', 6],
    ['a "b', 2],
    ['a b"c', 3],
    ['node:"a"b', 8],
    ['node:"a\\n"', 7],
    ['status>x', 6],
    ['status:degradd', 7],
    ['status:online,degradd', 14],
    ['latency>5', 8],
    ['thin:maybe', 5],
    ['Status:online', 0],
    ['-', 1],
    ['""', 0],
  ])('points at the offending character of %s', (text, at) => {
    const got = parseFilter(text, keys);
    expect(got.ok ? undefined : got.error.at).toBe(at);
  });

  it('knows statuses of a newer server, and patterns', () => {
    expect(parseFilter('status:unrecognized:7,on*,ONLINE', keys).ok).toBe(true);
  });
});

// Texts that are mostly filters, with everything that is special in them.
const bits = fc.constantFrom(
  'status',
  'node',
  'size',
  ':',
  '>',
  '<=',
  '-',
  '"',
  '\\',
  ',',
  ' ',
  '*',
  'io-1',
  '10GiB',
  'é',
  '=',
);
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.array(bits, { maxLength: 12 }).map((x) => x.join('')),
);
const term: fc.Arbitrary<FilterTerm> = fc
  .record({
    key: fc.option(fc.constantFrom('status', 'node', 'size'), { nil: undefined }),
    operator: fc.constantFrom(...OPERATORS),
    negated: fc.boolean(),
    values: fc.array(fc.record({ text: fc.oneof(fc.string({ minLength: 1 }), bits) }), { minLength: 1, maxLength: 3 }),
  })
  .map((t) => ({
    ...t,
    operator: t.key === undefined ? ':' : t.operator,
    values: t.key !== undefined && t.operator === ':' ? t.values : t.values.slice(0, 1),
  }));

describe('the filter’s printer', () => {
  it('gives back what was parsed, but for the width of gaps, and parsing never throws', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const got = parseFilter(text);
        parseFilter(text, keys);
        if (!got.ok) {
          expect(got.error.at).toBeGreaterThanOrEqual(0);
          expect(got.error.at).toBeLessThanOrEqual(text.length);
          return;
        }
        expect(printFilter(got.terms)).toBe(got.terms.map((t) => text.slice(t.start, t.end)).join(' '));
        expect(got.terms.reduceRight((rest, t) => rest.slice(0, t.start) + rest.slice(t.end), text).trim()).toBe('');
      }),
      { numRuns: 1_500 },
    );
  });

  it('writes any terms so that they are read as the same', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 4 }), (terms) => {
        expect(plain(termsOf(parseFilter(printFilter(terms))))).toEqual(plain(terms));
      }),
      { numRuns: 1_500 },
    );
  });
});

describe('chips', () => {
  const rows = fc.record({
    status: fc.constantFrom('online', 'degraded', 'x y', ''),
    node: fc.constantFrom('a', 'b,c', '"'),
  });

  it('give the same rows as the text that they write', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 4 }), rows, (terms, values) => {
        const it: Filterable = { words: Object.values(values), value: (key) => values[key as keyof typeof values] };
        const byText = compileFilter(termsOf(parseFilter(printFilter(terms))))(it);
        expect(byText).toBe(compileFilter(terms)(it));
      }),
    );
  });

  it('when pressed find a row that has their value, and when pressed again leave the filter as it was', () => {
    const value = fc
      .oneof(fc.constantFrom('online', 'b,c', '"', 'x y', '', '-a'), fc.string())
      .filter((v) => !v.includes('*'));
    fc.assert(
      fc.property(texts, value, (text, value) => {
        if (!parseFilter(text).ok || hasValue(text, 'node', value)) return;
        const pressed = toggleValue(text, 'node', value);
        expect(hasValue(pressed, 'node', value)).toBe(true);
        const own = termsOf(parseFilter(pressed)).filter((t) => t.key === 'node' && t.operator === ':' && !t.negated);
        expect(compileFilter(own.slice(0, 1))({ words: [], value: () => value })).toBe(true);
        const before = termsOf(parseFilter(text));
        expect(plain(termsOf(parseFilter(toggleValue(pressed, 'node', value))))).toEqual(plain(before));
      }),
      { numRuns: 1_500 },
    );
  });

  it('join the values of one key and leave the rest as it was typed', () => {
    const one = toggleValue('  size>10GiB   "shop"', 'status', 'degraded');
    expect(one).toBe('  size>10GiB   "shop" status:degraded');
    const two = toggleValue(one, 'status', 'faulted');
    expect(two).toBe('  size>10GiB   "shop" status:degraded,faulted');
    expect(toggleValue(two, 'status', 'DEGRADED')).toBe('  size>10GiB   "shop" status:faulted');
    expect(removeTerm(two, 1)).toBe('size>10GiB status:degraded,faulted');
    expect(addTerm('', { operator: ':', values: [{ text: 'a b' }], negated: true })).toBe('-"a b"');
    expect(toggleValue('a "b', 'status', 'online')).toBe('a "b');
  });
});
