import { randomUUID } from 'node:crypto';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTarget } from '@/embedded/fabric/open-target';
import { timings } from '@/embedded/timing';
import { NexusRpcClient } from '@/gen/mayastor/v1/nexus';
import { SpecStatus } from '@/gen/v1/misc/common';
import { NodeStatus } from '@/gen/v1/node/target_node';
import type { GetPoolsReply } from '@/gen/v1/pool/pool';
import { SnapshotStatus } from '@/gen/v1/snapshot/snapshot';
import {
  type CreateSnapshotReply,
  type CreateVolumeRequest,
  type DestroySnapshotReply,
  type GetSnapshotsReply,
  type RepublishVolumeReply,
  type ShareVolumeReply,
  type UnshareVolumeReply,
  type Volume,
  VolumeShareProtocol,
} from '@/gen/v1/volume/volume';
import { call, TestCluster, until, value } from './testing/test-cluster';

/** What an agent-core 2.7.1 of Mayastor did over the same io-engines when the same was asked of it. */

const MIB = 1024 * 1024;
const FACTOR = 50;
const SIZE = BigInt(16 * MIB);
let cluster: TestCluster;

const idOf = (volume: Volume) => volume.definition?.spec?.uuid ?? '';
const make = async (more: Partial<CreateVolumeRequest> = {}) =>
  idOf(await cluster.createVolume({ replicas: 1n, size: SIZE, ...more }));
const on = (...allowedNodes: string[]) => ({
  node: { topology: { $case: 'explicit' as const, value: { allowedNodes, preferredNodes: [] } } },
});
const nodesOf = async (uuid: string) =>
  Object.values((await cluster.getVolume(uuid)).state?.replicaTopology ?? {})
    .map((replica) => replica.node ?? '')
    .sort();
const replicasOf = async (uuid: string) =>
  Object.keys((await cluster.getVolume(uuid)).state?.replicaTopology ?? {}).sort();
const whole = (uuid: string, copies: number) =>
  until('whole', async () => {
    const { state } = await cluster.getVolume(uuid);
    return state?.target?.children.length === copies && state.target.children.every((c) => c.state === 1) && state;
  });
const onEngine = <T>(node: string, run: (client: NexusRpcClient, cb: (e: Error | null, r: T) => void) => unknown) => {
  const client = new NexusRpcClient(cluster.engine(node).grpcAddress, credentials.createInsecure());
  return new Promise<T>((resolve, reject) => run(client, (e, r) => (e ? reject(e) : resolve(r)))).finally(() =>
    client.close(),
  );
};

