import { randomUUID } from 'node:crypto';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { Server, ServerCredentials, type sendUnaryData, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SnapshotId, VolumeId } from '@/contract/scalars';
import { CreateVolume } from '@/contract/volume';
import type { ClusterSnapshot } from '../model/snapshot';
import { AgentCoreClient } from '../upstream/agent-core';
import { VolumeGrpc } from '../upstream/wire.test-support';
import { NOW, testSnapshot } from '../views/fixtures.test-support';
import type { Change } from './change';
import type { ClusterAccess } from './cluster-access';
import { Operations, type Started } from './operations';

const RUNS = 1_000;
const LANES = 8;
const SIZE = 1n << 30n;

/** Random, and the same with each run of the test. */
function randomFrom(seed: number): () => number {
  let x = seed;
  return () => {
    x = (x * 1_103_515_245 + 12_345) % 2_147_483_648;
    return x / 2_147_483_648;
  };
}

interface Held {
  size: bigint;
  published: boolean;
}

/** What a control plane holds, and how often each change took effect in it. */
class FakeCore {
  readonly volumes = new Map<string, Held>();
  readonly snapshots = new Map<string, string>();
  readonly effects = new Map<string, number>();
  readonly server = new Server();
  /** Called when a change has taken effect and before its reply leaves. */
  beforeReply: (id: string) => void = () => undefined;

  private took(kind: string, id: string): void {
    const key = `${kind} ${id}`;
    this.effects.set(key, (this.effects.get(key) ?? 0) + 1);
    this.beforeReply(id);
  }

  private volume(uuid: string) {
    const v = this.volumes.get(uuid);
    return VolumeGrpc.volume(uuid, v && { size: v.size, node: v.published ? 'io-1' : undefined });
  }

  handlers(): UntypedServiceImplementation {
    type Call = { request: Record<string, never> };
    const unary =
      (answer: (request: never) => unknown) =>
      ({ request }: Call, callback: sendUnaryData<unknown>) =>
        callback(null, answer(request as never)); // each handler names the request that its rpc has
    const error = (kind: 'NotFound' | 'AlreadyExists') => VolumeGrpc.error(kind);
    return {
      createVolume: unary((r: { uuid: string; size: bigint }) => {
        if (this.volumes.has(r.uuid)) return error('AlreadyExists');
        this.volumes.set(r.uuid, { size: r.size, published: false });
        this.took('create-volume', r.uuid);
        return this.volume(r.uuid);
      }),
      resizeVolume: unary((r: { uuid: string; requestedSize: bigint }) => {
        const v = this.volumes.get(r.uuid);
        if (!v) return error('NotFound');
        v.size = r.requestedSize;
        this.took('resize-volume', r.uuid);
        return this.volume(r.uuid);
      }),
      unpublishVolume: unary((r: { uuid: string }) => {
        const v = this.volumes.get(r.uuid);
        if (!v) return error('NotFound');
        v.published = false;
        this.took('unpublish-volume', r.uuid);
        return this.volume(r.uuid);
      }),
      destroyVolume: unary((r: { uuid: string }) => {
        if (!this.volumes.delete(r.uuid)) return VolumeGrpc.bareError('NotFound');
        this.took('destroy-volume', r.uuid);
        return {};
      }),
      createSnapshot: unary((r: { volumeId: string; snapshotId: string }) => {
        if (this.snapshots.has(r.snapshotId)) return error('AlreadyExists');
        this.snapshots.set(r.snapshotId, r.volumeId);
        this.took('create-snapshot', r.snapshotId);
        return VolumeGrpc.snapshot(r.snapshotId, r.volumeId);
      }),
      destroySnapshot: unary((r: { snapshotId: string }) => {
        if (!this.snapshots.delete(r.snapshotId)) return VolumeGrpc.bareError('NotFound');
        this.took('destroy-snapshot', r.snapshotId);
        return {};
      }),
      getVolumes: unary((r: { filter?: { value: { volumeId: string } } }) => {
        const uuid = r.filter?.value.volumeId ?? '';
        return this.volumes.has(uuid) ? VolumeGrpc.list([this.volume(uuid)]) : VolumeGrpc.list([]);
      }),
      getSnapshots: unary(() => VolumeGrpc.snapshots([...this.snapshots])),
    };
  }
}

/** A wire that can be cut: after so many bytes of what the server sends, or before anything reaches it. */
class FaultProxy {
  port = 0;
  private server: NetServer | undefined;
  private readonly sockets = new Set<Socket>();
  private cutAfter: number | undefined;
  private isLosing = false;

  constructor(private readonly to: () => number) {}

