import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { AgentCore } from '@/embedded/agent-core/agent-core';
import type { Fabric } from '@/embedded/fabric/fabric';
import { LoopbackFabric } from '@/embedded/fabric/loopback-fabric';
import { LocalNetwork } from '@/embedded/rpc/local-network';
import { FaultyStore } from '@/embedded/store/faulty-store';
import { MemoryStore } from '@/embedded/store/memory-store';
import { type Timings, timings } from '@/embedded/timing';
import { Workloads } from '@/embedded/workload/workloads';
import { ChildAction, NexusRpcClient } from '@/gen/mayastor/v1/nexus';
import { ClusterNode, type DiskState, type NodeState, NotNow, UnknownThing } from './cluster-node';
import { ControlPlane } from './control-plane';
import { TIER } from './fleet';
import { patiently } from './patiently';

export interface ClusterOptions {
  nodes: number;
  disksPerNode: number;
  diskBytes: number;
  /** All of Mayastor's clocks run this many times as fast. */
  timeFactor: number;
  /** Limit of all rebuilds of a node together, bytes per second; so that a rebuild can be watched. */
  rebuildBytesPerSecond: number | undefined;
  agentCorePort: number;
  seed: number;
  /** False: the disks stay blank. */
  pools?: boolean;
  /** Aborted: it need not start any more. */
  signal?: AbortSignal;
}

const HOST = '127.0.0.1';

/** How long a start of agent-core is waited for. */
const START_MS = 5_000;

/** `starting`: it waits for its store. */
export type CoreState = 'running' | 'starting' | 'stopped';

const CHILD_ACTIONS = {
  offline: ChildAction.Offline,
  online: ChildAction.Online,
  fault: ChildAction.OfflinePermanent,
} as const;

/** agent-core, io-engines and workloads in this process, with their files in one folder that goes when it stops. */
export class EmbeddedCluster {
  readonly workloads: Workloads;
  readonly control: ControlPlane;
  private core: AgentCore | undefined;
  private readonly fabric = new LoopbackFabric();
  private readonly store = new MemoryStore();
  /** agent-core's way to its store. */
  readonly coreStore = new FaultyStore(this.store);
  /** agent-core is of a later release than its clients. */
  isCoreNewer = false;
  readonly nodes: readonly ClusterNode[];
  /** Over which our own programs call each other; everybody else comes over sockets. */
  readonly network = new LocalNetwork();
  private readonly clock: Timings;

  private constructor(
    private readonly options: ClusterOptions,
    /** All files of the cluster are in here. */
    readonly folder: string,
    private readonly corePort: number,
  ) {
    this.clock = timings(options.timeFactor);
    this.control = new ControlPlane(this.network.dial(this.agentCoreAddress));
    this.workloads = new Workloads(this.fabric, this.control, options.seed);
    this.nodes = Array.from({ length: options.nodes }, (_, n) => this.makeNode(n + 1));
  }

  private makeNode(n: number): ClusterNode {
    const name = `io-${n}`;
    const disks = Array.from({ length: this.options.disksPerNode }, (_, d) => ({
      path: path.join(this.folder, name, `disk-${d}.img`),
      sizeBytes: this.options.diskBytes,
    }));
    // The port of the fabric is only a name within this process.
    return new ClusterNode(name, 8420 + n, disks, {
      host: HOST,
      agentCore: this.agentCoreAddress,
      store: this.store,
      fabric: this.fabric,
      timings: this.clock,
      rebuildBytesPerSecond: this.options.rebuildBytesPerSecond,
      network: this.network,
    });
  }

