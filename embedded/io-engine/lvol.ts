import { BitSet } from './bit-set';
import { IoCounters } from './io-stats';

/** What makes an lvol a snapshot. */
interface SnapshotAttributes {
  sourceUuid: string;
  sourceSize: number;
  entityId: string;
  txnId: string;
  timestampMs: number;
  /** Deleted while clones of it live: hidden, freed with the last of them. */
  discarded: boolean;
}

/** A logical volume of a pool: replica, snapshot or clone, with the clusters that it owns itself. */
export interface Lvol {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  sizeBytes: number;
  thin: boolean;
  /** Own clusters by index; 0 is a hole, which the parent may fill. See `clusterOf`. */
  map: Int32Array;
  parent?: number;
  entityId?: string;
  share?: { allowedHosts: string[] };
  snapshot?: SnapshotAttributes;
  /** Uuid of the snapshot that this is a clone of. */
  origin?: string;
  readonly runtime: LvolRuntime;
}

/** What is not on the disk. */
export interface LvolRuntime {
  readonly stats: IoCounters;
  /** Injected fault: every I/O errs, or the next ones do. */
  failing: boolean;
  failNext: number;
}

export const newRuntime = (): LvolRuntime => ({ stats: new IoCounters(), failing: false, failNext: 0 });

// A map entry is the cluster's number plus one; this bit says that it was reserved but never written, so reads are zero.
const UNWRITTEN = 1 << 30;

export const mapEntry = (cluster: number, written: boolean) => (cluster + 1) | (written ? 0 : UNWRITTEN);
export const clusterOf = (entry: number) => (entry & ~UNWRITTEN) - 1;
export const isWritten = (entry: number) => entry !== 0 && (entry & UNWRITTEN) === 0;

/** Number of clusters that an lvol owns itself. */
export function ownClusters(lvol: Lvol): number {
  let n = 0;
  for (const entry of lvol.map) if (entry !== 0) n++;
  return n;
}

/** Runs of [index, entry, count]: entries of a run follow each other. */
type MapRuns = Array<[index: number, entry: number, count: number]>;

function encodeMap(map: Int32Array): MapRuns {
  const runs: MapRuns = [];
  let last: [number, number, number] | undefined;
  map.forEach((entry, index) => {
    if (entry === 0) return;
    if (last && last[0] + last[2] === index && last[1] + last[2] === entry) last[2]++;
    else {
      last = [index, entry, 1];
      runs.push(last);
    }
  });
  return runs;
}

function decodeMap(runs: MapRuns, clusters: number): Int32Array {
  const map = new Int32Array(clusters);
  for (const [index, entry, count] of runs) for (let i = 0; i < count; i++) map[index + i] = entry + i;
  return map;
}

/** An lvol as a metadata record holds it; without `map` the clusters stay as they are. */
export interface LvolRecord {
  id: number;
  uuid: string;
  name: string;
  sizeBytes: number;
  thin: boolean;
  clusters: number;
  map?: MapRuns;
  parent?: number;
  entityId?: string;
  share?: { allowedHosts: string[] };
  snapshot?: SnapshotAttributes;
  origin?: string;
}

export function toRecord(lvol: Lvol, map?: Int32Array): LvolRecord {
  const { id, uuid, name, sizeBytes, thin, parent, entityId, share, snapshot, origin } = lvol;
  const clusters = (map ?? lvol.map).length;
  const record = { id, uuid, name, sizeBytes, thin, clusters, parent, entityId, share, snapshot, origin };
  return map ? { ...record, map: encodeMap(map) } : record;
}

/** A change of a pool's metadata. */
export type PoolOp =
  | { o: 'lvol'; lvol: LvolRecord }
  | { o: 'map'; l: number; i: number; e: number }
  | { o: 'drop'; l: number }
  /** Clusters that were or are about to be written: reused ones are not zero. */
  | { o: 'touch'; c: number; n: number };

/** The lvols of a pool and which clusters they hold. Changes only by `apply`, live and when a log is replayed alike. */
export class PoolState {
  readonly lvols = new Map<number, Lvol>();
  /** Clusters that were ever written: they are not zero. */
  readonly touched: BitSet;
  private readonly used: BitSet;
  usedClusters = 0;
  /** Grows with each change. */
  revision = 0;
  /** Bytes of all replicas and clones, thin or thick. */
  replicaBytes = 0;
  /** Ids of the lvols that are snapshots. */
  readonly snapshots = new Set<number>();
  private readonly idByUuid = new Map<string, number>();
  private readonly names = new Map<string, number>();
  private nextId = 1;
  private hint = 0;

