import type { FabricListener } from '@/embedded/fabric/fabric';
import type { HangGate } from './hang-gate';
import type { NexusManager } from './nexus-manager';
import type { PoolManager } from './pool-manager';

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

  /** Faults a child of a nexus at once, as an I/O error would. Throws an RpcError when the nexus is not here. */
  faultChild(nexusUuid: string, replicaUuid: string): void {
    this.nexuses.get(nexusUuid).faultByReplica(replicaUuid);
  }

  private disk(path: string) {
    const disk = this.pools.disks.find((d) => d.path === path);
    if (!disk) throw new Error(`this node has no disk ${path}`);
    return disk;
  }
}
