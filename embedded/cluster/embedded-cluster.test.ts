import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { openTarget } from '@/embedded/fabric/open-target';
import { ControlServer } from '@/embedded/faults/control-server';
import type { Workload } from '@/embedded/workload/workload';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { EmbeddedCluster } from './embedded-cluster';
import { healthy, MiB, until } from './testing';

let cluster: EmbeddedCluster | undefined;
let server: ControlServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
  await cluster?.stop();
  cluster = undefined;
});

const start = (nodes: number, rebuildBytesPerSecond?: number) =>
  EmbeddedCluster.start({
    nodes,
    disksPerNode: 1,
    diskBytes: 512 * MiB,
    timeFactor: 50,
    rebuildBytesPerSecond,
    agentCorePort: 0,
    seed: 1,
  });

/** A volume with three copies, its target on io-1, and an application writing to it. */
async function underWrites(on: EmbeddedCluster): Promise<{ uuid: string; workload: Workload }> {
  const uuid = randomUUID();
  await on.control.createVolume({
    uuid,
    size: BigInt(64 * MiB),
    replicas: 3n,
    thin: true,
    policy: { selfHeal: true },
  });
  await on.control.publish(uuid, 'io-1');
  await on.workloads.look();
  on.workloads.follow();
  const workload = on.workloads.add(uuid, {
    pattern: 'randrw',
    blockSize: 4096,
    iops: 400,
    depth: 8,
    workingSetBytes: 2 * MiB,
  });
  await until('first writes', () => workload.writes > 100);
  return { uuid, workload };
}

/** A thin volume with one copy, opened as an application would. */
async function published(on: EmbeddedCluster, size: number) {
  const uuid = randomUUID();
  await on.control.createVolume({ uuid, size: BigInt(size), replicas: 1n, thin: true });
  const volume = await on.control.publish(uuid, 'io-1');
  return openTarget(on.fabricForHosts, volume.state?.target?.deviceUri ?? '');
}

const degraded = (on: EmbeddedCluster, uuid: string) =>
  until('degraded', async () => (await on.control.volume(uuid)).state?.status === NexusStatus.Degraded);

/** Leaves nothing but the copy on io-2 behind the target on io-1, then reads every acknowledged block from it. */
async function readFromSecondCopyAlone(on: EmbeddedCluster, uuid: string, workload: Workload) {
  const volume = await on.control.volume(uuid);
  const target = volume.state?.target;
  if (!target?.uuid) throw new Error('no target');
  const replicas = Object.entries(volume.state?.replicaTopology ?? {});
  await workload.stop();
  for (const [replica, { node }] of replicas) if (node !== 'io-2') on.faultChild(target.uuid, replica, 'io-1');
  const device = await openTarget(on.fabricForHosts, target.deviceUri);
  try {
    return await workload.verifyAll(device);
  } finally {
    await device.close();
  }
}

describe('the embedded cluster', () => {
  it('has every acknowledged byte on a copy whose node was killed under writes and came back', async () => {
    cluster = await start(3);
    const { uuid, workload } = await underWrites(cluster);
    await cluster.killNode('io-2');
    await degraded(cluster, uuid);
    const before = workload.writes;
    await until('writes that the dead node misses', () => workload.writes > before + 100);
    await cluster.startNode('io-2');
    await healthy(cluster, uuid, 3);
    const { checked, wrong } = await readFromSecondCopyAlone(cluster, uuid, workload);
    expect(checked).toBeGreaterThan(100);
    expect(wrong).toBe(0);
    expect(workload.mismatches).toBe(0);
    expect(workload.verified).toBeGreaterThan(0);
  });

  it('keeps acknowledged bytes when a node hangs and comes to itself again', async () => {
    cluster = await start(3);
    const { uuid, workload } = await underWrites(cluster);
    cluster.hangNode('io-2', true);
    await degraded(cluster, uuid);
    const before = workload.writes;
    await until('writes go on', () => workload.writes > before + 50);
    cluster.hangNode('io-2', false);
    await healthy(cluster, uuid, 3);
    const { checked, wrong } = await readFromSecondCopyAlone(cluster, uuid, workload);
    expect(checked).toBeGreaterThan(100);
    expect(wrong).toBe(0);
    expect(workload.mismatches).toBe(0);
  });

  it('goes on without losing a byte when a second node dies while the first is being rebuilt', async () => {
    cluster = await start(3, 4 * MiB);
    const { uuid, workload } = await underWrites(cluster);
    await cluster.killNode('io-2');
    await degraded(cluster, uuid);
    const before = workload.writes;
    await until('writes that the dead node misses', () => workload.writes > before + 100);
    await cluster.startNode('io-2');
    const on = cluster;
    await until('a rebuild runs', async () => {
      const children = (await on.control.volume(uuid)).state?.target?.children ?? [];
      return children.some((c) => c.rebuildProgress !== undefined);
    });
    await cluster.killNode('io-3');
    await cluster.startNode('io-3');
    await healthy(cluster, uuid, 3);
    const { checked, wrong } = await readFromSecondCopyAlone(cluster, uuid, workload);
    expect(checked).toBeGreaterThan(100);
    expect(wrong).toBe(0);
    expect(workload.mismatches).toBe(0);
  });

  it('refuses a write that its thin pool has no room for, and keeps what was acknowledged', async () => {
    cluster = await start(1);
    const data = Buffer.alloc(4 * MiB, 'full');
    const size = 384 * MiB;
    // Two of them are more than the pool holds.
    const [first, second] = [await published(cluster, size), await published(cluster, size)];
    for (let at = 0; at < size; at += data.length) await first.write(at, data);
    let written = 0;
    const overfill = async () => {
      for (; written < size; written += data.length) await second.write(written, data);
    };
    await expect(overfill()).rejects.toThrow();
    expect(written).toBeGreaterThan(64 * MiB);
    expect(written).toBeLessThanOrEqual(128 * MiB);
    expect(data.equals(await first.read(size - data.length, data.length))).toBe(true);
    await Promise.all([first.close(), second.close()]);
  });

  it('serves applications while agent-core is dead', async () => {
    cluster = await start(3);
    const { workload } = await underWrites(cluster);
    await cluster.killCore();
    const before = workload.writes;
    await until('writes without a control plane', () => workload.writes > before + 50);
    await cluster.startCore();
    await cluster.whenOnline(['io-1', 'io-2', 'io-3']);
    expect(workload.errors).toBe(0);
    expect(workload.mismatches).toBe(0);
  });

  it('leaves the disks blank when it is to have no pools', async () => {
    cluster = await EmbeddedCluster.start({
      nodes: 1,
      disksPerNode: 2,
      diskBytes: 512 * MiB,
      timeFactor: 50,
      rebuildBytesPerSecond: undefined,
      agentCorePort: 0,
      seed: 1,
      pools: false,
    });
    expect(await cluster.control.onlineNodes()).toEqual(['io-1']);
    expect(await cluster.control.listPools()).toEqual([]);
  });

  it('leaves no files when it stops', async () => {
    const mine = await start(1);
    expect(await readdir(mine.folder)).not.toHaveLength(0);
    await mine.stop();
    await expect(readdir(mine.folder)).rejects.toThrow('ENOENT');
  });
});

