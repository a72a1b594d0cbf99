import path from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { openTarget } from '@/embedded/fabric/open-target';
import { Disk } from '@/embedded/io-engine/disk';
import { HangGate } from '@/embedded/io-engine/hang-gate';
import { readLvol } from '@/embedded/io-engine/lvol-io';
import { Pool } from '@/embedded/io-engine/pool';
import type { Workload } from '@/embedded/workload/workload';
import { NexusRpcClient, type RebuildHistoryRecord } from '@/gen/mayastor/v1/nexus';
import { ChildState, NexusStatus } from '@/gen/v1/nexus/nexus';
import type { EmbeddedCluster } from './embedded-cluster';

export const MiB = 1024 ** 2;

/** Polls a condition until it gives a value; rejects with `what` after the deadline. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves with the volume's state when it is Online with this many children, each of them online. */
export const healthy = (on: EmbeddedCluster, uuid: string, copies: number) =>
  until(`${copies} copies online`, async () => {
    const { state } = await on.control.volume(uuid);
    const children = state?.target?.children ?? [];
    const all = children.length === copies && children.every((c) => c.state === ChildState.ChildOnline);
    return state?.status === NexusStatus.Online && all && state;
  });

/** Records of the rebuilds that ended, of the volume's present target, oldest first. */
export async function rebuildsOf(on: EmbeddedCluster, uuid: string): Promise<RebuildHistoryRecord[]> {
  // On a busy machine its node may count as away for a moment.
  const target = await until(
    `the target of ${uuid} is seen`,
    async () => (await on.control.volume(uuid)).state?.target,
  );
  const client = new NexusRpcClient(await on.control.engineAddress(target.nodeId), credentials.createInsecure());
  const nexus = target.uuid ?? '';
  try {
    return await new Promise((resolve, reject) =>
      client.getRebuildHistory({ uuid: nexus }, (error, reply) => (error ? reject(error) : resolve(reply.records))),
    );
  } finally {
    client.close();
  }
}

/** Bytes of each replica of a volume, by the pool that holds it. */
export async function allocatedBytes(on: EmbeddedCluster, uuid: string): Promise<Record<string, number>> {
  const { state } = await on.control.volume(uuid);
  const replicas = Object.values(state?.replicaTopology ?? {});
  return Object.fromEntries(replicas.map((r) => [r.pool ?? '', Number(r.usage?.allocated ?? 0n)]));
}

/** Reads every block that a workload was told is written; counts those that are not so. */
export async function verify(on: EmbeddedCluster, uuid: string, workload: Workload) {
  const { state } = await on.control.volume(uuid);
  const device = await openTarget(on.fabricForHosts, state?.target?.deviceUri ?? '');
  try {
    return await workload.verifyAll(device);
  } finally {
    await device.close();
  }
}

/**
 * The content of each replica of a volume as it is in the disks' files, read without an io-engine. Kills every node first;
 * writes must have ended.
 */
export async function contentOnDisk(on: EmbeddedCluster, uuid: string): Promise<Buffer[]> {
  const { state } = await on.control.volume(uuid);
  const replicas = Object.entries(state?.replicaTopology ?? {});
  for (const { name } of on.nodeStates()) await on.killNode(name);
  return replicas.map(([replica, { node = '', pool = '' }]) => {
    const file = path.join(on.folder, node, `disk-${pool.split('-').at(-1)}.img`);
    const disk = new Disk(file, on.diskBytes, new HangGate());
    disk.open();
    try {
      const loaded = Pool.load(disk);
      const lvol = loaded?.lvol(replica);
      if (!loaded || !lvol) throw new Error(`${file} does not hold replica ${replica}`);
      return readLvol(loaded, lvol, 0, lvol.sizeBytes);
    } finally {
      disk.close();
    }
  });
}
