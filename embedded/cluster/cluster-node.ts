import type { LoopbackFabric } from '@/embedded/fabric/loopback-fabric';
import { nodeHostNqn } from '@/embedded/fabric/nvmf-uri';
import { type DiskCondition, healthyDisk, healthyNode } from '@/embedded/io-engine/conditions';
import { NoPool } from '@/embedded/io-engine/faults';
import { IoEngine } from '@/embedded/io-engine/io-engine';
import type { LocalNetwork } from '@/embedded/rpc/local-network';
import { FaultyStore } from '@/embedded/store/faulty-store';
import type { Store } from '@/embedded/store/store';
import type { Timings } from '@/embedded/timing';

/** What all nodes of a cluster share. */
export interface Surroundings {
  readonly host: string;
  readonly agentCore: string;
  readonly store: Store;
  readonly fabric: LoopbackFabric;
  readonly timings: Timings;
  readonly rebuildBytesPerSecond: number | undefined;
  readonly network: LocalNetwork;
}

interface ClusterDisk {
  readonly path: string;
  readonly sizeBytes: number;
  readonly condition: DiskCondition;
}

export type NodeState = 'running' | 'hung' | 'stopped';
export type DiskState = 'none' | 'slow' | 'full' | 'failed' | 'gone';

/** Something that a request names and that is not here. */
export class UnknownThing extends Error {}

/** Something that cannot be done as things are. */
export class NotNow extends Error {}

/** One machine of the cluster: its disks and what is wrong with it stay, its io-engine comes and goes. */
export class ClusterNode {
  readonly condition = healthyNode();
  /** The node's way to the store in which its targets keep what they know. */
  readonly store: FaultyStore;
  readonly disks: readonly ClusterDisk[];
  private running: IoEngine | undefined;
  private hung = false;
  /** 0 until the first start: then it stays, as a node's address does. */
  private grpcPort = 0;

  constructor(
    readonly name: string,
    private readonly fabricPort: number,
    disks: ReadonlyArray<{ path: string; sizeBytes: number }>,
    private readonly around: Surroundings,
  ) {
    this.store = new FaultyStore(around.store);
    this.disks = disks.map((disk) => ({ ...disk, condition: healthyDisk() }));
  }

  /** The io-engine, of a node that runs. Throws NotNow. */
  get engine(): IoEngine {
    if (!this.running) throw new NotNow(`node ${this.name} does not run`);
    return this.running;
  }

  get state(): NodeState {
    if (!this.running) return 'stopped';
    return this.hung ? 'hung' : 'running';
  }

  /** Where it serves gRPC, host:port, and did before it was killed; undefined before its first start. */
  get endpoint(): string | undefined {
    return this.grpcPort === 0 ? undefined : `${this.around.host}:${this.grpcPort}`;
  }

  async start(): Promise<void> {
    if (this.running) return;
    const { host, agentCore, fabric, timings, rebuildBytesPerSecond, network } = this.around;
    const engine = new IoEngine({
      nodeName: this.name,
      host,
      grpcPort: this.grpcPort,
      fabricPort: this.fabricPort,
      agentCore,
      disks: this.disks,
      store: this.store,
      fabric,
      timings,
      rebuildBytesPerSecond,
      version: '2.7.1',
      condition: this.condition,
      network,
    });
    this.running = engine;
    this.hung = false;
    await engine.start();
    this.grpcPort = Number(engine.grpcAddress.split(':').pop());
  }

  /** As kill -9. What is wrong with the machine stays wrong. */
  async kill(): Promise<void> {
    this.store.drop();
    await this.running?.kill();
    this.running = undefined;
    this.hung = false;
  }

  /** The process stands still: accepts and never answers. Throws NotNow when there is none. */
  hang(on: boolean): void {
    this.engine.faults.hang(on);
    this.hung = on;
  }

  /** What it sends to the other nodes and they to it is lost. */
  cutFromPeers(on: boolean): void {
    this.around.fabric.cuts.set(this.peer, on);
  }

  get isCutFromPeers(): boolean {
    return this.around.fabric.cuts.has(this.peer);
  }

  /** Throws UnknownThing. */
  disk(index: number): ClusterDisk {
    const disk = this.disks[index];
    if (!disk) throw new UnknownThing(`node ${this.name} has no disk ${index}`);
    return disk;
  }

  /** Another lvol takes what is free of the disk's pool, or gives it back. Throws UnknownThing or NotNow. */
  fillDisk(index: number, on: boolean): void {
    const { path } = this.disk(index);
    try {
      if (on) this.engine.faults.fillDisk(path);
      else this.engine.faults.relieveDisk(path);
    } catch (error) {
      throw error instanceof NoPool ? new NotNow(error.message) : error;
    }
  }

  isDiskFull(index: number): boolean {
    return this.running?.faults.isFull(this.disk(index).path) ?? false;
  }

  /** The worst that is wrong with each disk. */
  diskStates(): DiskState[] {
    return this.disks.map(({ condition }, index) => {
      if (condition.isGone) return 'gone';
      if (condition.isFailing) return 'failed';
      if (this.isDiskFull(index)) return 'full';
      return condition.delayMs > 0 ? 'slow' : 'none';
    });
  }

  private get peer() {
    return { address: `${this.around.host}:${this.fabricPort}`, hostNqn: nodeHostNqn(this.name) };
  }
}
