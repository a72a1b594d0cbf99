import { type Lvol, mapEntry, newRuntime, type PoolOp, toRecord } from './lvol';
import type { Pool } from './pool';
import { alreadyExists, exhausted, internal, invalid } from './rpc-error';

export interface ReplicaSpec {
  readonly uuid: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly thin: boolean;
  readonly entityId?: string;
  readonly share?: { allowedHosts: string[] };
}

/** Beginning of a new replica that is wiped, and so held by a thin one too (BDD of thin creation: 4 MiB and metadata). */
const WIPED_BYTES = 8 * 1024 * 1024;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Makes a replica of whole clusters; a thick one holds them all at once, a thin one the first 8 MiB. Throws RpcErrors, RESOURCE_EXHAUSTED when full. */
export function createReplica(pool: Pool, spec: ReplicaSpec): Lvol {
  if (!UUID.test(spec.uuid)) throw invalid(`'${spec.uuid}' is not a uuid`);
  if (spec.sizeBytes <= 0) throw invalid('a replica has to have a size');
  if (pool.lvol(spec.uuid) || pool.state.hasName(spec.name)) throw alreadyExists(`replica ${spec.uuid} exists`);
  const clusters = Math.ceil(spec.sizeBytes / pool.clusterSize);
  if (!spec.thin && clusters > pool.state.clusters) throw invalid(`pool ${pool.name} is smaller than the replica`);
  const map = new Int32Array(clusters);
  // What a thin one is born with reads as zeroes, but is held: Mayastor wipes the beginning of every new replica.
  reserve(pool, map, 0, spec.thin ? Math.min(clusters, Math.ceil(WIPED_BYTES / pool.clusterSize)) : clusters);
  const id = pool.state.newId();
  const sizeBytes = clusters * pool.clusterSize;
  pool.commit([{ o: 'lvol', lvol: toRecord({ ...spec, id, sizeBytes, map, runtime: newRuntime() }, map) }]);
  return stored(pool, id);
}

/** Grows or trims a replica to whole clusters. Throws RpcErrors. */
export function resizeReplica(pool: Pool, lvol: Lvol, sizeBytes: number): Lvol {
  if (sizeBytes <= 0) throw invalid('a replica has to have a size');
  const clusters = Math.ceil(sizeBytes / pool.clusterSize);
  const map = new Int32Array(clusters);
  map.set(lvol.map.subarray(0, clusters));
  if (!lvol.thin && lvol.parent === undefined && clusters > lvol.map.length)
    reserve(pool, map, lvol.map.length, clusters);
  const op: PoolOp = { o: 'lvol', lvol: toRecord({ ...lvol, sizeBytes: clusters * pool.clusterSize }, map) };
  pool.commit([op]);
  return stored(pool, lvol.id);
}

/** Changes what describes a replica; a key that is present and undefined is taken away. */
export function setAttributes(pool: Pool, lvol: Lvol, attributes: Pick<Partial<Lvol>, 'share' | 'entityId'>): Lvol {
  pool.commit([{ o: 'lvol', lvol: toRecord({ ...lvol, ...attributes }) }]);
  return stored(pool, lvol.id);
}

function reserve(pool: Pool, map: Int32Array, from: number, to: number): void {
  const free = pool.state.findFree(to - from);
  if (!free) throw exhausted(`pool ${pool.name} has too few free clusters for ${to - from} more`);
  free.forEach((cluster, i) => {
    map[from + i] = mapEntry(cluster, false);
  });
}

function stored(pool: Pool, id: number): Lvol {
  const lvol = pool.state.lvols.get(id);
  if (!lvol) throw internal(`lvol ${id} vanished while it was changed`);
  return lvol;
}
