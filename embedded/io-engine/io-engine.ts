import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ExportedDevice, Fabric, FabricListener, RemoteDevice } from '@/embedded/fabric/fabric';
import { FabricError } from '@/embedded/fabric/fabric';
import { NQN_PREFIX, nodeHostNqn } from '@/embedded/fabric/nvmf-uri';
import { laterRelease } from '@/embedded/rpc/later-release';
import type { LocalNetwork, LocalServer, Service } from '@/embedded/rpc/local-network';
import type { Store } from '@/embedded/store/store';
import type { Timings } from '@/embedded/timing';
import { APIVersion, type RegisterRequest } from '@/gen/mayastor/v1/common';
import { HostRpcService } from '@/gen/mayastor/v1/host';
import { NexusRpcService } from '@/gen/mayastor/v1/nexus';
import { PoolRpcService } from '@/gen/mayastor/v1/pool';
import { ReplicaRpcService } from '@/gen/mayastor/v1/replica';
import { SnapshotRpcService } from '@/gen/mayastor/v1/snapshot';
import { StatsRpcService } from '@/gen/mayastor/v1/stats';
import { replicaUuidOf } from './child';
import { healthyNode, type NodeCondition } from './conditions';
import { Faults } from './faults';
import { HangGate } from './hang-gate';
import { NexusInfoKeeper } from './nexus-info';
import { NexusManager } from './nexus-manager';
import { NvmeControllers } from './nvme-controllers';
import { type DiskSpec, PoolManager } from './pool-manager';
import { Registration, registrationClient } from './registration';
import { openLocal } from './replica-device';
import { hostRpc } from './rpc/host-rpc';
import { nexusRpc } from './rpc/nexus-rpc';
import { poolRpc } from './rpc/pool-rpc';
import { replicaRpc } from './rpc/replica-rpc';
import { snapshotRpc } from './rpc/snapshot-rpc';
import { statsRpc } from './rpc/stats-rpc';
import { unaryFor } from './rpc/unary';
import { TokenBucket } from './token-bucket';

export interface IoEngineOptions {
  readonly nodeName: string;
  readonly host: string;
  /** 0: ephemeral. */
  readonly grpcPort: number;
  /** 0: any, where the fabric has ports of its own. */
  readonly fabricPort: number;
  /** host:port of agent-core; without it the engine registers nowhere. */
  readonly agentCore: string | undefined;
  /** Files that exist, or are made sparse at start. */
  readonly disks: readonly DiskSpec[];
  readonly store: Store;
  readonly fabric: Fabric;
  readonly timings: Timings;
  /** Limit of all rebuilds of this node together. */
  readonly rebuildBytesPerSecond?: number;
  readonly version?: string;
  readonly instanceUuid?: string;
  /** Shared with whoever injects faults into the node. */
  readonly condition?: NodeCondition;
  /** Called when registering begins to work, and with the error when it no longer does. */
  readonly onRegistration?: (error: Error | undefined) => void;
  /** Where agent-core is, when it runs in this process; the engine is served there and on its port. */
  readonly network?: LocalNetwork;
}

/** The data plane of one node: pools on disk files, replicas, nexuses, and the gRPC services over them. */
export class IoEngine {
  readonly faults: Faults;
  private readonly gate = new HangGate();
  private readonly pools: PoolManager;
  private readonly nexuses: NexusManager;
  private readonly controllers = new NvmeControllers();
  private readonly instanceUuid: string;
  private readonly condition: NodeCondition;
  private server: Server | undefined;
  private local: LocalServer | undefined;
  private listener: FabricListener | undefined;
  private registration: Registration | undefined;
  private grpcPort: number;
  private fabricPort: number;

  constructor(private readonly options: IoEngineOptions) {
    this.grpcPort = options.grpcPort;
    this.fabricPort = options.fabricPort;
    this.instanceUuid = options.instanceUuid ?? randomUUID();
    this.condition = options.condition ?? healthyNode();
    this.pools = new PoolManager(options.disks, this.gate);
    const { rebuildBytesPerSecond: rate, timings } = options;
    this.nexuses = new NexusManager({
      fabricAddress: () => this.fabricAddress,
      timings,
      gate: this.gate,
      condition: this.condition,
      now: () => this.now(),
      bucket: rate ? new TokenBucket(rate) : undefined,
      open: (uri, key) => this.openChild(uri, key),
      info: (key, gaveUp) =>
        new NexusInfoKeeper(
          options.store,
          key,
          { retry: timings.livenessProbeMs, timeout: timings.nexusInfoTimeoutMs },
          gaveUp,
        ),
    });
    this.faults = new Faults(this.gate, this.pools, this.nexuses, () => this.listener);
  }

  get grpcAddress(): string {
    return `${this.options.host}:${this.grpcPort}`;
  }