  /** Starts everything and makes one pool on each disk. Rejects, leaving nothing behind, when a part does not start. */
  static async start(options: ClusterOptions): Promise<EmbeddedCluster> {
    const folder = await mkdtemp(path.join(tmpdir(), 'mayastor-embedded-'));
    const corePort = options.agentCorePort || (await freePort());
    const cluster = new EmbeddedCluster(options, folder, corePort);
    try {
      await Promise.all(cluster.nodes.map(({ name }) => mkdir(path.join(folder, name))));
      await cluster.startCore();
      await Promise.all(cluster.nodes.map((node) => node.start()));
      options.signal?.throwIfAborted();
      await cluster.whenOnline();
      if (options.pools !== false) await cluster.createPools();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  private async createPools(): Promise<void> {
    for (const node of this.nodes) {
      for (const [d, disk] of node.disks.entries()) {
        this.options.signal?.throwIfAborted();
        // CSI takes only pools with this label (behaviour facts, 5.5).
        const labels: Record<string, string> = { 'openebs.io/created-by': 'operator-diskpool' };
        labels.media = d === 0 ? 'nvme' : 'ssd';
        if (d === 0) labels[TIER.key] = TIER.value;
        const make = () => this.control.createPool(node.name, `pool-${node.name}-${d}`, disk.path, labels);
        await patiently(make, () => this.whenOnline());
      }
    }
  }

  get agentCoreAddress(): string {
    return `${HOST}:${this.corePort}`;
  }

  /** Size of each disk's file. */
  get diskBytes(): number {
    return this.options.diskBytes;
  }

  /** For application hosts. */
  get fabricForHosts(): Fabric {
    return this.fabric;
  }

  get coreState(): CoreState {
    if (!this.core) return 'stopped';
    return this.core.isRunning ? 'running' : 'starting';
  }

  nodeStates(): Array<{ name: string; state: NodeState; disks: DiskState[] }> {
    return this.nodes.map((node) => ({ name: node.name, state: node.state, disks: node.diskStates() }));
  }

  /** Throws UnknownThing. */
  node(name: string): ClusterNode {
    const node = this.nodes.find((n) => n.name === name);
    if (!node) throw new UnknownThing(`there is no node ${name}`);
    return node;
  }

  /** Resolves when it serves; or soon, when its store does not answer, which it then waits for. */
  async startCore(): Promise<void> {
    if (this.core) return;
    const core = new AgentCore({
      host: HOST,
      port: this.corePort,
      store: this.coreStore,
      timings: this.clock,
      version: '2.7.1',
      network: this.network,
      isCutFrom: (endpoint) => this.nodes.some((n) => n.condition.isCutFromCore && n.endpoint === endpoint),
      isNewer: () => this.isCoreNewer,
    });
    this.core = core;
    const started = core.start().catch((error: unknown) => {
      if (this.core === core) this.core = undefined;
      throw error;
    });
    const late = delay(START_MS, 'late', { ref: false });
    if ((await Promise.race([started, late])) === 'late') started.catch(() => undefined);
  }

  /** As kill -9: what was not written is gone, nothing is said goodbye to. */
  async killCore(): Promise<void> {
    this.coreStore.drop();
    await this.core?.kill();
    this.core = undefined;
  }

  startNode(name: string): Promise<void> {
    return this.node(name).start();
  }

  killNode(name: string): Promise<void> {
    return this.node(name).kill();
  }

  /** The process stands still: accepts and never answers. */
  hangNode(name: string, on: boolean): void {
    this.node(name).hang(on);
  }

  /** The next I/O on a replica errs. */
  faultReplica(uuid: string): void {
    const found = this.running.some(({ engine }) => engine.faults.faultReplica(uuid));
    if (!found) throw new UnknownThing(`no running node has a replica ${uuid}`);
  }

  /** A replica's blocks have gone bad: every I/O on it errs until that is over, or the replica is gone. */
  spoilReplica(uuid: string, on = true): void {
    const found = this.running.some(({ engine }) => engine.faults.failReplica(uuid, on));
    if (!found) throw new UnknownThing(`no running node has a replica ${uuid}`);
  }

  /**
   * What io-engine-client does to a child of a target: takes it offline, brings it back, or faults it for good. Throws
   * UnknownThing when the replica is under no target, NotNow with the io-engine's words when that refuses.
   */
  async operateChild(replicaUuid: string, action: 'offline' | 'online' | 'fault'): Promise<void> {
    for (const { engine } of this.running) {
      const child = engine.faults.childOf(replicaUuid);
      if (!child) continue;
      const client = new NexusRpcClient(engine.grpcAddress, credentials.createInsecure());
      try {
        await new Promise<void>((resolve, reject) =>
          client.childOperation({ ...child, action: CHILD_ACTIONS[action] }, (error) =>
            error ? reject(new NotNow(error.details)) : resolve(),
          ),
        );
      } finally {
        client.close();
      }
      return;
    }
    throw new UnknownThing(`no target has a copy ${replicaUuid}`);
  }

  /** Faults a child of a volume's target at once. */
  faultChild(nexusUuid: string, replicaUuid: string, node: string): void {
    this.node(node).engine.faults.faultChild(nexusUuid, replicaUuid);
  }

  /** Resolves when agent-core sees these nodes (all of them by default) online; an agent-core that does not answer yet is waited for too. */
  async whenOnline(names: readonly string[] = this.nodes.map((n) => n.name), withinMs = 15_000): Promise<void> {
    const end = performance.now() + withinMs;
    for (;;) {
      const online = await this.control.onlineNodes().catch(() => [] as string[]);
      if (names.every((n) => online.includes(n))) return;
      if (performance.now() > end)
        throw new Error(`not online in time: ${names.filter((n) => !online.includes(n)).join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends everything and removes the files. */
  async stop(): Promise<void> {
    await this.workloads.stop();
    this.control.close();
    for (const node of this.running) node.engine.killTargets();
    // Killed, not stopped: the files go anyway, and a hung node must not hold up the end.
    await Promise.all([this.killCore(), ...this.nodes.map((node) => node.kill())]);
    await rm(this.folder, { recursive: true, force: true });
  }

  private get running(): ClusterNode[] {
    return this.nodes.filter((node) => node.state !== 'stopped');
  }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
