import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonValue } from './json-value';

const row = fc.record({ id: fc.string(), a: fc.jsonValue({ maxDepth: 2 }), u: fc.constant(undefined) });
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(row),
  fc.record({ rows: fc.array(row), u: fc.constant(undefined), nested: fc.record({ rows: fc.array(row) }) }),
);

it('is what a trip through JSON makes of any answer', () => {
  fc.assert(
    fc.property(value, (v) => {
      expect(jsonValue(v)).toEqual(JSON.parse(JSON.stringify(v)));
      expect(JSON.stringify(jsonValue(v))).toBe(JSON.stringify(v));
    }),
  );
});

it('gives a row the same identity wherever it stands', () => {
  const shared = { id: 'a', n: 1 };
  const one = jsonValue({ rows: [shared, { id: 'b' }] }) as { rows: unknown[] };
  const two = jsonValue({ running: [], history: { rows: [{ id: 'c' }, shared] } }) as { history: { rows: unknown[] } };
  expect(one.rows[0]).toBe(two.history.rows[1]);
  expect(one.rows[0]).not.toBe(shared);
});
