import { describe, expect, it } from 'vitest';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { clusterPerTest, kindOf, MIB, nodesOf, sharedCluster, until } from './driver';

describe('the number of replicas', () => {
  const shared = sharedCluster({ nodes: 3 });

  it('A34: goes up by one: a replica is added where there is none, and rebuilt in full', async () => {
    const d = shared();
    const id = await d.volume(2);
    await d.cluster.publish(id);
    await d.write(id, 2 * MIB);
    const before = nodesOf(await d.get(id));
    const raised = await d.cluster.setReplicas(id, 3);
    expect(raised.definition?.spec?.numReplicas).toBe(3);
    const volume = await d.whole(id, 3);
    expect(nodesOf(volume).toSorted()).toEqual(['node-1', 'node-2', 'node-3']);
    const added = nodesOf(volume).find((node) => !before.includes(node));
    const fresh = (await d.replicas(id)).find((replica) => replica.nodeId === added);
    const records = await d.rebuilds(id);
    expect(records).toMatchObject([{ isPartial: false }]);
    expect(records[0]?.childUri).toContain(fresh?.replicaId);
    await d.cluster.destroy(id);
  });

  it('A35: goes down by one as long as two are left, and never to none', async () => {
    const d = shared();
    const id = await d.volume(3);
    await d.cluster.publish(id, 'node-1');
    for (const left of [2, 1]) {
      const lowered = await d.cluster.setReplicas(id, left);
      expect(lowered.definition?.spec?.numReplicas).toBe(left);
      await d.whole(id, left);
      expect(await d.replicas(id)).toHaveLength(left);
    }
    // The local one stays.
    expect(nodesOf(await d.get(id))).toEqual(['node-1']);
    expect(await kindOf(() => d.cluster.setReplicas(id, 0))).toBe('FailedPrecondition');
    expect(await d.replicas(id)).toHaveLength(1);
    await d.cluster.destroy(id);
  });

  it('P9: changes by one at a time, goes up for an online volume only, and is refused where it is already', async () => {
    const d = shared();
    const id = await d.volume(1);
    expect(await kindOf(() => d.cluster.setReplicas(id, 3))).toBe('ReplicaChangeCount');
    expect(await kindOf(() => d.cluster.setReplicas(id, 1))).toBe('ReplicaCountAchieved');
    await d.cluster.destroy(id);
  });
});

describe('the number of replicas of a volume that lost one', () => {
  const start = clusterPerTest();

  it('A36: is lowered to those that run, when no pool can take another', async () => {
    const d = await start({ nodes: 2, timings: { faultedChildWaitMs: 100 } });
    const id = await d.volume(2);
    await d.cluster.publish(id, 'node-1');
    await d.lose('node-2');
    await until('the lost replica is given up', async () => nodesOf(await d.get(id)).length === 1);
    const lowered = await d.cluster.setReplicas(id, 1);
    expect(lowered.definition?.spec?.numReplicas).toBe(1);
    expect((await d.whole(id, 1)).state?.target?.nodeId).toBe('node-1');
  });

  it('A36: is lowered although the lost replica is still waited for, which then goes', async () => {
    const d = await start({ nodes: 2, timings: { faultedChildWaitMs: 600_000 } });
    const id = await d.volume(2);
    await d.cluster.publish(id, 'node-1');
    await d.lose('node-2');
    await d.volumeIs(id, NexusStatus.Degraded);
    expect((await d.cluster.setReplicas(id, 1)).definition?.spec?.numReplicas).toBe(1);
    expect(nodesOf(await d.whole(id, 1))).toEqual(['node-1']);
  });

  it('P9: is not raised while the volume is degraded, and an unhealthy replica goes before a healthy one', async () => {
    const d = await start({ nodes: 4, timings: { faultedChildWaitMs: 600_000 } });
    const id = await d.volume(3);
    const [target = '', lost = ''] = nodesOf(await d.get(id));
    await d.cluster.publish(id, target);
    await d.lose(lost);
    await d.volumeIs(id, NexusStatus.Degraded);
    expect(await kindOf(() => d.cluster.setReplicas(id, 4))).toBe('ReplicaIncrease');
    await d.cluster.setReplicas(id, 2);
    expect(nodesOf(await d.whole(id, 2))).not.toContain(lost);
  });
});
