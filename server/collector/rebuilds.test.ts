import { describe, expect, it } from 'vitest';
import { childUri, job, nexus, nexusId, reading, uuid } from './fakes.test-support';
import { NO_REBUILDS, type RebuildMemory, type ReplicaOfUri, trackRebuilds } from './rebuilds';

const here = () => undefined;
const online = (n: number) => ({ uri: childUri(n), state: 'online' as const, reason: 'none' as const });
const rebuilding = (n: number) => ({
  uri: childUri(n),
  state: 'degraded' as const,
  reason: 'out-of-sync' as const,
  rebuildProgress: 1,
});
const faulted = (n: number, faultedAt: number) => ({
  uri: childUri(n),
  state: 'faulted' as const,
  reason: 'io-failure' as const,
  faultedAt,
});

/** Feeds readings one after the other. */
function play(readings: Parameters<typeof reading>[0][], replicaOf: ReplicaOfUri = here) {
  let memory: RebuildMemory = NO_REBUILDS;
  let before: ReturnType<typeof reading> | undefined;
  for (const part of readings) {
    const next = reading(part);
    memory = trackRebuilds(memory, before, next, replicaOf);
    before = next;
  }
  return memory;
}

describe('trackRebuilds', () => {
  const target = nexus(1, { status: 'degraded', rebuilds: 1, children: [online(1), rebuilding(2)] });
  const step = (at: number, recovered: bigint, transferred: bigint) => ({
    at,
    nexuses: [target],
    rebuilds: [
      job({ blocksRecovered: recovered, blocksTransferred: transferred, blocksRemaining: 10_000n - recovered }),
    ],
  });

  it('measures the copy rate from what was transferred, and the time left from what was gone over', () => {
    const [running] = [...play([step(0, 0n, 0n), step(1_000, 2_000n, 500n)]).running.values()];
    expect(running?.bytesPerSecond).toBe(500 * 512);
    expect(running?.secondsLeft).toBe(4);
  });

  it('counts only what the source has allocated as left to copy', () => {
    const allocated = (blocks: bigint) => (uri: string) =>
      uri === childUri(1) ? { pool: 'pool-1', allocatedBytes: blocks * 512n } : { pool: 'pool-2', allocatedBytes: 0n };
    const secondsLeft = (of: ReplicaOfUri) =>
      [...play([step(0, 0n, 0n), step(1_000, 500n, 500n)], of).running.values()][0]?.secondsLeft;
    // 1,000 of the 10,000 blocks were ever written: 500 are left, at 500 a second.
    expect(secondsLeft(allocated(1_000n))).toBe(1);
    // Never more than the device, and with all copied that was known of, what is left to go over counts.
    expect(secondsLeft(allocated(50_000n))).toBe(19);
    expect(secondsLeft(allocated(400n))).toBe(19);
  });

  it('knows no rate after one sample, and none that a restarted job left behind', () => {
    expect([...play([step(0, 0n, 0n)]).running.values()][0]?.bytesPerSecond).toBeUndefined();
    const restarted = { at: 2_000, nexuses: [target], rebuilds: [job({ startedAt: 9_000 })] };
    const [running] = [...play([step(0, 0n, 0n), step(1_000, 10n, 10n), restarted]).running.values()];
    expect(running?.bytesPerSecond).toBeUndefined();
  });

  it('takes the record of the node for a job that ended', () => {
    const record = job({ state: 'completed', endedAt: 1_500, sourceUri: childUri(1) });
    const done = { at: 2_000, nexuses: [nexus(1, { children: [online(1), online(2)] })], history: [record] };
    const memory = play([step(0, 0n, 0n), step(1_000, 10n, 10n), done]);
    expect(memory.running.size).toBe(0);
    expect(memory.ended.map((e) => e.stats)).toEqual([record]);
  });

  it.each([
    ['completed', online(2)],
    ['failed', { uri: childUri(2), state: 'faulted' as const, reason: 'rebuild-failed' as const }],
    ['stopped', faulted(2, 5)],
  ])('concludes from the child that a job without a record %s', (state, child) => {
    const memory = play([step(0, 0n, 0n), { at: 1_000, nexuses: [nexus(1, { children: [online(1), child] })] }]);
    expect(memory.ended[0]?.stats).toMatchObject({ state, endedAt: 1_000 });
  });

  it('leaves the jobs of another node alone', () => {
    const memory = play([step(0, 0n, 0n), { node: 'io-2', at: 500 }]);
    expect(memory.running.size).toBe(1);
  });

  it('says that a copy was replaced, which one and when it was lost', () => {
    const lost = Date.UTC(2026, 0, 1, 12, 3, 10);
    const memory = play(
      [
        { at: lost - 1_000, nexuses: [nexus(1, { children: [online(1), online(3)] })] },
        { at: lost + 1_000, nexuses: [nexus(1, { status: 'degraded', children: [online(1), faulted(3, lost)] })] },
        { ...step(lost + 9_000, 0n, 0n) },
      ],
      (uri) => (uri === childUri(3) ? { pool: 'pool-3' } : undefined),
    );
    expect([...memory.running.values()][0]?.why).toBe(
      'replaces the copy on pool-3, lost at 12:03:10 UTC (I/O failure)',
    );
  });

  it('says that the same copy came back', () => {
    const lost = Date.UTC(2026, 0, 1, 12, 3, 10);
    const memory = play([
      { at: lost + 1_000, nexuses: [nexus(1, { status: 'degraded', children: [online(1), faulted(2, lost)] })] },
      { ...step(lost + 9_000, 0n, 0n) },
    ]);
    expect([...memory.running.values()][0]?.why).toBe('this copy was lost at 12:03:10 UTC (I/O failure) and came back');
  });

  it('says that a replica was added, also when the rebuild was over before the next reading', () => {
    const before = { at: 0, nexuses: [nexus(1, { children: [online(1)] })] };
    expect([...play([before, step(1_000, 0n, 0n)]).running.values()][0]?.why).toBe('a replica was added');
    const over = {
      at: 1_000,
      nexuses: [nexus(1, { children: [online(1), online(2)] })],
      history: [job({ state: 'completed', endedAt: 900 })],
    };
    expect(play([before, over]).ended[0]?.why).toBe('a replica was added');
  });

  it('gives no reason for what began before the console watched', () => {
    expect([...play([step(0, 0n, 0n)]).running.values()][0]?.why).toBeUndefined();
  });

  it('keeps 500 records, the newest first, and the same list while nothing is added', () => {
    const history = Array.from({ length: 600 }, (_, i) => job({ childUri: uuid(i), startedAt: i, endedAt: i }));
    const memory = play([{ at: 1_000, history }]);
    expect(memory.ended).toHaveLength(500);
    expect(memory.ended[0]?.stats.endedAt).toBe(599);
    expect(trackRebuilds(memory, undefined, reading({ at: 2_000, history }), here).ended).toBe(memory.ended);
    expect(memory.ended[0]?.stats.nexus).toBe(nexusId(1));
  });
});
