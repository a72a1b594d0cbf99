import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { poolState } from '@/embedded/cluster/state-recorder';
import { until } from '@/embedded/cluster/testing';
import { LATER_TEXT, LATER_VALUE } from '@/embedded/rpc/later-release';
import { NexusRpcService } from '@/gen/mayastor/v1/nexus';
import { PoolGrpcService } from '@/gen/v1/pool/pool';
import { VolumeGrpcService } from '@/gen/v1/volume/volume';
import { BrokenCluster, copyIs, moreWrites, WHOLE } from './testing';

let broken: BrokenCluster;

beforeAll(async () => {
  broken = await BrokenCluster.start();
});
afterEach(() => broken.tidy());
afterAll(() => broken.stop());

interface Method<Q, R> {
  readonly path: string;
  readonly requestSerialize: (value: Q) => Buffer;
  readonly responseDeserialize: (value: Buffer) => R;
}

/** What a server sends over its socket, as bytes and as the clients of this release read it. */
async function sent<Q, R>(address: string, method: Method<Q, R>, request: Q): Promise<{ bytes: Buffer; reply: R }> {
  const client = new Client(address, credentials.createInsecure());
  try {
    const bytes = await new Promise<Buffer>((resolve, reject) =>
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        (b: Buffer) => b,
        request,
        (error, reply) => (error ? reject(error) : resolve(reply ?? Buffer.alloc(0))),
      ),
    );
    return { bytes, reply: method.responseDeserialize(bytes) };
  } finally {
    client.close();
  }
}

const marks = (bytes: Buffer) => bytes.toString('latin1').split(LATER_TEXT).length - 1;

describe('core-newer', () => {
  it('is online → a state and a reason that nobody knows → rebuilding → online, and only the words are unknown', async () => {
    const volume = await broken.volume();
    const pool = broken.watch(poolState(broken.on, volume.farPool));
    await pool.next(/^online$/);
    await broken.board.begin('core-newer');
    await pool.next(new RegExp(`^#${LATER_VALUE}$`));
    await broken.board.begin('replica-offline', volume.farReplica);
    // What agent-core itself knows has not changed: only its words have.
    await volume.seen.next(new RegExp(`^#42: .*${volume.far} #42\\(#42\\)`));
    const address = broken.on.agentCoreAddress;
    const volumes = await sent(address, VolumeGrpcService.getVolumes, { ignoreNotfound: true });
    expect(marks(volumes.bytes)).toBeGreaterThanOrEqual(5);
    expect(volumes.reply.reply?.$case === 'volumes' && volumes.reply.reply.value.entries.length).toBeGreaterThan(0);
    const { reply } = (await sent(address, PoolGrpcService.unlabelPool, { poolId: 'none', labelKey: 'a' })).reply;
    expect(reply?.$case === 'error' && reply.value.kind).toBe(99);
    await moreWrites(volume, 200);
    await broken.board.end('replica-offline', volume.farReplica);
    await broken.board.end('core-newer');
    await pool.next(/^online$/);
    await broken.again(volume).next(WHOLE);
    expect(marks((await sent(address, VolumeGrpcService.getVolumes, { ignoreNotfound: true })).bytes)).toBe(0);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('node-newer', () => {
  it('is online → unknown to agent-core, which then does nothing to it → rebuilding → online', async () => {
    const volume = await broken.volume();
    const pool = broken.watch(poolState(broken.on, 'pool-io-1-0'));
    await pool.next(/^online$/);
    await broken.board.begin('node-newer', 'io-1');
    await pool.next(/^unknown$/);
    await broken.board.begin('replica-error', volume.farReplica);
    await volume.seen.next(new RegExp(`^unknown: .*${volume.far} unknown`));
    const { nexusList } = (await sent(broken.on.node('io-1').endpoint ?? '', NexusRpcService.listNexus, {})).reply;
    expect(nexusList.map((n) => n.state)).toContain(LATER_VALUE);
    const { bytes } = await sent(broken.on.node('io-1').endpoint ?? '', NexusRpcService.listNexus, {});
    expect(marks(bytes)).toBeGreaterThanOrEqual(5);
    await moreWrites(volume, 200);
    await broken.board.end('node-newer', 'io-1');
    await volume.seen.next(copyIs(volume.far, '(faulted|rebuilding)'));
    await broken.whole(volume);
    await until('its pool is online', async () => pool.states.at(-1) === 'online');
    expect(await broken.lost(volume)).toBe(0);
  });
});
