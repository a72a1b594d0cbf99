import { credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { poolState } from '@/embedded/cluster/state-recorder';
import { MiB } from '@/embedded/cluster/testing';
import { openTarget } from '@/embedded/fabric/open-target';
import type { GetBlockDevicesReply } from '@/gen/v1/blockdevice/blockdevice';
import { NodeGrpcClient } from '@/gen/v1/node/target_node';
import { BrokenCluster, copyIs, moreWrites, type Watched } from './testing';

let broken: BrokenCluster;

beforeAll(async () => {
  broken = await BrokenCluster.start();
});
afterEach(() => broken.tidy());
afterAll(() => broken.stop());

const farDisk = ({ far }: Watched) => `${far}/0`;

/** Writes where the volume has nothing allocated yet; milliseconds that it took. */
async function writeAfresh({ uuid }: Watched, offset: number): Promise<number> {
  const { state } = await broken.on.control.volume(uuid);
  const device = await openTarget(broken.on.fabricForHosts, state?.target?.deviceUri ?? '');
  const begun = performance.now();
  await device.write(offset, Buffer.alloc(4096, 1)).finally(() => device.close());
  return performance.now() - begun;
}

async function blockDevices(nodeId: string): Promise<number> {
  const client = new NodeGrpcClient(broken.on.agentCoreAddress, credentials.createInsecure());
  try {
    const { reply } = await new Promise<GetBlockDevicesReply>((resolve, reject) =>
      client.getBlockDevices({ nodeId, all: true }, (error, r) => (error ? reject(error) : resolve(r))),
    );
    return reply?.$case === 'blockdevices' ? reply.value.blockdevices.length : -1;
  } finally {
    client.close();
  }
}

describe('disk-fail', () => {
  it('is online → a copy faulted by an I/O error → rebuilding → online', async () => {
    const volume = await broken.volume();
    await broken.board.begin('disk-fail', farDisk(volume));
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await moreWrites(volume);
    await broken.board.end('disk-fail', farDisk(volume));
    await volume.target.next(/^degraded: .*rebuilding/);
    await broken.whole(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('disk-slow', () => {
  it('makes writes take longer, and changes no status', async () => {
    const volume = await broken.volume();
    await broken.board.begin('disk-slow', farDisk(volume), 150);
    expect(await writeAfresh(volume, 0 + 60 * MiB)).toBeGreaterThanOrEqual(149);
    expect(volume.seen.states.filter((s) => /^(degraded|faulted)/.test(s))).toEqual([]);
    await broken.board.end('disk-slow', farDisk(volume));
    await moreWrites(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('disk-full', () => {
  it('is online → a copy out of space → moved to another pool → online, while writes go on', async () => {
    const volume = await broken.volume();
    await broken.board.begin('disk-full', farDisk(volume));
    await writeAfresh(volume, 40 * MiB);
    await volume.target.next(copyIs(volume.far, 'degraded\\(no_space\\)'));
    await moreWrites(volume);
    await volume.target.next(/^degraded: .*rebuilding/);
    const healed = await broken.whole(volume);
    expect(healed).not.toContain(volume.far);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('disk-gone', () => {
  it('faults the copy, hides the device, keeps the pool from being imported, and all comes back with it', async () => {
    const volume = await broken.volume();
    const pool = broken.watch(poolState(broken.on, volume.farPool));
    await pool.next(/^online$/);
    expect(await blockDevices(volume.far)).toBe(1);
    await broken.board.begin('disk-gone', farDisk(volume));
    expect(await blockDevices(volume.far)).toBe(0);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    // A process that runs has the pool still; one that starts anew cannot import it.
    await broken.board.begin('node-kill', volume.far);
    await broken.board.end('node-kill', volume.far);
    await pool.next(/^no state$/);
    await broken.on.whenOnline([volume.far]);
    await moreWrites(volume);
    expect(pool.states.at(-1)).toBe('no state');
    await broken.board.end('disk-gone', farDisk(volume));
    await pool.next(/^online$/);
    await volume.target.next(/^degraded: .*rebuilding/);
    await broken.whole(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});
