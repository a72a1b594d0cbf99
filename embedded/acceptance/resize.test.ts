import { describe, expect, it } from 'vitest';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { clusterPerTest, type Driver, idOf, kindOf, MIB, nodesOf, SIZE, sharedCluster, until } from './driver';

const GROWN = 2 * SIZE;
const PUBLISHED = [['unpublished', false] as const, ['published', true] as const];

/** Record, every replica and, of a published one, the target are as large as was asked. */
async function grownTo(d: Driver, id: string, bytes: number, copies: number): Promise<void> {
  const volume = await d.get(id);
  expect(volume.definition?.spec?.size).toBe(BigInt(bytes));
  expect(volume.state?.size).toBe(BigInt(bytes));
  expect((await d.replicas(id)).map((replica) => replica.size)).toEqual(Array(copies).fill(BigInt(bytes)));
  if (volume.state?.target !== undefined) expect(volume.state.target.size).toBe(BigInt(bytes));
}

/** Its application can use all of it, to the last byte. */
async function usable(d: Driver, id: string, bytes: number): Promise<void> {
  await d.write(id, bytes, { byte: 0x66 });
  const device = await d.open(id);
  expect(device.sizeBytes).toBe(bytes);
  expect((await device.read(bytes - MIB, MIB)).equals(Buffer.alloc(MIB, 0x66))).toBe(true);
  await expect(device.write(bytes, Buffer.alloc(4096))).rejects.toMatchObject({ code: 'out-of-range' });
  await device.close();
}

describe('growth', () => {
  const shared = sharedCluster({ nodes: 3 });

  it.each([1, 3])('A37: of an unpublished volume, all of %i replicas', async (replicas) => {
    const d = shared();
    const id = await d.volume(replicas, { thin: false });
    const grown = await d.resize(id, GROWN);
    expect(grown.definition?.spec?.size).toBe(BigInt(GROWN));
    await grownTo(d, id, GROWN, replicas);
    await d.cluster.destroy(id);
  });

  it('A37: is there when the volume is published, and for a copy that is added later', async () => {
    const d = shared();
    const id = await d.volume(2, { thin: false });
    await d.resize(id, GROWN);
    await d.cluster.publish(id);
    await grownTo(d, id, GROWN, 2);
    await usable(d, id, GROWN);
    await d.cluster.setReplicas(id, 3);
    await d.whole(id, 3);
    await grownTo(d, id, GROWN, 3);
    await d.cluster.destroy(id);
  });

  it.each([1, 3])('A38: of a published volume, target and %i replicas, under its application', async (replicas) => {
    const d = shared();
    const id = await d.volume(replicas, { thin: false });
    await d.cluster.publish(id);
    const device = await d.open(id);
    await device.write(0, Buffer.alloc(4096, 0x01));
    await d.resize(id, GROWN);
    await grownTo(d, id, GROWN, replicas);
    // The connection that was there before sees the new size.
    await device.write(GROWN - 4096, Buffer.alloc(4096, 0x02));
    expect((await device.read(0, 4096)).equals(Buffer.alloc(4096, 0x01))).toBe(true);
    await device.close();
    await usable(d, id, GROWN);
    await d.cluster.destroy(id);
  });

  it.each(PUBLISHED)('A40: is refused downwards and to the same size (%s)', async (_how, published) => {
    const d = shared();
    const id = await d.volume(2);
    if (published) await d.cluster.publish(id);
    for (const size of [SIZE / 2, SIZE]) expect(await kindOf(() => d.resize(id, size))).toBe('NotAcceptable');
    await grownTo(d, id, SIZE, 2);
    await d.cluster.destroy(id);
  });

  it.each(PUBLISHED)('is there for a snapshot that is taken afterwards (%s)', async (_how, published) => {
    const d = shared();
    const id = await d.volume(2);
    if (published) await d.cluster.publish(id);
    await d.resize(id, GROWN);
    const snapshot = await d.snapshot(id);
    expect(snapshot.meta?.specSize).toBe(BigInt(GROWN));
    expect(snapshot.state?.replicas.map((r) => r.state?.$case)).toEqual(['online', 'online']);
    if (published) await usable(d, id, GROWN);
    await d.dropSnapshot(snapshot.spec?.snapshotId ?? '');
    await d.cluster.destroy(id);
  });

  it.each(PUBLISHED)('of a volume with a snapshot leaves that as it was (%s)', async (_how, published) => {
    const d = shared();
    const id = await d.volume(2);
    if (published) await d.cluster.publish(id);
    const before = (await d.snapshot(id)).spec?.snapshotId ?? '';
    await d.resize(id, GROWN);
    await grownTo(d, id, GROWN, 2);
    if (!published) await d.cluster.publish(id);
    const after = (await d.snapshot(id)).spec?.snapshotId ?? '';
    await usable(d, id, GROWN);
    const sizes = new Map((await d.snapshots()).snapshots.map((s) => [s.spec?.snapshotId, s.meta?.specSize]));
    expect(sizes.get(before)).toBe(BigInt(SIZE));
    expect(sizes.get(after)).toBe(BigInt(GROWN));
    for (const uuid of [before, after]) await d.dropSnapshot(uuid);
    await d.cluster.destroy(id);
  });

  it.each(PUBLISHED)('of a volume restored from a snapshot (%s)', async (_how, published) => {
    const d = shared();
    const source = await d.volume(1);
    if (published) await d.cluster.publish(source);
    const snapshot = (await d.snapshot(source)).spec?.snapshotId ?? '';
    const id = idOf(await d.restore(snapshot));
    expect(Object.values((await d.get(id)).state?.replicaTopology ?? {})[0]?.usage).toMatchObject({
      capacity: BigInt(SIZE),
      allocated: 0n,
      allocatedSnaps: 0n,
    });
    if (published) await d.cluster.publish(id);
    await d.resize(id, GROWN);
    await grownTo(d, id, GROWN, 1);
    if (!published) await d.cluster.publish(id);
    await usable(d, id, GROWN);
    for (const each of [id, source]) await d.cluster.destroy(each);
    await d.dropSnapshot(snapshot);
  });
});

