// node --import tsx embedded/bench/data-path.ts: what one volume of three copies does on loopback, as one JSON line.
import { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import { Random } from '@/embedded/cluster/random';
import { rebuildsOf } from '@/embedded/cluster/testing';
import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { openTarget } from '@/embedded/fabric/open-target';

const MiB = 1024 ** 2;
const VOLUME = '00000000-0000-4000-8000-000000000001';
const SIZE = 512 * MiB;
/** Random writes go to this much of it. */
const WORKING_SET = 256 * MiB;
const BLOCK = 4096;
const DEPTH = 32;
const WRITE_MS = 5_000;

/** Time that passed while `run` ran, and that a processor worked: for us, and for us in the kernel; seconds. */
async function timed<T>(run: () => Promise<T>): Promise<{ value: T; seconds: number; user: number; system: number }> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const value = await run();
  const used = process.cpuUsage(before);
  return { value, seconds: (performance.now() - startedAt) / 1000, user: used.user / 1e6, system: used.system / 1e6 };
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
      await device.write(random.below(WORKING_SET / BLOCK) * BLOCK, data);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: DEPTH }, writer));
  return done;
}

/** Has a third copy made: all that was written is copied. Its io-engine tells how much that was, and how long it took. */
async function rebuild(cluster: EmbeddedCluster): Promise<{ bytes: number; seconds: number }> {
  await cluster.control.setReplicaCount(VOLUME, 3);
  for (;;) {
    const record = (await rebuildsOf(cluster, VOLUME)).at(-1);
    if (record?.startTime && record.endTime) {
      const ms = (t: typeof record.startTime) => Number(t.seconds) * 1000 + t.nanos / 1e6;
      return {
        bytes: Number(record.blocksTransferred) * 512,
        seconds: (ms(record.endTime) - ms(record.startTime)) / 1000,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function main(): Promise<void> {
  const cluster = await EmbeddedCluster.start({
    nodes: 3,
    disksPerNode: 1,
    diskBytes: 2 * SIZE,
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
    await cluster.control.setReplicaCount(VOLUME, 2);
    const { value, user, system } = await timed(() => rebuild(cluster));
    const rebuilt = { value: value.bytes, seconds: value.seconds, user, system };
    console.log(JSON.stringify({ ready: true, filled, written, rebuilt }));
  } finally {
    await cluster.stop();
  }
}

await main();
