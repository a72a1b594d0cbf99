import { describe, expect, it } from 'vitest';
import { ok } from '@/server/upstream/result';
import { HandClock } from './fakes.test-support';
import { Source } from './source';

/** A source whose passes take as long as the test says, and how long it was being read in all. */
function source(taking: number | (() => number), intervalMs: () => number = () => 1_000) {
  const clock = new HandClock();
  const seen = { passes: 0, busyMs: 0 };
  const it = new Source({
    source: 'agent-core',
    endpoint: 'x:1',
    intervalMs,
    maxBackoffMs: 2_000,
    clock,
    random: () => 0.5,
    changed: () => undefined,
    pass: () =>
      new Promise((resolve) => {
        const passMs = typeof taking === 'number' ? taking : taking();
        clock.after(passMs, () => {
          seen.passes += 1;
          seen.busyMs += passMs;
          resolve(ok(undefined));
        });
      }),
  });
  it.start();
  return { clock, seen, source: it };
}

describe('Source', () => {
  it.each([50, 500, 3_000])('reads for at most a tenth of the time when a pass takes %i ms', async (passMs) => {
    const { clock, seen, source: it } = source(passMs);
    // The first three passes tell what one takes.
    await clock.advance(3 * (passMs + 1_000));
    const busyMs = seen.busyMs;
    await clock.advance(300_000);
    expect(seen.passes).toBeGreaterThan(5);
    expect((seen.busyMs - busyMs) / 300_000).toBeLessThanOrEqual(0.1);
    it.stop();
  });

  it('takes one slow pass between quick ones for a standstill of its own', async () => {
    let passMs = 20;
    const { clock, seen, source: it } = source(() => passMs);
    await clock.advance(5_000);
    passMs = 4_000;
    await clock.advance(4_100);
    passMs = 20;
    const passes = seen.passes;
    await clock.advance(5_000);
    expect(seen.passes - passes).toBeGreaterThanOrEqual(4);
    it.stop();
  });

  it('reads again within a minute, however long a pass took: it may be this machine that stood still', async () => {
    const { clock, seen, source: it } = source(40_000);
    await clock.advance(3 * 41_000);
    expect(seen.passes).toBe(3);
    await clock.advance(60_000 + 40_000);
    expect(seen.passes).toBe(4);
    it.stop();
  });

  it('reads sooner when the interval becomes shorter, but never above its share', async () => {
    let interval = 10_000;
    const quick = source(10, () => interval);
    await quick.clock.advance(1_500);
    expect(quick.seen.passes).toBe(1);
    interval = 1_000;
    quick.source.hasten();
    await quick.clock.advance(50);
    expect(quick.seen.passes).toBe(2);
    interval = 10_000;
    const slow = source(2_000, () => interval);
    await slow.clock.advance(2 * 12_000 + 2_500);
    expect(slow.seen.passes).toBe(3);
    interval = 1_000;
    slow.source.hasten();
    await slow.clock.advance(10_000);
    expect(slow.seen.passes).toBe(3);
    await slow.clock.advance(12_000);
    expect(slow.seen.passes).toBe(4);
    quick.source.stop();
    slow.source.stop();
  });
});
