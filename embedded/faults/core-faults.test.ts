import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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
    await volume.seen.next(WHOLE);
    expect(volume.workload.errors).toBe(0);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('core-restart', () => {
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
