import { expect, it } from 'vitest';
import { childUri, job, nexus, reading } from './fakes.test-support';
import { NO_REBUILDS, trackRebuilds } from './rebuilds';

const online = (n: number) => ({ uri: childUri(n), state: 'online' as const, reason: 'none' as const });
const rebuilding = (n: number) => ({
  uri: childUri(n),
  state: 'degraded' as const,
  reason: 'out-of-sync' as const,
  rebuildProgress: 1,
});

it('P10: keeps what a target remembered of its rebuilds, though that goes with the target', () => {
  const record = job({ state: 'completed', isPartial: true, endedAt: 1_500, sourceUri: childUri(1) });
  const readings = [
    { at: 0, nexuses: [nexus(1, { status: 'degraded', children: [online(1), rebuilding(2)] })], rebuilds: [job({})] },
    { at: 2_000, nexuses: [nexus(1, { children: [online(1), online(2)] })], history: [record] },
    // Unpublished: neither target nor history.
    { at: 3_000, nexuses: [], history: [] },
    // Published again: another target, which remembers nothing.
    { at: 4_000, nexuses: [nexus(2, { children: [online(1), online(2)] })], history: [] },
  ].map((part) => reading(part));
  const memory = readings.reduce(
    (kept, next, index) => trackRebuilds(kept, readings[index - 1], next, () => undefined),
    NO_REBUILDS,
  );
  expect(memory.running.size).toBe(0);
  expect(memory.ended.map((ended) => ended.stats)).toEqual([record]);
});
