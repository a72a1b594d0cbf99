// node --import tsx embedded/bench/data-path.ts: what one volume of three copies does on loopback, as one JSON line.
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import { Random } from '@/embedded/cluster/random';
import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { openTarget } from '@/embedded/fabric/open-target';
import { ChildState } from '@/gen/v1/nexus/nexus';

const MiB = 1024 ** 2;
const VOLUME = '00000000-0000-4000-8000-000000000001';
const SIZE = 512 * MiB;
const BLOCK = 4096;
const DEPTH = 32;
const WRITE_MS = 5_000;
const FILE_WRITES = 20_000;

/** Time that passed and that the processor worked for us while `run` ran, seconds. */
async function timed<T>(run: () => Promise<T>): Promise<{ value: T; seconds: number; cpu: number }> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const value = await run();
  const used = process.cpuUsage(before);
  return { value, seconds: (performance.now() - startedAt) / 1000, cpu: (used.user + used.system) / 1e6 };
}

async function fill(device: RemoteDevice): Promise<number> {
  const data = Buffer.alloc(MiB, 'mayastor');
  for (let at = 0; at < SIZE; at += MiB) await device.write(at, data);
  return SIZE;
}

/** Random blocks at a fixed depth for a while; resolves with how many were acknowledged. */
async function writeAtRandom(device: RemoteDevice): Promise<number> {
  const random = new Random(1);
  const data = Buffer.alloc(BLOCK, 'console!');
  const end = performance.now() + WRITE_MS;
  let done = 0;
  const writer = async () => {
    while (performance.now() < end) {
      await device.write(random.below(SIZE / BLOCK) * BLOCK, data);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: DEPTH }, writer));
  return done;
}

/** The same blocks written to one file and nothing else done: what the kernel takes for each copy of a write. */
async function writeToFile(folder: string): Promise<number> {
  const random = new Random(1);
  const data = Buffer.alloc(BLOCK, 'console!');
  const fd = openSync(path.join(folder, 'io-1', 'disk-0.img'), 'r+');
  for (let i = 0; i < FILE_WRITES; i += 1) writeSync(fd, data, 0, BLOCK, SIZE + random.below(SIZE / BLOCK) * BLOCK);
  closeSync(fd);
  return FILE_WRITES;
}

/** Takes the third copy away and has it made anew: all that was written is copied. */
async function rebuild(cluster: EmbeddedCluster): Promise<number> {
  await cluster.control.setReplicaCount(VOLUME, 3);
  for (;;) {
    const { state } = await cluster.control.volume(VOLUME);
    const children = state?.target?.children ?? [];
    if (children.length === 3 && children.every((c) => c.state === ChildState.ChildOnline)) return SIZE;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function main(): Promise<void> {
  const cluster = await EmbeddedCluster.start({
    nodes: 3,
    disksPerNode: 1,
    // The volume, and as much again for what is written beside it.
    diskBytes: 3 * SIZE,
    timeFactor: 10,
    rebuildBytesPerSecond: undefined,
    agentCorePort: 0,
    seed: 1,
  });
  try {
    await cluster.control.createVolume({ uuid: VOLUME, size: BigInt(SIZE), replicas: 3n, thin: true });
    const { state } = await cluster.control.publish(VOLUME);
    const device = await openTarget(cluster.fabricForHosts, state?.target?.deviceUri ?? '');
    const filled = await timed(() => fill(device));
    await writeAtRandom(device);
    const written = await timed(() => writeAtRandom(device));
    await device.close();
    await writeToFile(cluster.folder);
    const file = await timed(() => writeToFile(cluster.folder));
    await cluster.control.setReplicaCount(VOLUME, 2);
    const rebuilt = await timed(() => rebuild(cluster));
    console.log(JSON.stringify({ ready: true, filled, written, rebuilt, file, folder: cluster.folder }));
  } finally {
    await cluster.stop();
  }
}

await main();