describe('with all nodes up', () => {
  beforeAll(async () => {
    // Reconcilers hold a volume for moments that a busy machine makes long: requests are given Mayastor's own patience.
    cluster = await TestCluster.start({ nodes: 3, timings: { guardRetryMs: 200 } });
  });
  afterAll(() => cluster.stop());

  it('lists no pools for a volume that is not there', async () => {
    const request = { filter: { $case: 'common' as const, value: { volumeId: randomUUID() } } };
    const reply = await call<GetPoolsReply>((cb) => cluster.pools.getPools(request, cb));
    expect(value(reply, 'pools').pools).toEqual([]);
  });

  it('keeps the values of a spread key apart when a volume is made, and not when it gets one more copy', async () => {
    for (const [node, zone] of [
      ['node-1', 'a'],
      ['node-2', 'a'],
      ['node-3', 'a'],
    ] as const)
      await call((cb) => cluster.nodes.labelNode({ nodeId: node, label: { value: { zone } }, overwrite: true }, cb));
    const spread = { exclusion: { value: { zone: '' } }, inclusion: { value: {} } };
    const topology = { node: { topology: { $case: 'labelled' as const, value: spread } } };
    await expect(make({ replicas: 2n, topology })).rejects.toThrow(/ReplicaCreateNumber/);
    const uuid = await make({ topology });
    await cluster.setReplicas(uuid, 2);
    expect(await nodesOf(uuid)).toHaveLength(2);
    await cluster.destroy(uuid);
  });

  it('takes the copy that was made first of those that are alike', async () => {
    const uuid = await make({ topology: on('node-2', 'node-3', 'node-1') });
    const [first] = await nodesOf(uuid);
    await cluster.setReplicas(uuid, 2);
    await cluster.setReplicas(uuid, 3);
    await cluster.setReplicas(uuid, 2);
    expect(await nodesOf(uuid)).not.toContain(first);
    await cluster.destroy(uuid);
  });

  it('keeps what a publish was told though it fails, and forgets it when an unpublish begins', async () => {
    const uuid = await make({ replicas: 0n });
    const context = async () => (await cluster.getVolume(uuid)).definition?.metadata?.publishContext?.map;
    const publish = { uuid, share: VolumeShareProtocol.Nvmf, publishContext: { a: 'b' }, frontendNodes: [] };
    await call((cb) => cluster.volumes.publishVolume(publish, cb));
    expect(await context()).toEqual({ a: 'b' });
    await cluster.destroy(uuid);
  });

  it('shares a target with the hosts that a share names, and leaves those of the volume as they were', async () => {
    const uuid = await make();
    const publish = { uuid, share: VolumeShareProtocol.Nvmf, publishContext: {}, frontendNodes: ['app'] };
    await call((cb) => cluster.volumes.publishVolume(publish, cb));
    const uri = async () => (await cluster.getVolume(uuid)).state?.target?.deviceUri;
    expect(await uri()).toMatch(/^nvmf:.*\?hostnqn=nqn\.2019-05\.io\.openebs:node-name:app$/);
    await call<UnshareVolumeReply>((cb) => cluster.volumes.unshareVolume({ uuid }, cb));
    // There is no URI that could carry the hosts, and they are said all the same.
    expect(await uri()).toBe('?hostnqn=nqn.2019-05.io.openebs:node-name:app');
    const host = 'nqn.2019-05.io.openebs:node-name:other';
    await call<ShareVolumeReply>((cb) =>
      cluster.volumes.shareVolume({ uuid, share: VolumeShareProtocol.Nvmf, frontendHosts: [host] }, cb),
    );
    expect(await uri()).toMatch(/\?hostnqn=nqn\.2019-05\.io\.openebs:node-name:other$/);
    const { targetConfig } = (await cluster.getVolume(uuid)).definition?.metadata ?? {};
    expect(targetConfig?.frontend?.nodes.map((node) => node.name)).toEqual(['app']);
    await cluster.destroy(uuid);
  });

  const republish = (
    uuid: string,
    more: { reuseExisting: boolean; targetNode?: string; share?: VolumeShareProtocol },
  ) =>
    call<RepublishVolumeReply>((cb) =>
      cluster.volumes.republishVolume(
        { uuid, share: VolumeShareProtocol.Nvmf, frontendNode: '', reuseExistingFallback: false, ...more },
        cb,
      ),
    );

  it('leaves a target that is well where it is, whatever protocol a republish names', async () => {
    const uuid = await make();
    const before = (await cluster.publish(uuid)).state?.target?.uuid;
    const reply = await republish(uuid, { reuseExisting: true, share: VolumeShareProtocol.Iscsi });
    expect(value(reply, 'volume').state?.target?.uuid).toBe(before);
    await cluster.destroy(uuid);
  });

  it('makes no target where one of the volume is left shut down, and is drained though it is', async () => {
    const uuid = await make({ replicas: 2n, topology: on('node-1', 'node-2') });
    await cluster.publish(uuid, 'node-1');
    value(await republish(uuid, { reuseExisting: false, targetNode: 'node-2' }), 'volume');
    await expect(
      republish(uuid, { reuseExisting: false, targetNode: 'node-1' }).then((r) => value(r, 'volume')),
    ).rejects.toMatchObject({ error: { extra: `id: ${uuid}`, source: expect.stringContaining('AlreadyExists') } });
    await cluster.unpublish(uuid);
    // It waits for old targets of volumes that the drain itself moved, and this is none of them.
    await call((cb) => cluster.nodes.drainNode({ nodeId: 'node-1', label: 'd' }, cb));
    const drainState = async () => (await cluster.node('node-1'))?.spec?.cordonDrainState?.cordondrainstate?.$case;
    await until('drained', async () => (await drainState()) === 'drained');
    expect((await cluster.specs()).nexuses.some((nexus) => nexus.nodeId === 'node-1')).toBe(true);
    await call((cb) => cluster.nodes.uncordonNode({ nodeId: 'node-1', label: 'd' }, cb));
    await cluster.destroy(uuid);
  });

  it('takes the wish for a node of a volume in an affinity group as a wish: one that is cordoned is passed over', async () => {
    const uuid = await make({ affinityGroup: { name: 'g' }, topology: on('node-1') });
    await call((cb) => cluster.nodes.cordonNode({ nodeId: 'node-3', label: 'c' }, cb));
    const { state } = await cluster.publish(uuid, 'node-3');
    expect(state?.target?.nodeId).toBe('node-1');
    await call((cb) => cluster.nodes.uncordonNode({ nodeId: 'node-3', label: 'c' }, cb));
    await cluster.destroy(uuid);
  });

  it('replaces a child that was taken out of the target behind its back by a new replica', async () => {
    const uuid = await make({ replicas: 2n, topology: on('node-1', 'node-2') });
    const { state } = await cluster.publish(uuid, 'node-1');
    const before = await replicasOf(uuid);
    const gone = state?.target?.children.find((child) => child.uri.startsWith('nvmf'))?.uri ?? '';
    await onEngine('node-1', (c, cb) => c.removeChildNexus({ uuid: state?.target?.uuid ?? '', uri: gone }, cb));
    await until('another replica', async () => {
      const now = await replicasOf(uuid);
      return now.length === 2 && now.some((replica) => !before.includes(replica));
    });
    await whole(uuid, 2);
    expect((await replicasOf(uuid)).filter((replica) => before.includes(replica))).toHaveLength(1);
    await cluster.destroy(uuid);
  });

  it('makes a target that its node shut down again, where it is and under the same uuid', async () => {
    const uuid = await make({ replicas: 2n });
    const target = (await cluster.publish(uuid, 'node-1')).state?.target;
    await onEngine('node-1', (c, cb) => c.shutdownNexus({ uuid: target?.uuid ?? '' }, cb));
    await until('it is gone or shut down', async () => (await cluster.getVolume(uuid)).state?.status !== 1);
    const again = await whole(uuid, 2);
    expect(again.target).toMatchObject({ nodeId: 'node-1', uuid: target?.uuid });
    await cluster.destroy(uuid);
  });
});

