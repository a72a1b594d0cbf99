import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SpecStatus } from '@/gen/v1/misc/common';
import { clusterPerTest, type Driver, idOf, kindOf, MIB, nodesOf, SIZE, sharedCluster } from './driver';

const take = async (d: Driver, volume: string) => (await d.snapshot(volume)).spec?.snapshotId ?? '';
const restored = async (d: Driver, snapshot: string, more: Parameters<Driver['restore']>[1] = {}) =>
  idOf(await d.restore(snapshot, more));
const mib = (bytes: bigint | undefined) => (bytes === undefined ? undefined : Number(bytes) / MIB);

async function usage(d: Driver, volume: string) {
  const { usage } = (await d.get(volume)).state ?? {};
  return {
    replica: mib(usage?.allocatedReplica),
    snapshots: mib(usage?.allocatedSnapshots),
    allSnapshots: mib(usage?.allocatedAllSnapshots),
    total: mib(usage?.totalAllocated),
  };
}

/** What a snapshot holds itself, and with those before it since its volume was restored. */
async function held(d: Driver, snapshotId: string) {
  const [snapshot] = (await d.snapshots({ filter: { $case: 'snapshot', value: { snapshotId } } })).snapshots;
  return { own: mib(snapshot?.state?.state?.allocatedSize), total: mib(snapshot?.meta?.totalAllocatedSize) };
}

/** Allocates one cluster of 4 MiB, behind those that every replica is born with. */
async function allocate(d: Driver, volume: string): Promise<void> {
  await d.cluster.publish(volume);
  await d.write(volume, 4096, { at: 8 * MIB });
  await d.cluster.unpublish(volume);
}

/** agent-core's figures are those of its last poll of the node. */
const settled = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 15_000 });

describe('a volume restored from a snapshot of one replica', () => {
  const shared = sharedCluster({ nodes: 2 }, async (d) => {
    source.volume = await d.volume(1, { thin: false });
    source.snapshot = await take(d, source.volume);
  });
  const source = { volume: '', snapshot: '' };

  it('A62: is refused when it is larger or smaller than the snapshot', async () => {
    const d = shared();
    expect(await kindOf(() => d.restore(source.snapshot, { size: BigInt(2 * SIZE) }))).toBe('OutOfRange');
    expect(await kindOf(() => d.restore(source.snapshot, { size: BigInt(SIZE / 2) }))).toBe('OutOfRange');
  });

  it('A62: is refused when it is thick', async () => {
    expect(await kindOf(() => shared().restore(source.snapshot, { thin: false }))).toBe('InvalidArgument');
  });

  it('A62: is refused when it has more replicas than the snapshot', async () => {
    expect(await kindOf(() => shared().restore(source.snapshot, { replicas: 2n }))).toBe('FailedPrecondition');
    expect((await shared().list()).entries.map(idOf)).toEqual([source.volume]);
  });

  it('A62: is listed with its snapshot as source', async () => {
    const d = shared();
    const id = await restored(d, source.snapshot);
    const found = (await d.list()).entries.find((volume) => idOf(volume) === id);
    expect(found?.definition?.spec?.contentSource?.volumeContentSource).toEqual({
      $case: 'snapshot',
      value: { snapshot: source.snapshot, snapSourceVol: source.volume },
    });
    await d.cluster.destroy(id);
  });
});

describe('a volume restored from a snapshot of three replicas', () => {
  const shared = sharedCluster({ nodes: 3 }, async (d) => {
    source.volume = await d.volume(3, { thin: false });
    source.snapshot = await take(d, source.volume);
  });
  const source = { volume: '', snapshot: '' };

  it.each([1, 3])('A62: has %i replicas of the snapshot’s size, which hold nothing of their own', async (replicas) => {
    const d = shared();
    const volume = await d.restore(source.snapshot, { replicas: BigInt(replicas) });
    expect(volume.definition).toMatchObject({
      spec: { numReplicas: replicas, size: BigInt(SIZE) },
      metadata: { specStatus: SpecStatus.Created },
    });
    const copies = Object.values(volume.state?.replicaTopology ?? {});
    expect(copies.map((copy) => copy.usage)).toMatchObject(
      Array(replicas).fill({ capacity: BigInt(SIZE), allocated: 0n, allocatedSnaps: 0n }),
    );
    expect(await usage(d, idOf(volume))).toMatchObject({ replica: 0, snapshots: 0, total: 0 });
    await d.cluster.destroy(idOf(volume));
  });

  it('A62: is one of several, none of which holds anything of its own', async () => {
    const d = shared();
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push(await restored(d, source.snapshot));
    for (const id of ids) await settled(() => usage(d, id)).toMatchObject({ replica: 0, snapshots: 0, total: 0 });
    const [snapshot] = (await d.snapshots()).snapshots;
    expect(snapshot?.meta?.numRestores).toBe(4);
    for (const id of ids) await d.cluster.destroy(id);
  });

  it.each([1, 3])('is snapshotted itself: what it wrote since, on each of its %i replicas', async (replicas) => {
    const d = shared();
    const id = await restored(d, source.snapshot, { replicas: BigInt(replicas) });
    await settled(() => usage(d, id)).toMatchObject({ replica: 0, snapshots: 0, total: 0 });
    await allocate(d, id);
    await settled(() => usage(d, id)).toMatchObject({ replica: 4, snapshots: 0, total: replicas * 4 });
    const first = await take(d, id);
    await settled(() => held(d, first)).toMatchObject({ own: 4 });
    await settled(() => usage(d, id)).toMatchObject({ total: replicas * 4 });
    await allocate(d, id);
    const second = await take(d, id);
    await settled(() => held(d, second)).toMatchObject({ own: 4 });
    await settled(() => usage(d, id)).toMatchObject({ total: replicas * 8 });
    for (const uuid of [second, first]) await d.dropSnapshot(uuid);
    await d.cluster.destroy(id);
  });

  it('A62: is a source again, and so on', async () => {
    const d = shared();
    const volumes: string[] = [];
    const snapshots: string[] = [source.snapshot];
    for (let i = 0; i < 4; i++) {
      volumes.push(await restored(d, snapshots[i] ?? ''));
      if (i < 3) snapshots.push(await take(d, volumes[i] ?? ''));
    }
    expect((await d.list()).entries.map(idOf).toSorted()).toEqual([source.volume, ...volumes].toSorted());
    for (let i = 3; i >= 0; i--) {
      await d.cluster.destroy(volumes[i] ?? '');
      if (i > 0) await d.dropSnapshot(snapshots[i] ?? '');
    }
    expect((await d.list()).entries.map(idOf)).toEqual([source.volume]);
  });
});

