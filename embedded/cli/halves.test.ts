import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTarget } from '@/embedded/fabric/open-target';
import { TcpFabric } from '@/embedded/fabric/tcp-fabric';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import type { Volume } from '@/gen/v1/volume/volume';
import { call, Halves, until, value } from './testing';

const MIB = 1024 * 1024;
const fabric = new TcpFabric();
const uuid = randomUUID();
let halves: Halves;

beforeAll(async () => {
  halves = await Halves.start(['n1', 'n2', 'n3']);
});
afterAll(() => halves.stop());

const targetUri = (volume: Volume) => volume.state?.target?.deviceUri ?? '';

it('io-engines in processes of their own show their disks to agent-core and take pools', async () => {
  const reply = await call<import('@/gen/v1/blockdevice/blockdevice').GetBlockDevicesReply>((cb) =>
    halves.nodes.getBlockDevices({ nodeId: 'n2', all: true }, cb),
  );
  const { blockdevices } = value(reply, 'blockdevices');
  expect(blockdevices).toMatchObject([{ devname: halves.disk('n2'), size: BigInt((256 * MIB) / 512) }]);
  for (const node of ['n1', 'n2', 'n3']) await halves.createPool(node);
});

it('a target reaches the replicas of other processes by their nvmf URIs', async () => {
  await halves.createVolume(uuid, 2n);
  const volume = await halves.publish(uuid, 'n3');
  const children = volume.state?.target?.children ?? [];
  expect(children).toHaveLength(2);
  expect(children.filter((child) => child.uri.startsWith('nvmf://127.0.0.1:')).length).toBeGreaterThanOrEqual(1);
  const device = await openTarget(fabric, targetUri(volume));
  const data = Buffer.alloc(MIB, 'written through a target');
  await device.write(4096, data);
  expect((await device.read(4096, data.length)).equals(data)).toBe(true);
  await device.close();
});

it('grows a published volume, target and remote replicas with it', async () => {
  const size = BigInt(64 * MIB);
  const reply = await call<import('@/gen/v1/volume/volume').ResizeVolumeReply>((cb) =>
    halves.volumes.resizeVolume({ uuid, requestedSize: size }, cb),
  );
  expect(value(reply, 'volume').definition?.spec?.size).toBe(size);
  const device = await openTarget(fabric, targetUri(await halves.getVolume(uuid)));
  expect(BigInt(device.sizeBytes)).toBe(size);
  await device.write(63 * MIB, Buffer.alloc(512, 1));
  await device.close();
});

it('rebuilds a third copy onto another process, and takes a snapshot of all three', async () => {
  const reply = await call<import('@/gen/v1/volume/volume').SetVolumeReplicaReply>((cb) =>
    halves.volumes.setVolumeReplica({ uuid, replicas: 3 }, cb),
  );
  value(reply, 'volume');
  await until('three copies', async () => {
    const { state } = await halves.getVolume(uuid);
    return state?.status === NexusStatus.Online && state.target?.children.length === 3;
  });
  const taken = await call<import('@/gen/v1/volume/volume').CreateSnapshotReply>((cb) =>
    halves.volumes.createSnapshot({ volumeId: uuid, snapshotId: randomUUID() }, cb),
  );
  expect(value(taken, 'snapshot').meta?.transactions['1']?.snapshots).toHaveLength(3);
});

it('says what it was told when it ends in good order, so that the next target trusts every copy', async () => {
  expect(await halves.engine('n3').end('SIGTERM')).toBe(0);
  await halves.startEngine('n3');
  await halves.online(['n3']);
  await until('the target is back', async () => {
    const { state } = await halves.getVolume(uuid);
    return state?.status === NexusStatus.Online && state.target?.children.length === 3;
  });
  // Had it ended unclean, two of the three would have been rebuilt.
  expect(Object.values(await halves.rebuildsOn('n3')).flatMap((history) => history.records)).toEqual([]);
});
