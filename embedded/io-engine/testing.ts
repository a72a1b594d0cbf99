import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, credentials, type ServiceError } from '@grpc/grpc-js';
import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { LoopbackFabric } from '@/embedded/fabric/loopback-fabric';
import type { Store } from '@/embedded/store/store';
import { timings } from '@/embedded/timing';
import { type Child, ChildState, type Nexus, type Replica, ShareProtocol } from '@/gen/mayastor/v1/common';
import { HostRpcClient } from '@/gen/mayastor/v1/host';
import { CreateNexusRequest, NexusRpcClient } from '@/gen/mayastor/v1/nexus';
import { CreatePoolRequest, type Pool, PoolRpcClient } from '@/gen/mayastor/v1/pool';
import { CreateReplicaRequest, ReplicaRpcClient } from '@/gen/mayastor/v1/replica';
import { SnapshotRpcClient } from '@/gen/mayastor/v1/snapshot';
import { StatsRpcClient } from '@/gen/mayastor/v1/stats';
import { IoEngine, type IoEngineOptions } from './io-engine';

export const MIB = 1024 * 1024;

/** A store in memory that can be slow or away, and remembers what was written in which order. */
class TestStore implements Store {
  readonly entries = new Map<string, string>();
  gate: Promise<void> = Promise.resolve();

  async get(key: string) {
    return this.entries.get(key);
  }
  async put(key: string, value: string) {
    await this.gate;
    this.entries.set(key, value);
  }
  async delete(key: string) {
    this.entries.delete(key);
  }
  async list(prefix: string) {
    return [...this.entries].filter(([k]) => k.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

type Callback<T> = (error: ServiceError | null, response: T) => void;

/** Promise of a unary call. */
export const call = <T>(run: (callback: Callback<T>) => unknown) =>
  new Promise<T>((resolve, reject) => {
    run((error, response) => (error ? reject(error) : resolve(response)));
  });

/** Waits for a condition, polled; rejects after `deadlineMs`. */
export async function until<T>(probe: () => Promise<T | undefined | false>, deadlineMs = 15_000): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error('the condition was not met in time');
    await delay(5);
  }
}

/** One engine with a pool, reached over gRPC as agent-core reaches it. */
export class TestNode {
  readonly disk: string;
  private readonly clients: Client[] = [];

  private constructor(
    readonly engine: IoEngine,
    readonly options: IoEngineOptions,
  ) {
    this.disk = options.disks[0]?.path ?? '';
  }

  static async start(options: IoEngineOptions): Promise<TestNode> {
    const engine = new IoEngine(options);
    await engine.start();
    return new TestNode(engine, options);
  }

  private client<T extends Client>(
    make: new (address: string, c: ReturnType<typeof credentials.createInsecure>) => T,
  ): T {
    const client = new make(this.engine.grpcAddress, credentials.createInsecure());
    this.clients.push(client);
    return client;
  }

  get pool() {
    return this.client(PoolRpcClient);
  }
  get replica() {
    return this.client(ReplicaRpcClient);
  }
  get nexus() {
    return this.client(NexusRpcClient);
  }
  get snapshot() {
    return this.client(SnapshotRpcClient);
  }
  get stats() {
    return this.client(StatsRpcClient);
  }
  get host() {
    return this.client(HostRpcClient);
  }

  createPool() {
    return call<Pool>((cb) =>
      this.pool.createPool(CreatePoolRequest.fromPartial({ name: 'pool', disks: [this.disk] }), cb),
    );
  }

  createReplica(sizeBytes: number, more: { thin?: boolean; shared?: boolean; uuid?: string } = {}): Promise<Replica> {
    const request = CreateReplicaRequest.fromPartial({
      uuid: more.uuid ?? randomUUID(),
      pooluuid: 'pool',
      size: BigInt(sizeBytes),
      thin: more.thin ?? true,
      share: more.shared ? ShareProtocol.NVMF : ShareProtocol.NONE,
    });
    return call((cb) => this.replica.createReplica(request, cb));
  }

