import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackFabric } from '@/embedded/fabric/loopback-fabric';
import { IoEngine } from '@/embedded/io-engine/io-engine';
import { LocalNetwork } from '@/embedded/rpc/local-network';
import { MemoryStore } from '@/embedded/store/memory-store';
import { timings } from '@/embedded/timing';
import { RegisterRequest } from '@/gen/mayastor/v1/common';
import { CreatePoolRequest } from '@/gen/mayastor/v1/pool';
import { CreateReplicaRequest } from '@/gen/mayastor/v1/replica';
import { deadlines } from '../options';
import { EngineClient } from './engine-client';
import { EngineNode } from './node';

const MiB = 1024 ** 2;
const REPLICA = '00000000-0000-4000-8000-000000000001';
const NEXUS = '00000000-0000-4000-8000-000000000002';

let folder: string;
let network: LocalNetwork;
let engine: IoEngine;
let client: EngineClient;
let node: EngineNode;

/** An io-engine with a pool of one replica, and agent-core's view of it, read once. */
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'node-test-'));
  network = new LocalNetwork();
  const disk = path.join(folder, 'disk.img');
  engine = new IoEngine({
    nodeName: 'n1',
    host: '127.0.0.1',
    grpcPort: 0,
    fabricPort: 8421,
    agentCore: undefined,
    disks: [{ path: disk, sizeBytes: 256 * MiB }],
    store: new MemoryStore(),
    fabric: new LoopbackFabric(),
    timings: timings(10),
    network,
  });
  await engine.start();
  const address = engine.grpcAddress;
  const connect = () => new EngineClient(address, deadlines(timings(1)), network.dial(address));
  client = connect();
  await client.createPool(CreatePoolRequest.fromPartial({ name: 'p', disks: [disk] }));
  await createReplica(REPLICA);
  node = new EngineNode('n1', connect, () => undefined);
  node.registered(RegisterRequest.fromPartial({ id: 'n1', grpcEndpoint: address, instanceUuid: 'i' }));
  expect(await node.poll()).toBe(true);
});

afterEach(async () => {
  node.close();
  client.close();
  await engine.kill();
  await rm(folder, { recursive: true, force: true });
});

const createReplica = (uuid: string) =>
  client.createReplica(CreateReplicaRequest.fromPartial({ name: uuid, uuid, pooluuid: 'p', size: BigInt(16 * MiB) }));

/** Lists of replicas that a poll asks for. */
async function listsOf(poll: () => Promise<boolean>): Promise<number> {
  const before = network.calls('ListReplicas');
  expect(await poll()).toBe(true);
  return network.calls('ListReplicas') - before;
}

describe('a poll of a node of this process', () => {
  it('asks for nothing while nothing changed there', async () => {
    expect([...node.replicas.keys()]).toEqual([REPLICA]);
    expect(await listsOf(() => node.poll())).toBe(0);
    expect(await listsOf(() => node.poll())).toBe(0);
    expect([...node.replicas.keys()]).toEqual([REPLICA]);
  });

  it.each([
    ['a replica was made', () => createReplica(NEXUS)],
    ['a replica was shared', () => client.shareReplica({ uuid: REPLICA, share: 1, allowedHosts: [] })],
    ['a replica was destroyed', () => client.destroyReplica(REPLICA, 'p')],
    ['a pool was destroyed', () => client.destroyPool('p')],
    ['a target was made', () => createNexus()],
  ])('lists anew when %s by others', async (_what, change) => {
    await change();
    expect(await listsOf(() => node.poll())).toBe(1);
    expect(await listsOf(() => node.poll())).toBe(0);
  });

  it.each([
    ['published', () => publish()],
    ['unpublished', () => client.unpublishNexus(NEXUS)],
    ['shut down', () => client.shutdownNexus(NEXUS)],
    ['destroyed', () => client.destroyNexus(NEXUS)],
    ['left by a child that errs', async () => engine.faults.faultChild(NEXUS, REPLICA)],
  ])('lists anew when a target was %s by others', async (_what, change) => {
    await createNexus();
    await publish();
    await node.poll();
    expect(await listsOf(() => node.poll())).toBe(0);
    await change();
    expect(await listsOf(() => node.poll())).toBe(1);
    expect([...node.nexuses.values()]).toEqual((await client.listNexuses()).nexusList);
  });

  it('lists anew after a call of our own, whose answer may be older than what the node did since', async () => {
    const [replica] = [...node.replicas.values()];
    if (replica) node.set('replicas', REPLICA, { ...replica, size: 1n });
    expect(await listsOf(() => node.poll())).toBe(1);
    expect(node.replicas.get(REPLICA)?.size).toBe(BigInt(16 * MiB));
  });

  it('asks a node that hangs, and so finds out', async () => {
    engine.faults.hang(true);
    const poll = node.poll();
    await new Promise((resolve) => setImmediate(resolve));
    engine.faults.hang(false);
    expect(await listsOf(() => poll)).toBe(0);
    expect(network.calls('ListReplicas')).toBe(2);
  });
});

const createNexus = () =>
  client.createNexus({
    name: NEXUS,
    uuid: NEXUS,
    size: BigInt(8 * MiB),
    minCntlId: 1,
    maxCntlId: 2,
    resvKey: 1n,
    preemptKey: 0n,
    children: [`bdev:///${REPLICA}?uuid=${REPLICA}`],
    nexusInfoKey: '',
    resvType: undefined,
    preemptPolicy: 0,
  });

const publish = () => client.publishNexus({ uuid: NEXUS, key: '', share: 1, allowedHosts: [] });
