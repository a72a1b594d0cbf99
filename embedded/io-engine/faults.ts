import { randomUUID } from 'node:crypto';
import type { FabricListener } from '@/embedded/fabric/fabric';
import type { Nexus as WireNexus } from '@/gen/mayastor/v1/common';
import type { HangGate } from './hang-gate';
import type { Lvol } from './lvol';
import type { NexusManager } from './nexus-manager';
import type { Pool } from './pool';
import type { PoolManager } from './pool-manager';
import { createReplica } from './replicas';

/** A disk whose pool is not loaded, so that it can be neither filled nor emptied. */
export class NoPool extends Error {}

/** Name of the lvol that takes what is free of a pool. */
const BALLAST = 'ballast';

/** Faults that tests and the scenario panel inject into one node. They all take effect through the ordinary I/O path. */
export class Faults {
  constructor(
    private readonly gate: HangGate,
    private readonly pools: PoolManager,
    private readonly nexuses: NexusManager,
    private readonly listener: () => FabricListener | undefined,
  ) {}

  /** The process stands still: gRPC and the fabric accept and never answer, no heart-beat, no rebuild. */
  hang(on: boolean): void {
    this.gate.set(on);
    this.listener()?.hang(on);
  }

  /** Every I/O on that disk errs. */
  failDisk(path: string): void {
    this.disk(path).fail(true);
  }

  /** The disk works again and at full speed. */
  healDisk(path: string): void {
    this.disk(path).fail(false);
    this.disk(path).slow(0);
  }

  /** Every I/O on that disk takes `delayMs` longer. */
  slowDisk(path: string, delayMs: number): void {
    this.disk(path).slow(delayMs);
  }

  /** Another lvol takes all that is free of the disk's pool: as real as if somebody had put data there. */
  fillDisk(path: string): void {
    this.relieveDisk(path);
    const pool = this.poolOn(path);
    const sizeBytes = pool.state.freeClusters * pool.clusterSize;
    if (sizeBytes > 0) createReplica(pool, { uuid: randomUUID(), name: BALLAST, sizeBytes, thin: false });
  }

  /** Gives back what `fillDisk` took. */
  relieveDisk(path: string): void {
    const pool = this.poolOn(path);
    const ballast = ballastIn(pool);
    if (ballast) pool.commit([{ o: 'drop', l: ballast.id }]);
  }

  isFull(path: string): boolean {
    const pool = this.pools.pools().find((p) => p.disk.path === path);
    return pool !== undefined && ballastIn(pool) !== undefined;
  }

  /** Replicas whose every I/O errs. */
  failingReplicas(): string[] {
    return this.pools.lvols().flatMap(({ lvol }) => (lvol.runtime.failing ? [lvol.uuid] : []));
  }

  /** Replicas that a client took out of a target of this node, and that may come back. */
  offlineReplicas(): string[] {
    return this.nexuses
      .list()
      .flatMap(({ children }) => children)
      .flatMap((c) => (c.status.kind === 'faulted' && c.status.reason === 'offline' ? [c.replicaUuid] : []));
  }

  /** The next I/O on that replica errs, once; false when the replica is not on this node. */
  faultReplica(uuid: string): boolean {
    const lvol = this.pools.lvol(uuid)?.lvol;
    if (lvol) lvol.runtime.failNext = 1;
    return lvol !== undefined;
  }

  /** Every I/O on that replica errs while `on`; false when the replica is not on this node. */
  failReplica(uuid: string, on: boolean): boolean {
    const lvol = this.pools.lvol(uuid)?.lvol;
    if (lvol) lvol.runtime.failing = on;
    return lvol !== undefined;
  }

  /** Calls back with each change of a target, as ListNexus tells it at that moment, until the answer is called. */
  watchTargets(changed: (nexus: WireNexus) => void): () => void {
    return this.nexuses.watch((nexus) => changed(nexus.toWire()));
  }

  /** Where a replica is a child, as ChildOperation names it. */
  childOf(replicaUuid: string): { nexusUuid: string; uri: string } | undefined {
    for (const nexus of this.nexuses.list()) {
      const child = nexus.children.find((c) => c.replicaUuid === replicaUuid);
      if (child) return { nexusUuid: nexus.uuid, uri: child.uri };
    }
    return undefined;
  }

  /** Faults a child of a nexus at once, as an I/O error would. Throws an RpcError when the nexus is not here. */
  faultChild(nexusUuid: string, replicaUuid: string): void {
    this.nexuses.get(nexusUuid).faultByReplica(replicaUuid);
  }

  private poolOn(path: string): Pool {
    const pool = this.pools.pools().find((p) => p.disk.path === path);
    if (!pool) throw new NoPool(`no pool is loaded from ${path}`);
    return pool;
  }

  private disk(path: string) {
    const disk = this.pools.disks.find((d) => d.path === path);
    if (!disk) throw new Error(`this node has no disk ${path}`);
    return disk;
  }
}

const ballastIn = (pool: Pool): Lvol | undefined =>
  [...pool.state.lvols.values()].find((lvol) => lvol.name === BALLAST);
