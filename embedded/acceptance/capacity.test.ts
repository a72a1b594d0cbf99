import { describe, expect, it } from 'vitest';
import { ChildState, ChildStateReason, NexusStatus } from '@/gen/v1/nexus/nexus';
import type { Volume } from '@/gen/v1/volume/volume';
import { clusterPerTest, type Driver, kindOf, MIB, onNodes, poolsOf, sharedCluster, until } from './driver';

/** Capacity of a pool on this: 60 MiB. */
const DISK = 64 * MIB;
const CAPACITY = 60 * MIB;
const CLUSTER = 4 * MIB;

const copiesOf = (volume: Volume) => Object.values(volume.state?.replicaTopology ?? {});

/** Allocates clusters `from` to `to` (excluded) of a published volume, by a block in each. Rejects where one is refused. */
async function allocate(d: Driver, id: string, from: number, to: number): Promise<void> {
  const device = await d.open(id);
  try {
    for (let cluster = from; cluster < to; cluster++) await device.write(cluster * CLUSTER, Buffer.alloc(4096, 0xa5));
  } finally {
    await device.close();
  }
}

/** The pool of the one copy for which there was no space, once there is one. */
const outOfSpace = (d: Driver, id: string): Promise<string> =>
  until('a copy is out of space', async () => {
    const full = copiesOf(await d.get(id)).filter(
      (copy) => copy.childStatusReason === ChildStateReason.CHILD_STATE_REASON_NO_SPACE,
    );
    return full.length === 1 && full[0]?.childStatus === ChildState.ChildDegraded && full[0].pool;
  });

describe('a new volume', () => {
  const shared = sharedCluster({ nodes: 1, diskBytes: DISK });

  it('A49: takes its size when it is thick, and is refused when that is not free', async () => {
    const d = shared();
    const id = await d.volume(1, { size: BigInt(20 * MIB), thin: false });
    await d.usedIs('pool-1', 20 * MIB);
    expect((await d.replicas(id)).map((replica) => replica.thin)).toEqual([false]);
    const size = BigInt(CAPACITY - 20 * MIB + CLUSTER);
    expect(await kindOf(() => d.volume(1, { size, thin: false }))).toBe('ResourceExhausted');
    expect((await d.list()).entries).toHaveLength(1);
    await d.cluster.destroy(id);
    await d.usedIs('pool-1', 0);
  });

  it('A48: takes 4 MiB and as much for metadata when it is thin', async () => {
    const d = shared();
    const id = await d.volume(1, { size: BigInt(20 * MIB) });
    await d.usedIs('pool-1', 2 * CLUSTER);
    expect((await d.replicas(id)).map((replica) => replica.thin)).toEqual([true]);
    await d.cluster.destroy(id);
    await d.usedIs('pool-1', 0);
  });

  it('A48: is made thin although it is larger than what is free, and takes no more for it', async () => {
    const d = shared();
    const ballast = await d.volume(1, { size: BigInt(28 * MIB), thin: false });
    await d.usedIs('pool-1', 28 * MIB);
    const size = BigInt(CAPACITY - 28 * MIB + CLUSTER);
    const id = await d.volume(1, { size });
    expect((await d.get(id)).definition?.spec?.size).toBe(size);
    await d.usedIs('pool-1', 28 * MIB + 2 * CLUSTER);
    for (const each of [id, ballast]) await d.cluster.destroy(each);
    await d.usedIs('pool-1', 0);
  });

  it('does not lose its thick neighbour any room when it is thin and runs out of it', async () => {
    const d = shared();
    const thick = await d.volume(1, { size: BigInt(20 * MIB), thin: false });
    const thin = await d.volume(1, { size: BigInt(48 * MIB) });
    for (const id of [thick, thin]) await d.cluster.publish(id);
    const writing = d.write(thick, 20 * MIB, { byte: 0x7e });
    await expect(allocate(d, thin, 0, 12)).rejects.toMatchObject({ code: 'no-space' });
    await writing;
    expect((await d.get(thick)).state?.status).toBe(NexusStatus.Online);
    await d.write(thick, 20 * MIB, { byte: 0x7f });
    const device = await d.open(thick);
    for (let at = 0; at < 20 * MIB; at += MIB)
      expect((await device.read(at, MIB)).equals(Buffer.alloc(MIB, 0x7f))).toBe(true);
    await device.close();
    for (const each of [thin, thick]) await d.cluster.destroy(each);
  });
});