describe('growth with a copy away or behind', () => {
  const start = clusterPerTest();

  it.each(PUBLISHED)('A39: is refused, and nothing grows (%s)', async (_how, published) => {
    const d = await start({ nodes: 2, timings: { faultedChildWaitMs: 3_600_000 } });
    const id = await d.volume(2);
    if (published) await d.cluster.publish(id, 'node-1');
    await d.lose('node-2');
    if (published) await d.volumeIs(id, NexusStatus.Degraded);
    expect(await kindOf(() => d.resize(id, GROWN))).toBe('ResourceExhausted');
    await grownTo(d, id, SIZE, 1);
  });

  it('A37: takes the copy along that was away while the volume was used, which then is rebuilt', async () => {
    const d = await start({ nodes: 2, timings: { faultedChildWaitMs: 3_600_000 } });
    const id = await d.volume(2);
    await d.cluster.publish(id, 'node-1');
    await d.write(id, 4 * MIB);
    await d.kill('node-2');
    await d.write(id, 4 * MIB, { byte: 0x11 });
    await d.volumeIs(id, NexusStatus.Degraded);
    await d.cluster.unpublish(id);
    await d.away('node-2');
    await d.back('node-2');
    await until('both copies are listed', async () => (await d.replicas(id)).length === 2);
    await d.resize(id, GROWN);
    await grownTo(d, id, GROWN, 2);
    expect((await d.cluster.publish(id, 'node-1')).state?.status).toBe(NexusStatus.Degraded);
    const volume = await d.whole(id, 2);
    expect(nodesOf(volume).toSorted()).toEqual(['node-1', 'node-2']);
    expect((await d.rebuilds(id)).map((record) => record.isPartial)).toEqual([false]);
    await grownTo(d, id, GROWN, 2);
    await usable(d, id, GROWN);
  });

  it('A41: succeeds while a rebuild runs, which then goes on to the new end', async () => {
    const d = await start({ nodes: 3, rebuildBytesPerSecond: 4 * MIB });
    const id = await d.volume(2);
    await d.cluster.publish(id);
    await d.write(id, 12 * MIB);
    await d.cluster.setReplicas(id, 3);
    await until('the rebuild runs', async () => (await d.get(id)).state?.target?.rebuilds === 1);
    await d.resize(id, GROWN);
    expect((await d.get(id)).state?.target?.rebuilds).toBe(1);
    await grownTo(d, id, GROWN, 3);
    await d.write(id, MIB, { at: GROWN - MIB, byte: 0x44 });
    await d.whole(id, 3);
    await usable(d, id, GROWN);
  });
});
