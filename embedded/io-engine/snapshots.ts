import type { SnapshotRequest } from '@/embedded/fabric/fabric';
import { type Lvol, newRuntime, ownClusters, type PoolOp, toRecord } from './lvol';
import type { Pool } from './pool';
import { alreadyExists, internal, invalid } from './rpc-error';

/** Children of a lvol in the chain: those that see its clusters. */
const childrenOf = (pool: Pool, lvol: Lvol) => [...pool.state.lvols.values()].filter((l) => l.parent === lvol.id);

/** The next younger in the snapshot's own line: a later snapshot of the same source, or the source itself. */
function successorOf(pool: Pool, snapshot: Lvol): Lvol | undefined {
  const source = snapshot.snapshot?.sourceUuid;
  return childrenOf(pool, snapshot).find((l) => (l.snapshot ? l.snapshot.sourceUuid === source : l.uuid === source));
}

/** Those that live on the snapshot without being its successor: clones, and what their own snapshots became. */
export function clonesOf(pool: Pool, snapshot: Lvol): Lvol[] {
  const successor = successorOf(pool, snapshot);
  return childrenOf(pool, snapshot).filter((l) => l !== successor);
}

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

/** Deletes a snapshot: merged into its successor, freed when it has none, only hidden while clones of it live. */
export function destroySnapshot(pool: Pool, snapshot: Lvol): void {
  if (!snapshot.snapshot) throw invalid(`${snapshot.uuid} is not a snapshot`);
  if (clonesOf(pool, snapshot).length > 0) {
    const hidden = { ...snapshot, snapshot: { ...snapshot.snapshot, discarded: true } };
    pool.commit([{ o: 'lvol', lvol: toRecord(hidden) }]);
    return;
  }
  const successor = successorOf(pool, snapshot);
  const ops: PoolOp[] = [{ o: 'drop', l: snapshot.id }];
  if (successor) {
    const merged = Int32Array.from(successor.map);
    snapshot.map.forEach((entry, i) => {
      if (i < merged.length && merged[i] === 0) merged[i] = entry;
    });
    ops.push({ o: 'lvol', lvol: toRecord({ ...successor, parent: snapshot.parent }, merged) });
  }
  pool.commit(ops);
  reapDiscarded(pool, snapshot.parent);
}

/** Deletes a replica or clone; a hidden snapshot goes with its last clone. */
export function destroyReplica(pool: Pool, lvol: Lvol): void {
  pool.commit([{ o: 'drop', l: lvol.id }]);
  reapDiscarded(pool, lvol.parent);
}

function reapDiscarded(pool: Pool, id: number | undefined): void {
  const lvol = id === undefined ? undefined : pool.state.lvols.get(id);
  if (lvol?.snapshot?.discarded && clonesOf(pool, lvol).length === 0) destroySnapshot(pool, lvol);
}

export interface AncestorSpace {
  /** Clusters of all ancestors. */
  readonly all: number;
  /** Clusters of the ancestors made since the clone was; undefined when the lvol is no clone. */
  readonly sinceClone?: number;
}

/** Space of the snapshots below an lvol. */
export function ancestorSpace(pool: Pool, lvol: Lvol): AncestorSpace {
  let all = 0;
  let sinceClone = 0;
  let beforeClone = false;
  let next = lvol.parent;
  while (next !== undefined) {
    const ancestor = pool.state.lvols.get(next);
    if (!ancestor) break;
    const clusters = ownClusters(ancestor);
    all += clusters;
    if (ancestor.snapshot?.sourceUuid !== lvol.uuid) beforeClone = true;
    if (!beforeClone) sinceClone += clusters;
    next = ancestor.parent;
  }
  return lvol.origin === undefined ? { all } : { all, sinceClone };
}

function mustFind(pool: Pool, id: number): Lvol {
  const lvol = pool.state.lvols.get(id);
  if (!lvol) throw internal(`lvol ${id} vanished while it was made`);
  return lvol;
}
