import { describe, expect, it } from 'vitest';
import { NodeStatus } from '@/gen/v1/node/target_node';
import { PoolStatus } from '@/gen/v1/pool/pool';
import { clusterPerTest, kindOf, sharedCluster, until } from './driver';

describe('pools', () => {
  const shared = sharedCluster({ nodes: 2, disks: 3 });

  it('A1: a pool on a disk that does not exist is not found, and nothing of it stays', async () => {
    const d = shared();
    expect(await kindOf(() => d.createPool('node-1', 'a1', ['/nowhere/disk']))).toBe('NotFound');
    expect(await d.pool('a1')).toBeUndefined();
  });

  it('A2: a pool of two disks is an invalid argument', async () => {
    const d = shared();
    const disks = [d.cluster.disk('node-1', 2), d.cluster.disk('node-1', 3)];
    expect(await kindOf(() => d.createPool('node-1', 'a2', disks))).toBe('InvalidArgument');
    expect(await d.pool('a2')).toBeUndefined();
  });

  it.each(['aio', 'uring'])('A3: a pool on a disk given as %s URI is online', async (scheme) => {
    const d = shared();
    const disk = d.cluster.disk('node-1', 2);
    await d.createPool('node-1', `a3-${scheme}`, [`${scheme}://${disk}?blk_size=512`]);
    expect((await d.pool(`a3-${scheme}`))?.state?.status).toBe(PoolStatus.Online);
    await d.dropPool(`a3-${scheme}`, 'node-1');
  });

  it('a pool is made under the name asked for, and goes when it is deleted', async () => {
    const d = shared();
    const made = await d.createPool('node-1', 'p0', [d.cluster.disk('node-1', 2)]);
    expect(made.definition?.spec).toMatchObject({ poolId: 'p0', nodeId: 'node-1' });
    expect(await d.pool('p0')).toMatchObject({ state: { status: PoolStatus.Online, used: 0n } });
    await d.dropPool('p0', 'node-1');
    expect(await d.pool('p0')).toBeUndefined();
    // The disk is free again.
    await d.createPool('node-1', 'p0-again', [d.cluster.disk('node-1', 2)]);
    await d.dropPool('p0-again', 'node-1');
  });

  it.each([
    ['node-1', 1],
    ['node-1', 2],
    ['node-2', 1],
    ['node-2', 2],
  ])('A4: a pool that exists exists, asked for on %s and its disk %i', async (node, disk) => {
    const d = shared();
    const again = () => d.createPool(node, 'pool-1', [d.cluster.disk(node, disk)]);
    expect(await kindOf(again)).toBe('AlreadyExists');
    expect((await d.pool('pool-1'))?.definition?.spec?.nodeId).toBe('node-1');
  });

  it('A5: a second pool on the disk of one that is loaded is an invalid argument', async () => {
    const d = shared();
    expect(await kindOf(() => d.createPool('node-1', 'a5', [d.cluster.disk('node-1')]))).toBe('InvalidArgument');
    expect(await d.pool('a5')).toBeUndefined();
  });

  it('A6: a pool with replicas is in use', async () => {
    const d = shared();
    const id = await d.volume(2);
    expect(await kindOf(() => d.dropPool('pool-1', 'node-1'))).toBe('InUse');
    expect((await d.pool('pool-1'))?.state?.status).toBe(PoolStatus.Online);
    await d.cluster.destroy(id);
  });

  it('A9: an unknown pool is not found', async () => {
    expect(await kindOf(() => shared().dropPool('no-such-pool', 'node-1'))).toBe('NotFound');
  });

  it('A12: a label is put, and another value of it needs overwrite', async () => {
    const d = shared();
    const labels = async () => (await d.pool('pool-1'))?.definition?.spec?.labels?.value ?? {};
    await d.labelPool('pool-1', { tier: 'gold' });
    expect(await labels()).toEqual({ tier: 'gold' });
    expect(await kindOf(() => d.labelPool('pool-1', { tier: 'silver' }))).toBe('FailedPrecondition');
    expect(await labels()).toEqual({ tier: 'gold' });
    await d.labelPool('pool-1', { tier: 'silver' }, true);
    expect(await labels()).toEqual({ tier: 'silver' });
    await d.unlabelPool('pool-1', 'tier');
  });

  it('A13: a label is removed, and one that is not there cannot be', async () => {
    const d = shared();
    await d.labelPool('pool-1', { tier: 'gold', room: '2' });
    await d.unlabelPool('pool-1', 'tier');
    expect((await d.pool('pool-1'))?.definition?.spec?.labels?.value).toEqual({ room: '2' });
    expect(await kindOf(() => d.unlabelPool('pool-1', 'tier'))).toBe('FailedPrecondition');
    await d.unlabelPool('pool-1', 'room');
  });
});

describe('pools that are away', () => {
  const start = clusterPerTest();

  it('A5: a second pool on the disk of one that is not loaded is an invalid argument', async () => {
    const d = await start({ nodes: 1 });
    await d.unload('pool-1', 'node-1');
    expect(await kindOf(() => d.createPool('node-1', 'a5', [d.cluster.disk('node-1')]))).toBe('InvalidArgument');
    expect(await d.pool('a5')).toBeUndefined();
  });

  it('A7, A10: a pool on an offline node is not deleted and stays listed, and goes by itself when the node returns', async () => {
    // No poll that fails first, which would make the node Unknown.
    const d = await start({ nodes: 1, timings: { cachePeriodMs: 600_000 } });
    await d.kill('node-1');
    await d.nodeIs('node-1', NodeStatus.Offline);
    expect(await kindOf(() => d.dropPool('pool-1', 'node-1'))).toBe('FailedPrecondition');
    expect(await d.pool('pool-1')).toBeDefined();
    await d.passes();
    expect(await d.pool('pool-1')).toBeDefined();
    await d.start('node-1');
    await d.online('node-1');
    await until('the pool is gone', async () => (await d.pool('pool-1')) === undefined);
    // Gone from the disk, too: it can carry another pool.
    expect(await kindOf(() => d.createPool('node-1', 'other', [d.cluster.disk('node-1')]))).toBe('accepted');
  });

  it('A8: a pool whose engine is unreachable while its node still counts as online is not deleted', async () => {
    // Neither deadline nor poll may notice meanwhile.
    const d = await start({ nodes: 1, timings: { nodeDeadlineMs: 600_000, cachePeriodMs: 600_000 } });
    await d.kill('node-1');
    expect(await kindOf(() => d.dropPool('pool-1', 'node-1'))).toMatch(/^(Unavailable|FailedPrecondition)$/);
    expect((await d.cluster.node('node-1'))?.state?.status).toBe(NodeStatus.Online);
    expect(await d.pool('pool-1')).toBeDefined();
  });

  it('A11: the pool of a node that restarts is imported with its replicas without anybody asking', async () => {
    const d = await start({ nodes: 1 });
    const id = await d.volume(1);
    await d.lose('node-1');
    expect(await d.pool('pool-1')).toMatchObject({ definition: {}, state: undefined });
    expect(await d.replicas(id)).toEqual([]);
    await d.back('node-1');
    await until('its replica is listed', async () => (await d.replicas(id)).length === 1);
  });
});