  constructor(readonly clusters: number) {
    this.touched = new BitSet(clusters);
    this.used = new BitSet(clusters);
  }

  get freeClusters(): number {
    return this.clusters - this.usedClusters;
  }

  byUuid(uuid: string): Lvol | undefined {
    const id = this.idByUuid.get(uuid);
    return id === undefined ? undefined : this.lvols.get(id);
  }

  hasName(name: string): boolean {
    return this.names.has(name);
  }

  newId(): number {
    return this.nextId++;
  }

  /** Free clusters, untouched ones not preferred: the lowest first, from where the last search ended. */
  findFree(count: number): number[] | undefined {
    if (count > this.freeClusters) return undefined;
    const found: number[] = [];
    for (let i = 0; i < this.clusters && found.length < count; i++) {
      const c = (this.hint + i) % this.clusters;
      if (!this.used.has(c)) found.push(c);
    }
    const last = found.at(-1);
    if (last !== undefined) this.hint = (last + 1) % this.clusters;
    return found;
  }

  apply(op: PoolOp): void {
    this.revision++;
    switch (op.o) {
      case 'lvol':
        this.upsert(op.lvol);
        return;
      case 'map': {
        const lvol = this.lvols.get(op.l);
        if (!lvol) return;
        this.hold(lvol.map[op.i] ?? 0, false);
        lvol.map[op.i] = op.e;
        this.hold(op.e, true);
        return;
      }
      case 'drop':
        this.drop(this.lvols.get(op.l));
        return;
      case 'touch':
        for (let c = op.c; c < op.c + op.n; c++) this.touched.set(c, true);
        return;
      default:
        op satisfies never;
    }
  }

  /** The operations that make this state out of an empty one. */
  checkpoint(): PoolOp[] {
    const ops: PoolOp[] = [];
    let from = -1;
    for (let c = 0; c <= this.clusters; c++) {
      const touched = c < this.clusters && this.touched.has(c);
      if (touched && from < 0) from = c;
      if (!touched && from >= 0) {
        ops.push({ o: 'touch', c: from, n: c - from });
        from = -1;
      }
    }
    for (const lvol of this.lvols.values()) ops.push({ o: 'lvol', lvol: toRecord(lvol, lvol.map) });
    return ops;
  }

  private upsert(record: LvolRecord): void {
    const former = this.lvols.get(record.id);
    const { map: runs, clusters, ...attributes } = record;
    let map = former?.map ?? new Int32Array(clusters);
    if (runs) {
      for (const entry of map) this.hold(entry, false);
      map = decodeMap(runs, clusters);
      for (const entry of map) this.hold(entry, true);
    } else if (map.length !== clusters) {
      const resized = new Int32Array(clusters);
      resized.set(map.subarray(0, clusters));
      for (const entry of map.subarray(clusters)) this.hold(entry, false);
      map = resized;
    }
    this.nextId = Math.max(this.nextId, record.id + 1);
    const lvol: Lvol = { ...attributes, map, runtime: former?.runtime ?? newRuntime() };
    this.lvols.set(record.id, lvol);
    if (former) this.index(former, false);
    this.index(lvol, true);
  }

  private drop(lvol: Lvol | undefined): void {
    if (!lvol) return;
    for (const entry of lvol.map) this.hold(entry, false);
    this.lvols.delete(lvol.id);
    this.index(lvol, false);
  }

  private index(lvol: Lvol, on: boolean): void {
    const named = (this.names.get(lvol.name) ?? 0) + (on ? 1 : -1);
    if (named > 0) this.names.set(lvol.name, named);
    else this.names.delete(lvol.name);
    if (on) this.idByUuid.set(lvol.uuid, lvol.id);
    else this.idByUuid.delete(lvol.uuid);
    if (!lvol.snapshot) this.replicaBytes += on ? lvol.sizeBytes : -lvol.sizeBytes;
    else if (on) this.snapshots.add(lvol.id);
    else this.snapshots.delete(lvol.id);
  }

  private hold(entry: number, on: boolean): void {
    if (entry === 0) return;
    const cluster = clusterOf(entry);
    if (this.used.has(cluster) === on) return;
    this.used.set(cluster, on);
    this.usedClusters += on ? 1 : -1;
  }
}
