import { describe, expect, it } from 'vitest';
import { testSnapshot } from '@/server/views/fixtures.test-support';
import { inTransition, Pace } from './pace';

describe('Pace', () => {
  it('is full while a tab follows or something is under way, and a fifth otherwise', () => {
    let watched = false;
    let moving = false;
    const pace = new Pace({ now: () => 0, isWatched: () => watched, isInTransition: () => moving, strain: () => 1 });
    expect(pace.interval(1_000)).toBe(5_000);
    watched = true;
    expect(pace.interval(1_000)).toBe(1_000);
    watched = false;
    moving = true;
    expect(pace.interval(1_000)).toBe(1_000);
  });

  it('stays full for a while after a request, and says when the first one came', () => {
    let now = 0;
    const pace = new Pace({ now: () => now, isWatched: () => false, isInTransition: () => false, strain: () => 1 });
    expect(pace.look()).toBe(true);
    expect(pace.look()).toBe(false);
    now = 14_999;
    expect(pace.interval(1_000)).toBe(1_000);
    now = 15_000;
    expect(pace.interval(1_000)).toBe(5_000);
  });

  it('reads the lists of a large cluster less often under strain, and those of a small one never', () => {
    const pace = new Pace({ now: () => 0, isWatched: () => true, isInTransition: () => false, strain: () => 20 });
    expect(pace.coreInterval(1_000, 0)).toBe(1_000);
    expect(pace.coreInterval(1_000, 1_000)).toBe(1_000);
    expect(pace.coreInterval(1_000, 10_000)).toBe(10_000);
    expect(pace.coreInterval(1_000, 100_000)).toBe(20_000);
  });

  it('reads many nodes less often under strain, but not those that are wanted, and never a small cluster', () => {
    let strain = 1;
    const pace = new Pace({ now: () => 0, isWatched: () => true, isInTransition: () => false, strain: () => strain });
    expect(pace.nodeInterval(1_000, 100, false)).toBe(1_000);
    strain = 4;
    expect(pace.nodeInterval(1_000, 100, false)).toBe(4_000);
    expect(pace.nodeInterval(1_000, 100, true)).toBe(1_000);
    expect(pace.nodeInterval(1_000, 10, false)).toBe(1_000);
    strain = 30;
    expect(pace.nodeInterval(1_000, 100, false)).toBe(5_000);
  });

  it.each([
    ['nothing', testSnapshot({ volumes: [{ n: 1, on: [1] }] }), false],
    ['a volume being made', testSnapshot({ volumes: [{ n: 1, on: [1], model: { specStatus: 'creating' } }] }), true],
    [
      'a node that drains',
      testSnapshot({ node: (_, base) => ({ ...base, cordon: { ...base.cordon, state: 'draining' } }) }),
      true,
    ],
  ])('counts %s', (_, snapshot, want) => {
    expect(inTransition(snapshot)).toBe(want);
    expect(inTransition(snapshot)).toBe(want);
  });
});
