import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Replica, ShareProtocol } from '@/gen/mayastor/v1/common';
import { CreatePoolRequest, type ListPoolsResponse, type Pool } from '@/gen/mayastor/v1/pool';
import type { ListReplicaOptions } from '@/gen/mayastor/v1/replica';
import { layout } from './pool';
import { call, MIB, pattern, seeded, TestCluster, type TestNode } from './testing';

let cluster: TestCluster;
let node: TestNode;
beforeEach(async () => {
  cluster = new TestCluster();
  node = await cluster.node();
});
afterEach(() => cluster.stop());

const HOST = 'nqn.2014-08.org.nvmexpress:uuid:test-host';
const listPools = (n: TestNode) => call<ListPoolsResponse>((cb) => n.pool.listPools({}, cb));
const importPool = (n: TestNode, name = 'pool') =>
  call<Pool>((cb) => n.pool.importPool({ name, disks: [n.disk], pooltype: 0 }, cb));
const listReplicas = async (n: TestNode, options: Partial<ListReplicaOptions> = {}) =>
  (await call<{ replicas: Replica[] }>((cb) => n.replica.listReplicas({ pooltypes: [], ...options }, cb))).replicas;
const usedMib = async (n: TestNode) => Number((await listPools(n)).pools[0]?.used ?? -1n) / MIB;

