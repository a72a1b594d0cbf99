import { randomUUID } from 'node:crypto';
import { credentials, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { call, value } from '@/embedded/agent-core/testing/test-cluster';
import { NexusRpcClient } from '@/gen/mayastor/v1/nexus';
import type { GetBlockDevicesReply } from '@/gen/v1/blockdevice/blockdevice';
import { ReplyErrorKind, ResourceKind } from '@/gen/v1/misc/common';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { type DeleteNodeReply, DeleteNodeRequest } from '@/gen/v1/node/target_node';
import type { GetStatesReply } from '@/gen/v1/registry/registry';
import { ReplicaStatus } from '@/gen/v1/replica/replica';
import {
  type DestroyVolumeReply,
  type GetVolumesReply,
  type PublishVolumeReply,
  VolumeShareProtocol,
} from '@/gen/v1/volume/volume';
import {
  clusterPerTest,
  type Driver,
  idOf,
  kindOf,
  MIB,
  nodesOf,
  onNodes,
  poolsOf,
  SIZE,
  sharedCluster,
  until,
} from './driver';

const CREATED_BY = 'openebs.io/created-by';

describe('pitfalls', () => {
  const shared = sharedCluster({ nodes: 2, disks: 2 });

  it('P1: agent-core says what is wrong inside an answer of status OK, an io-engine by gRPC status', async () => {
    const d = shared();
    const uuid = randomUUID();
    const either = await call<GetVolumesReply>((cb) =>
      d.cluster.volumes.getVolumes(
        { ignoreNotfound: false, filter: { $case: 'volume', value: { volumeId: uuid } } },
        cb,
      ),
    );
    expect(either.reply).toMatchObject({
      $case: 'error',
      value: { kind: ReplyErrorKind.NotFound, resource: ResourceKind.Volume },
    });
    const bare = await call<DestroyVolumeReply>((cb) => d.cluster.volumes.destroyVolume({ uuid }, cb));
    expect(bare.error).toMatchObject({ kind: ReplyErrorKind.NotFound });
    // Only what cannot be read at all is a status here, too.
    const unreadable = call((cb) => d.cluster.volumes.destroyVolume({ uuid: 'no-uuid' }, cb));
    await expect(unreadable).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    const engine = new NexusRpcClient(d.cluster.engine('node-1').grpcAddress, credentials.createInsecure());
    await expect(call((cb) => engine.listNexus({ uuid }, cb))).rejects.toMatchObject({ code: status.NOT_FOUND });
    engine.close();
  });

  it('P5: the disk of a pool is as given in its spec and a URI in its state', async () => {
    const d = shared();
    const pool = await d.pool('pool-1');
    const path = d.cluster.disk('node-1');
    expect(pool?.definition?.spec?.disks).toEqual([path]);
    expect(pool?.state?.disksUri).toMatchObject([
      expect.stringMatching(new RegExp(`^aio://${path}\\?blk_size=512&uuid=`)),
    ]);
  });

  it('P5: block devices are as large as their number of 512-byte sectors', async () => {
    const d = shared();
    const { blockdevices } = value(
      await call<GetBlockDevicesReply>((cb) => d.cluster.nodes.getBlockDevices({ nodeId: 'node-1', all: true }, cb)),
      'blockdevices',
    );
    const disk = blockdevices.find((device) => device.devname === d.cluster.disk('node-1', 2));
    expect(disk?.size).toBe(BigInt(512 * MIB) / 512n);
  });

  it('P5: the URI of a target names the hosts that may connect, when they are restricted', async () => {
    const d = shared();
    const uuid = await d.volume(1);
    const request = { uuid, share: VolumeShareProtocol.Nvmf, publishContext: {}, frontendNodes: ['app-1', 'node-2'] };
    const published = value(
      await call<PublishVolumeReply>((cb) => d.cluster.volumes.publishVolume(request, cb)),
      'volume',
    );
    const uri = new URL(published.state?.target?.deviceUri.replace('nvmf://', 'http://') ?? '');
    expect(uri.searchParams.getAll('hostnqn')).toEqual([
      'nqn.2019-05.io.openebs:node-name:app-1',
      'nqn.2019-05.io.openebs:node-name:node-2',
    ]);
    const bare = published.state?.target?.deviceUri.split('?')[0] ?? '';
    await expect(d.cluster.hosts.connect(bare, 'nqn.2014-08.org.nvmexpress:uuid:stranger')).rejects.toThrow();
    await d.write(uuid, 4096);
    await d.cluster.destroy(uuid);
  });

  it('P6: asked for pages of no entries, agent-core answers none and the token that it was given', async () => {
    const d = shared();
    const ids = [await d.volume(1), await d.volume(1)];
    expect(await d.page(0)).toEqual({ entries: [], nextToken: 0n });
    expect(await d.page(0, 1)).toEqual({ entries: [], nextToken: 1n });
    for (const id of ids) await d.cluster.destroy(id);
  });

  it('P6: a page begins where the token says, though a deletion has put the last entry into the hole', async () => {
    const d = shared();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await d.volume(1));
    expect((await d.page(2)).entries.map(idOf)).toEqual(ids.slice(0, 2));
    await d.cluster.destroy(ids[0] ?? '');
    // The fifth is at the place of the first now: whoever goes on from 2 does not see it.
    expect((await d.list()).entries.map(idOf)).toEqual([ids[4], ids[1], ids[2], ids[3]]);
    expect((await d.page(2, 2)).entries.map(idOf)).toEqual([ids[2], ids[3]]);
    for (const id of ids.slice(1)) await d.cluster.destroy(id);
  });

  it('P7: a volume in use goes, with snapshots or without, and a snapshot with clones; a pool with a snapshot stays', async () => {
    const d = shared();
    const id = await d.volume(1, onNodes('node-1'));
    await d.cluster.publish(id);
    const device = await d.open(id);
    await device.write(0, Buffer.alloc(4096, 0x01));
    const snapshot = (await d.snapshot(id)).spec?.snapshotId ?? '';
    const clone = idOf(await d.restore(snapshot));
    await d.cluster.destroy(id);
    await expect(device.write(0, Buffer.alloc(4096))).rejects.toThrow();
    expect(await kindOf(() => d.dropPool('pool-1', 'node-1'))).toBe('InUse');
    await d.dropSnapshot(snapshot);
    expect((await d.snapshots()).snapshots).toEqual([]);
    // The clone still reads what the snapshot held.
    await d.cluster.publish(clone);
    const read = await d.open(clone);
    expect((await read.read(0, 4096)).equals(Buffer.alloc(4096, 0x01))).toBe(true);
    await read.close();
    await d.cluster.destroy(clone);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(0);
  });

  it('P8: the same label again is taken silently by a pool, and exists already for a node', async () => {
    const d = shared();
    await d.labelPool('pool-1', { zone: 'a' });
    expect(await kindOf(() => d.labelPool('pool-1', { zone: 'a' }))).toBe('accepted');
    await d.labelNode('node-1', { zone: 'a' });
    expect(await kindOf(() => d.labelNode('node-1', { zone: 'a' }))).toBe('AlreadyExists');
    await d.unlabelPool('pool-1', 'zone');
    await d.unlabelNode('node-1', 'zone');
  });

  it('P9: a thick volume counts as thin once it was snapshotted, and for ever', async () => {
    const d = shared();
    const id = await d.volume(1, { thin: false, ...onNodes('node-1', 'node-2') });
    const snapshot = (await d.snapshot(id)).spec?.snapshotId ?? '';
    await d.dropSnapshot(snapshot);
    const { definition } = await d.get(id);
    expect(definition).toMatchObject({ spec: { thin: false }, metadata: { asThin: true } });
    await d.cluster.setReplicas(id, 2);
    const thin = new Map((await d.replicas(id)).map((replica) => [replica.nodeId, replica.thin]));
    const [first = ''] = nodesOf(await d.get(id)).filter((node) => thin.get(node) === false);
    expect([...thin].filter(([node]) => node !== first)).toEqual([[first === 'node-1' ? 'node-2' : 'node-1', true]]);
    await d.cluster.destroy(id);
  });

  it('P13: pools without the label of the DiskPool operator get no volume that CSI asks for', async () => {
    const d = shared();
    const csi = {
      topology: {
        pool: {
          topology: {
            $case: 'labelled' as const,
            value: { inclusion: { value: { [CREATED_BY]: 'operator-diskpool' } }, exclusion: { value: {} } },
          },
        },
      },
    };
    expect(await kindOf(() => d.volume(1, csi))).toBe('ResourceExhausted');
    await d.createPool('node-2', 'operated', [d.cluster.disk('node-2', 2)], { [CREATED_BY]: 'operator-diskpool' });
    const id = await d.volume(1, csi);
    expect(poolsOf(await d.get(id))).toEqual(['operated']);
    // The label does not come off.
    expect(await kindOf(() => d.unlabelPool('operated', CREATED_BY))).toBe('InvalidArgument');
    await d.cluster.destroy(id);
    await d.dropPool('operated', 'node-2');
  });
});

