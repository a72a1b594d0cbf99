import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { type Replica, ShareProtocol } from '@/gen/mayastor/v1/common';
import type { ListPoolsResponse } from '@/gen/mayastor/v1/pool';
import type {
  CreateReplicaSnapshotResponse,
  NexusCreateSnapshotResponse,
  SnapshotInfo,
} from '@/gen/mayastor/v1/snapshot';
import { call, MIB, pattern, TestCluster, type TestNode } from './testing';

let cluster: TestCluster;
let node: TestNode;
beforeEach(async () => {
  cluster = new TestCluster();
  node = await cluster.node(200 * MIB);
  await node.createPool();
});
afterEach(() => cluster.stop());

const SIZE = 40 * MIB;
const HOST = 'nqn.2014-08.org.nvmexpress:uuid:test-host';

async function volume(): Promise<{ replica: Replica; device: RemoteDevice }> {
  const replica = await node.createReplica(SIZE, { shared: true });
  return { replica, device: await cluster.fabric.connect(replica.uri, HOST) };
}

/** Fills clusters (4 MiB) `from` to `to`, which excludes `to`. */
async function fill(device: RemoteDevice, from: number, to: number, tag: number): Promise<void> {
  for (let c = from; c < to; c++) for (let m = 0; m < 4; m++) await device.write((c * 4 + m) * MIB, pattern(MIB, tag));
}

async function snap(replica: Replica): Promise<string> {
  const snapshotUuid = randomUUID();
  const request = {
    replicaUuid: replica.uuid,
    snapshotUuid,
    snapshotName: `${snapshotUuid}/1`,
    entityId: 'vol',
    txnId: '1',
  };
  await call<CreateReplicaSnapshotResponse>((cb) => node.snapshot.createReplicaSnapshot(request, cb));
  return snapshotUuid;
}

async function restore(snapshotUuid: string): Promise<{ replica: Replica; device: RemoteDevice }> {
  const cloneUuid = randomUUID();
  await call((cb) => node.snapshot.createSnapshotClone({ snapshotUuid, cloneName: cloneUuid, cloneUuid }, cb));
  const share = { uuid: cloneUuid, share: ShareProtocol.NVMF, allowedHosts: [] };
  const replica = await call<Replica>((cb) => node.replica.shareReplica(share, cb));
  return { replica, device: await cluster.fabric.connect(replica.uri, HOST) };
}

const drop = (snapshotUuid: string) => call((cb) => node.snapshot.destroySnapshot({ snapshotUuid }, cb));
const remove = (replica: Replica) => call((cb) => node.replica.destroyReplica({ uuid: replica.uuid }, cb));
const list = async (query: { invalid?: boolean; discarded?: boolean } | undefined = undefined) =>
  (await call<{ snapshots: SnapshotInfo[] }>((cb) => node.snapshot.listSnapshot({ query }, cb))).snapshots;
const allocatedMib = async (uuid: string) =>
  Number((await list()).find((s) => s.snapshotUuid === uuid)?.snapshotSize ?? -MIB) / MIB;
/** What the ancestors of a snapshot hold. */
const belowMib = async (uuid: string) =>
  Number((await list()).find((s) => s.snapshotUuid === uuid)?.referencedBytes ?? -MIB) / MIB;
const usedMib = async () =>
  Number((await call<ListPoolsResponse>((cb) => node.pool.listPools({}, cb))).pools[0]?.used ?? -1n) / MIB;
const usage = async ({ uuid }: Replica) => {
  const reply = await call<{ replicas: Replica[] }>((cb) => node.replica.listReplicas({ uuid, pooltypes: [] }, cb));
  const u = reply.replicas[0]?.usage;
  const mib = (n: bigint | number | undefined) => Number(n ?? -MIB) / MIB;
  return {
    own: mib(u?.allocatedBytes),
    snapshots: mib(u?.allocatedBytesSnapshots),
    sinceClone: u?.allocatedBytesSnapshotFromClone === undefined ? undefined : mib(u.allocatedBytesSnapshotFromClone),
  };
};