describe('pool', () => {
  it('has less room than its disk: 96 of 100 MiB', async () => {
    const pool = await node.createPool();
    expect(pool).toMatchObject({
      capacity: BigInt(96 * MIB),
      used: 0n,
      committed: 0n,
      diskCapacity: BigInt(100 * MIB),
    });
    expect(pool.disks[0]).toMatch(/^aio:\/\/.*\?blk_size=512&uuid=/);
    for (const gib of [1, 64, 1024]) {
      const bytes = gib * 1024 * MIB;
      const { metadataBytes, clusters } = layout(bytes, 4 * MIB);
      expect(metadataBytes + clusters * 4 * MIB).toBeLessThanOrEqual(bytes);
      expect(clusters * 4 * MIB).toBeGreaterThan(bytes * 0.99);
    }
  });

  it('answers as Mayastor does when create and import do not fit the disk', async () => {
    await node.createPool();
    await expect(node.createPool()).rejects.toMatchObject({ code: 6 });
    const other = CreatePoolRequest.fromPartial({ name: 'other', disks: [node.disk] });
    await expect(call((cb) => node.pool.createPool(other, cb))).rejects.toMatchObject({ code: 3 });
    const missing = CreatePoolRequest.fromPartial({ name: 'other', disks: ['/dev/nothing'] });
    await expect(call((cb) => node.pool.createPool(missing, cb))).rejects.toMatchObject({ code: 13 });
    const odd = CreatePoolRequest.fromPartial({ name: 'other', disks: [`aio://${node.disk}?nope=1`] });
    await expect(call((cb) => node.pool.createPool(odd, cb))).rejects.toMatchObject({ code: 3 });
    await expect(importPool(node)).rejects.toMatchObject({ code: 6 });
    await call((cb) => node.pool.exportPool({ name: 'pool' }, cb));
    expect((await listPools(node)).pools).toEqual([]);
    await expect(importPool(node, 'other')).rejects.toMatchObject({ code: 3 });
    await importPool(node);
    await call((cb) => node.pool.destroyPool({ name: 'pool' }, cb));
    await expect(importPool(node)).rejects.toMatchObject({ code: 3 });
    await expect(call((cb) => node.pool.destroyPool({ name: 'pool' }, cb))).rejects.toMatchObject({ code: 5 });
  });

  it('comes back with replicas, shares and data after kill -9, once import is asked for', async () => {
    await node.createPool();
    const thin = await node.createReplica(20 * MIB, { shared: true });
    const thick = await node.createReplica(8 * MIB, { thin: false });
    await call((cb) => node.replica.setReplicaEntityId({ uuid: thick.uuid, entityId: 'volume-1' }, cb));
    const device = await cluster.fabric.connect(thin.uri, HOST);
    await device.write(9 * MIB, pattern(MIB, 7));
    await node.engine.kill();
    await expect(device.read(0, 512)).rejects.toMatchObject({ code: 'connection-lost' });
    const back = await cluster.again(node);
    expect((await listPools(back)).pools).toEqual([]);
    expect((await importPool(back)).used).toBe(BigInt(20 * MIB));
    const replicas = await listReplicas(back);
    expect(replicas.find((r) => r.uuid === thin.uuid)).toMatchObject({ share: ShareProtocol.NVMF, uri: thin.uri });
    expect(replicas.find((r) => r.uuid === thick.uuid)).toMatchObject({ entityId: 'volume-1', thin: false });
    expect((await cluster.content(thin, 20 * MIB)).subarray(9 * MIB, 10 * MIB).equals(pattern(MIB, 7))).toBe(true);
  });

  it('gives a thin replica its first 8 MiB at once, as zeroes, and no more than it is large', async () => {
    await node.createPool();
    const old = await node.createReplica(8 * MIB, { shared: true });
    const device = await cluster.fabric.connect(old.uri, HOST);
    for (let at = 0; at < 8 * MIB; at += MIB) await device.write(at, pattern(MIB, 3));
    await call((cb) => node.replica.destroyReplica({ uuid: old.uuid }, cb));
    expect((await node.createReplica(3 * MIB)).usage?.allocatedBytes).toBe(BigInt(4 * MIB));
    const fresh = await node.createReplica(40 * MIB, { shared: true });
    expect(fresh.usage?.allocatedBytes).toBe(BigInt(8 * MIB));
    expect((await cluster.content(fresh, 8 * MIB)).equals(Buffer.alloc(8 * MIB))).toBe(true);
    expect((await listPools(node)).pools[0]?.used).toBe(BigInt(12 * MIB));
  });

  it('keeps its state over many changes, through checkpoints of the metadata', async () => {
    await node.createPool();
    const replica = await node.createReplica(40 * MIB, { shared: true });
    const long = 'x'.repeat(2000);
    for (let i = 0; i < 1500; i++) {
      await call((cb) => node.replica.setReplicaEntityId({ uuid: replica.uuid, entityId: `${long}${i}` }, cb));
    }
    await node.engine.kill();
    const back = await cluster.again(node);
    await importPool(back);
    expect((await listReplicas(back))[0]?.entityId).toBe(`${long}1499`);
  });

  it('ignores a metadata record that was cut off', async () => {
    await node.createPool();
    const replica = await node.createReplica(8 * MIB);
    const raw = cluster.rawDisk(node);
    await node.engine.kill();
    const at = raw.lastIndexOf(replica.uuid, 4 * MIB);
    const fd = openSync(node.disk, 'r+');
    writeSync(fd, Buffer.from('00000000'), 0, 8, at);
    closeSync(fd);
    const back = await cluster.again(node);
    await importPool(back);
    expect(await listReplicas(back)).toEqual([]);
  });

  it('reads zeroes where clusters of deleted replicas are used again', async () => {
    await node.createPool();
    const first = await node.createReplica(96 * MIB, { shared: true });
    const device = await cluster.fabric.connect(first.uri, HOST);
    for (let at = 0; at < 96 * MIB; at += MIB) await device.write(at, pattern(MIB, at));
    await expect(node.createReplica(4 * MIB, { thin: false })).rejects.toMatchObject({ code: 8 });
    await call((cb) => node.replica.destroyReplica({ uuid: first.uuid }, cb));
    for (const thin of [true, false]) {
      const again = await node.createReplica(16 * MIB, { shared: true, thin });
      const d = await cluster.fabric.connect(again.uri, HOST);
      await d.write(4 * MIB + 512, pattern(512, 1));
      const expected = Buffer.alloc(16 * MIB);
      pattern(512, 1).copy(expected, 4 * MIB + 512);
      expect((await cluster.content(again, 16 * MIB)).equals(expected)).toBe(true);
    }
  });

  it('gives no space instead of corruption when thin replicas fill it', async () => {
    await node.createPool();
    const replicas = [
      await node.createReplica(80 * MIB, { shared: true }),
      await node.createReplica(80 * MIB, { shared: true }),
    ];
    const random = seeded(11);
    const devices = await Promise.all(replicas.map((r) => cluster.fabric.connect(r.uri, HOST)));
    const expected = replicas.map(() => Buffer.alloc(80 * MIB));
    let refused = 0;
    for (let i = 0; i < 400; i++) {
      const which = random(2);
      const at = random(80 * 4) * (MIB / 4);
      const data = pattern(8192, i + 1);
      try {
        await devices[which]?.write(at, data);
        data.copy(expected[which] ?? data, at);
      } catch (error) {
        expect(error).toMatchObject({ code: 'no-space' });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(await usedMib(node)).toBe(96);
    for (const [i, r] of replicas.entries()) {
      expect((await cluster.content(r, 80 * MIB)).equals(expected[i] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it('lists nothing for an empty query, and what the flags name otherwise', async () => {
    await node.createPool();
    const replica = await node.createReplica(8 * MIB);
    expect(await listReplicas(node)).toHaveLength(1);
    expect(await listReplicas(node, { query: { replica: false, snapshot: false, clone: false } })).toHaveLength(0);
    expect(await listReplicas(node, { query: { replica: true, snapshot: false, clone: false } })).toHaveLength(1);
    expect(await listReplicas(node, { query: { replica: false, snapshot: true, clone: false } })).toHaveLength(0);
    expect(await listReplicas(node, { uuid: randomUUID() })).toHaveLength(0);
    expect(replica.size).toBe(BigInt(8 * MIB));
    expect((await node.createReplica(5 * MIB)).size).toBe(BigInt(8 * MIB));
  });

  it('refuses replicas that cannot be, with the codes of Mayastor', async () => {
    await node.createPool();
    const { uuid } = await node.createReplica(8 * MIB, { thin: false });
    await expect(node.createReplica(8 * MIB, { uuid })).rejects.toMatchObject({ code: 6 });
    await expect(node.createReplica(92 * MIB, { thin: false })).rejects.toMatchObject({ code: 8 });
    await expect(node.createReplica(100 * MIB, { thin: false })).rejects.toMatchObject({ code: 3 });
    await expect(node.createReplica(8 * MIB, { uuid: 'nope' })).rejects.toMatchObject({ code: 3 });
    const missing = call((cb) => node.replica.destroyReplica({ uuid: randomUUID() }, cb));
    await expect(missing).rejects.toMatchObject({ code: 5 });
    const inNoPool = { uuid, pool: { $case: 'poolName' as const, value: 'gone' } };
    await expect(call((cb) => node.replica.destroyReplica(inNoPool, cb))).rejects.toMatchObject({ code: 9 });
  });

  it('lets only allowed hosts connect to a shared replica', async () => {
    await node.createPool();
    const { uuid } = await node.createReplica(8 * MIB);
    const share = { uuid, share: ShareProtocol.NVMF, allowedHosts: ['nqn.2019-05.io.openebs:node-name:node-9'] };
    const shared = await call<Replica>((cb) => node.replica.shareReplica(share, cb));
    await expect(cluster.fabric.connect(shared.uri, HOST)).rejects.toMatchObject({ code: 'not-allowed' });
    const allowed = await cluster.fabric.connect(shared.uri, share.allowedHosts[0] ?? '');
    await allowed.write(0, pattern(512, 1));
    await call((cb) => node.replica.unshareReplica({ uuid }, cb));
    await expect(allowed.read(0, 512)).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('changes nothing when its disk errs', async () => {
    await node.createPool();
    node.engine.faults.failDisk(node.disk);
    await expect(node.createReplica(8 * MIB)).rejects.toMatchObject({ code: 13 });
    node.engine.faults.healDisk(node.disk);
    expect(await listReplicas(node)).toEqual([]);
    await node.createReplica(8 * MIB);
  });
});
