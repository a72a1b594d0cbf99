import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rebuildsOf } from '@/embedded/cluster/testing';
import { RebuildJobState } from '@/gen/mayastor/v1/nexus';
import { BrokenCluster, copyIs, moreWrites, type Watched } from './testing';

let broken: BrokenCluster;

beforeAll(async () => {
  broken = await BrokenCluster.start();
});
afterEach(() => broken.tidy());
afterAll(() => broken.stop());

/** Whether the copy that was broken is still one of the volume's. */
async function isKept({ uuid, farReplica }: Watched): Promise<boolean> {
  const { state } = await broken.on.control.volume(uuid);
  return farReplica in (state?.replicaTopology ?? {});
}

describe('replica-error', () => {
  it('is online → faulted by an I/O error → rebuilt in part → online, with the same copy', async () => {
    const volume = await broken.volume();
    await broken.board.begin('replica-error', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await volume.target.next(copyIs(volume.far, 'rebuilding'));
    await broken.whole(volume);
    expect(await isKept(volume)).toBe(true);
    const [record] = await rebuildsOf(broken.on, volume.uuid);
    expect(record).toMatchObject({ state: RebuildJobState.Completed, isPartial: true });
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('replica-bad', () => {
  it('is online → faulted → a rebuild of it fails → another copy is made → online', async () => {
    const volume = await broken.volume();
    await broken.board.begin('replica-bad', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await volume.target.next(/^degraded: .*rebuilding/);
    await broken.whole(volume);
    expect(await isKept(volume)).toBe(false);
    // The replica is gone, and its fault with it.
    expect(broken.board.active()).toEqual([]);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('replica-offline', () => {
  it('is online → degraded by client until it is taken online → rebuilding → online, with the same copy', async () => {
    const volume = await broken.volume();
    await broken.board.begin('replica-offline', volume.farReplica);
    expect(broken.board.active()).toMatchObject([{ fault: 'replica-offline', target: volume.farReplica }]);
    await volume.target.next(copyIs(volume.far, 'degraded\\(by_client\\)'));
    await moreWrites(volume, 200);
    await broken.board.end('replica-offline', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'rebuilding'));
    await broken.whole(volume);
    expect(await isKept(volume)).toBe(true);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('replica-fault', () => {
  it('is online → faulted by client → another copy is made → online', async () => {
    const volume = await broken.volume();
    await broken.board.begin('replica-fault', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'faulted\\(by_client\\)'));
    await volume.target.next(/^degraded: .*rebuilding/);
    await broken.whole(volume);
    expect(await isKept(volume)).toBe(false);
    expect(await broken.lost(volume)).toBe(0);
  });
});
