import type { ByteRange, ExportedDevice, RemoteDevice, SnapshotRequest } from '@/embedded/fabric/fabric';
import { FabricError } from '@/embedded/fabric/fabric';
import { nextTurn } from '@/embedded/fabric/next-turn';
import { NQN_PREFIX } from '@/embedded/fabric/nvmf-uri';
import { BLOCK_SIZE } from './disk';
import { type IoKind, nowNs } from './io-stats';
import type { Lvol } from './lvol';
import { allocatedRanges, readLvol, unmapLvol, writeLvol } from './lvol-io';
import type { Pool } from './pool';
import { createSnapshot } from './snapshots';

/** The block device of a replica: checks, waits for the disk, counts, and does the I/O in one synchronous step. */
export class ReplicaDevice implements ExportedDevice {
  readonly blockSize = BLOCK_SIZE;
  readonly nqn: string;

  constructor(
    private readonly pool: Pool,
    private readonly lvolId: number,
    private readonly uuid: string,
  ) {
    this.nqn = `${NQN_PREFIX}${uuid}`;
  }

  get sizeBytes(): number {
    return this.pool.state.lvols.get(this.lvolId)?.sizeBytes ?? 0;
  }

  get allowedHosts(): readonly string[] {
    return this.pool.state.lvols.get(this.lvolId)?.share?.allowedHosts ?? [];
  }

  read(offset: number, length: number, signal?: AbortSignal): Promise<Buffer> {
    return this.io('read', offset, length, signal, (lvol) => readLvol(this.pool, lvol, offset, length));
  }

  write(offset: number, data: Buffer, signal?: AbortSignal): Promise<void> {
    return this.io('write', offset, data.length, signal, (lvol) => writeLvol(this.pool, lvol, offset, data));
  }

  unmap(offset: number, length: number, signal?: AbortSignal): Promise<void> {
    return this.io('unmap', offset, length, signal, (lvol) => unmapLvol(this.pool, lvol, offset, length));
  }

  async allocated(): Promise<ByteRange[]> {
    return allocatedRanges(this.pool, this.lvol());
  }

  async snapshot(request: SnapshotRequest): Promise<void> {
    await this.pool.disk.wait();
    createSnapshot(this.pool, this.lvol(), request);
  }

  private lvol(): Lvol {
    const lvol = this.pool.state.lvols.get(this.lvolId);
    if (!lvol) throw new FabricError('not-found', `replica ${this.uuid} is gone`);
    return lvol;
  }

  private async io<T>(
    kind: IoKind,
    offset: number,
    length: number,
    signal: AbortSignal | undefined,
    run: (lvol: Lvol) => T,
  ): Promise<T> {
    const startedAt = nowNs();
    if (!this.pool.disk.isReady) await this.pool.disk.wait();
    // The connection may have ended while the disk was slow: what comes late must not overwrite what came after.
    if (signal?.aborted) throw new FabricError('connection-lost', `connection to ${this.uuid} has ended`);
    const lvol = this.lvol();
    if (offset % BLOCK_SIZE !== 0 || length % BLOCK_SIZE !== 0 || offset < 0 || offset + length > lvol.sizeBytes) {
      throw new FabricError('out-of-range', `${kind} of ${length} bytes at ${offset} of ${this.uuid}`);
    }
    if (lvol.runtime.failing || lvol.runtime.failNext > 0) {
      lvol.runtime.failNext = Math.max(0, lvol.runtime.failNext - 1);
      throw new FabricError('io-error', `replica ${this.uuid} answers with an error`);
    }
    const result = run(lvol);
    lvol.runtime.stats.count(kind, length, startedAt);
    return result;
  }
}

/** A device of this node as a nexus opens it: without the fabric between, but a connection that can be closed. */
export function openLocal(device: ReplicaDevice): RemoteDevice {
  const ended = new AbortController();
  const { signal } = ended;
  const guard = async <T>(run: () => Promise<T>): Promise<T> => {
    await nextTurn();
    if (signal.aborted) throw new FabricError('connection-lost', `${device.nqn} was closed`);
    return run();
  };
  return {
    get sizeBytes() {
      return device.sizeBytes;
    },
    blockSize: device.blockSize,
    identify: () => guard(async () => device.sizeBytes),
    read: (offset, length) => guard(() => device.read(offset, length, signal)),
    write: (offset, data) => guard(() => device.write(offset, data, signal)),
    unmap: (offset, length) => guard(() => device.unmap(offset, length, signal)),
    allocated: () => guard(() => device.allocated()),
    snapshot: (request) => guard(() => device.snapshot(request)),
    onLost: () => undefined,
    close: async () => ended.abort(),
  };
}