describe('a restore with a node away', () => {
  const start = clusterPerTest();

  it('A62: is refused while its pools are too few, and made when the node is back', async () => {
    const d = await start({ nodes: 3 });
    const snapshot = await take(d, await d.volume(3, { thin: false }));
    await d.lose('node-2');
    const uuid = randomUUID();
    expect(await kindOf(() => d.restore(snapshot, { uuid, replicas: 3n }))).toBe('FailedPrecondition');
    expect(await kindOf(() => d.get(uuid))).toBe('NotFound');
    await d.back('node-2');
    for (const replicas of [1, 3]) {
      const volume = await d.restore(snapshot, { replicas: BigInt(replicas) });
      expect(volume.definition?.spec?.numReplicas).toBe(replicas);
      expect(nodesOf(volume)).toHaveLength(replicas);
    }
  });
});

describe('what restored volumes, their snapshots and their source take', () => {
  const shared = sharedCluster({ nodes: 1, diskBytes: 256 * MIB });
  const size = BigInt(88 * MIB);

  /** A volume with 8 MiB, its snapshot, 4 MiB more in the volume, and a restored one that wrote 4 MiB. */
  async function family(d: Driver) {
    const original = await d.volume(1, { size });
    await settled(() => usage(d, original)).toMatchObject({ replica: 8 });
    const snapshot = await take(d, original);
    await allocate(d, original);
    const first = await restored(d, snapshot, { size });
    await settled(() => usage(d, first)).toMatchObject({ replica: 0, snapshots: 0 });
    await allocate(d, first);
    await settled(() => usage(d, first)).toMatchObject({ replica: 4, snapshots: 0 });
    return { original, snapshot, first };
  }

  it('is freed in the reverse order of creation', async () => {
    const d = shared();
    const { original, snapshot, first } = await family(d);
    await d.cluster.destroy(first);
    await settled(() => held(d, snapshot)).toMatchObject({ own: 8 });
    await d.dropSnapshot(snapshot);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(12);
    await settled(() => usage(d, original)).toMatchObject({ total: 12 });
    await d.cluster.destroy(original);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(0);
  });

  it('is freed in the order of creation', async () => {
    const d = shared();
    const { original, snapshot, first } = await family(d);
    await d.cluster.destroy(original);
    await settled(() => held(d, snapshot)).toMatchObject({ own: 8 });
    expect(await d.usedMib('pool-1', 'node-1')).toBe(12);
    await d.dropSnapshot(snapshot);
    // Still needed by the restored volume.
    expect(await d.usedMib('pool-1', 'node-1')).toBe(12);
    await settled(() => usage(d, first)).toMatchObject({ replica: 4, snapshots: 0, allSnapshots: 8 });
    await d.cluster.destroy(first);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(0);
  });

  it('is added up and freed along a chain of restored volumes', async () => {
    const d = shared();
    const { original, snapshot, first } = await family(d);
    const one = await take(d, first);
    await settled(() => usage(d, first)).toMatchObject({ replica: 0, snapshots: 4 });
    await settled(() => held(d, one)).toEqual({ own: 4, total: 4 });
    await allocate(d, first);
    const two = await take(d, first);
    await settled(() => held(d, two)).toEqual({ own: 4, total: 8 });
    await settled(() => usage(d, first)).toMatchObject({ replica: 0, snapshots: 8 });
    const second = await restored(d, two, { size });
    await allocate(d, second);
    await settled(() => usage(d, second)).toMatchObject({ replica: 4, snapshots: 0, total: 4 });

    await d.cluster.destroy(original);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(20);
    await settled(() => usage(d, first)).toMatchObject({ replica: 0 });
    for (const each of [one, two]) await settled(() => held(d, each)).toMatchObject({ own: 4 });
    await d.dropSnapshot(snapshot);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(20);
    await settled(() => held(d, one)).toMatchObject({ own: 4 });
    await d.cluster.destroy(first);
    // What the deleted snapshot held is now held by the one after it.
    await settled(() => held(d, one)).toMatchObject({ own: 12 });
    await settled(() => held(d, two)).toEqual({ own: 4, total: 8 });
    expect(await d.usedMib('pool-1', 'node-1')).toBe(20);
    await d.dropSnapshot(one);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(16);
    await d.dropSnapshot(two);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(16);
    await settled(() => usage(d, second)).toMatchObject({ replica: 4, snapshots: 0, allSnapshots: 12 });
    await d.cluster.destroy(second);
    expect(await d.usedMib('pool-1', 'node-1')).toBe(0);
  });
});
