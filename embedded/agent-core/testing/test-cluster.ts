import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { LoopbackFabric } from '@/embedded/fabric/loopback-fabric';
import { IoEngine } from '@/embedded/io-engine/io-engine';
import { MemoryStore } from '@/embedded/store/memory-store';
import { NEXUS_INFO_ROOT } from '@/embedded/store/store';
import { type Timings, timings } from '@/embedded/timing';
import type { ReplyError } from '@/gen/v1/misc/common';
import { NexusGrpcClient } from '@/gen/v1/nexus/nexus';
import { type Node, NodeGrpcClient, NodeStatus } from '@/gen/v1/node/target_node';
import { PoolGrpcClient } from '@/gen/v1/pool/pool';
import { RegistryGrpcClient, type Specs } from '@/gen/v1/registry/registry';
import { ReplicaGrpcClient } from '@/gen/v1/replica/replica';
import { CreateVolumeRequest, type Volume, VolumeGrpcClient, VolumeShareProtocol } from '@/gen/v1/volume/volume';
import { AgentCore, type AgentCoreOptions } from '../agent-core';

type Callback<T> = (error: ServiceError | null, response: T) => void;

/** Promise of a unary call. */
export const call = <T>(run: (callback: Callback<T>) => unknown) =>
  new Promise<T>((resolve, reject) => run((error, response) => (error ? reject(error) : resolve(response))));