  get fabricAddress(): string {
    return `${this.options.host}:${this.fabricPort}`;
  }

  /** Serves gRPC and the fabric, and registers. Pools are loaded only when ImportPool asks, as upstream does. */
  async start(): Promise<void> {
    this.pools.prepareDisks();
    this.listener = await this.options.fabric.listen(this.fabricAddress, (nqn) => this.exported(nqn));
    this.fabricPort = Number(this.listener.address.split(':').pop());
    const services = laterRelease(this.services(), () => this.condition.isNewer);
    // Two servers on one port would share its connections; a second one has to fail instead.
    this.server = new Server({ 'grpc.so_reuseport': 0 });
    for (const [definition, implementation] of services) this.server.addService(definition, implementation);
    this.grpcPort = await bind(this.server, this.grpcAddress);
    const { agentCore, network, timings } = this.options;
    this.local = network?.serve(this.grpcAddress, services, () => this.revision());
    if (agentCore) {
      this.registration = new Registration(
        () => network?.dial(agentCore) ?? registrationClient(agentCore, timings.registrationIntervalMs),
        timings.registrationIntervalMs,
        this.gate,
        () => (this.condition.isCutFromCore ? undefined : this.registerRequest()),
        this.options.onRegistration,
      );
      this.registration.start();
    }
  }

  /** Clean stop: nexuses end clean, agent-core is told, the disks are closed. */
  async stop(): Promise<void> {
    this.faults.hang(false);
    await this.nexuses.shutdownAll();
    await this.registration?.stop();
    await this.listener?.close();
    this.local?.close();
    this.server?.forceShutdown();
    this.pools.closeAll();
  }

  /** Ends its targets and nothing else, when all engines are about to be killed: none has to notice that others die. */
  killTargets(): void {
    this.nexuses.killAll();
  }

  /** As kill -9: nothing is flushed, nobody is told; the disk files stay as they are. */
  async kill(): Promise<void> {
    this.registration?.kill();
    this.pools.closeAll();
    this.nexuses.killAll();
    this.listener?.kill();
    this.local?.close();
    this.server?.forceShutdown();
    this.faults.hang(false);
  }

  private now(): number {
    return Date.now() + this.condition.clockSkewMs;
  }

  private exported(nqn: string): ExportedDevice | undefined {
    if (!nqn.startsWith(NQN_PREFIX)) return undefined;
    const uuid = nqn.slice(NQN_PREFIX.length);
    return this.pools.knownShared(uuid) ?? this.nexuses.byNqn(nqn) ?? this.pools.shared(uuid);
  }

  private async openChild(uri: string, reservationKey: bigint): Promise<RemoteDevice> {
    if (uri.startsWith('nvmf')) {
      const key = reservationKey === 0n ? undefined : reservationKey;
      const device = await this.options.fabric.connect(uri, nodeHostNqn(this.options.nodeName), {
        reservationKey: key,
      });
      return this.controllers.attach(`${uri.split('?')[0]}n1`, device);
    }
    const device = this.pools.device(replicaUuidOf(uri) ?? '');
    if (!device) throw new FabricError('not-found', `no replica here behind ${uri}`);
    return openLocal(device);
  }

  private registerRequest(): RegisterRequest {
    return {
      id: this.options.nodeName,
      grpcEndpoint: this.grpcAddress,
      instanceUuid: this.instanceUuid,
      apiVersion: [APIVersion.V1],
      hostnqn: nodeHostNqn(this.options.nodeName),
      features: {
        asymmetricNamespaceAccess: true,
        logicalVolumeManager: false,
        snapshotRebuild: false,
        rdmaCapableIoEngine: false,
      },
      bugfixes: { nexusRebuildReplicaAncestry: true },
      version: this.options.version ?? '2.7.1',
    };
  }

  /** Of all that is listed; undefined while it hangs, says what it says in another way, or rebuilds: then ask. */
  private revision(): number | undefined {
    if (this.gate.isHung || this.condition.isNewer || this.nexuses.isRebuilding) return undefined;
    return this.pools.revision + this.nexuses.revision;
  }

  private services(): Service[] {
    const unary = unaryFor(this.gate);
    const address = () => this.fabricAddress;
    const now = () => this.now();
    const registration = () => this.registerRequest();
    return [
      [HostRpcService, { ...hostRpc(this.pools, this.controllers, registration, unary) }],
      [PoolRpcService, { ...poolRpc(this.pools, unary) }],
      [ReplicaRpcService, { ...replicaRpc(this.pools, address, unary) }],
      [NexusRpcService, { ...nexusRpc(this.nexuses, now, unary) }],
      [SnapshotRpcService, { ...snapshotRpc(this.pools, this.nexuses, address, now, unary) }],
      [StatsRpcService, { ...statsRpc(this.pools, this.nexuses, unary) }],
    ];
  }
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}
