import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { nodeHostNqn } from '@/embedded/fabric/nvmf-uri';
import { openTarget } from '@/embedded/fabric/open-target';
import { TcpFabric } from '@/embedded/fabric/tcp-fabric';
import { pattern, seeded } from '@/embedded/io-engine/testing';
import { NexusState } from '@/gen/mayastor/v1/common';
import { ReplyErrorKind as Kind } from '@/gen/v1/misc/common';
import { ReplicaStatus } from '@/gen/v1/replica/replica';
import { Halves, until } from './testing';

const BLOCK = 4096;
const BLOCKS = 512;
/** Blocks lie apart, in each cluster of the volume. */
const offsetOf = (block: number) => block * 16 * BLOCK;
const DEPTH = 8;
const NODES = ['n1', 'n2', 'n3'];

const fabric = new TcpFabric();
const random = seeded(20_261_123);
const uuid = randomUUID();
let halves: Halves;

/** What each block may hold: the last write that was acknowledged, or one whose outcome nobody knows. */
class Model {
  private readonly sure = new Map<number, number>();
  private readonly perhaps = new Map<number, Set<number>>();
  private readonly busy = new Set<number>();
  private tag = 0;
  acknowledged = 0;

  /** Writes random blocks until the device is lost, or `done` says that it is enough. */
  async write(device: RemoteDevice, done: () => boolean): Promise<void> {
    const one = async () => {
      while (!done()) {
        const block = this.idle();
        const tag = ++this.tag;
        this.busy.add(block);
        this.perhaps.set(block, (this.perhaps.get(block) ?? new Set()).add(tag));
        try {
          await device.write(offsetOf(block), pattern(BLOCK, tag));
          this.acknowledged++;
          this.sure.set(block, tag);
          this.perhaps.delete(block);
        } catch {
          return;
        } finally {
          this.busy.delete(block);
        }
      }
    };
    await Promise.all(Array.from({ length: DEPTH }, one));
  }

  /** Reads everything back. Answers the blocks that hold what they must not. */
  async wrong(device: RemoteDevice): Promise<number[]> {
    const wrong: number[] = [];
    for (let block = 0; block < BLOCKS; block++) {
      const data = await device.read(offsetOf(block), BLOCK);
      const sure = this.sure.get(block);
      const right = [...(this.perhaps.get(block) ?? []), ...(sure === undefined ? [] : [sure])];
      const found = right.find((tag) => data.equals(pattern(BLOCK, tag)));
      if (found === undefined && !(sure === undefined && data.equals(Buffer.alloc(BLOCK)))) wrong.push(block);
      // From now on it stays what it was read as.
      this.perhaps.delete(block);
      if (found !== undefined) this.sure.set(block, found);
    }
    return wrong;
  }

  private idle(): number {
    for (;;) {
      const block = random(BLOCKS);
      if (!this.busy.has(block)) return block;
    }
  }
}

const model = new Model();
/** Volumes that later targets must not take a stale copy of. */
const second = { uuid: randomUUID(), model: new Model() };

beforeAll(async () => {
  halves = await Halves.start(NODES);
  for (const node of NODES) await halves.createPool(node);
  await halves.createVolume(uuid, 3n);
  await halves.publish(uuid, 'n1');
});
afterAll(() => halves.stop());

/** Opens the target as soon as there is one again. */
const openAgain = (volume = uuid) =>
  until('the target answers', async () => {
    const { state } = await halves.getVolume(volume);
    const uri = state?.target?.deviceUri;
    return uri ? openTarget(fabric, uri).catch(() => undefined) : undefined;
  });

/** By the target's own word: agent-core's may be from before the fault. */
const threeInSync = () =>
  until('three copies in sync', async () => {
    const nexus = (await halves.nexusesOn('n1')).find((candidate) => candidate.name === uuid);
    return nexus?.state === NexusState.NEXUS_ONLINE && nexus.children.length === 3;
  });

