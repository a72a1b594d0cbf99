import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FabricError, type RemoteDevice } from '@/embedded/fabric/fabric';
import type { Timestamp } from '@/gen/google/protobuf/timestamp';
import { ChildState, ChildStateReason, type Nexus, NexusState, type Replica } from '@/gen/mayastor/v1/common';
import { ChildAction, type ListRebuildHistoryResponse, RebuildJobState } from '@/gen/mayastor/v1/nexus';
import { call, MIB, pattern, seeded, TestCluster, type TestNode, until } from './testing';

const SIZE = 32 * MIB;
let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
});
afterEach(() => cluster.stop());

interface Mirror {
  nodes: TestNode[];
  replicas: Replica[];
  home: TestNode;
  nexus: Nexus;
  device: RemoteDevice;
}

/** A volume with a replica on each of three nodes, its nexus on the first. */
async function mirror(
  options: { diskBytes?: number; thin?: boolean; rate?: number; count?: number } = {},
): Promise<Mirror> {
  const nodes: TestNode[] = [];
  const replicas: Replica[] = [];
  for (let i = 0; i < (options.count ?? 3); i++) {
    const node = await cluster.node(options.diskBytes, { rebuildBytesPerSecond: options.rate });
    await node.createPool();
    replicas.push(await node.createReplica(SIZE, { shared: true, thin: options.thin }));
    nodes.push(node);
  }
  const home = nodes[0];
  if (!home) throw new Error('no node');
  const nexus = await home.createNexus(
    SIZE,
    replicas.map((r) => r.uri),
  );
  return { nodes, replicas, home, nexus, device: await cluster.open(nexus) };
}

/** Writes at random with several I/Os in flight, and knows what was acknowledged. */
async function writeRandomly(device: RemoteDevice, count: number, seed: number, onWrite?: (n: number) => unknown) {
  const random = seeded(seed);
  const expected = Buffer.alloc(SIZE);
  const unsure = new Set<number>();
  const workers = Array.from({ length: 8 }, async (_, worker) => {
    for (let n = worker; n < count; n += 8) {
      await onWrite?.(n);
      // Each worker has blocks of its own, so that what it acknowledged last is what must be there.
      const block = random(SIZE / 4096 / 8) * 8 + worker;
      const data = pattern(4096, n + 1);
      try {
        await device.write(block * 4096, data);
        data.copy(expected, block * 4096);
        unsure.delete(block);
      } catch {
        unsure.add(block);
      }
    }
  });
  await Promise.all(workers);
  return { expected, unsure };
}

async function expectEqualReplicas(replicas: Replica[], expected: Buffer): Promise<void> {
  for (const replica of replicas) {
    const content = await cluster.content(replica, SIZE);
    expect(content.equals(expected), `replica ${replica.uuid}`).toBe(true);
  }
}

const uriOf = (m: Mirror, i: number) => m.replicas[i]?.uri ?? '';
const uuidOf = (m: Mirror, i: number) => m.replicas[i]?.uuid ?? '';
const nodeOf = (m: Mirror, i: number) => m.nodes[i] ?? m.home;

const online = (m: Mirror, i: number) =>
  call((cb) =>
    m.home.nexus.childOperation({ nexusUuid: m.nexus.uuid, uri: uriOf(m, i), action: ChildAction.Online }, cb),
  );

