import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { AgentCore } from '@/embedded/agent-core/agent-core';
import type { Fabric } from '@/embedded/fabric/fabric';
import { LoopbackFabric } from '@/embedded/fabric/loopback-fabric';
import { IoEngine } from '@/embedded/io-engine/io-engine';
import { LocalNetwork } from '@/embedded/rpc/local-network';
import { MemoryStore } from '@/embedded/store/memory-store';
import { type Timings, timings } from '@/embedded/timing';
import { Workloads } from '@/embedded/workload/workloads';
import { ChildAction, NexusRpcClient } from '@/gen/mayastor/v1/nexus';
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
}

interface NodeSlot {
  name: string;
  /** 0 until the first start; then it stays, as a node's address does. */
  grpcPort: number;
  fabricPort: number;
  disks: Array<{ path: string; sizeBytes: number }>;
  engine: IoEngine | undefined;
  hung: boolean;
  diskFaults: Array<'none' | 'failed' | 'slow'>;
}

export type NodeState = 'running' | 'hung' | 'stopped';

const HOST = '127.0.0.1';

/** agent-core, io-engines and workloads in this process, with their files in one folder that goes when it stops. */
export class EmbeddedCluster {
  readonly workloads: Workloads;
  readonly control: ControlPlane;
  private core: AgentCore | undefined;
  private readonly fabric: LoopbackFabric;
  private readonly store = new MemoryStore();
  /** Over which our own programs call each other; everybody else comes over sockets. */
  readonly network = new LocalNetwork();
  private readonly clock: Timings;

  private constructor(
    private readonly options: ClusterOptions,
    /** All files of the cluster are in here. */
    readonly folder: string,
    private readonly corePort: number,
    private readonly slots: NodeSlot[],
  ) {
    this.fabric = new LoopbackFabric();
    this.clock = timings(options.timeFactor);
    this.control = new ControlPlane(this.network.dial(this.agentCoreAddress));
    this.workloads = new Workloads(this.fabric, this.control, options.seed);
  }

