import { afterEach, describe, expect, it } from 'vitest';
import { ChildState, NexusStatus, type RebuildHistoryReply } from '@/gen/v1/nexus/nexus';
import type { Volume } from '@/gen/v1/volume/volume';
import { call, TestCluster, until, value } from './testing/test-cluster';

const MIB = 1024 * 1024;
let cluster: TestCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

const idOf = (volume: Volume) => volume.definition?.spec?.uuid ?? '';
const nodesOf = (volume: Volume) => Object.values(volume.state?.replicaTopology ?? {}).map((r) => r.node ?? '');

/** A published volume with its target on the node of one replica; the other replica's node. */
async function published(on: TestCluster, replicas: bigint) {
  const id = idOf(await on.createVolume({ replicas, size: BigInt(32 * MIB) }));
  const nodes = nodesOf(await on.getVolume(id));
  const volume = await on.publish(id, nodes[0]);
  const remote = nodes[1] ?? '';
  return { id, volume, remote, target: nodes[0] ?? '' };
}

const online = (on: TestCluster, id: string, children: number) =>
  until(`volume online with ${children} children`, async () => {
    const volume = await on.getVolume(id);
    const target = volume.state?.target;
    return volume.state?.status === NexusStatus.Online && target?.children.length === children && volume;
  });

async function history(on: TestCluster, volume: Volume) {
  const uuid = volume.state?.target?.uuid ?? '';
  const reply = await call<RebuildHistoryReply>((cb) => on.nexuses.getRebuildHistory({ uuid }, cb));
  return value(reply, 'record').records;
}

describe('repair', () => {
  it('rebuilds the replica that a higher count adds', async () => {
    cluster = await TestCluster.start({ nodes: 3 });
    const { id } = await published(cluster, 2n);
    const grown = await cluster.setReplicas(id, 3);
    expect(grown.definition?.spec?.numReplicas).toBe(3);
    const volume = await online(cluster, id, 3);
    const [record] = await history(cluster, volume);
    expect(record?.isPartial).toBe(false);
    expect(new Set(nodesOf(volume)).size).toBe(3);
  });

  it('takes a replica away and destroys it when the count is lowered', async () => {
    cluster = await TestCluster.start({ nodes: 3 });
    const { id } = await published(cluster, 3n);
    await cluster.setReplicas(id, 2);
    await online(cluster, id, 2);
    expect((await cluster.specs()).replicas).toHaveLength(2);
  });

  it('brings a node that returns in time back by a partial rebuild', async () => {
    cluster = await TestCluster.start({ nodes: 3, timings: { faultedChildWaitMs: 60_000 } });
    const { id, remote } = await published(cluster, 2n);
    const before = await cluster.getVolume(id);
    await cluster.engine(remote).kill();
    await faulted(cluster, id, before);
    await cluster.startEngine(remote);
    const volume = await online(cluster, id, 2);
    expect(nodesOf(volume)).toContain(remote);
    expect((await history(cluster, volume))[0]?.isPartial).toBe(true);
  });

  it('replaces the replica of a node that stays away, by a full rebuild elsewhere', async () => {
    cluster = await TestCluster.start({ nodes: 3, timings: { faultedChildWaitMs: 500 } });
    const { id, remote } = await published(cluster, 2n);
    const before = await cluster.getVolume(id);
    await cluster.engine(remote).kill();
    await faulted(cluster, id, before);
    const volume = await online(cluster, id, 2);
    expect(nodesOf(volume)).not.toContain(remote);
    expect((await history(cluster, volume))[0]?.isPartial).toBe(false);
    await cluster.startEngine(remote);
    await until('the orphan is collected', async () => {
      const specs = await cluster?.specs();
      return specs?.replicas.length === 2;
    });
  });

  it('gives up at once the copy of a dead node that a new target starts without', async () => {
    cluster = await TestCluster.start({ nodes: 4, timings: { faultedChildWaitMs: 3_600_000 } });
    const { id, target } = await published(cluster, 2n);
    await cluster.engine(target).kill();
    await until('away', async () => cluster?.isAway(target));
    await cluster.unpublish(id, true);
    await cluster.publish(id);
    const volume = await online(cluster, id, 2);
    expect(nodesOf(volume)).not.toContain(target);
  });

  it('shows a volume as unknown while its target is away, and revives the target when its node returns', async () => {
    cluster = await TestCluster.start({ nodes: 2 });
    const { id, target } = await published(cluster, 2n);
    const uuid = (await cluster.getVolume(id)).state?.target?.uuid;
    await cluster.engine(target).kill();
    await until('away', async () => cluster?.isAway(target));
    const away = await cluster.getVolume(id);
    expect(away.state?.status).toBe(NexusStatus.Unknown);
    expect(away.state?.target).toBeUndefined();
    expect(Object.values(away.state?.replicaTopology ?? {}).filter((r) => r.usage === undefined)).toHaveLength(1);
    await cluster.startEngine(target);
    const volume = await online(cluster, id, 2);
    expect(volume.state?.target?.uuid).toBe(uuid);
  });

  it('deletes a volume with a node down and collects the orphan when it is back', async () => {
    cluster = await TestCluster.start({ nodes: 2 });
    const { id, remote } = await published(cluster, 2n);
    await cluster.engine(remote).kill();
    await until('away', async () => cluster?.isAway(remote));
    await cluster.destroy(id);
    expect((await cluster.specs()).replicas).toHaveLength(1);
    await cluster.startEngine(remote);
    await until('collected', async () => (await cluster?.specs())?.replicas.length === 0);
  });

  it('goes on after agent-core is killed, on the same specs', async () => {
    cluster = await TestCluster.start({ nodes: 3 });
    const { id } = await published(cluster, 2n);
    await cluster.restartCore();
    const volume = await online(cluster, id, 2);
    expect(volume.definition?.spec?.numReplicas).toBe(2);
    await cluster.setReplicas(id, 3);
    await online(cluster, id, 3);
  });
});

/** Waits until the child on the lost node is faulted, or is replaced already. */
async function faulted(on: TestCluster, id: string, before: Volume): Promise<void> {
  const uris = new Set(before.state?.target?.children.map((child) => child.uri));
  await until('child faulted', async () => {
    const children = (await on.getVolume(id)).state?.target?.children ?? [];
    return children.some((child) => child.state === ChildState.ChildFaulted || !uris.has(child.uri));
  });
}