function ask(url: string, method: string, path: string, more: { host?: string; body?: unknown } = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port, host: own } = new URL(url);
    const req = request({ hostname, port, method, path, headers: { host: more.host ?? own } }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
    req.on('error', reject);
    req.end(more.body === undefined ? undefined : JSON.stringify(more.body));
  });
}

describe('the control API', () => {
  it('answers what it does not know or cannot do, and nothing under another name', async () => {
    cluster = await start(1);
    server = new ControlServer(cluster);
    await server.start(0);
    expect(await ask(server.url, 'GET', '/state')).toBe(200);
    expect(await ask(server.url, 'GET', '/')).toBe(200);
    expect(await ask(server.url, 'GET', '/state', { host: 'evil.example' })).toBe(421);
    expect(await ask(server.url, 'POST', '/nodes/nobody/kill')).toBe(404);
    expect(await ask(server.url, 'POST', '/nodes/io-1/explode')).toBe(400);
    expect(await ask(server.url, 'POST', '/disks/io-1/9/fail')).toBe(404);
    expect(await ask(server.url, 'POST', `/replicas/${randomUUID()}/fault`)).toBe(404);
    expect(await ask(server.url, 'POST', '/replicas/x/fault')).toBe(400);
    expect(await ask(server.url, 'POST', '/workloads')).toBe(400);
    expect(await ask(server.url, 'DELETE', '/workloads/1')).toBe(404);
    expect(await ask(server.url, 'POST', '/workloads', { body: { volume: randomUUID() } })).toBe(404);
  });

  it('lets workloads share a volume as long as each has room of its own', async () => {
    cluster = await start(1);
    server = new ControlServer(cluster);
    await server.start(0);
    const volume = randomUUID();
    await cluster.control.createVolume({ uuid: volume, size: BigInt(32 * MiB), replicas: 1n, thin: true });
    const body = { volume, workingSetBytes: 16 * MiB };
    expect(await ask(server.url, 'POST', '/workloads', { body })).toBe(409);
    await cluster.control.publish(volume);
    expect(await ask(server.url, 'POST', '/workloads', { body })).toBe(200);
    expect(await ask(server.url, 'POST', '/workloads', { body })).toBe(200);
    expect(await ask(server.url, 'POST', '/workloads', { body })).toBe(409);
    expect(cluster.workloads.list().map((w) => w.region.offset)).toEqual([0, 16 * MiB]);
    expect(await ask(server.url, 'DELETE', '/workloads/1')).toBe(200);
    expect(await ask(server.url, 'POST', '/workloads', { body })).toBe(200);
  });

  it('kills a node and brings it back', async () => {
    cluster = await start(1);
    server = new ControlServer(cluster);
    await server.start(0);
    expect(await ask(server.url, 'POST', '/nodes/io-1/kill')).toBe(200);
    expect(cluster.nodeStates()[0]?.state).toBe('stopped');
    expect(await ask(server.url, 'POST', '/nodes/io-1/restart')).toBe(200);
    await cluster.whenOnline(['io-1']);
    expect(cluster.nodeStates()[0]?.state).toBe('running');
  });
});