  async createNexus(sizeBytes: number, children: string[], more: { key?: bigint; name?: string } = {}): Promise<Nexus> {
    const uuid = randomUUID();
    const request = CreateNexusRequest.fromPartial({
      uuid,
      name: more.name ?? randomUUID(),
      size: BigInt(sizeBytes),
      minCntlId: 1,
      maxCntlId: 2,
      resvKey: more.key ?? 0n,
      children,
      nexusInfoKey: `info/${uuid}`,
    });
    await call((cb) => this.nexus.createNexus(request, cb));
    const publish = { uuid, key: '', share: ShareProtocol.NVMF, allowedHosts: [] };
    const reply = await call<{ nexus?: Nexus }>((cb) => this.nexus.publishNexus(publish, cb));
    if (!reply.nexus) throw new Error('no nexus in the reply');
    return reply.nexus;
  }

  async getNexus(uuid: string): Promise<Nexus> {
    const reply = await call<{ nexusList: Nexus[] }>((cb) => this.nexus.listNexus({ uuid }, cb));
    const [nexus] = reply.nexusList;
    if (!nexus) throw new Error('no nexus in the reply');
    return nexus;
  }

  async child(nexusUuid: string, uri: string): Promise<Child> {
    const child = (await this.getNexus(nexusUuid)).children.find((c) => c.uri === uri);
    if (!child) throw new Error(`no child ${uri}`);
    return child;
  }

  untilChild(nexusUuid: string, uri: string, state: ChildState): Promise<Child> {
    return until(async () => {
      const child = await this.child(nexusUuid, uri);
      return child.state === state && child;
    });
  }

  untilOnline(nexusUuid: string, uri: string): Promise<Child> {
    return this.untilChild(nexusUuid, uri, ChildState.CHILD_STATE_ONLINE);
  }

  async history(uuid: string) {
    return (
      await call<{ records: import('@/gen/mayastor/v1/nexus').RebuildHistoryRecord[] }>((cb) =>
        this.nexus.getRebuildHistory({ uuid }, cb),
      )
    ).records;
  }

  close(): void {
    for (const client of this.clients.splice(0)) client.close();
  }
}

/** Several nodes on one fabric and one store, in a folder of their own. */
export class TestCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'io-engine-'));
  readonly fabric = new LoopbackFabric();
  readonly store = new TestStore();
  readonly nodes: TestNode[] = [];
  private port = 8420;

  async node(diskBytes = 100 * MIB, more: Partial<IoEngineOptions> = {}): Promise<TestNode> {
    const nodeName = `node-${this.nodes.length + 1}`;
    const node = await TestNode.start({
      nodeName,
      host: '127.0.0.1',
      grpcPort: 0,
      fabricPort: this.port++,
      agentCore: undefined,
      disks: [{ path: join(this.folder, `${nodeName}.img`), sizeBytes: diskBytes }],
      store: this.store,
      fabric: this.fabric,
      timings: timings(100),
      ...more,
    });
    this.nodes.push(node);
    return node;
  }

  /** A new engine on the disks of one that was killed. */
  async again(node: TestNode): Promise<TestNode> {
    const restarted = await TestNode.start(node.options);
    this.nodes.push(restarted);
    return restarted;
  }

  /** Opens a nexus as a host. */
  open(nexus: Nexus): Promise<RemoteDevice> {
    return this.fabric.connect(nexus.deviceUri, 'nqn.2014-08.org.nvmexpress:uuid:test-host');
  }

  /** What a shared replica holds, from start to `length`. */
  async content(replica: Replica, length: number): Promise<Buffer> {
    const device = await this.fabric.connect(replica.uri, 'nqn.2014-08.org.nvmexpress:uuid:test-host');
    const parts: Buffer[] = [];
    for (let at = 0; at < length; at += MIB) parts.push(await device.read(at, Math.min(MIB, length - at)));
    await device.close();
    return Buffer.concat(parts);
  }

  rawDisk(node: TestNode): Buffer {
    return readFileSync(node.disk);
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) {
      node.close();
      await node.engine.kill();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Numbers that are the same in every run (xorshift). */
export function seeded(seed: number): (below: number) => number {
  let x = seed | 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

/** A block of `length` bytes that tells its writer. */
export function pattern(length: number, tag: number): Buffer {
  const data = Buffer.alloc(length);
  for (let i = 0; i < length; i += 4) data.writeUInt32LE((tag * 2654435761 + i) >>> 0, i);
  return data;
}