describe('nexus', () => {
  it('writes to all replicas before it acknowledges', async () => {
    const m = await mirror();
    const { expected, unsure } = await writeRandomly(m.device, 400, 1);
    expect(unsure.size).toBe(0);
    await expectEqualReplicas(m.replicas, expected);
    expect((await m.home.getNexus(m.nexus.uuid)).state).toBe(NexusState.NEXUS_ONLINE);
  });

  it('keeps acknowledged writes when a replica dies mid-write, and makes it equal again by a partial rebuild', async () => {
    const m = await mirror();
    await writeRandomly(m.device, 200, 2);
    const before = await m.device.read(0, SIZE);
    const { expected, unsure } = await writeRandomly(m.device, 400, 3, (n) => {
      if (n === 120) nodeOf(m, 1).engine.faults.faultReplica(uuidOf(m, 1));
    });
    expect(unsure.size).toBe(0);
    const faulted = await m.home.child(m.nexus.uuid, uriOf(m, 1));
    expect(faulted.state).toBe(ChildState.CHILD_STATE_FAULTED);
    expect(faulted.stateReason).toBe(ChildStateReason.CHILD_STATE_REASON_IO_FAILURE);
    expect(faulted.hasIoLog).toBe(true);
    expect(faulted.faultTimestamp).toBeDefined();
    expect((await m.home.getNexus(m.nexus.uuid)).state).toBe(NexusState.NEXUS_DEGRADED);

    await online(m, 1);
    const during = writeRandomly(m.device, 200, 4);
    await m.home.untilOnline(m.nexus.uuid, uriOf(m, 1));
    const last = await during;
    const merged = Buffer.from(before);
    overlay(merged, expected);
    overlay(merged, last.expected);
    await expectEqualReplicas(m.replicas, merged);
    const [record] = await m.home.history(m.nexus.uuid);
    expect(record?.isPartial).toBe(true);
    expect(record?.state).toBe(RebuildJobState.Completed);
    const replicas = await call<{ replicas: Replica[] }>((cb) => m.home.replica.listReplicas({ pooltypes: [] }, cb));
    const allocated = replicas.replicas[0]?.usage?.allocatedBytes ?? 0n;
    expect(record?.blocksTransferred).toBeGreaterThan(0n);
    expect(BigInt(record?.blocksTransferred ?? 0) * 512n).toBeLessThan(BigInt(allocated));
  });

  it('loses nothing when a node is killed under writes, and repairs the replica from its log when it is back', async () => {
    const m = await mirror();
    const { expected, unsure } = await writeRandomly(m.device, 400, 5, async (n) => {
      if (n === 100) await nodeOf(m, 2).engine.kill();
    });
    expect(unsure.size).toBe(0);
    expect((await m.home.child(m.nexus.uuid, uriOf(m, 2))).state).toBe(ChildState.CHILD_STATE_FAULTED);
    const back = await cluster.again(nodeOf(m, 2));
    await call((cb) => back.pool.importPool({ name: 'pool', disks: [back.disk], pooltype: 0 }, cb));
    await online(m, 2);
    await m.home.untilOnline(m.nexus.uuid, uriOf(m, 2));
    await expectEqualReplicas(m.replicas, expected);
  });

  it('rebuilds a replaced child fully, skipping what is a hole on both sides', async () => {
    const m = await mirror();
    await m.device.write(0, pattern(MIB, 1));
    await m.device.write(16 * MIB, pattern(MIB, 2));
    await call((cb) => m.home.nexus.removeChildNexus({ uuid: m.nexus.uuid, uri: uriOf(m, 1) }, cb));
    const spare = await nodeOf(m, 1).createReplica(SIZE, { shared: true });
    const add = { uuid: m.nexus.uuid, uri: spare.uri, norebuild: false };
    await call((cb) => m.home.nexus.addChildNexus(add, cb));
    await m.home.untilOnline(m.nexus.uuid, spare.uri);
    const expected = await m.device.read(0, SIZE);
    await expectEqualReplicas([spare], expected);
    const [record] = await m.home.history(m.nexus.uuid);
    expect(record).toMatchObject({ isPartial: false, blocksTotal: BigInt(SIZE / 512), blocksRemaining: 0n });
    expect(record?.blocksTransferred).toBe(BigInt((8 * MIB) / 512));
  });

  it('clears what a new child held before, where the others hold nothing', async () => {
    const m = await mirror({ count: 2 });
    await m.device.write(0, pattern(MIB, 1));
    const spare = await nodeOf(m, 1).createReplica(SIZE, { shared: true });
    const stale = await cluster.fabric.connect(spare.uri, 'any');
    await stale.write(24 * MIB, pattern(MIB, 66));
    await stale.close();
    await call((cb) => m.home.nexus.addChildNexus({ uuid: m.nexus.uuid, uri: spare.uri, norebuild: false }, cb));
    await m.home.untilOnline(m.nexus.uuid, spare.uri);
    await expectEqualReplicas([spare], await m.device.read(0, SIZE));
  });

  it('gives a new child also what was being written when it came', async () => {
    const m = await mirror({ count: 2 });
    const spare = await nodeOf(m, 1).createReplica(SIZE, { shared: true });
    m.home.engine.faults.slowDisk(m.home.disk, 200);
    const write = m.device.write(20 * MIB, pattern(MIB, 5));
    await call((cb) => m.home.nexus.addChildNexus({ uuid: m.nexus.uuid, uri: spare.uri, norebuild: false }, cb));
    await write;
    m.home.engine.faults.healDisk(m.home.disk);
    await m.home.untilOnline(m.nexus.uuid, spare.uri);
    await expectEqualReplicas([...m.replicas, spare], await m.device.read(0, SIZE));
  });

  it('keeps a replica equal while hosts overwrite what is being copied', async () => {
    const m = await mirror({ count: 2 });
    for (let at = 0; at < 8 * MIB; at += MIB) await m.device.write(at, pattern(MIB, at / MIB));
    const spare = await nodeOf(m, 1).createReplica(SIZE, { shared: true });
    // A slow source leaves time between reading a segment there and writing it here.
    m.home.engine.faults.slowDisk(m.home.disk, 3);
    await call((cb) => m.home.nexus.addChildNexus({ uuid: m.nexus.uuid, uri: spare.uri, norebuild: false }, cb));
    let isOnline = false;
    const random = seeded(8);
    const hammer = Array.from({ length: 32 }, async () => {
      for (let n = 1; !isOnline; n++) await m.device.write(random((8 * MIB) / 4096) * 4096, pattern(4096, n));
    });
    await m.home.untilOnline(m.nexus.uuid, spare.uri);
    isOnline = true;
    await Promise.all(hammer);
    m.home.engine.faults.healDisk(m.home.disk);
    await expectEqualReplicas([...m.replicas, spare], await m.device.read(0, SIZE));
  });

  it('rebuilds from another replica when the source dies, and fails honestly when none is left', async () => {
    const m = await mirror({ rate: 16 * MIB });
    for (let at = 0; at < SIZE; at += MIB) await m.device.write(at, pattern(MIB, at / MIB));
    await call((cb) => m.home.nexus.removeChildNexus({ uuid: m.nexus.uuid, uri: uriOf(m, 2) }, cb));
    const spare = await nodeOf(m, 2).createReplica(SIZE, { shared: true });
    const add = { uuid: m.nexus.uuid, uri: spare.uri, norebuild: false };
    await call((cb) => m.home.nexus.addChildNexus(add, cb));
    await until(async () => (await m.home.child(m.nexus.uuid, spare.uri)).rebuildProgress > 10);
    // The source is the first healthy child, which the nexus reaches over the fabric as all of them.
    m.home.engine.faults.failReplica(uuidOf(m, 0), true);
    await m.home.untilOnline(m.nexus.uuid, spare.uri);
    const expected = Buffer.concat(Array.from({ length: SIZE / MIB }, (_, i) => pattern(MIB, i)));
    await expectEqualReplicas([spare], expected);

    const second = await m.home.createReplica(SIZE, { shared: true });
    await call((cb) => m.home.nexus.addChildNexus({ ...add, uri: second.uri }, cb));
    await until(async () => (await m.home.child(m.nexus.uuid, second.uri)).rebuildProgress > 5);
    for (const [node, uuid] of [[m.nodes[1], uuidOf(m, 1)] as const, [m.nodes[2], spare.uuid] as const]) {
      node?.engine.faults.failReplica(uuid, true);
    }
    const failed = await m.home.untilChild(m.nexus.uuid, second.uri, ChildState.CHILD_STATE_FAULTED);
    expect(failed.stateReason).toBe(ChildStateReason.CHILD_STATE_REASON_REBUILD_FAILED);
    expect(failed.hasIoLog).toBe(false);
    expect((await m.home.history(m.nexus.uuid)).map((r) => r.state)).toEqual([
      RebuildJobState.Completed,
      RebuildJobState.Failed,
    ]);
  });

  it('writes what it knows of a faulted child to the store before it acknowledges the next write', async () => {
    const m = await mirror();
    let open = () => {};
    cluster.store.gate = new Promise((resolve) => {
      open = resolve;
    });
    nodeOf(m, 1).engine.faults.faultReplica(uuidOf(m, 1));
    let isAcknowledged = false;
    const write = m.device.write(0, pattern(4096, 1)).then(() => {
      isAcknowledged = true;
    });
    await m.home.untilChild(m.nexus.uuid, uriOf(m, 1), ChildState.CHILD_STATE_FAULTED);
    expect(isAcknowledged).toBe(false);
    open();
    await write;
    const info = JSON.parse(cluster.store.entries.get(`info/${m.nexus.uuid}`) ?? '{}');
    expect(info.clean_shutdown).toBe(false);
    expect(info.children).toContainEqual({ uuid: uuidOf(m, 1), healthy: false });
    await call((cb) => m.home.nexus.destroyNexus({ uuid: m.nexus.uuid }, cb));
    expect(JSON.parse(cluster.store.entries.get(`info/${m.nexus.uuid}`) ?? '{}').clean_shutdown).toBe(true);
  });

  it('faults a child that does not answer in time', async () => {
    const m = await mirror();
    nodeOf(m, 2).engine.faults.hang(true);
    await m.device.write(0, pattern(4096, 1));
    const child = await m.home.child(m.nexus.uuid, uriOf(m, 2));
    expect(child.stateReason).toBe(ChildStateReason.CHILD_STATE_REASON_TIMED_OUT);
    expect(child.hasIoLog).toBe(true);
    nodeOf(m, 2).engine.faults.hang(false);
    await m.device.write(0, pattern(4096, 2));
    await online(m, 2);
    await m.home.untilOnline(m.nexus.uuid, uriOf(m, 2));
    // What was under way at the timeout must not come through late.
    expect((await cluster.content(m.replicas[2] as Replica, 4096)).equals(pattern(4096, 2))).toBe(true);
  });

  it('answers no space when the only copy is full, and takes out a full copy when there are others', async () => {
    const m = await mirror({ count: 2 });
    const single = await nodeOf(m, 1).createReplica(SIZE, { shared: true });
    const filler = await nodeOf(m, 1).createReplica(80 * MIB, { thin: false });
    expect(filler.usage?.allocatedBytes).toBe(BigInt(80 * MIB));
    for (let at = 0; at < SIZE; at += MIB) await m.device.write(at, pattern(MIB, at / MIB));
    const full = await m.home.child(m.nexus.uuid, uriOf(m, 1));
    expect(full.state).toBe(ChildState.CHILD_STATE_DEGRADED);
    expect(full.stateReason).toBe(ChildStateReason.CHILD_STATE_REASON_NO_SPACE);
    const expected = Buffer.concat(Array.from({ length: SIZE / MIB }, (_, i) => pattern(MIB, i)));
    expect((await m.device.read(0, SIZE)).equals(expected)).toBe(true);

    const nexus = await nodeOf(m, 1).createNexus(SIZE, [single.uri]);
    const device = await cluster.open(nexus);
    await expect(device.write(8 * MIB, pattern(4096, 1))).rejects.toMatchObject({ code: 'no-space' });
    expect((await nodeOf(m, 1).getNexus(nexus.uuid)).state).toBe(NexusState.NEXUS_ONLINE);
    expect((await device.read(8 * MIB, 4096)).equals(Buffer.alloc(4096))).toBe(true);

    await call((cb) => nodeOf(m, 1).replica.destroyReplica({ uuid: filler.uuid }, cb));
    await online(m, 1);
    await m.home.untilOnline(m.nexus.uuid, uriOf(m, 1));
    await expectEqualReplicas(m.replicas, expected);
  });

  it('keeps data when it grows under writes', async () => {
    const m = await mirror({ count: 2 });
    const writing = writeRandomly(m.device, 300, 6);
    for (const [i, node] of m.nodes.entries()) {
      const request = { uuid: uuidOf(m, i), requestedSize: BigInt(SIZE + 8 * MIB) };
      await call((cb) => node.replica.resizeReplica(request, cb));
    }
    await call((cb) => m.home.nexus.resizeNexus({ uuid: m.nexus.uuid, requestedSize: BigInt(SIZE + 8 * MIB) }, cb));
    const { expected } = await writing;
    await m.device.write(SIZE, pattern(MIB, 99));
    await expectEqualReplicas(m.replicas, expected);
    expect((await m.device.read(SIZE, MIB)).equals(pattern(MIB, 99))).toBe(true);
    expect(m.device.sizeBytes).toBe(SIZE + 8 * MIB);
  });

  it('refuses to lose the last healthy child', async () => {
    const m = await mirror({ count: 1 });
    const remove = call((cb) => m.home.nexus.removeChildNexus({ uuid: m.nexus.uuid, uri: uriOf(m, 0) }, cb));
    await expect(remove).rejects.toMatchObject({ code: 9 });
    const fault = call((cb) => m.home.nexus.faultNexusChild({ uuid: m.nexus.uuid, uri: uriOf(m, 0) }, cb));
    await expect(fault).rejects.toMatchObject({ code: 9 });
  });

  it('is fenced off by a newer target', async () => {
    const m = await mirror({ count: 2 });
    const uris = m.replicas.map((r) => r.uri);
    const old = await m.home.createNexus(SIZE, uris, { key: 1n });
    const oldDevice = await cluster.open(old);
    await oldDevice.write(0, pattern(4096, 1));
    const young = await nodeOf(m, 1).createNexus(SIZE, uris, { key: 2n });
    const youngDevice = await cluster.open(young);
    await expect(oldDevice.write(0, pattern(4096, 2))).rejects.toBeInstanceOf(FabricError);
    expect((await youngDevice.read(0, 4096)).equals(pattern(4096, 1))).toBe(true);
    expect((await m.home.getNexus(old.uuid)).state).toBe(NexusState.NEXUS_SHUTDOWN);
  });

  it('acknowledges no write any more when a newer target holds a copy, though it could write its own', async () => {
    const m = await mirror({ count: 2 });
    const local = await m.home.createReplica(SIZE);
    const remote = uriOf(m, 1);
    const old = await m.home.createNexus(SIZE, [local.uri, remote], { key: 1n });
    const oldDevice = await cluster.open(old);
    await oldDevice.write(0, pattern(4096, 1));
    const young = await nodeOf(m, 1).createNexus(SIZE, [remote], { key: 2n });
    const youngDevice = await cluster.open(young);
    await expect(oldDevice.write(0, pattern(4096, 2))).rejects.toMatchObject({ code: 'reservation-conflict' });
    expect((await m.home.getNexus(old.uuid)).state).toBe(NexusState.NEXUS_SHUTDOWN);
    expect((await youngDevice.read(0, 4096)).equals(pattern(4096, 1))).toBe(true);
  });

  it('pauses, resumes and stops a rebuild', async () => {
    const m = await mirror({ count: 2, rate: 8 * MIB });
    for (let at = 0; at < SIZE; at += MIB) await m.device.write(at, pattern(MIB, at));
    const spare = await nodeOf(m, 1).createReplica(SIZE, { shared: true });
    const job = { nexusUuid: m.nexus.uuid, uri: spare.uri };
    await call((cb) => m.home.nexus.addChildNexus({ uuid: m.nexus.uuid, uri: spare.uri, norebuild: false }, cb));
    await call((cb) => m.home.nexus.pauseRebuild(job, cb));
    const state = () => call<{ state: string }>((cb) => m.home.nexus.getRebuildState(job, cb));
    expect((await state()).state).toBe('paused');
    expect((await m.home.getNexus(m.nexus.uuid)).rebuilds).toBe(1);
    await call((cb) => m.home.nexus.resumeRebuild(job, cb));
    expect((await state()).state).toBe('running');
    await call((cb) => m.home.nexus.stopRebuild(job, cb));
    await until(async () => (await m.home.history(m.nexus.uuid)).length === 1);
    const child = await m.home.child(m.nexus.uuid, spare.uri);
    expect(child).toMatchObject({ stateReason: ChildStateReason.CHILD_STATE_REASON_OUT_OF_SYNC, rebuildProgress: -1 });
    await expect(state()).rejects.toMatchObject({ code: 5 });
    const list = (sinceEndTime?: Timestamp) =>
      call<ListRebuildHistoryResponse>((cb) => m.home.nexus.listRebuildHistory({ sinceEndTime }, cb));
    const all = await list();
    expect(all.histories[m.nexus.uuid]?.records).toHaveLength(1);
    // agent-core forgets what it knows of a nexus that the answer leaves out.
    const since = await list(all.endTime);
    expect(since.histories[m.nexus.uuid]?.records).toEqual([]);
    expect(since.endTime).toEqual(all.endTime);
  });
});

/** Puts the blocks of `over` that hold data on top of `base`. */
function overlay(base: Buffer, over: Buffer): void {
  for (let at = 0; at < base.length; at += 4096) {
    const block = over.subarray(at, at + 4096);
    if (block.some((b) => b !== 0)) block.copy(base, at);
  }
}
