import { expect, it } from 'vitest';
import { parseFilter } from '@/contract/filter';
import { toggleValue } from '@/contract/filter-edit';
import { chipsOf } from './FilterBar';

it('offers chips whose filter can be read, the most frequent first', () => {
  const chips = chipsOf({ node: { 'io-1': 1, '': 9, 'rack 2': 3, 'unrecognized:7': 2 } }, 'node', (v) => v);
  expect(chips.map((c) => c.value)).toEqual(['rack 2', 'unrecognized:7', 'io-1']);
  for (const { key, value } of chips) {
    const text = toggleValue('', key, value);
    const values = [{ text: value }];
    expect(parseFilter(text, { node: { kind: 'text', what: '' } })).toMatchObject({
      ok: true,
      terms: [{ key, values }],
    });
  }
});
