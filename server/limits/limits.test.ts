import { describe, expect, it } from 'vitest';
import { Gate } from '../upstream/gate';
import { Buckets } from './buckets';
import { DEFAULT_LIMITS, Limits } from './limits';
import { Traffic } from './traffic';

let now = 0;
const buckets = (capacity = 10) => new Buckets({ perSecond: 2, burst: 4, capacity, now: () => now });
const times = (n: number, take: () => unknown) => Array.from({ length: n }, take).filter((x) => x === undefined).length;

describe('a bucket', () => {
  it('gives a burst, then as much as comes back', () => {
    now = 0;
    const b = buckets();
    expect(times(10, () => b.take('a'))).toBe(4);
    expect(b.take('a')).toBeCloseTo(0.5);
    now += 1_000;
    expect(times(10, () => b.take('a'))).toBe(2);
    now += 3_600_000;
    expect(times(10, () => b.take('a'))).toBe(4);
  });
  it('is one for each key', () => {
    now = 0;
    const b = buckets();
    times(10, () => b.take('a'));
    expect(b.take('b')).toBeUndefined();
  });
  it('does not fill when the clock goes back', () => {
    now = 10_000;
    const b = buckets();
    times(10, () => b.take('a'));
    now = 0;
    expect(b.take('a')).toBeGreaterThan(0);
  });
  it('keeps no more keys than it may, and forgets no offender for them', () => {
    now = 0;
    const b = buckets(100);
    times(10, () => b.take('offender'));
    let let_in = 0;
    for (let i = 0; i < 10_001; i += 1) if (b.take(`other ${i}`) === undefined) let_in += 1;
    expect(b.size).toBe(100);
    // The rest shared one bucket.
    expect(let_in).toBe(99 + 4);
    expect(b.take('offender')).toBeGreaterThan(0);
    now += 10_000;
    expect(b.take('new')).toBeUndefined();
    expect(b.size).toBeLessThanOrEqual(100);
  });
});

describe('what clients may ask for', () => {
  const traffic = (limits: Partial<Limits> = {}) => new Traffic({ ...DEFAULT_LIMITS, ...limits }, () => now);
  const passed = (n: number, take: () => unknown) => times(n, take);

  it('is as much as the documentation says', () => {
    now = 0;
    const t = traffic();
    expect(passed(100, () => t.request('s', '::1', true))).toBe(60);
    expect(passed(100, () => t.request('s', '::1', false))).toBe(10);
    expect(passed(100, () => t.request(undefined, '::1', true))).toBe(30);
    expect(passed(100, () => t.destroy('s'))).toBe(10);
    expect(passed(100, () => t.signIn('10.0.0.1'))).toBe(10);
    now += 1_000;
    expect(passed(100, () => t.request('s', '::1', true))).toBe(20);
    expect(passed(100, () => t.request('s', '::1', false))).toBe(5);
    expect(passed(100, () => t.request(undefined, '::1', true))).toBe(10);
  });
  it('says when to come back', () => {
    now = 0;
    const t = traffic();
    passed(100, () => t.destroy('s'));
    expect(t.destroy('s')).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 6 });
  });
  it('bounds sign-ins of all addresses together', () => {
    now = 0;
    const t = traffic();
    let count = 0;
    for (let i = 0; i < 1_000; i += 1) if (t.signIn(`10.0.${i >> 8}.${i & 255}`) === undefined) count += 1;
    expect(count).toBe(60);
  });
  it('is no more than so many requests at a time, and places come back', () => {
    const t = traffic({ requests: 2 });
    expect([t.enter(), t.enter()]).toEqual([undefined, undefined]);
    expect(t.enter()).toMatchObject({ code: 'busy', retryAfterSeconds: 1 });
    t.leave();
    expect(t.enter()).toBeUndefined();
  });
  it.each([{ requests: 0 }, { readsPerSecond: -1 }, { streams: 1.5 }, { unknown: 1 }, { streams: '5' }])(
    'cannot be configured as %j',
    (limits) => {
      expect(Limits.safeParse(limits).success).toBe(false);
    },
  );
});

describe('a gate before an upstream', () => {
  it('lets so many in at once, some wait in order, and turns the rest away', async () => {
    const gate = new Gate({ width: 2, queue: 2, waitMs: 10_000 });
    const order: number[] = [];
    const open: Array<() => void> = [];
    const call = (n: number) =>
      gate.run(async () => {
        order.push(n);
        await new Promise<void>((resolve) => open.push(resolve));
        return n;
      });
    const calls = [1, 2, 3, 4, 5].map(call);
    expect(await calls[4]).toBeUndefined();
    expect(order).toEqual([1, 2]);
    for (let i = 0; i < 4; i += 1) {
      await expect.poll(() => open.length).toBeGreaterThan(i);
      open[i]?.();
    }
    expect(await Promise.all(calls)).toEqual([1, 2, 3, 4, undefined]);
    expect(order).toEqual([1, 2, 3, 4]);
  });
  it('turns away who has waited for too long, and loses no place by it', async () => {
    const gate = new Gate({ width: 1, queue: 5, waitMs: 20 });
    let finish: () => void = () => undefined;
    const first = gate.run(() => new Promise<string>((resolve) => (finish = () => resolve('first'))));
    expect(await gate.run(async () => 'second')).toBeUndefined();
    finish();
    expect(await first).toBe('first');
    expect(await gate.run(async () => 'third')).toBe('third');
  });
  it('gives the place back when a call throws', async () => {
    const gate = new Gate({ width: 1, queue: 5, waitMs: 1_000 });
    await expect(gate.run(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await gate.run(async () => 'next')).toBe('next');
  });
});
