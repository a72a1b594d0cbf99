import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { steadyTime } from './clock';

describe('steady time', () => {
  it('is the wall clock where that goes on evenly', () => {
    let t = 0;
    const now = steadyTime(
      () => 1_000_000 + t,
      () => t,
    );
    for (; t < 100_000; t += 1_234) expect(now()).toBeCloseTo(1_000_000 + t, 6);
  });

  it.each([600_000, -600_000])(
    'does not jump with a wall clock that jumps by %i ms, and comes to it in time',
    (jump) => {
      let t = 0;
      let wall = 1_000_000;
      const now = steadyTime(
        () => wall + t,
        () => t,
      );
      const before = now();
      wall += jump;
      t += 1_000;
      expect(now() - before).toBeGreaterThanOrEqual(990);
      expect(now() - before).toBeLessThanOrEqual(1_010);
      for (let i = 0; i < 61_000; i += 1) {
        t += 1_000;
        now();
      }
      expect(now()).toBeCloseTo(wall + t, 3);
    },
  );

  it('never goes back and keeps within a hundredth, whatever the wall clock does', () => {
    const steps = fc.array(fc.tuple(fc.nat(5_000), fc.integer({ min: -1e9, max: 1e9 })), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (all) => {
        let t = 0;
        let wall = 1e12;
        const now = steadyTime(
          () => wall,
          () => t,
        );
        let last = now();
        for (const [passed, jump] of all) {
          t += passed;
          wall += passed + jump;
          const next = now();
          expect(next - last).toBeGreaterThanOrEqual(passed * 0.99 - 1);
          expect(next - last).toBeLessThanOrEqual(passed * 1.01 + 1);
          last = next;
        }
      }),
    );
  });
});
