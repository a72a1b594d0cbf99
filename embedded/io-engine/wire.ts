import { NQN_PREFIX } from '@/embedded/fabric/nvmf-uri';
import type { Timestamp } from '@/gen/google/protobuf/timestamp';
import { PoolType, Replica, ShareProtocol } from '@/gen/mayastor/v1/common';
import { PoolState, Pool as WirePool } from '@/gen/mayastor/v1/pool';
import { SnapshotInfo } from '@/gen/mayastor/v1/snapshot';
import { type Lvol, ownClusters } from './lvol';
import type { Pool } from './pool';
import { ancestorSpace, clonesOf } from './snapshots';

export function toTimestamp(ms: number): Timestamp {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: (Math.floor(ms) % 1000) * 1_000_000 };
}

export const fromTimestamp = (t: Timestamp) => Number(t.seconds) * 1000 + t.nanos / 1e6;

/** Size of all lvols, thin or thick, plus what snapshots hold: exceeds the capacity of a thin pool as a matter of course. */
function committedBytes(pool: Pool): number {
  let sum = pool.state.replicaBytes;
  for (const id of pool.state.snapshots) {
    const snapshot = pool.state.lvols.get(id);
    if (snapshot) sum += ownClusters(snapshot) * pool.clusterSize;
  }
  return sum;
}

export function poolToWire(pool: Pool): WirePool {
  return WirePool.fromPartial({
    uuid: pool.uuid,
    name: pool.name,
    disks: [pool.diskUri],
    state: PoolState.POOL_ONLINE,
    capacity: BigInt(pool.capacityBytes),
    used: BigInt(pool.usedBytes),
    pooltype: PoolType.Lvs,
    committed: BigInt(committedBytes(pool)),
    clusterSize: pool.clusterSize,
    diskCapacity: BigInt(pool.disk.sizeBytes),
  });
}

/** URI by which a nexus reaches the replica: local while it is not shared (behaviour facts, 1.3). */
function replicaUri(lvol: Lvol, fabricAddress: string): string {
  return lvol.share
    ? `nvmf://${fabricAddress}/${NQN_PREFIX}${lvol.uuid}?uuid=${lvol.uuid}`
    : `bdev:///${lvol.uuid}?uuid=${lvol.uuid}`;
}

/** A replica, clone or snapshot as ReplicaRpc lists it. */
export function replicaToWire(pool: Pool, lvol: Lvol, fabricAddress: string): Replica {
  const own = ownClusters(lvol);
  const below = ancestorSpace(pool, lvol);
  const bytes = (clusters: number) => BigInt(clusters * pool.clusterSize);
  return Replica.fromPartial({
    name: lvol.name,
    uuid: lvol.uuid,
    pooluuid: pool.uuid,
    poolname: pool.name,
    size: BigInt(lvol.sizeBytes),
    thin: lvol.thin,
    share: lvol.share ? ShareProtocol.NVMF : ShareProtocol.NONE,
    uri: replicaUri(lvol, fabricAddress),
    allowedHosts: lvol.share?.allowedHosts ?? [],
    isSnapshot: lvol.snapshot !== undefined,
    isClone: lvol.origin !== undefined,
    snapshotUuid: lvol.origin,
    entityId: lvol.entityId,
    pooltype: PoolType.Lvs,
    usage: {
      capacityBytes: BigInt(lvol.sizeBytes),
      allocatedBytes: bytes(own),
      clusterSize: BigInt(pool.clusterSize),
      numClusters: BigInt(lvol.map.length),
      numAllocatedClusters: BigInt(own),
      allocatedBytesSnapshots: bytes(below.all),
      numAllocatedClustersSnapshots: BigInt(below.all),
      allocatedBytesSnapshotFromClone: below.sinceClone === undefined ? undefined : bytes(below.sinceClone),
    },
  });
}

/** A snapshot as SnapshotRpc lists it; `readyAsSource` is always false in this release (behaviour facts, 6.2). */
export function snapshotToWire(pool: Pool, lvol: Lvol): SnapshotInfo {
  const s = lvol.snapshot;
  const below = ancestorSpace(pool, lvol);
  return SnapshotInfo.fromPartial({
    snapshotUuid: lvol.uuid,
    snapshotName: lvol.name,
    // What the snapshot itself holds: agent-core shows it as allocated, and what its ancestors hold beside it (behaviour facts, 6.2).
    snapshotSize: BigInt(ownClusters(lvol) * pool.clusterSize),
    numClones: BigInt(clonesOf(pool, lvol).length),
    timestamp: toTimestamp(s?.timestampMs ?? 0),
    sourceUuid: s?.sourceUuid,
    sourceSize: BigInt(s?.sourceSize ?? 0),
    poolUuid: pool.uuid,
    poolName: pool.name,
    entityId: s?.entityId,
    txnId: s?.txnId,
    validSnapshot: true,
    readyAsSource: false,
    // Of a clone's snapshot only what the clone's own snapshots hold (BDD of restored volumes).
    referencedBytes: BigInt((below.sinceClone ?? below.all) * pool.clusterSize),
    discardedSnapshot: s?.discarded ?? false,
  });
}
