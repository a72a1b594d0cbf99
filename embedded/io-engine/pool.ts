import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { FabricError } from '@/embedded/fabric/fabric';
import { BLOCK_SIZE, type Disk } from './disk';
import { type Lvol, type PoolOp, PoolState } from './lvol';
import { MetadataLog } from './metadata-log';

const MAGIC = 'mayastor-embedded-pool-1';
const SUPERBLOCK = 4096;
export const DEFAULT_CLUSTER = 4 * 1024 * 1024;

interface Superblock {
  magic: string;
  name: string;
  uuid: string;
  diskUuid: string;
  clusterSize: number;
  metadataBytes: number;
  clusters: number;
}

export interface Layout {
  readonly metadataBytes: number;
  readonly clusters: number;
}

/** Splits a disk: metadata first (at least one cluster, more on large disks), whole clusters after. */
export function layout(diskBytes: number, clusterSize: number): Layout {
  const wanted = SUPERBLOCK + 2 * 1024 * 1024 + Math.ceil(diskBytes / clusterSize) * 48;
  const metadataBytes = Math.ceil(wanted / clusterSize) * clusterSize;
  return { metadataBytes, clusters: Math.max(0, Math.floor((diskBytes - metadataBytes) / clusterSize)) };
}

/** Reads the superblock of a disk; undefined when it carries no pool. Throws a FabricError when the disk errs. */
function readSuperblock(disk: Disk): Superblock | undefined {
  const block = Buffer.alloc(SUPERBLOCK);
  disk.read(0, block);
  const length = block.readUInt32LE(0);
  if (length === 0 || length > SUPERBLOCK - 8) return undefined;
  const payload = block.subarray(8, 8 + length);
  if (crc32(payload) !== block.readUInt32LE(4)) return undefined;
  // The checksum holds, so this is what writeSuperblock wrote.
  const parsed = JSON.parse(payload.toString()) as Superblock;
  return parsed.magic === MAGIC ? parsed : undefined;
}

function writeSuperblock(disk: Disk, superblock: Superblock): void {
  const payload = Buffer.from(JSON.stringify(superblock));
  const block = Buffer.alloc(SUPERBLOCK);
  block.writeUInt32LE(payload.length, 0);
  block.writeUInt32LE(crc32(payload), 4);
  payload.copy(block, 8);
  disk.write(0, block);
}

/** A pool on one disk: superblock, metadata log, data clusters. Every change of metadata goes through `commit`. */
export class Pool {
  readonly state: PoolState;
  private readonly log: MetadataLog<PoolOp>;

  private constructor(
    readonly disk: Disk,
    private readonly superblock: Superblock,
  ) {
    this.state = new PoolState(superblock.clusters);
    const half = Math.floor((superblock.metadataBytes - SUPERBLOCK) / 2 / BLOCK_SIZE) * BLOCK_SIZE;
    this.log = new MetadataLog<PoolOp>(
      disk,
      [
        { offset: SUPERBLOCK, length: half },
        { offset: SUPERBLOCK + half, length: half },
      ],
      () => this.state.checkpoint(),
    );
  }

  /** Formats the disk, which must be open and blank (all zero where it was never written). */
  static format(disk: Disk, name: string, uuid: string, clusterSize: number): Pool {
    const { metadataBytes, clusters } = layout(disk.sizeBytes, clusterSize);
    if (clusters < 1) throw new FabricError('no-space', `${disk.path} is too small for a pool`);
    const superblock = { magic: MAGIC, name, uuid, diskUuid: randomUUID(), clusterSize, metadataBytes, clusters };
    const pool = new Pool(disk, superblock);
    pool.log.format();
    writeSuperblock(disk, superblock);
    return pool;
  }

  /** Loads the pool that the disk carries; undefined when there is none. Throws a FabricError when the disk errs. */
  static load(disk: Disk): Pool | undefined {
    const superblock = readSuperblock(disk);
    if (!superblock) return undefined;
    const pool = new Pool(disk, superblock);
    const ops = pool.log.recover();
    if (!ops) return undefined;
    for (const op of ops) pool.state.apply(op);
    return pool;
  }

  /** Wipes the superblock, so that no pool is found on the disk again. */
  erase(): void {
    this.disk.write(0, Buffer.alloc(SUPERBLOCK));
  }

  get name(): string {
    return this.superblock.name;
  }
  get uuid(): string {
    return this.superblock.uuid;
  }
  get clusterSize(): number {
    return this.superblock.clusterSize;
  }
  get capacityBytes(): number {
    return this.superblock.clusters * this.clusterSize;
  }
  get usedBytes(): number {
    return this.state.usedClusters * this.clusterSize;
  }
  /** The disk as the engine names it: a URI with decorations, unlike what the user gave (behaviour facts, 1.3). */
  get diskUri(): string {
    return `aio://${this.disk.path}?blk_size=${BLOCK_SIZE}&uuid=${this.superblock.diskUuid}`;
  }

  lvol(uuid: string): Lvol | undefined {
    return this.state.byUuid(uuid);
  }

  /** Writes the operations to the log, then applies them. When the disk errs, nothing has changed. */
  commit(ops: PoolOp[]): void {
    this.log.append(ops);
    for (const op of ops) this.state.apply(op);
  }

  position(cluster: number, within: number): number {
    return this.superblock.metadataBytes + cluster * this.clusterSize + within;
  }
}
