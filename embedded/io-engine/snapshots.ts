import type { SnapshotRequest } from '@/embedded/fabric/fabric';
import { type Lvol, newRuntime, ownClusters, type PoolOp, toRecord } from './lvol';
import type { Pool } from './pool';
import { alreadyExists, internal, invalid } from './rpc-error';

/** Children of a lvol in the chain: those that see its clusters. */
const childrenOf = (pool: Pool, lvol: Lvol) => [...pool.state.lvols.values()].filter((l) => l.parent === lvol.id);

/** Replicas that were made of the snapshot and are there still, however many snapshots they have themselves. */
export const clonesOf = (pool: Pool, snapshot: Lvol): Lvol[] =>
  [...pool.state.lvols.values()].filter((l) => l.origin === snapshot.uuid);

/** The snapshot takes over all clusters of the source, which goes on as an empty layer above (behaviour facts, 6.6). */
export function createSnapshot(pool: Pool, source: Lvol, request: SnapshotRequest): Lvol {
  if (pool.lvol(request.uuid)) throw alreadyExists(`snapshot ${request.uuid} exists`);
  const id = pool.state.newId();
  const snapshot: Lvol = {
    id,
    uuid: request.uuid,
    name: request.name,
    sizeBytes: source.sizeBytes,
    thin: true,
    map: source.map,
    parent: source.parent,
    entityId: request.entityId || source.entityId,
    snapshot: {
      sourceUuid: source.uuid,
      sourceSize: source.sizeBytes,
      entityId: request.entityId,
      txnId: request.txnId,
      timestampMs: request.timestampMs,
      discarded: false,
    },
    runtime: newRuntime(),
  };
  const emptied: PoolOp = { o: 'lvol', lvol: toRecord({ ...source, parent: id }, new Int32Array(source.map.length)) };
  // The source lets go first, then the snapshot takes hold: one record, so a crash sees both or neither.
  pool.commit([emptied, { o: 'lvol', lvol: toRecord(snapshot, source.map) }]);
  return mustFind(pool, id);
}

/** A writable layer over the snapshot, on the same pool. */
export function createClone(pool: Pool, snapshot: Lvol, uuid: string, name: string): Lvol {
  if (!snapshot.snapshot) throw invalid(`${snapshot.uuid} is not a snapshot`);
  if (snapshot.snapshot.discarded) throw invalid(`snapshot ${snapshot.uuid} is being deleted`);
  if (pool.lvol(uuid)) throw alreadyExists(`${uuid} exists`);
  const clone: Lvol = {
    id: pool.state.newId(),
    uuid,
    name,
    sizeBytes: snapshot.sizeBytes,
    thin: true,
    map: new Int32Array(snapshot.map.length),
    parent: snapshot.id,
    entityId: snapshot.entityId,
    origin: snapshot.uuid,
    runtime: newRuntime(),
  };
  pool.commit([{ o: 'lvol', lvol: toRecord(clone, clone.map) }]);
  return mustFind(pool, clone.id);
}

/**
 * Deletes a snapshot: merged into the one that lives on it, freed when there is none. Only hidden while there are clones
 * of it, or while more than one live on it, for none of them could take what the others need.
 */
export function destroySnapshot(pool: Pool, snapshot: Lvol): void {
  if (!snapshot.snapshot) throw invalid(`${snapshot.uuid} is not a snapshot`);
  if (!canGo(pool, snapshot)) {
    const hidden = { ...snapshot, snapshot: { ...snapshot.snapshot, discarded: true } };
    pool.commit([{ o: 'lvol', lvol: toRecord(hidden) }]);
    return;
  }
  const [heir] = childrenOf(pool, snapshot);
  const ops: PoolOp[] = [{ o: 'drop', l: snapshot.id }];
  if (heir) {
    const merged = Int32Array.from(heir.map);
    snapshot.map.forEach((entry, i) => {
      if (i < merged.length && merged[i] === 0) merged[i] = entry;
    });
    ops.push({ o: 'lvol', lvol: toRecord({ ...heir, parent: snapshot.parent }, merged) });
  }
  pool.commit(ops);
  reapDiscarded(pool, pool.state.lvols.get(snapshot.parent ?? NONE));
}

/** Deletes a replica or clone; a hidden snapshot goes with its last clone, though that had snapshots in between. */
export function destroyReplica(pool: Pool, lvol: Lvol): void {
  pool.commit([{ o: 'drop', l: lvol.id }]);
  reapDiscarded(pool, pool.state.lvols.get(lvol.parent ?? NONE));
  if (lvol.origin !== undefined) reapDiscarded(pool, pool.lvol(lvol.origin));
}

const NONE = -1;

const canGo = (pool: Pool, snapshot: Lvol) =>
  clonesOf(pool, snapshot).length === 0 && childrenOf(pool, snapshot).length <= 1;

function reapDiscarded(pool: Pool, lvol: Lvol | undefined): void {
  if (lvol?.snapshot?.discarded && canGo(pool, lvol)) destroySnapshot(pool, lvol);
}

export interface AncestorSpace {
  /** Clusters of all ancestors. */
  readonly all: number;
  /** Clusters of the ancestors made since the clone was; undefined when the lvol is neither clone nor snapshot of one. */
  readonly sinceClone?: number;
}

/** Space of the snapshots below an lvol. */
export function ancestorSpace(pool: Pool, lvol: Lvol): AncestorSpace {
  const source = lvol.snapshot === undefined ? lvol : pool.lvol(lvol.snapshot.sourceUuid);
  let all = 0;
  let sinceClone = 0;
  let beforeClone = false;
  let next = lvol.parent;
  while (next !== undefined) {
    const ancestor = pool.state.lvols.get(next);
    if (!ancestor) break;
    const clusters = ownClusters(ancestor);
    all += clusters;
    if (ancestor.snapshot?.sourceUuid !== source?.uuid) beforeClone = true;
    if (!beforeClone) sinceClone += clusters;
    next = ancestor.parent;
  }
  return source?.origin === undefined ? { all } : { all, sinceClone };
}

function mustFind(pool: Pool, id: number): Lvol {
  const lvol = pool.state.lvols.get(id);
  if (!lvol) throw internal(`lvol ${id} vanished while it was made`);
  return lvol;
}
