import { randomUUID } from 'node:crypto';
import { credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MiB, until } from '@/embedded/cluster/testing';
import { openTarget } from '@/embedded/fabric/open-target';
import { ReplyErrorKind } from '@/gen/v1/misc/common';
import { type CordonNodeReply, NodeGrpcClient } from '@/gen/v1/node/target_node';
import { BrokenCluster, copyIs, moreWrites, type Watched, WHOLE } from './testing';

let broken: BrokenCluster;
let nodes: NodeGrpcClient;

beforeAll(async () => {
  broken = await BrokenCluster.start();
  nodes = new NodeGrpcClient(broken.on.agentCoreAddress, credentials.createInsecure());
});
afterEach(() => broken.tidy());
afterAll(async () => {
  nodes.close();
  await broken.stop();
});

type Reply = { reply?: CordonNodeReply['reply'] };

const call = (run: (done: (error: Error | null, reply: Reply) => void) => unknown) =>
  new Promise<Reply>((resolve, reject) => run((error, reply) => (error ? reject(error) : resolve(reply))));
const outcome = ({ reply }: Reply) => (reply?.$case === 'error' ? ReplyErrorKind[reply.value.kind] : 'done');
const cordon = async (nodeId: string, label: string) =>
  outcome(await call((done) => nodes.cordonNode({ nodeId, label }, done)));
const uncordon = async (nodeId: string, label: string) =>
  outcome(await call((done) => nodes.uncordonNode({ nodeId, label }, done)));

async function cordons(nodeId: string): Promise<string[]> {
  const { reply } = await new Promise<{ reply?: { $case: string; value: unknown } }>((resolve, reject) =>
    nodes.getNodes({ ignoreNotfound: true }, (error, r) => (error ? reject(error) : resolve(r))),
  );
  const listed = reply?.value as { nodes: Array<{ nodeId: string; spec?: { cordonDrainState?: unknown } }> };
  const state = listed.nodes.find((n) => n.nodeId === nodeId)?.spec?.cordonDrainState;
  return [...JSON.stringify(state ?? {}).matchAll(/"(label-\d+)"/g)].map(([, label = '']) => label);
}

/** What a change gives, again and again: each with another label, so that each is a change. */
function changes(nodeId: string) {
  let n = 0;
  return broken.watch(async () => {
    n += 1;
    const label = `label-${n}`;
    const made = await cordon(nodeId, label);
    return made === 'done' ? uncordon(nodeId, label) : made;
  });
}

describe('core-store-fail', () => {
  it('is done → FailedPersist → done, what was refused has not happened, and nothing else stops', async () => {
    const volume = await broken.volume();
    const made = changes('io-4');
    await made.next(/^done$/);
    await broken.board.begin('core-store-fail');
    await made.next(/^FailedPersist$/);
    const uuid = randomUUID();
    const refused = broken.on.control.createVolume({ uuid, size: BigInt(16 * MiB), replicas: 1n, thin: true });
    await expect(refused).rejects.toThrow(/SvcError :: StoreSave/);
    const listed = (await broken.on.control.listVolumes()).map((v) => v.definition?.spec?.uuid);
    expect(listed).toContain(volume.uuid);
    expect(listed).not.toContain(uuid);
    await moreWrites(volume);
    await broken.board.end('core-store-fail');
    await made.next(/^done$/);
    await made.stop();
    await until('the same volume can be made', () =>
      broken.on.control
        .createVolume({ uuid, size: BigInt(16 * MiB), replicas: 1n, thin: true })
        .then(() => true)
        .catch(() => false),
    );
    // What agent-core knows is what is in its store: so it is after a restart.
    const before = await cordons('io-4');
    await broken.board.begin('core-restart');
    // The first calls after the restart may find the old connection.
    const after = await until('agent-core answers again', () => cordons('io-4').catch(() => undefined));
    expect(after).toEqual(before);
    await broken.again(volume).next(WHOLE);
    expect(await broken.lost(volume)).toBe(0);
  });

  it('repairs a copy that was lost meanwhile when the store is back', async () => {
    const volume = await broken.volume();
    await broken.board.begin('core-store-fail');
    await broken.board.begin('replica-fault', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'faulted\\(by_client\\)'));
    await moreWrites(volume);
    await broken.board.end('core-store-fail');
    await volume.target.next(/^degraded: .*rebuilding/);
    await broken.whole(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('core-store-slow', () => {
  it('makes a change take so much longer, and one that passes the time limit a FailedPersist until it is over', async () => {
    await broken.board.begin('core-store-slow', undefined, 300);
    const begun = performance.now();
    expect(await cordon('io-4', 'slowly')).toBe('done');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
    await broken.board.begin('core-store-slow', undefined, 30_000);
    expect(await uncordon('io-4', 'slowly')).toBe('FailedPersist');
    // It is not known whether that was written: nothing more is done to the node before it is written for certain.
    expect(await uncordon('io-4', 'slowly')).toBe('FailedPersist');
    await broken.board.end('core-store-slow');
    const made = broken.watch(() => uncordon('io-4', 'slowly'));
    await made.next(/^done$/);
  });
});

/** A write of one block; resolves with the milliseconds until it was acknowledged. */
async function writeOnce({ uuid }: Watched): Promise<number> {
  const { state } = await broken.on.control.volume(uuid);
  const device = await openTarget(broken.on.fabricForHosts, state?.target?.deviceUri ?? '');
  const begun = performance.now();
  await device.write(60 * MiB, Buffer.alloc(4096, 1)).finally(() => device.close());
  return performance.now() - begun;
}

describe('node-store-slow', () => {
  it('holds writes after a fault of a copy until that is written down, then all goes its way', async () => {
    const volume = await broken.volume();
    await volume.workload.stop();
    await broken.board.begin('node-store-slow', 'io-1', 1_000);
    await broken.board.begin('replica-error', volume.farReplica);
    expect(await writeOnce(volume)).toBeGreaterThanOrEqual(999);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await broken.whole(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});

describe('node-store-fail', () => {
  it('is online → degraded, writes block → shutdown → made again and rebuilt when the store is back → online', async () => {
    const volume = await broken.volume();
    await broken.board.begin('node-store-fail', 'io-1');
    await broken.board.begin('replica-error', volume.farReplica);
    await volume.target.next(copyIs(volume.far, 'faulted\\(io_failure\\)'));
    await volume.target.next(/^shutdown: /);
    const before = volume.workload.writes;
    await volume.seen.next(/^unknown: /);
    expect(volume.workload.writes).toBe(before);
    await broken.board.end('node-store-fail', 'io-1');
    await volume.seen.next(/^degraded: /);
    await broken.whole(volume);
    await moreWrites(volume);
    expect(await broken.lost(volume)).toBe(0);
  });
});
