import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, ftruncateSync, openSync, statSync, truncateSync } from 'node:fs';
import { FabricError } from '@/embedded/fabric/fabric';
import type { DiskCondition } from './conditions';
import { Disk } from './disk';
import type { HangGate } from './hang-gate';
import type { Lvol } from './lvol';
import { DEFAULT_CLUSTER, Pool } from './pool';
import { ReplicaDevice } from './replica-device';
import { alreadyExists, internal, invalid, notFound } from './rpc-error';

const MIB = 1024 * 1024;

export interface DiskSpec {
  readonly path: string;
  readonly sizeBytes: number;
  /** Shared with whoever injects faults into the disk. */
  readonly condition?: DiskCondition;
}

export interface Found {
  readonly pool: Pool;
  readonly lvol: Lvol;
}

/** The disks of a node and the pools that are loaded from them. */
export class PoolManager {
  readonly disks: readonly Disk[];
  private readonly loaded = new Map<string, Pool>();
  /** Changes of pools that are not loaded any more, and one for each that came or went. */
  private past = 0;
  private readonly devices = new Map<string, { pool: Pool; lvolId: number; device: ReplicaDevice }>();

  constructor(specs: readonly DiskSpec[], gate: HangGate) {
    this.disks = specs.map((d) => new Disk(d.path, d.sizeBytes, gate, d.condition));
  }

  /** Makes the disk files that are missing, sparse; one that is smaller grows. Throws when one is larger, or no file. */
  prepareDisks(): void {
    for (const disk of this.disks) {
      if (!existsSync(disk.path)) {
        blank(disk);
        continue;
      }
      const found = statSync(disk.path);
      if (!found.isFile()) throw new Error(`disk ${disk.path} is not a file`);
      if (found.size > disk.sizeBytes)
        throw new Error(`disk ${disk.path} has ${found.size} bytes: it cannot shrink to ${disk.sizeBytes}`);
      if (found.size < disk.sizeBytes) truncateSync(disk.path, disk.sizeBytes);
    }
  }

  /** Grows with each change of what is listed of the pools and their lvols. */
  get revision(): number {
    let revision = this.past;
    for (const pool of this.loaded.values()) revision += pool.state.revision;
    return revision;
  }

  pools(): Pool[] {
    return [...this.loaded.values()];
  }

  /** Formats the disk, or imports the pool of this name that is on it. Throws RpcErrors. */
  async create(name: string, uuid: string | undefined, disks: readonly string[], clusterSize?: number): Promise<Pool> {
    const disk = this.diskFor(disks);
    const size = clusterSize || DEFAULT_CLUSTER;
    if (size % MIB !== 0 || size > 1024 * MIB)
      throw invalid(`cluster size ${size} is not a multiple of 1 MiB up to 1 GiB`);
    this.mustNotBeLoaded(name, disk);
    const existing = await this.load(disk);
    if (existing) {
      this.mustMatch(existing, name, uuid, disk);
      this.attach(existing);
      return existing;
    }
    try {
      if (disk.isFailing) throw internal(`disk ${disk.path} answers with errors`);
      blank(disk);
      const pool = Pool.format(disk, name, uuid ?? randomUUID(), size);
      this.attach(pool);
      return pool;
    } catch (error) {
      disk.close();
      if (error instanceof FabricError && error.code === 'no-space') throw invalid(error.message);
      throw error;
    }
  }

  /** Loads the pool of this name from its disk. Throws RpcErrors. */
  async import(name: string, uuid: string | undefined, disks: readonly string[]): Promise<Pool> {
    const disk = this.diskFor(disks);
    const loaded = this.loaded.get(name);
    if (loaded)
      throw loaded.disk === disk
        ? alreadyExists(`pool ${name} is imported`)
        : invalid(`pool ${name} is on ${loaded.disk.path}`);
    this.mustNotBeLoaded(name, disk);
    const pool = await this.load(disk);
    if (!pool) throw invalid(`no pool is on ${disk.path}`);
    this.mustMatch(pool, name, uuid, disk);
    this.attach(pool);
    return pool;
  }

  /** Unloads a pool without deleting it. */
  export(name: string, uuid: string | undefined): void {
    this.detach(this.find(name, uuid));
  }

  async destroy(name: string, uuid: string | undefined): Promise<void> {
    const pool = this.find(name, uuid);
    await pool.disk.wait();
    pool.erase();
    this.detach(pool);
  }

  private attach(pool: Pool): void {
    this.past++;
    this.loaded.set(pool.name, pool);
  }

  private detach(pool: Pool): void {
    this.past += pool.state.revision + 1;
    this.loaded.delete(pool.name);
    pool.disk.close();
  }

  find(name: string, uuid: string | undefined): Pool {
    const pool = this.loaded.get(name);
    if (!pool) throw notFound(`pool ${name} is not here`);
    if (uuid && uuid !== pool.uuid) throw invalid(`pool ${name} has uuid ${pool.uuid}, not ${uuid}`);
    return pool;
  }