  async start(): Promise<void> {
    const server = createServer((client) => {
      const upstream = connect(this.to(), '127.0.0.1');
      const end = () => {
        client.destroy();
        upstream.destroy();
        this.sockets.delete(client);
      };
      this.sockets.add(client);
      for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
      client.on('data', (bytes) => {
        if (!this.isLosing) return void upstream.write(bytes);
        this.isLosing = false;
        end();
      });
      upstream.on('data', (bytes) => {
        if (this.cutAfter === undefined) return void client.write(bytes);
        // Some of the reply, and then nothing any more.
        if (this.cutAfter > 0) client.write(bytes.subarray(0, this.cutAfter));
        this.cutAfter = undefined;
        end();
      });
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
  }

  /** The next bytes of the server are cut behind the `bytes`th. */
  cutReply(bytes: number): void {
    this.cutAfter = bytes;
  }

  /** What the client sends next is lost with its connection. */
  loseRequest(): void {
    this.isLosing = true;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server?.close();
  }
}

const core = new FakeCore();
let corePort = 0;
beforeAll(async () => {
  VolumeGrpc.serve(core.server, core.handlers());
  corePort = await new Promise<number>((resolve, reject) =>
    core.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
});
afterAll(() => core.server.forceShutdown());

/** A console's operations on a wire of their own; its clock runs only while it waits. */
function consoleOn(client: AgentCoreClient): Operations {
  let time = NOW;
  const access: ClusterAccess = {
    agentCore: client,
    snapshot: (): ClusterSnapshot => {
      const items = new Map([...core.volumes].map(([id]) => [id, { specStatus: 'created' }]));
      return { ...testSnapshot({}), volumes: { at: NOW, items } } as unknown as ClusterSnapshot; // all that is asked of it
    },
    subscribe: () => () => undefined,
    refresh: async () => undefined,
    now: () => time,
    pause: async () => {
      time += 20_000;
    },
    signal: new AbortController().signal,
  };
  return new Operations(access);
}

const KINDS = [
  'create-volume',
  'resize-volume',
  'unpublish-volume',
  'destroy-volume',
  'create-snapshot',
  'destroy-snapshot',
] as const;
type Kind = (typeof KINDS)[number];

function prepare(kind: Kind): { change: Change; effect: string } {
  const volume = VolumeId.parse(randomUUID());
  const snapshot = SnapshotId.parse(randomUUID());
  if (kind !== 'create-volume') core.volumes.set(volume, { size: SIZE, published: true });
  if (kind === 'destroy-snapshot') core.snapshots.set(snapshot, volume);
  const wanted = CreateVolume.parse({ sizeBytes: String(SIZE), thin: true, replicas: 1 });
  const base = { volume, name: 'v' };
  const isSnapshot = kind === 'create-snapshot' || kind === 'destroy-snapshot';
  const effect = `${kind} ${isSnapshot ? snapshot : volume}`;
  switch (kind) {
    case 'create-volume':
      return { effect, change: { kind, ...base, wanted, isDerived: true } };
    case 'resize-volume':
      return { effect, change: { kind, ...base, sizeBytes: SIZE * 2n } };
    case 'unpublish-volume':
      return { effect, change: { kind, ...base, force: false } };
    case 'destroy-volume':
      return { effect, change: { kind, ...base } };
    case 'create-snapshot':
      return { effect, change: { kind, ...base, snapshot, isDerived: true } };
    case 'destroy-snapshot':
      return { effect, change: { kind, ...base, snapshot } };
  }
}

/** One request, sent up to three times with the same key, as an impatient client does. */
function ask(operations: Operations, change: Change, key: string, times: number): Started[] {
  return Array.from(
    { length: times },
    () => operations.repeated(key, change.kind) ?? operations.start(change, { key, request: change.kind }),
  );
}

it(`makes each of ${RUNS} changes take effect exactly once, with replies cut and requests lost at random`, {
  retry: 0,
}, async () => {
  const ends = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  core.beforeReply = (id) => waiting.get(id)?.();
  const lane = async (n: number) => {
    const random = randomFrom(n + 1);
    const proxy = new FaultProxy(() => corePort);
    await proxy.start();
    const client = new AgentCoreClient(`127.0.0.1:${proxy.port}`);
    for (let run = n; run < RUNS; run += LANES) {
      const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'create-volume';
      const { change, effect } = prepare(kind);
      const id = effect.split(' ')[1] ?? '';
      const fault = random();
      const key = `key ${run}`;
      if (fault < 0.6) waiting.set(id, () => proxy.cutReply(Math.floor(random() * 60)));
      let operations = consoleOn(client);
      const once = async () => {
        const asked = ask(operations, change, key, 1 + Math.floor(random() * 3));
        await operations.settled();
        const first = asked[0];
        const ids = new Set(asked.map((a) => (a.ok ? a.operation.id : 'refused')));
        expect(ids.size).toBe(1);
        return first?.ok ? (operations.get(first.operation.id)?.state ?? 'forgotten') : 'refused';
      };
      if (fault > 0.9) proxy.loseRequest();
      const state = await once();
      waiting.delete(id);
      ends.set(state, (ends.get(state) ?? 0) + 1);
      const effects = core.effects.get(effect) ?? 0;
      expect(effects, `${effect} after ${state}`).toBe(state === 'succeeded' ? 1 : 0);
      if (state !== 'succeeded') {
        expect(state).toBe('unknown');
        // Whoever asked looks again and repeats it, at a console that has been started anew in between.
        const volume = VolumeId.parse(change.volume);
        await expect.poll(async () => (await client.getVolume(volume)).ok, { interval: 5 }).toBe(true);
        operations = consoleOn(client);
        expect([effect, await once()]).toEqual([effect, 'succeeded']);
        expect(core.effects.get(effect), effect).toBe(1);
      }
      // What was made is of no more use, and would make every later list longer.
      core.snapshots.delete(id);
      core.volumes.delete(change.volume ?? '');
    }
    client.close();
    proxy.stop();
  };
  await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n)));
  expect([...core.effects.values()].every((n) => n === 1)).toBe(true);
  expect(core.effects.size).toBe(RUNS);
  // There were both: answers that were lost, and requests.
  expect(ends.get('succeeded')).toBeGreaterThan(RUNS * 0.7);
  expect(ends.get('unknown')).toBeGreaterThan(RUNS * 0.05);
});