describe('with a node that goes', () => {
  beforeEach(async () => {
    cluster = await TestCluster.start({ nodes: 3, factor: FACTOR, timings: { guardRetryMs: 200 } });
    return () => cluster.stop();
  });

  const statusOf = async (node: string) => (await cluster.node(node))?.state?.status;

  it('leaves it as it was found out, Offline or Unknown, until it registers again', async () => {
    await cluster.engine('node-3').kill();
    await until('away', () => cluster.isAway('node-3'));
    const found = await statusOf('node-3');
    // Whichever clock was first, the other one does not change it.
    const { nodeDeadlineMs, cachePeriodMs } = timings(FACTOR);
    const seen = new Set<NodeStatus | undefined>();
    const end = performance.now() + 3 * (nodeDeadlineMs + cachePeriodMs);
    await until('all clocks have passed', async () => {
      seen.add(await statusOf('node-3'));
      return performance.now() > end;
    });
    expect([...seen]).toEqual([found]);
    await cluster.startEngine('node-3');
    await until('Online', async () => (await statusOf('node-3')) === NodeStatus.Online);
  });

  it('trusts one copy after a target died, and makes the others anew', async () => {
    const uuid = await make({ replicas: 3n });
    const { state } = await cluster.publish(uuid, 'node-1');
    const device = await openTarget(cluster.hosts, state?.target?.deviceUri ?? '');
    await device.write(0, Buffer.alloc(4096, 7));
    const before = await replicasOf(uuid);
    await cluster.engine('node-1').kill();
    await until('away', () => cluster.isAway('node-1'));
    await cluster.startEngine('node-1');
    const again = await whole(uuid, 3);
    expect((await replicasOf(uuid)).filter((replica) => before.includes(replica))).toHaveLength(1);
    const same = await openTarget(cluster.hosts, again.target?.deviceUri ?? '');
    expect((await same.read(0, 4096)).equals(Buffer.alloc(4096, 7))).toBe(true);
    await same.close();
  });

  it('deletes of a snapshot what it reaches, keeps the rest on record, and goes on when the node is back', async () => {
    const uuid = await make({ replicas: 2n, topology: on('node-1', 'node-2') });
    const snapshotId = randomUUID();
    value(
      await call<CreateSnapshotReply>((cb) => cluster.volumes.createSnapshot({ volumeId: uuid, snapshotId }, cb)),
      'snapshot',
    );
    await cluster.engine('node-2').kill();
    await until('away', () => cluster.isAway('node-2'));
    const reply = await call<DestroySnapshotReply>((cb) => cluster.volumes.destroySnapshot({ snapshotId }, cb));
    expect(reply.error?.source).toMatch(/^SvcError :: Deleting/);
    const snapshots = async () => {
      const all = await call<GetSnapshotsReply>((cb) => cluster.volumes.getSnapshots({ ignoreNotfound: false }, cb));
      return value(all, 'response').snapshots;
    };
    const [left] = await snapshots();
    expect(left?.meta?.specStatus).toBe(SpecStatus.Deleting);
    expect(left?.state?.state?.status).toBe(SnapshotStatus.Online);
    expect(left?.meta?.transactions['1']?.snapshots).toMatchObject([{ specStatus: SpecStatus.Deleting }]);
    await cluster.startEngine('node-2');
    await until('gone', async () => (await snapshots()).length === 0);
  });
});