/** Reads the copies that the target reaches over the fabric, past the target. */
async function expectCopiesRight(): Promise<void> {
  for (const node of ['n2', 'n3']) {
    const [replica] = await halves.replicasOn(node);
    const copy = await fabric.connect(replica?.uri ?? '', nodeHostNqn('n1'));
    expect(await model.wrong(copy), `blocks of the copy on ${node}`).toEqual([]);
    await copy.close();
  }
}

/** Writes on until `count` more writes were acknowledged. */
const some = (count: number, of = model) => {
  const enough = of.acknowledged + count;
  return () => of.acknowledged >= enough;
};

it('a copy whose process is killed under writes is made equal again from its pool', async () => {
  const device = await openAgain();
  let isOver = false;
  const writing = model.write(device, () => isOver);
  await until('writes under way', async () => model.acknowledged > 300);
  await halves.engine('n2').end('SIGKILL');
  const atKill = model.acknowledged;
  await until('writes go on with two copies', async () => model.acknowledged > atKill + 300);
  await halves.startEngine('n2');
  await threeInSync();
  isOver = true;
  await writing;
  expect(await model.wrong(device)).toEqual([]);
  await expectCopiesRight();
  await device.close();
});

it('a target whose process is killed under writes comes back with every acknowledged one', async () => {
  const device = await openAgain();
  const writing = model.write(device, () => false);
  const enough = some(500);
  await until('writes under way', async () => enough());
  await halves.engine('n1').end('SIGKILL');
  await writing;
  await halves.startEngine('n1');
  const again = await openAgain();
  expect(await model.wrong(again)).toEqual([]);
  await model.write(again, some(200));
  await threeInSync();
  expect(await model.wrong(again)).toEqual([]);
  await expectCopiesRight();
  await again.close();
});

it('everything killed at once under writes, agent-core too, comes back with every acknowledged one', async () => {
  const device = await openAgain();
  const writing = model.write(device, () => false);
  const enough = some(500);
  await until('writes under way', async () => enough());
  await Promise.all([halves.core, ...NODES.map((node) => halves.engine(node))].map((half) => half.end('SIGKILL')));
  await writing;
  await halves.startCore();
  await Promise.all(NODES.map((node) => halves.startEngine(node)));
  await halves.online(NODES);
  const again = await openAgain();
  expect(await model.wrong(again)).toEqual([]);
  await threeInSync();
  await expectCopiesRight();
  await again.close();
});

it('a copy that missed acknowledged writes is not taken for a good one, not even when it is the only one', async () => {
  const made = await halves.createVolume(second.uuid, 2n);
  const nodes = Object.values(made.state?.replicaTopology ?? {}).map((replica) => replica.node ?? '');
  const [stale = '', good = ''] = nodes;
  const target = NODES.find((node) => !nodes.includes(node));
  await halves.publish(second.uuid, target);
  const device = await openAgain(second.uuid);
  await second.model.write(device, some(100, second.model));
  await halves.engine(stale).end('SIGKILL');
  await second.model.write(device, some(100, second.model));
  await Promise.all([halves.core, ...NODES.map((node) => halves.engine(node))].map((half) => half.end('SIGKILL')));
  await halves.startCore();
  const back = NODES.filter((node) => node !== good);
  await Promise.all(back.map((node) => halves.startEngine(node)));
  await halves.online(back);
  const hasReplica = (node: string) =>
    until(`the pool of ${node} is back`, async () => {
      const { state } = await halves.getVolume(second.uuid);
      return Object.values(state?.replicaTopology ?? {}).some(
        (r) => r.node === node && r.status === ReplicaStatus.Online,
      );
    });
  await hasReplica(stale);
  await halves.unpublish(second.uuid);
  await expect(halves.publish(second.uuid, target)).rejects.toMatchObject({ error: { kind: Kind.VolumeNoReplicas } });
  await halves.startEngine(good);
  await hasReplica(good);
  await halves.publish(second.uuid, target);
  const again = await openAgain(second.uuid);
  expect(await second.model.wrong(again)).toEqual([]);
  await again.close();
});
