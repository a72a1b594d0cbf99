import { describe, expect, it } from 'vitest';
import { Strain } from './strain';

/** A process that is busy for `share` of the time, looked at every half second. */
function work() {
  let now = 0;
  let busyMs = 0;
  const strain = new Strain({ now: () => now, busyMs: () => busyMs });
  const run = (share: (factor: number) => number, seconds: number) => {
    for (let i = 0; i < seconds * 2; i += 1) {
      now += 500;
      busyMs += 500 * share(strain.factor);
    }
    return strain.factor;
  };
  return { run };
}

describe('Strain', () => {
  it('stretches nothing while there is time', () => {
    expect(work().run(() => 0.25, 60)).toBe(1);
  });

  it('stretches until all costs a third of a processor at most', () => {
    // Reading costs nine tenths at the full rate, and less the less often it is done.
    expect(work().run((factor) => 0.9 / factor, 120)).toBeCloseTo(3, 1);
  });

  it('does not feel one second of work, and comes back when it is over', () => {
    const { run } = work();
    run(() => 0, 10);
    expect(run(() => 1, 1)).toBeLessThanOrEqual(1.25);
    expect(run(() => 1, 600)).toBe(30);
    expect(run(() => 0, 60)).toBe(1);
  });
});