/** Polls a condition until it gives a value; rejects with `what` after the deadline. */
export async function until<T>(what: string, probe: () => Promise<T | undefined | false>, ms = 15_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The error inside a reply, as a thrown value for tests. */
export class Replied extends Error {
  constructor(readonly error: ReplyError) {
    super(`${error.source}: ${error.extra}`);
  }
}

interface OneOf {
  reply?: { $case: string; value: unknown } | undefined;
}

/** The value of a reply; throws what is in its error. */
export function value<R extends OneOf, C extends string>(
  reply: R,
  _case: C,
): Extract<NonNullable<R['reply']>, { $case: C }>['value'] {
  const inner = reply.reply;
  if (inner === undefined) throw new Error('a reply with nothing set');
  if (inner.$case === 'error') throw new Replied(inner.value as ReplyError); // the case says so
  return inner.value as Extract<NonNullable<R['reply']>, { $case: C }>['value']; // one result per reply
}

const bare = (reply: { error?: ReplyError | undefined }) => {
  if (reply.error !== undefined) throw new Replied(reply.error);
};

interface Settings {
  nodes: number;
  factor?: number;
  diskBytes?: number;
  /** Disks of each node; the first gets a pool. */
  disks?: number;
  core?: Partial<AgentCoreOptions>;
  timings?: Partial<Timings>;
  rebuildBytesPerSecond?: number;
}

const MIB = 1024 * 1024;

/** agent-core and some io-engines in this process, with a pool on each. */
export class TestCluster {
  readonly engines = new Map<string, IoEngine>();
  readonly #clients: Array<{ close(): void }> = [];
  core: AgentCore;
  volumes!: VolumeGrpcClient; // made by connect(), which start() calls
  nodes!: NodeGrpcClient;
  pools!: PoolGrpcClient;
  nexuses!: NexusGrpcClient;
  replicas!: ReplicaGrpcClient;
  registry!: RegistryGrpcClient;

  private constructor(
    private readonly settings: Settings,
    private readonly folder: string,
    private readonly store: MemoryStore,
    private readonly fabric: LoopbackFabric,
    private readonly clock: Timings,
  ) {
    this.core = this.#newCore();
  }

  static async start(settings: Settings): Promise<TestCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'agent-core-test-'));
    const clock = { ...timings(settings.factor ?? 50), ...settings.timings };
    const cluster = new TestCluster(settings, folder, new MemoryStore(), new LoopbackFabric(), clock);
    await cluster.core.start();
    cluster.#connect();
    for (let i = 1; i <= settings.nodes; i++) await cluster.startEngine(`node-${i}`);
    for (let i = 1; i <= settings.nodes; i++) {
      await until('node online', async () => (await cluster.node(`node-${i}`))?.state?.status === NodeStatus.Online);
      value(await cluster.createPoolReply(`node-${i}`, `pool-${i}`, [cluster.disk(`node-${i}`)]), 'pool');
    }
    return cluster;
  }

  /** The fabric that hosts connect through. */
  get hosts(): LoopbackFabric {
    return this.fabric;
  }

  /** Keys under which targets wrote what they know of their children. */
  async nexusInfoKeys(): Promise<string[]> {
    return (await this.store.list(NEXUS_INFO_ROOT)).map(([key]) => key);
  }

  createPoolReply(nodeId: string, poolId: string, disks: string[]) {
    return call<import('@/gen/v1/pool/pool').CreatePoolReply>((cb) =>
      this.pools.createPool({ nodeId, poolId, disks }, cb),
    );
  }

  /** Path of a node's disk, counted from 1. */
  disk(node: string, index = 1): string {
    return join(this.folder, index === 1 ? `${node}.img` : `${node}-${index}.img`);
  }

  async startEngine(name: string): Promise<void> {
    const engine = new IoEngine({
      nodeName: name,
      host: '127.0.0.1',
      grpcPort: 0,
      fabricPort: 8420 + Number(name.split('-')[1]),
      agentCore: this.core.address,
      disks: Array.from({ length: this.settings.disks ?? 1 }, (_, i) => ({
        path: this.disk(name, i + 1),
        sizeBytes: this.settings.diskBytes ?? 512 * MIB,
      })),
      store: this.store,
      fabric: this.fabric,
      timings: this.clock,
      rebuildBytesPerSecond: this.settings.rebuildBytesPerSecond,
    });
    this.engines.set(name, engine);
    await engine.start();
  }

  engine(name: string): IoEngine {
    const engine = this.engines.get(name);
    if (engine === undefined) throw new Error(`no engine ${name}`);
    return engine;
  }

  /** kill -9 of agent-core, then a new one on the same store and port. */
  async restartCore(): Promise<void> {
    const port = Number(this.core.address.split(':')[1]);
    await this.core.kill();
    for (const client of this.#clients.splice(0)) client.close();
    this.core = this.#newCore(port);
    await this.core.start();
    this.#connect();
    // Each node counts from its next keep-alive on.
    for (const name of this.engines.keys())
      await until(`${name} online`, async () => (await this.node(name))?.state?.status === NodeStatus.Online);
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.core.stop();
    for (const engine of this.engines.values()) await engine.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async node(id: string): Promise<Node | undefined> {
    const reply = await call<import('@/gen/v1/node/target_node').GetNodesReply>((cb) =>
      this.nodes.getNodes({ ignoreNotfound: false }, cb),
    );
    return value(reply, 'nodes').nodes.find((node) => node.nodeId === id);
  }

  /** Offline or Unknown, whichever came first: an overdue keep-alive, or a poll that failed. */
  async isAway(id: string): Promise<boolean> {
    const status = (await this.node(id))?.state?.status;
    return status === NodeStatus.Offline || status === NodeStatus.Unknown;
  }

  async createVolume(request: { replicas: bigint; size: bigint } & Partial<CreateVolumeRequest>): Promise<Volume> {
    const full = CreateVolumeRequest.fromPartial({
      uuid: randomUUID(),
      policy: { selfHeal: true },
      thin: true,
      ...request,
    });
    return value(
      await call<import('@/gen/v1/volume/volume').CreateVolumeReply>((cb) => this.volumes.createVolume(full, cb)),
      'volume',
    );
  }

  async publish(uuid: string, targetNode?: string): Promise<Volume> {
    return value(
      await call<import('@/gen/v1/volume/volume').PublishVolumeReply>((cb) =>
        this.volumes.publishVolume(
          { uuid, targetNode, share: VolumeShareProtocol.Nvmf, publishContext: {}, frontendNodes: [] },
          cb,
        ),
      ),
      'volume',
    );
  }

  async unpublish(uuid: string, force = false): Promise<Volume> {
    return value(
      await call<import('@/gen/v1/volume/volume').UnpublishVolumeReply>((cb) =>
        this.volumes.unpublishVolume({ uuid, force, frontendNodes: [] }, cb),
      ),
      'volume',
    );
  }

  async destroy(uuid: string): Promise<void> {
    bare(
      await call<import('@/gen/v1/volume/volume').DestroyVolumeReply>((cb) => this.volumes.destroyVolume({ uuid }, cb)),
    );
  }

  async setReplicas(uuid: string, replicas: number): Promise<Volume> {
    return value(
      await call<import('@/gen/v1/volume/volume').SetVolumeReplicaReply>((cb) =>
        this.volumes.setVolumeReplica({ uuid, replicas }, cb),
      ),
      'volume',
    );
  }

  async getVolume(uuid: string): Promise<Volume> {
    const reply = await call<import('@/gen/v1/volume/volume').GetVolumesReply>((cb) =>
      this.volumes.getVolumes({ ignoreNotfound: false, filter: { $case: 'volume', value: { volumeId: uuid } } }, cb),
    );
    const [volume] = value(reply, 'volumes').entries;
    if (volume === undefined) throw new Error(`no volume ${uuid}`);
    return volume;
  }

  async specs(): Promise<Specs> {
    return value(
      await call<import('@/gen/v1/registry/registry').GetSpecsReply>((cb) => this.registry.getSpecs({}, cb)),
      'specs',
    );
  }

  #newCore(port = 0): AgentCore {
    return new AgentCore({
      host: '127.0.0.1',
      port,
      store: this.store,
      timings: this.clock,
      ...this.settings.core,
    });
  }

  #connect(): void {
    const insecure = credentials.createInsecure();
    const address = this.core.address;
    this.volumes = new VolumeGrpcClient(address, insecure);
    this.nodes = new NodeGrpcClient(address, insecure);
    this.pools = new PoolGrpcClient(address, insecure);
    this.nexuses = new NexusGrpcClient(address, insecure);
    this.replicas = new ReplicaGrpcClient(address, insecure);
    this.registry = new RegistryGrpcClient(address, insecure);
    this.#clients.push(this.volumes, this.nodes, this.pools, this.nexuses, this.replicas, this.registry);
  }
}
