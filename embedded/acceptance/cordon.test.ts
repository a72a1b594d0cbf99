import { describe, expect, it } from 'vitest';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { clusterPerTest, kindOf, nodesOf, sharedCluster, until } from './driver';

describe('labels of nodes', () => {
  const shared = sharedCluster({ nodes: 1 });
  const labels = async () => (await shared().cluster.node('node-1'))?.spec?.labels?.value ?? {};

  it('A14: a label is put, and another value of it needs overwrite', async () => {
    const d = shared();
    await d.labelNode('node-1', { zone: 'a' });
    expect(await labels()).toEqual({ zone: 'a' });
    expect(await kindOf(() => d.labelNode('node-1', { zone: 'b' }))).toBe('FailedPrecondition');
    expect(await labels()).toEqual({ zone: 'a' });
    await d.labelNode('node-1', { zone: 'b' }, true);
    expect(await labels()).toEqual({ zone: 'b' });
    await d.unlabelNode('node-1', 'zone');
  });

  it('A14: a label is removed, and one that is not there cannot be', async () => {
    const d = shared();
    await d.labelNode('node-1', { zone: 'a', rack: '1' });
    await d.unlabelNode('node-1', 'zone');
    expect(await labels()).toEqual({ rack: '1' });
    expect(await kindOf(() => d.unlabelNode('node-1', 'zone'))).toBe('FailedPrecondition');
    await d.unlabelNode('node-1', 'rack');
  });
});

describe('cordon', () => {
  const start = clusterPerTest();

  it('A15: nothing new lands on a cordoned node: no replica, no target, no pool', async () => {
    const d = await start({ nodes: 3, disks: 2 });
    await d.cordon('node-1', 'service');
    expect(await kindOf(() => d.volume(3))).toBe('ResourceExhausted');
    for (let i = 0; i < 3; i++) {
      const id = await d.volume(2);
      expect(nodesOf(await d.get(id))).not.toContain('node-1');
      expect((await d.cluster.publish(id)).state?.target?.nodeId).not.toBe('node-1');
    }
    expect(await kindOf(() => d.createPool('node-1', 'new', [d.cluster.disk('node-1', 2)]))).toBe('FailedPrecondition');
    expect(await d.pool('new')).toBeUndefined();
  });

  it('A15: a target asked for on a cordoned node is refused, and the next best is taken when none is named', async () => {
    const d = await start({ nodes: 2 });
    const id = await d.volume(2);
    await d.cordon('node-1', 'service');
    expect(await kindOf(() => d.cluster.publish(id, 'node-1'))).toBe('FailedPrecondition');
    expect((await d.cluster.publish(id)).state?.target?.nodeId).toBe('node-2');
  });

  it('A16: a node with two labels is free when both are gone, and not before', async () => {
    const d = await start({ nodes: 1 });
    await d.cordon('node-1', 'x');
    expect(await kindOf(() => d.volume(1))).toBe('ResourceExhausted');
    await d.cordon('node-1', 'y');
    await d.uncordon('node-1', 'x');
    expect(await d.cordonStateOf('node-1')).toBe('cordoned');
    expect(await kindOf(() => d.volume(1))).toBe('ResourceExhausted');
    await d.uncordon('node-1', 'y');
    expect(await d.cordonStateOf('node-1')).toBe('none');
    expect(await kindOf(() => d.volume(1))).toBe('accepted');
  });

  it('A17: a label that is not there cannot be removed, from a cordoned node or another, and nothing changes', async () => {
    const d = await start({ nodes: 1 });
    expect(await kindOf(() => d.uncordon('node-1', 'x'))).toBe('FailedPrecondition');
    expect(await d.cordonStateOf('node-1')).toBe('none');
    expect(await kindOf(() => d.volume(1))).toBe('accepted');
    await d.cordon('node-1', 'x');
    expect(await kindOf(() => d.uncordon('node-1', 'unknown'))).toBe('FailedPrecondition');
    expect(await d.cordonStateOf('node-1')).toBe('cordoned');
    expect(await kindOf(() => d.volume(1))).toBe('ResourceExhausted');
  });

  it('A18: what is on a node stays when it is cordoned, goes on to serve, and can be deleted', async () => {
    const d = await start({ nodes: 1 });
    const id = await d.volume(1);
    await d.cluster.publish(id);
    await d.cordon('node-1', 'service');
    await d.passes();
    expect((await d.get(id)).state).toMatchObject({ status: NexusStatus.Online, target: { nodeId: 'node-1' } });
    await d.write(id, 1024 * 1024);
    await d.cluster.destroy(id);
    expect(await d.cluster.specs()).toMatchObject({ volumes: [], replicas: [], nexuses: [] });
    await d.dropPool('pool-1', 'node-1');
    expect(await d.pools()).toEqual([]);
  });

  it('A18: what is on a cordoned node comes back after its restart, and new things come after it is uncordoned', async () => {
    const d = await start({ nodes: 1 });
    const id = await d.volume(1);
    await d.cluster.publish(id);
    await d.cordon('node-1', 'service');
    await d.lose('node-1');
    await d.back('node-1');
    expect(await d.cordonStateOf('node-1')).toBe('cordoned');
    expect((await d.whole(id, 1)).state?.target?.nodeId).toBe('node-1');
    expect(await kindOf(() => d.volume(1))).toBe('ResourceExhausted');
    await d.uncordon('node-1', 'service');
    expect(nodesOf(await d.get(await d.volume(1)))).toEqual(['node-1']);
  });

  it('A19: a degraded volume stays so while all spare nodes are cordoned', async () => {
    const d = await start({ nodes: 3, timings: { faultedChildWaitMs: 100 } });
    const id = await d.volume(2);
    const [target = '', other = ''] = nodesOf(await d.get(id));
    const spare = ['node-1', 'node-2', 'node-3'].find((n) => n !== target && n !== other) ?? '';
    await d.cluster.publish(id, target);
    await d.cordon(spare, 'service');
    await d.lose(other);
    await until('the lost child is given up', async () => (await d.children(id)).length === 1);
    await d.passes(3);
    expect((await d.get(id)).state?.status).toBe(NexusStatus.Degraded);
    expect(nodesOf(await d.get(id))).not.toContain(spare);
    await d.uncordon(spare, 'service');
    expect(nodesOf(await d.whole(id, 2))).toContain(spare);
  });
});
