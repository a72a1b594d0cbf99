import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch, diff, equal } from './patch';

const row = fc.record({ id: fc.string({ maxLength: 3 }), a: fc.jsonValue({ maxDepth: 2 }), n: fc.integer() });
const rows = fc.uniqueArray(row, { selector: (r) => r.id, maxLength: 8 });
const doc = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.record({ rows, facets: fc.jsonValue() }), rows);
const wire = (v: unknown) => JSON.parse(JSON.stringify(v));

describe('patch', () => {
  it('turns any JSON value into any other after a trip over the wire', () => {
    fc.assert(
      fc.property(doc, doc, (a, b) => {
        const [before, after] = [wire(a), wire(b)];
        const patch = diff(before, after);
        const got = patch ? applyPatch(before, wire(patch)) : before;
        expect(equal(got, after)).toBe(true);
        expect(patch === undefined).toBe(equal(before, after));
      }),
      { numRuns: 2_000 },
    );
  });

  it('carries only the changed field of the changed row', () => {
    const before = {
      rows: [
        { id: 'a', n: 1 },
        { id: 'b', n: 2 },
      ],
    };
    const after = {
      rows: [
        { id: 'a', n: 1 },
        { id: 'b', n: 3 },
      ],
    };
    expect(JSON.stringify(diff(before, after))).toBe('["o",{"rows":["a",0,{"b":["s",{"n":3}]}]}]');
  });

  it('keeps hostile label names as data', () => {
    const before = JSON.parse('{"labels":{"x":"1"}}');
    const after = JSON.parse('{"labels":{"x":"1","__proto__":"y","constructor":"z"}}');
    const got = applyPatch(before, wire(diff(before, after)));
    expect(equal(got, after)).toBe(true);
    expect(({} as Record<string, unknown>).y).toBeUndefined();
  });

  it('sends only the new points of a series that moved on', () => {
    const before = {
      at: Array.from({ length: 300 }, (_, i) => i),
      rate: Array.from({ length: 300 }, (_, i) => i * 1.5),
    };
    const after = {
      at: before.at.slice(2).concat(300, 301),
      rate: before.rate.slice(2, -1).concat(7, null as never, 9),
    };
    const patch = diff(before, after);
    expect(JSON.stringify(patch).length).toBeLessThan(120);
    expect(patch && applyPatch(before, wire(patch))).toEqual(after);
  });
});
