import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openTarget } from '@/embedded/fabric/open-target';
import type { Workload } from '@/embedded/workload/workload';
import { RegionTaken } from '@/embedded/workload/workloads';
import { RebuildJobState } from '@/gen/mayastor/v1/nexus';
import { ChildState, NexusStatus } from '@/gen/v1/nexus/nexus';
import { EmbeddedCluster } from './embedded-cluster';
import { allocatedBytes, contentOnDisk, healthy, MiB, rebuildsOf, until, verify } from './testing';

let cluster: EmbeddedCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

async function start(rebuildBytesPerSecond?: number): Promise<EmbeddedCluster> {
  cluster = await EmbeddedCluster.start({
    nodes: 3,
    disksPerNode: 1,
    diskBytes: 512 * MiB,
    timeFactor: 50,
    rebuildBytesPerSecond,
    agentCorePort: 0,
    seed: 1,
  });
  return cluster;
}

const SIZE = 64 * MiB;

/** A published volume, its target on io-1, and an application writing random blocks to half of it. */
async function underWrites(on: EmbeddedCluster, replicas: number): Promise<{ uuid: string; workload: Workload }> {
  const uuid = randomUUID();
  const policy = { selfHeal: true };
  await on.control.createVolume({ uuid, size: BigInt(SIZE), replicas: BigInt(replicas), thin: true, policy });
  await on.control.publish(uuid, 'io-1');
  await on.workloads.look();
  on.workloads.follow();
  const spec = { pattern: 'randrw', blockSize: 4096, iops: 800, depth: 8, workingSetBytes: SIZE / 2 } as const;
  const workload = on.workloads.add(uuid, spec);
  await until('first writes', () => workload.writes > 200);
  return { uuid, workload };
}

const moreWrites = (workload: Workload, n: number) => {
  const before = workload.writes;
  return until(`${n} more writes`, () => workload.writes > before + n);
};

async function expectEqualOnDisk(on: EmbeddedCluster, uuid: string, copies: number): Promise<void> {
  const contents = await contentOnDisk(on, uuid);
  expect(contents).toHaveLength(copies);
  const [first] = contents;
  expect(first?.some((byte) => byte !== 0)).toBe(true);
  for (const other of contents) expect(other.equals(first ?? Buffer.alloc(0))).toBe(true);
}