describe('pitfalls of nodes that go', () => {
  const start = clusterPerTest();

  it('P3: a node that is not online takes what is known of its pools, targets, replicas and snapshots along', async () => {
    const d = await start({ nodes: 2 });
    const here = await d.volume(1, onNodes('node-1'));
    const both = await d.volume(2);
    await d.snapshot(here);
    for (const id of [here, both]) await d.cluster.publish(id, 'node-1');
    await d.lose('node-1');
    expect(await d.pool('pool-1')).toMatchObject({ definition: { spec: { poolId: 'pool-1' } }, state: undefined });
    expect((await d.pool('pool-2'))?.state).toBeDefined();
    const states = await statesOf(d);
    expect(states.nexuses).toEqual([]);
    expect(states.pools.map((pool) => pool.poolId)).toEqual(['pool-2']);
    expect(states.replicas.map((replica) => replica.poolId)).toEqual(['pool-2']);
    const volume = await d.get(both);
    expect(volume.state).toMatchObject({ status: NexusStatus.Unknown, target: undefined, size: BigInt(SIZE) });
    const copies = Object.values(volume.state?.replicaTopology ?? {});
    // Where it was is known from its spec; how much it holds is not.
    expect(copies.find((copy) => copy.node === 'node-1')).toMatchObject({
      pool: 'pool-1',
      status: ReplicaStatus.Unknown,
      usage: undefined,
      childStatus: undefined,
    });
    expect(copies.find((copy) => copy.node === 'node-2')).toMatchObject({ status: ReplicaStatus.Online });
    const [snapshot] = (await d.snapshots()).snapshots;
    expect(snapshot?.state?.replicas.map((replica) => replica.state?.$case)).toEqual(['offline']);
  });

  it('P7: what is deleted while its node is dead is finished when the node is back', async () => {
    const d = await start({ nodes: 1 });
    const [volume, other] = [await d.volume(1), await d.volume(1)];
    const snapshot = (await d.snapshot(other)).spec?.snapshotId ?? '';
    await d.cluster.destroy(other);
    await d.lose('node-1');
    expect(await kindOf(() => d.cluster.destroy(volume))).toBe('accepted');
    expect(await kindOf(() => d.dropSnapshot(snapshot))).not.toBe('accepted');
    // It is being deleted from now on, and says so.
    expect(await kindOf(() => d.dropSnapshot(snapshot))).toBe('IsDeleting');
    await d.back('node-1');
    await until('nothing is left', async () => (await d.snapshots()).snapshots.length === 0);
    await d.usedIs('pool-1', 0);
  });

  it('P14: nodes come by registering themselves, and a dead one stays listed: nobody can delete it', async () => {
    const d = await start({ nodes: 1 });
    expect(await d.cluster.node('node-2')).toBeUndefined();
    await d.start('node-2');
    await d.online('node-2');
    await d.lose('node-2');
    const request = DeleteNodeRequest.fromPartial({ nodeId: 'node-2' });
    const reply = await call<DeleteNodeReply>((cb) => d.cluster.nodes.deleteNode(request, cb));
    expect(reply.reply).toMatchObject({ $case: 'error', value: { kind: ReplyErrorKind.Unimplemented } });
    expect((await d.cluster.node('node-2'))?.spec).toMatchObject({ nodeId: 'node-2' });
  });
});

/** Everything that agent-core knows to run now. */
async function statesOf(d: Driver) {
  const { registry } = d.cluster;
  return value(await call<GetStatesReply>((cb) => registry.getStates({}, cb)), 'states');
}
