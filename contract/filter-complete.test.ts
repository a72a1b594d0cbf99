import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter } from './filter';
import { applyCompletion, completeFilter } from './filter-complete';
import { VOLUME_LIST } from './lists';

const { keys } = VOLUME_LIST;
const facets = {
  status: { online: 90, degraded: 8, faulted: 2 },
  node: { 'io-1': 50, 'io-2': 40, '': 10 },
  namespace: { shop: 60, 'team a': 5 },
};
/** `|` is the cursor. */
const at = (marked: string) => {
  const cursor = marked.indexOf('|');
  return completeFilter(marked.replace('|', ''), cursor, keys, facets);
};
const labels = (marked: string) => at(marked).options.map((o) => o.label);
const chosen = (marked: string, n = 0) => {
  const got = at(marked);
  const option = got.options[n];
  if (!option) throw new Error('nothing to choose');
  const { text, cursor } = applyCompletion(marked.replace('|', ''), got, option);
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
};

describe('completeFilter', () => {
  it('offers keys at the beginning of a term', () => {
    expect(labels('|')).toContain('status:');
    expect(labels('size>1 sta|')[0]).toBe('status:');
    expect(labels('-re|')).toEqual(expect.arrayContaining(['replicas>', 'rebuilding:']));
    expect(chosen('sta|')).toBe('status:|');
    expect(chosen('-sta|')).toBe('-status:|');
  });

  it('offers values that occur, the most frequent first, then those that there are', () => {
    expect(labels('status:|')).toEqual(['online', 'degraded', 'faulted', 'unknown', 'shutdown', 'shutting-down']);
    expect(at('status:|').options[0]?.count).toBe(90);
    expect(labels('status:|ed')).toEqual(['online', 'degraded', 'faulted', 'unknown', 'shutdown', 'shutting-down']);
    expect(labels('thin:t|')).toEqual(['true']);
    expect(labels('size>|')).toEqual([]);
  });

  it('puts a choice in the place of what was typed', () => {
    expect(chosen('status:de|')).toBe('status:degraded |');
    expect(chosen('status:de|x node:io-1')).toBe('status:degraded| node:io-1');
    expect(chosen('namespace:te|')).toBe('namespace:"team a" |');
    expect(chosen('namespace:"team |')).toBe('namespace:"team a" |');
    expect(chosen('node:|', 2)).toBe('node:"" |');
  });

  it('offers no value twice in one term', () => {
    expect(labels('status:online,|')).not.toContain('online');
    expect(labels('status:|,degraded')).not.toContain('degraded');
    expect(chosen('status:online,fa|')).toBe('status:online,faulted |');
  });

  it('offers whole terms for a word that is a value', () => {
    expect(at('degr|').options.at(-1)).toMatchObject({ kind: 'term', insert: 'status:degraded', count: 8 });
    expect(chosen('io-2|')).toBe('node:io-2 |');
  });

  it('has nothing to say of unknown keys and inside of quoted words', () => {
    expect(labels('nope:|')).toEqual([]);
    expect(labels('"a b|')).toEqual([]);
  });

  it('never throws, and every value or term offered for a readable text makes a readable text', () => {
    const bits = fc.constantFrom('status', 'node', ':', '>', '-', '"', '\\', ',', ' ', 'io-1', 'x');
    const texts = fc.oneof(
      fc.string(),
      fc.array(bits, { maxLength: 10 }).map((x) => x.join('')),
    );
    fc.assert(
      fc.property(texts, fc.nat(40), (text, cursor) => {
        const got = completeFilter(text, cursor, keys, facets);
        expect(got.from).toBeLessThanOrEqual(got.to);
        expect(got.to).toBeLessThanOrEqual(text.length);
        if (!parseFilter(text).ok) return;
        for (const option of got.options) {
          if (option.kind === 'key') continue;
          const after = applyCompletion(text, got, option).text;
          expect([after, parseFilter(after).ok]).toEqual([after, true]);
        }
      }),
      { numRuns: 1_500 },
    );
  });
});
