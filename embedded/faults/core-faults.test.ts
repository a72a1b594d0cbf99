import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@/embedded/cluster/testing';
import { BrokenCluster, moreWrites, WHOLE } from './testing';

let broken: BrokenCluster;

beforeAll(async () => {
  broken = await BrokenCluster.start();
});
afterEach(() => broken.tidy());
afterAll(() => broken.stop());

/** By UUID: the order of a list is that of making, after a restart that of the store. */
const definitions = async () =>
  new Map((await broken.on.control.listVolumes()).map((v) => [v.definition?.spec?.uuid, v.definition]));

describe('core-kill', () => {
  it('is online → no answer → online, and applications write on', async () => {
    const volume = await broken.volume();
    await broken.board.begin('core-kill');
    await volume.seen.next(/^no answer$/);
    await moreWrites(volume);
    expect(broken.board.active()).toMatchObject([{ fault: 'core-kill', target: 'agent-core' }]);
    await broken.board.end('core-kill');
    await broken.whole(volume);
    expect(volume.workload.errors).toBe(0);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('core-restart', () => {
  it('waits for a store that does not answer, and serves when that is back', async () => {
    const volume = await broken.volume();
    await broken.board.begin('core-store-fail');
    await broken.board.begin('core-kill');
    await volume.seen.next(/^no answer$/);
    const started = broken.board.end('core-kill');
    await until('it waits', () => broken.on.coreState === 'starting');
    await moreWrites(volume);
    expect(broken.on.coreState).toBe('starting');
    await broken.board.end('core-store-fail');
    await started;
    await broken.whole(volume);
    expect(broken.on.coreState).toBe('running');
    expect(await broken.lost(volume)).toBe(0);
  });

  it('is over at once: what was specified is so again, and the volume online', async () => {
    const volume = await broken.volume();
    const before = await definitions();
    await broken.board.begin('core-restart');
    expect(broken.board.active()).toEqual([]);
    await moreWrites(volume);
    await broken.again(volume).next(WHOLE);
    expect(await definitions()).toEqual(before);
    expect(volume.workload.errors).toBe(0);
  });
});
