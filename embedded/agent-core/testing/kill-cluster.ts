import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { LoopbackFabric } from '@/embedded/fabric/loopback-fabric';
import { IoEngine } from '@/embedded/io-engine/io-engine';
import { EtcdStore } from '@/embedded/store/etcd-store';
import { FileStore } from '@/embedded/store/file-store';
import { NEXUS_INFO_ROOT } from '@/embedded/store/store';
import { timings } from '@/embedded/timing';
import type { ReplyError } from '@/gen/v1/misc/common';
import { NodeGrpcClient, NodeStatus } from '@/gen/v1/node/target_node';
import { PoolGrpcClient } from '@/gen/v1/pool/pool';
import { RegistryGrpcClient } from '@/gen/v1/registry/registry';
import { CreateVolumeRequest, VolumeGrpcClient, VolumeShareProtocol } from '@/gen/v1/volume/volume';
import { AgentCore } from '../agent-core';
import { deadlines } from '../options';
import { EngineClient } from '../registry/engine-client';
import { CrashStore } from './crash-store';
import { until } from './test-cluster';

const MIB = 1024 * 1024;
const FACTOR = 100;

/** How a request ended, seen from its client. */
export type Outcome = 'done' | 'unknown' | ReplyError;

/** agent-core on a store on disk, which is killed again and again, over io-engines that live on. */
export class KillCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'kill-points-'));
  readonly engines = new Map<string, EngineClient>();
  private readonly running: IoEngine[] = [];
  private readonly stores: EtcdStore[] = [];
  private readonly fabric = new LoopbackFabric();
  private clients: Array<{ close(): void }> = [];
  private store!: FileStore; // opened by start()
  private crash!: CrashStore; // made with the core
  private core!: AgentCore; // made by startCore(), which start() calls
  private port = 0;
  private dying: Promise<void> | undefined;
  volumes!: VolumeGrpcClient; // made by startCore()
  pools!: PoolGrpcClient;
  nodes!: NodeGrpcClient;
  registry!: RegistryGrpcClient;

  static async start(nodes: number): Promise<KillCluster> {
    const cluster = new KillCluster();
    await cluster.startCore();
    for (let i = 1; i <= nodes; i++) await cluster.startEngine(`node-${i}`, i);
    await cluster.online();
    return cluster;
  }

  get path(): string {
    return join(this.folder, 'store.log');
  }

  disk(node: string, index = 0): string {
    return join(this.folder, `${node}-${index}.img`);
  }

  /** A new agent-core on the same files. */
  private async startCore(): Promise<void> {
    this.store = await FileStore.open(this.path);
    this.dying = undefined;
    this.crash = new CrashStore(this.store, () => {
      this.dying = this.core.kill();
    });
    // Clocks a hundred times as fast; a hung node plays no part here, so calls may take as long as they like.
    const clock = { ...timings(FACTOR), createWaitMs: 5_000, importTimeoutMs: 60_000 };
    this.core = new AgentCore({ host: '127.0.0.1', port: this.port, store: this.crash, timings: clock });
    await this.core.start();
    this.port = Number(this.core.address.split(':')[1]);
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    const insecure = credentials.createInsecure();
    this.volumes = new VolumeGrpcClient(this.core.address, insecure, options);
    this.pools = new PoolGrpcClient(this.core.address, insecure, options);
    this.nodes = new NodeGrpcClient(this.core.address, insecure, options);
    this.registry = new RegistryGrpcClient(this.core.address, insecure, options);
    this.clients = [this.volumes, this.pools, this.nodes, this.registry];
  }

  /** Ends this agent-core as kill -9 does, if it lives still, and starts one that lives on. */
  async restartCore(): Promise<void> {
    this.crash.isDead = true;
    await (this.dying ?? this.core.kill());
    for (const client of this.clients) client.close();
    // What it had handed to the file before it died gets there, as it does with a process.
    await this.store.close();
    await this.startCore();
    await this.online();
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.core.kill();
    for (const client of this.engines.values()) client.close();
    for (const engine of this.running) await engine.kill();
    for (const store of this.stores) store.close();
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Has agent-core died at its moment? */
  get isDead(): boolean {
    return this.crash.isDead;
  }

  /** Lets agent-core die at the `moments`th moment from now. */
  arm(moments: number): void {
    this.crash.diesIn = moments;
  }

  infoKeys(): Promise<Array<readonly [string, string]>> {
    return this.store.list(NEXUS_INFO_ROOT);
  }

  /** Runs a request; a connection that breaks or is refused leaves its outcome unknown. */
  async ask<R extends { reply?: { $case: string; value: unknown } | undefined } | { error?: ReplyError | undefined }>(
    run: (callback: (error: ServiceError | null, reply: R) => void) => unknown,
  ): Promise<Outcome> {
    return new Promise((resolve) =>
      run((error, reply) => {
        if (error !== null) return resolve('unknown');
        if ('error' in reply && reply.error !== undefined) return resolve(reply.error);
        if ('reply' in reply && reply.reply?.$case === 'error') return resolve(reply.reply.value as ReplyError); // so it says
        resolve('done');
      }),
    );
  }

  createVolume(uuid: string, replicas: number, sizeMib: number): Promise<Outcome> {
    const request = CreateVolumeRequest.fromPartial({
      uuid,
      replicas: BigInt(replicas),
      size: BigInt(sizeMib * MIB),
      thin: true,
      policy: { selfHeal: true },
    });
    return this.ask((cb) => this.volumes.createVolume(request, cb));
  }

  publish(uuid: string): Promise<Outcome> {
    const request = { uuid, share: VolumeShareProtocol.Nvmf, publishContext: {}, frontendNodes: [] };
    return this.ask((cb) => this.volumes.publishVolume(request, cb));
  }

  createPool(node: string, pool: string, index = 0): Promise<Outcome> {
    const request = { nodeId: node, poolId: pool, disks: [this.disk(node, index)] };
    return this.ask((cb) => this.pools.createPool(request, cb));
  }

  private async startEngine(name: string, index: number): Promise<void> {
    // What its targets know is kept at agent-core, over the wire.
    const store = new EtcdStore(`127.0.0.1:${this.port}`);
    this.stores.push(store);
    const engine = new IoEngine({
      nodeName: name,
      host: '127.0.0.1',
      grpcPort: 0,
      fabricPort: 8420 + index,
      agentCore: `127.0.0.1:${this.port}`,
      disks: [0, 1].map((disk) => ({ path: this.disk(name, disk), sizeBytes: 512 * MIB })),
      store,
      fabric: this.fabric,
      timings: { ...timings(FACTOR), livenessProbeMs: 200, createWaitMs: 5_000 },
      instanceUuid: randomUUID(),
    });
    this.running.push(engine);
    await engine.start();
    this.engines.set(name, new EngineClient(engine.grpcAddress, deadlines(timings(1))));
  }

  private async online(): Promise<void> {
    await until('every node online', () => {
      return new Promise<boolean>((resolve) =>
        this.nodes.getNodes({ ignoreNotfound: false }, (error, answer) => {
          const nodes = error === null && answer.reply?.$case === 'nodes' ? answer.reply.value.nodes : [];
          const online = nodes.filter((node) => node.state?.status === NodeStatus.Online).length;
          resolve(online === this.running.length);
        }),
      );
    });
  }
}
