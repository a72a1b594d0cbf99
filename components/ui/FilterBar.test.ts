import { expect, it } from 'vitest';
import { parseFilter, printFilter } from '@/contract/filter';
import { chipsOf } from './FilterBar';

it('offers chips whose filter can be read, the most frequent first', () => {
  const chips = chipsOf({ node: { 'io-1': 1, '': 9, 'rack 2': 3, 'unrecognized:7': 2 } }, 'node', (v) => v);
  expect(chips.map((c) => c.value)).toEqual(['rack 2', 'unrecognized:7', 'io-1']);
  for (const { key, value } of chips) {
    const text = printFilter([{ key, operator: ':', value, negated: false }]);
    expect(parseFilter(text, { node: 'text' })).toMatchObject({ ok: true, terms: [{ key: 'node', value }] });
  }
});
