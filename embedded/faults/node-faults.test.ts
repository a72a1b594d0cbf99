import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { poolState } from '@/embedded/cluster/state-recorder';
import { rebuildsOf, until } from '@/embedded/cluster/testing';
import { RebuildJobState } from '@/gen/mayastor/v1/nexus';
import { BrokenCluster, copyIs, moreWrites } from './testing';

let broken: BrokenCluster;

beforeAll(async () => {
  broken = await BrokenCluster.start();
});
afterEach(() => broken.tidy());
afterAll(() => broken.stop());

describe('node-kill', () => {
  it('is online → degraded with an unknown copy → rebuilding → online, and its pool has no state meanwhile', async () => {
    const volume = await broken.volume();
    const pool = broken.watch(poolState(broken.on, volume.farPool));
    await pool.next(/^online$/);
    await broken.board.begin('node-kill', volume.far);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await volume.seen.next(new RegExp(`${volume.far}\\? faulted`));
    await pool.next(/^no state$/);
    await moreWrites(volume);
    await broken.board.end('node-kill', volume.far);
    await pool.next(/^online$/);
    await volume.target.next(copyIs(volume.far, 'rebuilding'));
    await broken.whole(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('node-hang', () => {
  it('is online → degraded by a time-out → unknown copy → rebuilding → online', async () => {
    const volume = await broken.volume();
    await broken.board.begin('node-hang', volume.far);
    await volume.seen.next(new RegExp(`${volume.far}\\? `));
    await volume.target.next(copyIs(volume.far, 'faulted\\(timed_out\\)'));
    await moreWrites(volume);
    await broken.board.end('node-hang', volume.far);
    await volume.target.next(copyIs(volume.far, 'rebuilding'));
    await broken.whole(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('partition-core', () => {
  it('makes a copy unknown while the volume stays online and loses no write', async () => {
    const volume = await broken.volume();
    const pool = broken.watch(poolState(broken.on, volume.farPool));
    await pool.next(/^online$/);
    await broken.board.begin('partition-core', volume.far);
    await pool.next(/^no state$/);
    await volume.seen.next(new RegExp(`^online: .*${volume.far}\\? online`));
    await moreWrites(volume);
    await broken.board.end('partition-core', volume.far);
    await pool.next(/^online$/);
    await broken.whole(volume);
    expect(volume.seen.states.filter((s) => /^(degraded|faulted)/.test(s))).toEqual([]);
    expect(await broken.lost(volume)).toBe(0);
  });

  it('makes the volume unknown when its target’s node is parted, and the application goes on', async () => {
    const volume = await broken.volume();
    await broken.board.begin('partition-core', 'io-1');
    await volume.seen.next(/^unknown: /);
    await moreWrites(volume);
    expect(volume.workload.errors).toBe(0);
    await broken.board.end('partition-core', 'io-1');
    await volume.seen.next(/^online: /);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('partition-peers', () => {
  it('times the copy out while its node is online, and rebuilds it when the network is mended', async () => {
    const volume = await broken.volume();
    await broken.board.begin('partition-peers', volume.far);
    await volume.target.next(copyIs(volume.far, 'faulted\\(timed_out\\)'));
    await moreWrites(volume);
    await until('its node is online', async () => (await broken.on.control.onlineNodes()).includes(volume.far));
    await broken.board.end('partition-peers', volume.far);
    await volume.target.next(copyIs(volume.far, 'rebuilding'));
    await broken.whole(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('rebuild-fail', () => {
  it('faults the copy for a failed rebuild, again and again, until rebuilds work', async () => {
    const volume = await broken.volume();
    await broken.board.begin('rebuild-fail', 'io-1');
    await broken.board.begin('replica-error', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await volume.target.next(/^degraded: .*faulted\(rebuild_failed\)/);
    await broken.board.end('rebuild-fail', 'io-1');
    await volume.target.next(/^degraded: .*rebuilding/);
    await broken.whole(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('node-clock', () => {
  const HOUR_S = 3_600;

  it('is online → faulted in the future → rebuilt in part, at moments an hour ahead → online', async () => {
    const volume = await broken.volume();
    await broken.board.begin('node-clock', 'io-1', HOUR_S);
    await broken.board.begin('replica-error', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await volume.target.next(copyIs(volume.far, 'rebuilding'));
    await broken.whole(volume);
    const [record] = await rebuildsOf(broken.on, volume.uuid);
    expect(record).toMatchObject({ state: RebuildJobState.Completed, isPartial: true });
    const aheadS = Number(record?.endTime?.seconds) - Date.now() / 1_000;
    expect(Math.abs(aheadS - HOUR_S)).toBeLessThan(300);
    expect(await broken.lost(volume)).toBe(0);
  });

  it('is online → faulted long ago, as agent-core reads it → given up at once, another copy is made → online', async () => {
    const volume = await broken.volume();
    await broken.board.begin('node-clock', 'io-1', -HOUR_S);
    await broken.board.begin('replica-error', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await volume.target.next(/^degraded: .*rebuilding/);
    await broken.whole(volume);
    const { state } = await broken.on.control.volume(volume.uuid);
    expect(Object.keys(state?.replicaTopology ?? {})).not.toContain(volume.farReplica);
    const [record] = await rebuildsOf(broken.on, volume.uuid);
    expect(record).toMatchObject({ state: RebuildJobState.Completed, isPartial: false });
    expect(await broken.lost(volume)).toBe(0);
  });
});