  /** By name or uuid, as several calls accept both. */
  byNameOrUuid(id: string): Pool | undefined {
    return this.loaded.get(id) ?? this.pools().find((p) => p.uuid === id);
  }

  lvol(uuid: string): Found | undefined {
    for (const pool of this.loaded.values()) {
      const lvol = pool.lvol(uuid);
      if (lvol) return { pool, lvol };
    }
    return undefined;
  }

  lvols(): Found[] {
    return this.pools().flatMap((pool) => [...pool.state.lvols.values()].map((lvol) => ({ pool, lvol })));
  }

  /** Block device of a replica or clone; snapshots are none. */
  device(uuid: string): ReplicaDevice | undefined {
    const known = this.devices.get(uuid);
    // The lookup of each I/O ends here as long as the pool is loaded and holds the lvol.
    if (known && this.loaded.get(known.pool.name) === known.pool && known.pool.state.lvols.has(known.lvolId)) {
      return known.device;
    }
    this.devices.delete(uuid);
    const found = this.lvol(uuid);
    if (!found || found.lvol.snapshot) return undefined;
    const device = new ReplicaDevice(found.pool, found.lvol.id, uuid);
    this.devices.set(uuid, { pool: found.pool, lvolId: found.lvol.id, device });
    return device;
  }

  /** As `shared`, but only for a replica that was asked for before: no search. */
  knownShared(uuid: string): ReplicaDevice | undefined {
    return this.devices.has(uuid) ? this.shared(uuid) : undefined;
  }

  /** Device of a replica that is shared, for the fabric. */
  shared(uuid: string): ReplicaDevice | undefined {
    const device = this.device(uuid);
    const known = this.devices.get(uuid);
    return device && known?.pool.state.lvols.get(known.lvolId)?.share ? device : undefined;
  }

  closeAll(): void {
    this.loaded.clear();
    for (const disk of this.disks) disk.retire();
  }

  private diskFor(uris: readonly string[]): Disk {
    const [uri] = uris;
    if (uri === undefined || uris.length !== 1) throw invalid('a pool is made of exactly one disk');
    const path = diskPath(uri);
    const disk = this.disks.find((d) => d.path === path && !d.isGone);
    // Word for word as upstream: agent-core tells by them that the disk is missing, and forgets the pool again.
    if (!disk) throw internal(`Failed to create a BDEV '${uri}'`);
    return disk;
  }

  private mustNotBeLoaded(name: string, disk: Disk): void {
    const sameName = this.loaded.get(name);
    if (sameName) {
      throw sameName.disk === disk
        ? alreadyExists(`pool ${name} exists`)
        : invalid(`pool ${name} is on ${sameName.disk.path}`);
    }
    const onDisk = this.pools().find((p) => p.disk === disk);
    if (onDisk) throw invalid(`disk ${disk.path} belongs to pool ${onDisk.name}`);
  }

  private async load(disk: Disk): Promise<Pool | undefined> {
    await disk.wait();
    try {
      disk.open();
    } catch (error) {
      throw internal(`cannot open disk ${disk.path}: ${error instanceof Error ? error.message : error}`);
    }
    try {
      return Pool.load(disk);
    } catch (error) {
      disk.close();
      throw error;
    }
  }

  private mustMatch(pool: Pool, name: string, uuid: string | undefined, disk: Disk): void {
    if (pool.name === name && (!uuid || uuid === pool.uuid)) return;
    disk.close();
    throw invalid(`disk ${disk.path} carries pool ${pool.name} (${pool.uuid})`);
  }
}

/** Path of a disk: bare, or as `aio://` or `uring://` URI; parameters that nobody knows are refused (behaviour facts, 2.2). */
function diskPath(uri: string): string {
  if (uri.startsWith('/')) return uri;
  const match = /^(?:aio|uring):\/\/(\/[^?]*)(?:\?(.*))?$/.exec(uri);
  const path = match?.[1];
  if (path === undefined) throw invalid(`disk '${uri}' is neither a path nor an aio or uring URI`);
  const parameters = new URLSearchParams(match?.[2] ?? '');
  for (const [key, value] of parameters) {
    if (key !== 'uuid' && key !== 'blk_size') throw invalid(`disk '${uri}' has an unknown parameter '${key}'`);
    if (key === 'blk_size' && value !== '512') throw invalid(`disk '${uri}': only blocks of 512 bytes are supported`);
  }
  return path;
}

/** A new pool starts on a disk of zeroes, which for a file means a hole. */
function blank(disk: Disk): void {
  const fd = openSync(disk.path, 'w+');
  try {
    ftruncateSync(fd, 0);
    ftruncateSync(fd, disk.sizeBytes);
  } finally {
    closeSync(fd);
  }
}