  /** Starts everything and makes one pool on each disk. Rejects, leaving nothing behind, when a part does not start. */
  static async start(options: ClusterOptions): Promise<EmbeddedCluster> {
    const folder = await mkdtemp(path.join(tmpdir(), 'mayastor-embedded-'));
    const slots: NodeSlot[] = [];
    for (let n = 1; n <= options.nodes; n += 1) {
      const name = `io-${n}`;
      await mkdir(path.join(folder, name));
      const disks = Array.from({ length: options.disksPerNode }, (_, d) => ({
        path: path.join(folder, name, `disk-${d}.img`),
        sizeBytes: options.diskBytes,
      }));
      slots.push({
        name,
        // Taken at the first start: ports chosen beforehand are lost to outgoing connections of a large fleet.
        grpcPort: 0,
        // Only a name within this process.
        fabricPort: 8420 + n,
        disks,
        engine: undefined,
        hung: false,
        diskFaults: disks.map(() => 'none'),
      });
    }
    const corePort = options.agentCorePort || (await freePort());
    const cluster = new EmbeddedCluster(options, folder, corePort, slots);
    try {
      await cluster.startCore();
      await Promise.all(slots.map((s) => cluster.startNode(s.name)));
      await cluster.whenOnline();
      if (options.pools !== false) await cluster.createPools();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  private async createPools(): Promise<void> {
    for (const slot of this.slots) {
      for (const [d, disk] of slot.disks.entries()) {
        // CSI takes only pools with this label (behaviour facts, 5.5).
        const labels: Record<string, string> = { 'openebs.io/created-by': 'operator-diskpool' };
        labels.media = d === 0 ? 'nvme' : 'ssd';
        if (d === 0) labels[TIER.key] = TIER.value;
        const make = () => this.control.createPool(slot.name, `pool-${slot.name}-${d}`, disk.path, labels);
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

  get isCoreRunning(): boolean {
    return this.core !== undefined;
  }

  nodeStates(): Array<{ name: string; state: NodeState; disks: Array<'none' | 'failed' | 'slow'> }> {
    return this.slots.map((s) => ({
      name: s.name,
      state: s.engine === undefined ? 'stopped' : s.hung ? 'hung' : 'running',
      disks: s.diskFaults,
    }));
  }

  async startCore(): Promise<void> {
    if (this.core) return;
    const core = new AgentCore({
      host: HOST,
      port: this.corePort,
      store: this.store,
      timings: this.clock,
      version: '2.7.1',
      network: this.network,
    });
    await core.start();
    this.core = core;
  }

  /** As kill -9: what was not written is gone, nothing is said goodbye to. */
  async killCore(): Promise<void> {
    await this.core?.kill();
    this.core = undefined;
  }

  async startNode(name: string): Promise<void> {
    const slot = this.slot(name);
    if (slot.engine) return;
    const engine = new IoEngine({
      nodeName: slot.name,
      host: HOST,
      grpcPort: slot.grpcPort,
      fabricPort: slot.fabricPort,
      agentCore: this.agentCoreAddress,
      disks: slot.disks,
      store: this.store,
      fabric: this.fabric,
      timings: this.clock,
      rebuildBytesPerSecond: this.options.rebuildBytesPerSecond,
      version: '2.7.1',
      network: this.network,
    });
    slot.engine = engine;
    slot.hung = false;
    await engine.start();
    slot.grpcPort = Number(engine.grpcAddress.split(':').pop());
    for (const [d, fault] of slot.diskFaults.entries()) this.applyDiskFault(slot, d, fault);
  }

  async killNode(name: string): Promise<void> {
    const slot = this.slot(name);
    await slot.engine?.kill();
    slot.engine = undefined;
    slot.hung = false;
  }

  async restartNode(name: string): Promise<void> {
    await this.killNode(name);
    await this.startNode(name);
  }

  /** The process stands still: accepts and never answers. */
  hangNode(name: string, on: boolean): void {
    const slot = this.slot(name);
    slot.engine?.faults.hang(on);
    slot.hung = on && slot.engine !== undefined;
  }

  setDiskFault(name: string, disk: number, fault: 'none' | 'failed' | 'slow'): void {
    const slot = this.slot(name);
    if (slot.diskFaults[disk] === undefined) throw new UnknownThing(`node ${name} has no disk ${disk}`);
    slot.diskFaults[disk] = fault;
    this.applyDiskFault(slot, disk, fault);
  }

  /** The next I/O on a replica errs. */
  faultReplica(uuid: string): void {
    const found = this.slots.some((s) => s.engine?.faults.faultReplica(uuid));
    if (!found) throw new UnknownThing(`no running node has a replica ${uuid}`);
  }

  /** A replica's blocks have gone bad: every I/O on it errs for as long as it exists. */
  spoilReplica(uuid: string): void {
    const found = this.slots.some((s) => s.engine?.faults.failReplica(uuid, true));
    if (!found) throw new UnknownThing(`no running node has a replica ${uuid}`);
  }

  /** Takes a child of a nexus offline, as `io-engine-client nexus child offline` does, or brings it back. */
  async setChildOnline(node: string, nexusUuid: string, uri: string, on: boolean): Promise<void> {
    const { engine } = this.slot(node);
    if (!engine) throw new UnknownThing(`node ${node} does not run`);
    const client = new NexusRpcClient(engine.grpcAddress, credentials.createInsecure());
    const request = { nexusUuid, uri, action: on ? ChildAction.Online : ChildAction.Offline };
    try {
      await new Promise<void>((resolve, reject) =>
        client.childOperation(request, (error) => (error ? reject(error) : resolve())),
      );
    } finally {
      client.close();
    }
  }

  /** Faults a child of a volume's target at once. */
  faultChild(nexusUuid: string, replicaUuid: string, node: string): void {
    this.slot(node).engine?.faults.faultChild(nexusUuid, replicaUuid);
  }

  /** Resolves when agent-core sees these nodes (all of them by default) online; an agent-core that does not answer yet is waited for too. */
  async whenOnline(names: readonly string[] = this.slots.map((s) => s.name), withinMs = 15_000): Promise<void> {
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
    // Killed, not stopped: the files go anyway, and a hung node must not hold up the end.
    await Promise.all([this.killCore(), ...this.slots.map((s) => this.killNode(s.name))]);
    await rm(this.folder, { recursive: true, force: true });
  }

  private applyDiskFault(slot: NodeSlot, disk: number, fault: 'none' | 'failed' | 'slow'): void {
    const file = slot.disks[disk]?.path;
    if (!slot.engine || !file) return;
    if (fault === 'failed') slot.engine.faults.failDisk(file);
    else slot.engine.faults.healDisk(file);
    if (fault === 'slow') slot.engine.faults.slowDisk(file, 50);
  }

  private slot(name: string): NodeSlot {
    const slot = this.slots.find((s) => s.name === name);
    if (!slot) throw new UnknownThing(`there is no node ${name}`);
    return slot;
  }
}

/** Something that a request names and that is not here. */
export class UnknownThing extends Error {}

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