// Run again it would not be the same: one loss is one too many.
describe('data of a volume', { retry: 0 }, () => {
  it('is equal byte for byte on all three disks after a node was killed under writes, came back and was rebuilt in part', async () => {
    const on = await start();
    const { uuid, workload } = await underWrites(on, 3);
    // Much is allocated that is not written while the node is away.
    const { state } = await on.control.volume(uuid);
    const device = await openTarget(on.fabricForHosts, state?.target?.deviceUri ?? '');
    for (let at = SIZE / 2; at < SIZE; at += MiB) await device.write(at, Buffer.alloc(MiB, at / MiB));
    await device.close();
    await on.killNode('io-2');
    await moreWrites(workload, 200);
    await on.startNode('io-2');
    await moreWrites(workload, 200);
    await healthy(on, uuid, 3);
    await workload.stop();
    expect(workload.mismatches).toBe(0);
    const { checked, wrong } = await verify(on, uuid, workload);
    expect(checked).toBeGreaterThan(400);
    expect(wrong).toBe(0);
    const [record] = await rebuildsOf(on, uuid);
    expect(record).toMatchObject({ state: RebuildJobState.Completed, isPartial: true });
    const allocated = Math.max(...Object.values(await allocatedBytes(on, uuid)));
    expect(Number(record?.blocksTransferred) * 512).toBeGreaterThan(0);
    expect(Number(record?.blocksTransferred) * 512).toBeLessThan(allocated);
    await expectEqualOnDisk(on, uuid, 3);
  });

  it('is copied in full, all that is allocated and no more, to a copy that is added', async () => {
    const on = await start();
    const { uuid, workload } = await underWrites(on, 2);
    await workload.stop();
    const allocated = Math.max(...Object.values(await allocatedBytes(on, uuid)));
    expect(allocated).toBeGreaterThan(0);
    expect(allocated).toBeLessThan(SIZE);
    await on.control.setReplicaCount(uuid, 3);
    await healthy(on, uuid, 3);
    const [record] = await rebuildsOf(on, uuid);
    expect(record).toMatchObject({ state: RebuildJobState.Completed, isPartial: false });
    expect(Number(record?.blocksTransferred) * 512).toBe(allocated);
    await expectEqualOnDisk(on, uuid, 3);
  });

  it('stays whole while the volume grows online under writes', async () => {
    const on = await start();
    const { uuid, workload } = await underWrites(on, 3);
    await on.control.resize(uuid, 2 * SIZE);
    await moreWrites(workload, 200);
    const { state } = await on.control.volume(uuid);
    const device = await openTarget(on.fabricForHosts, state?.target?.deviceUri ?? '');
    const last = Buffer.alloc(MiB, 'new');
    expect(device.sizeBytes).toBe(2 * SIZE);
    await device.write(2 * SIZE - MiB, last);
    expect((await device.read(2 * SIZE - MiB, MiB)).equals(last)).toBe(true);
    await device.close();
    await workload.stop();
    expect(workload.errors).toBe(0);
    expect(workload.mismatches).toBe(0);
    const { checked, wrong } = await verify(on, uuid, workload);
    expect(checked).toBeGreaterThan(200);
    expect(wrong).toBe(0);
    await expectEqualOnDisk(on, uuid, 3);
  });

  it('is never called whole on a copy whose only source died, and is whole once the source is back', async () => {
    const on = await start(8 * MiB);
    const { uuid, workload } = await underWrites(on, 1);
    const [source] = Object.values((await on.control.volume(uuid)).state?.replicaTopology ?? {});
    const home = source?.node ?? '';
    const target = on.nodeStates().find((n) => n.name !== home)?.name;
    await workload.stop();
    // The target away from the source, so that the target survives it.
    await on.control.unpublish(uuid);
    await on.control.publish(uuid, target);
    await on.control.setReplicaCount(uuid, 2);
    const childrenNow = async () => (await on.control.volume(uuid)).state?.target?.children ?? [];
    const fresh = await until('a rebuild runs', async () =>
      (await childrenNow()).find((c) => (c.rebuildProgress ?? 0) > 0),
    );
    await on.killNode(home);
    const seen = new Set<ChildState | undefined>();
    await until('the target is faulted', async () => {
      seen.add((await childrenNow()).find((c) => c.uri === fresh.uri)?.state);
      return (await on.control.volume(uuid)).state?.status === NexusStatus.Faulted;
    });
    expect(seen).not.toContain(ChildState.ChildOnline);
    const records = await rebuildsOf(on, uuid);
    expect(records.at(-1)?.state).toBe(RebuildJobState.Failed);
    await on.startNode(home);
    await healthy(on, uuid, 2);
    const { checked, wrong } = await verify(on, uuid, workload);
    expect(checked).toBeGreaterThan(100);
    expect(wrong).toBe(0);
    await expectEqualOnDisk(on, uuid, 2);
  });
});

describe('workloads of one volume', () => {
  it('write side by side without taking each other for corruption, and are refused when there is no room', async () => {
    const on = await start();
    const { uuid, workload } = await underWrites(on, 1);
    const other = on.workloads.add(uuid, { ...workload.spec, workingSetBytes: 4 * MiB });
    await until('verified reads of both', () => workload.verified > 20 && other.verified > 20);
    expect(workload.mismatches + other.mismatches).toBe(0);
    expect(() => on.workloads.add(uuid, { ...workload.spec, workingSetBytes: SIZE })).toThrow(RegionTaken);
    await on.workloads.remove(other.id);
    expect(on.workloads.add(uuid, { ...workload.spec, workingSetBytes: SIZE / 2 }).region.offset).toBe(SIZE / 2);
  });
});
