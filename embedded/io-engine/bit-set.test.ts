import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BitSet } from './bit-set';

it('holds what was put in last, and nothing else', () => {
  const change = fc.tuple(fc.nat(99), fc.boolean());
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const bits = new BitSet(100);
      const known = new Set<number>();
      for (const [index, on] of changes) {
        bits.set(index, on);
        if (on) known.add(index);
        else known.delete(index);
      }
      for (let index = 0; index < 100; index += 1) expect(bits.has(index)).toBe(known.has(index));
    }),
  );
});