describe('snapshots', () => {
  it('take over the clusters of the replica, which copies on the next write', async () => {
    const { replica, device } = await volume();
    await fill(device, 0, 2, 1);
    expect(await usage(replica)).toMatchObject({ own: 8, snapshots: 0 });
    const snapshot = await snap(replica);
    expect(await usage(replica)).toMatchObject({ own: 0, snapshots: 8 });
    expect(await allocatedMib(snapshot)).toBe(8);
    await device.write(MIB, pattern(4096, 2));
    expect(await usage(replica)).toMatchObject({ own: 4, snapshots: 8 });
    expect(await usedMib()).toBe(12);
    const live = await cluster.content(replica, 4 * MIB);
    expect(live.subarray(0, MIB).equals(pattern(MIB, 1))).toBe(true);
    expect(live.subarray(MIB, MIB + 4096).equals(pattern(4096, 2))).toBe(true);
    const clone = await restore(snapshot);
    expect((await cluster.content(clone.replica, 8 * MIB)).subarray(MIB, 2 * MIB).equals(pattern(MIB, 1))).toBe(true);
  });

  it('add up as Mayastor does over restores, chains and deletions, down to nothing', async () => {
    const { replica, device } = await volume();
    await fill(device, 0, 2, 1);
    const first = await snap(replica);
    await fill(device, 2, 3, 2);
    expect(await usedMib()).toBe(12);
    const clone = await restore(first);
    expect(await usage(clone.replica)).toEqual({ own: 0, snapshots: 8, sinceClone: 0 });
    await fill(clone.device, 3, 4, 3);
    expect(await usedMib()).toBe(16);
    const cloneSnap = await snap(clone.replica);
    expect(await usage(clone.replica)).toEqual({ own: 0, snapshots: 12, sinceClone: 4 });
    await fill(clone.device, 3, 4, 4);
    expect(await usedMib()).toBe(20);
    // Both hold cluster 3: the older copy is freed, the younger stays.
    await drop(cloneSnap);
    expect(await usedMib()).toBe(16);
    expect(await usage(clone.replica)).toEqual({ own: 4, snapshots: 8, sinceClone: 0 });

    await drop(first);
    expect((await list({ discarded: true })).map((s) => s.snapshotUuid)).toEqual([first]);
    expect(await usedMib()).toBe(16);
    expect((await cluster.content(clone.replica, 4 * MIB)).equals(await cluster.content(replica, 4 * MIB))).toBe(true);
    await remove(clone.replica);
    expect(await list()).toEqual([]);
    expect(await usage(replica)).toMatchObject({ own: 12, snapshots: 0 });
    await remove(replica);
    expect(await usedMib()).toBe(0);
  });

  it('merge into the next younger when one in the middle is deleted', async () => {
    const { replica, device } = await volume();
    const uuids: string[] = [];
    for (let i = 0; i < 3; i++) {
      await fill(device, i, i + 1, i + 1);
      uuids.push(await snap(replica));
    }
    const [a = '', b = '', c = ''] = uuids;
    // The first holds what the replica was born with, too.
    expect(await Promise.all([a, b, c].map(allocatedMib))).toEqual([8, 4, 4]);
    expect(await Promise.all([a, b, c].map(belowMib))).toEqual([0, 8, 12]);
    await drop(a);
    await drop(b);
    expect(await allocatedMib(c)).toBe(12);
    expect(await belowMib(c)).toBe(0);
    for (let i = 0; i < 3; i++) {
      expect((await device.read(i * 4 * MIB, MIB)).equals(pattern(MIB, i + 1))).toBe(true);
    }
  });

  it('outlive their source and a kill', async () => {
    const { replica, device } = await volume();
    await fill(device, 0, 1, 9);
    const snapshot = await snap(replica);
    await remove(replica);
    await node.engine.kill();
    node = await cluster.again(node);
    await call((cb) => node.pool.importPool({ name: 'pool', disks: [node.disk], pooltype: 0 }, cb));
    expect(await allocatedMib(snapshot)).toBe(8);
    const clone = await restore(snapshot);
    expect((await clone.device.read(0, MIB)).equals(pattern(MIB, 9))).toBe(true);
  });

  it('of a nexus hold the same bytes on every replica, though hosts write on', async () => {
    const other = await cluster.node(200 * MIB);
    await other.createPool();
    const replicas = [
      await node.createReplica(SIZE, { shared: true }),
      await other.createReplica(SIZE, { shared: true }),
    ];
    const nexus = await node.createNexus(
      SIZE,
      replicas.map((r) => r.uri),
    );
    const device = await cluster.open(nexus);
    let isDone = false;
    const writing = (async () => {
      for (let n = 0; !isDone; n++) await device.write((n % 64) * 4096, pattern(4096, n));
    })();
    const ids = replicas.map((r) => ({ replicaUuid: r.uuid, snapshotUuid: randomUUID(), skip: false }));
    const request = { nexusUuid: nexus.uuid, entityId: 'vol', txnId: '1', snapshotName: 's/1', replicas: ids };
    const reply = await call<NexusCreateSnapshotResponse>((cb) => node.snapshot.createNexusSnapshot(request, cb));
    isDone = true;
    await writing;
    expect(reply.replicasDone.map((d) => d.statusCode)).toEqual([0, 0]);
    const contents = await Promise.all(
      [node, other].map(async (n, i) => {
        const cloneUuid = randomUUID();
        const snapshotUuid = ids[i]?.snapshotUuid ?? '';
        await call((cb) => n.snapshot.createSnapshotClone({ snapshotUuid, cloneName: cloneUuid, cloneUuid }, cb));
        const share = { uuid: cloneUuid, share: ShareProtocol.NVMF, allowedHosts: [] };
        return cluster.content(await call<Replica>((cb) => n.replica.shareReplica(share, cb)), MIB);
      }),
    );
    expect(contents[0]?.equals(contents[1] ?? Buffer.alloc(0))).toBe(true);
  });

  it('are listed with the inverted flag of Mayastor, and not found when unknown', async () => {
    const { replica } = await volume();
    await snap(replica);
    expect(await list({ invalid: true })).toHaveLength(1);
    expect(await list({ invalid: false })).toHaveLength(0);
    expect((await list())[0]).toMatchObject({ readyAsSource: false, validSnapshot: true, txnId: '1', entityId: 'vol' });
    const unknown = call((cb) => node.snapshot.listSnapshot({ snapshotUuid: randomUUID() }, cb));
    await expect(unknown).rejects.toMatchObject({ code: 5 });
  });
});