describe('thin volumes that outgrow their pools', () => {
  const start = clusterPerTest();

  it('a copy added to a thin volume holds what the volume holds', async () => {
    const d = await start({ nodes: 2, diskBytes: DISK });
    const id = await d.volume(1, { size: BigInt(40 * MIB) });
    await d.cluster.publish(id);
    await allocate(d, id, 0, 3);
    await d.cluster.setReplicas(id, 2);
    await d.whole(id, 2);
    await sameAllocation(d, id, 2, 3 * CLUSTER);
  });

  /** A volume of 40 MiB on pool-1 and pool-2, where pool-2 has room for 36 MiB of it only. */
  async function tight(nodes: number): Promise<{ d: Driver; id: string }> {
    const d = await start({ nodes, diskBytes: DISK, timings: { faultedChildWaitMs: 1 } });
    const id = await d.volume(2, { size: BigInt(40 * MIB), ...onNodes('node-1', 'node-2') });
    await d.volume(1, { size: BigInt(24 * MIB), thin: false, ...onNodes('node-2') });
    await d.cluster.publish(id, 'node-1');
    return { d, id };
  }

  it('A50: a copy whose pool is full is out of space while I/O goes on, and is moved and rebuilt where there is room', async () => {
    const d = await start({ nodes: 2, disks: 2, diskBytes: DISK });
    const id = await d.volume(2, { size: BigInt(40 * MIB) });
    await d.volume(1, { size: BigInt(24 * MIB), thin: false, ...onNodes('node-2') });
    await d.cluster.publish(id, 'node-1');
    await allocate(d, id, 0, 10);
    expect(await outOfSpace(d, id)).toBe('pool-2');
    const degraded = await d.get(id);
    expect(degraded.state?.status).toBe(NexusStatus.Degraded);
    expect(degraded.state?.target?.children.filter((c) => c.state === ChildState.ChildOnline)).toHaveLength(1);
    await d.write(id, 4 * MIB, { byte: 0x11 });
    // Room on another pool, also of the same node.
    await d.createPool('node-2', 'roomy', [d.cluster.disk('node-2', 2)]);
    const volume = await d.whole(id, 2);
    expect(poolsOf(volume).toSorted()).toEqual(['pool-1', 'roomy']);
    await sameAllocation(d, id, 2, 10 * CLUSTER);
  });

  it('A51, P4: where no pool has room the copy stays out, degraded and not faulted, and I/O goes on', async () => {
    const { d, id } = await tight(2);
    await allocate(d, id, 0, 10);
    expect(await outOfSpace(d, id)).toBe('pool-2');
    // A faulted one would be given up by now.
    await d.passes(3);
    expect(await outOfSpace(d, id)).toBe('pool-2');
    expect((await d.get(id)).state?.status).toBe(NexusStatus.Degraded);
    await d.write(id, 40 * MIB, { byte: 0x22 });
  });

  it('a copy that has no room for its rebuild is not taken into the next target but deleted', async () => {
    const { d, id } = await tight(2);
    await allocate(d, id, 0, 10);
    await outOfSpace(d, id);
    await d.cluster.unpublish(id);
    await d.cluster.publish(id, 'node-1');
    await until('it is deleted', async () => (await d.replicas(id)).length === 1);
    await d.passes(3);
    const volume = await d.get(id);
    expect(volume.state?.status).toBe(NexusStatus.Degraded);
    expect(volume.state?.target?.children).toHaveLength(1);
    expect(poolsOf(volume)).toEqual(['pool-1']);
    expect(await d.rebuilds(id)).toEqual([]);
  });
});

describe('several thin volumes on one full pool', () => {
  const start = clusterPerTest();

  /** Four volumes on pool-1, with 68 MiB for them, and pool-2, with enough. The third is the large one. */
  async function full(): Promise<{ d: Driver; ids: string[]; large: string }> {
    const d = await start({ nodes: 2, disks: 2, diskBytes: 128 * MIB });
    await d.volume(1, { size: BigInt(56 * MIB), thin: false, ...onNodes('node-1') });
    const ids: string[] = [];
    for (const size of [16, 16, 48, 16]) {
      const id = await d.volume(2, { size: BigInt(size * MIB) });
      await d.cluster.publish(id, 'node-1');
      ids.push(id);
    }
    const large = ids[2] ?? '';
    await allocate(d, large, 0, 11);
    await d.usedIs('pool-1', 124 * MIB);
    for (const id of ids) await allocate(d, id, 0, id === large ? 12 : 4);
    for (const id of ids) expect(await outOfSpace(d, id)).toBe('pool-1');
    return { d, ids, large };
  }

  it('A50: the largest copy is moved to where there is room, and the others are rebuilt where they are', async () => {
    const { d, ids, large } = await full();
    const before = await Promise.all(ids.map(async (id) => (await d.replicas(id)).map((r) => r.replicaId).toSorted()));
    await d.createPool('node-1', 'roomy', [d.cluster.disk('node-1', 2)]);
    for (const [index, id] of ids.entries()) {
      const volume = await d.whole(id, 2);
      expect(poolsOf(volume).toSorted()).toEqual(id === large ? ['pool-2', 'roomy'] : ['pool-1', 'pool-2']);
      const now = (await d.replicas(id)).map((r) => r.replicaId).toSorted();
      if (id === large) expect(now).not.toEqual(before[index]);
      else expect(now).toEqual(before[index]);
    }
  });

  it('A51: without room elsewhere all of them stay out, their volumes degraded, and I/O goes on', async () => {
    const { d, ids } = await full();
    await d.passes(3);
    for (const id of ids) {
      expect(await outOfSpace(d, id)).toBe('pool-1');
      expect((await d.get(id)).state?.status).toBe(NexusStatus.Degraded);
      await d.write(id, 16 * MIB);
    }
  });
});

/** Every copy holds as much as the volume says, and together they are its total. */
async function sameAllocation(d: Driver, id: string, copies: number, bytes: number): Promise<void> {
  await until('every copy holds the same', async () => {
    const volume = await d.get(id);
    const allocated = copiesOf(volume).map((copy) => copy.usage?.allocated);
    const { usage } = volume.state ?? {};
    return (
      allocated.length === copies &&
      allocated.every((one) => one === BigInt(bytes)) &&
      usage?.allocated === BigInt(bytes) &&
      usage.totalAllocated === BigInt(bytes * copies)
    );
  });
}
