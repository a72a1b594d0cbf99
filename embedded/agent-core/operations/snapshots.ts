import type { Core } from '../core';
import {
  alreadyExists,
  isDeleting,
  isNotFound,
  Kind,
  nodeNotOnline,
  notEnough,
  ofKind,
  precondition,
  Resource,
  SvcError,
  snapshotNotFound,
  snapshotSource,
  volumeNotFound,
} from '../errors';
import { FREE_WATERMARK, VOLUME_COMMITMENT_PERCENT, withinCommitment } from '../placement/candidates';
import { activeTarget, type ReplicaSnapshotSpec, type SnapshotSpec, type VolumeSpec } from '../specs';
import { isChildOnline, viewVolume } from '../volume-view';
import { fromTimestamp } from '../wire/common';
import { committed } from '../wire/pool';
import { refreshPool } from './replicas';

const MAX_TRANSACTIONS = 5;

/** Takes a snapshot over all replicas of a volume, as one transaction (behaviour facts, 6.1). */
export async function createSnapshot(core: Core, volumeId: string, snapshotId: string): Promise<SnapshotSpec> {
  const existing = core.specs.snapshots.get(snapshotId);
  const volume = core.specs.volumes.get(volumeId);
  if (existing !== undefined && existing.volume !== volumeId) throw snapshotSource(snapshotId, volumeId);
  if (existing?.status === 'Created') throw alreadyExists(Resource.VolumeSnapshot, snapshotId);
  // Without its volume it is never made, whether it still is in creation or already goes.
  if (volume === undefined)
    throw existing === undefined
      ? volumeNotFound(volumeId)
      : precondition(
          Resource.VolumeSnapshot,
          'SnapshotNotCreatedNoVolume',
          `Snapshot '${snapshotId}' cannot be finished: its volume is gone`,
        );
  if (existing?.status === 'Deleting') throw isDeleting(Resource.VolumeSnapshot, snapshotId);
  checkSnapshot(core, volume, existing);
  const tried = existing === undefined ? 0 : Number(existing.txnId);
  if (tried >= MAX_TRANSACTIONS)
    throw ofKind(
      Kind.DeadlineExceeded,
      Resource.VolumeSnapshot,
      'SnapshotMaxTransactions',
      `Snapshot '${snapshotId}' failed ${tried} times, delete it`,
    );
  const spec: SnapshotSpec = existing ?? {
    uuid: snapshotId,
    volume: volumeId,
    status: 'Creating',
    size: 0,
    specSize: volume.size,
    totalAllocated: 0,
    txnId: '0',
    transactions: {},
  };
  await pruneOne(core, spec);
  spec.txnId = String(tried + 1);
  const replicas = core.specs.replicasOf(volumeId).map(
    (replica): ReplicaSnapshotSpec => ({
      uuid: core.newUuid(),
      replica: replica.uuid,
      poolId: replica.poolId,
      poolUuid: core.registry.pool(replica.poolId)?.pool.uuid ?? '',
      status: 'Creating',
      size: replica.size,
    }),
  );
  spec.transactions[spec.txnId] = replicas;
  await core.specs.snapshots.put(spec);
  const timestampMs = await takeSnapshots(core, volume, spec, replicas);
  await finishSnapshot(core, spec, replicas, timestampMs);
  if (!volume.snapshotAsThin) {
    volume.asThin = true;
    volume.snapshotAsThin = true;
    await core.specs.volumes.put(volume);
  }
  return spec;
}

function checkSnapshot(core: Core, volume: VolumeSpec, existing: SnapshotSpec | undefined): void {
  const taken = core.specs.snapshotsOf(volume.uuid).filter((snapshot) => snapshot !== existing).length;
  if (volume.maxSnapshots !== undefined && taken >= volume.maxSnapshots)
    throw ofKind(
      Kind.OutOfRange,
      Resource.Volume,
      'SnapshotMaxLimit',
      `Volume '${volume.uuid}' has ${taken} snapshots of at most ${volume.maxSnapshots}`,
    );
  const view = viewVolume(core, volume);
  if (view.replicas.length === 0)
    throw ofKind(
      Kind.VolumeNoReplicas,
      Resource.Volume,
      'NoHealthyReplicas',
      `Volume '${volume.uuid}' has no healthy replica`,
    );
  const published = activeTarget(volume) !== undefined;
  const healthy = view.replicas.filter((r) => r.live !== undefined && (!published || isChildOnline(r.child))).length;
  if (healthy !== volume.numReplicas || view.replicas.length !== healthy)
    throw precondition(
      Resource.VolumeSnapshot,
      'InsufficientHealthyReplicas',
      `Volume '${volume.uuid}' has ${healthy} healthy replicas online, a snapshot needs all ${volume.numReplicas}`,
    );
  for (const { spec } of view.replicas) {
    const found = core.registry.pool(spec.poolId);
    const capacity = Number(found?.pool.capacity ?? 0n);
    const free = capacity - Number(found?.pool.used ?? 0n);
    const promised = found === undefined ? 0 : Number(committed(found.node, found.pool));
    const fits =
      free > FREE_WATERMARK &&
      free > (volume.size * VOLUME_COMMITMENT_PERCENT) / 100 &&
      withinCommitment({ committed: promised, capacity }, volume.size) &&
      !core.specs.pools.get(spec.poolId)?.cordon?.snapshots;
    if (!fits) throw notEnough(Resource.Pool, `Pool '${spec.poolId}' has no room for a snapshot: ${free} bytes free`);
  }
}

/** Takes the replica snapshots: together under a paused target, else one after the other. Milliseconds UTC. */
async function takeSnapshots(
  core: Core,
  volume: VolumeSpec,
  spec: SnapshotSpec,
  replicas: readonly ReplicaSnapshotSpec[],
): Promise<number> {
  const name = `${spec.uuid}/${spec.txnId}`;
  const target = activeTarget(volume);
  if (target !== undefined) {
    const node = core.registry.onlineNode(target.node);
    const taken = await node.client.createNexusSnapshot({
      nexusUuid: target.nexus,
      entityId: volume.uuid,
      txnId: spec.txnId,
      snapshotName: name,
      replicas: replicas.map((r) => ({ replicaUuid: r.replica, snapshotUuid: r.uuid, skip: false })),
    });
    const failed = taken.replicasDone.filter((done) => done.statusCode !== 0);
    if (failed.length > 0 || taken.replicasSkipped.length > 0 || taken.replicasDone.length !== replicas.length)
      throw ofKind(
        Kind.Aborted,
        Resource.VolumeSnapshot,
        'ReplicaSnapError',
        failed.length > 0
          ? failed.map((done) => `replica '${done.replicaUuid}' failed with errno ${done.statusCode}`).join(', ')
          : 'not every replica of the target took part',
      );
    return taken.snapshotTimestamp === undefined ? Date.now() : fromTimestamp(taken.snapshotTimestamp);
  }
  let timestampMs = Date.now();
  for (const replica of replicas) {
    const source = core.specs.replicas.get(replica.replica);
    const node = source && core.registry.nodeOfReplica(source);
    if (node === undefined || !node.online) throw nodeNotOnline(node?.id ?? replica.poolId);
    const taken = await node.client.createReplicaSnapshot({
      replicaUuid: replica.replica,
      snapshotUuid: replica.uuid,
      snapshotName: name,
      entityId: volume.uuid,
      txnId: spec.txnId,
    });
    if (taken.snapshot?.timestamp !== undefined) timestampMs = fromTimestamp(taken.snapshot.timestamp);
  }
  return timestampMs;
}

async function finishSnapshot(
  core: Core,
  spec: SnapshotSpec,
  replicas: ReplicaSnapshotSpec[],
  timestampMs: number,
): Promise<void> {
  const nodes = new Set(replicas.flatMap((r) => core.registry.node(core.specs.pools.get(r.poolId)?.node ?? '') ?? []));
  await Promise.all([...nodes].map((node) => node.poll()));
  for (const replica of replicas) Object.assign(replica, { status: 'Created', timestampMs });
  const seen = replicas.flatMap((r) => [...nodes].flatMap((node) => node.snapshots.get(r.uuid) ?? []));
  spec.size = Math.max(spec.specSize, ...seen.map((info) => Number(info.sourceSize)));
  spec.totalAllocated = Math.max(0, ...seen.map((info) => Number(info.snapshotSize + info.referencedBytes)));
  spec.timestampMs = timestampMs;
  spec.status = 'Created';
  await core.specs.snapshots.put(spec);
}

/** The transaction that counts; none while Creating. */
export const goodTransaction = (spec: SnapshotSpec): ReplicaSnapshotSpec[] =>
  spec.status === 'Creating' ? [] : (spec.transactions[spec.txnId] ?? []);

/** Removes one failed transaction with what it left on the nodes. False when it could not be removed yet. */
export async function pruneOne(core: Core, spec: SnapshotSpec): Promise<boolean> {
  const id = Object.keys(spec.transactions).find((txn) => spec.status === 'Creating' || txn !== spec.txnId);
  if (id === undefined) return true;
  try {
    for (const replica of spec.transactions[id] ?? []) await destroyReplicaSnapshot(core, replica);
  } catch {
    return false;
  }
  delete spec.transactions[id];
  await core.specs.snapshots.put(spec);
  return true;
}

async function destroyReplicaSnapshot(core: Core, replica: ReplicaSnapshotSpec): Promise<void> {
  const nodeId = core.specs.pools.get(replica.poolId)?.node;
  if (nodeId === undefined) return; // the pool is gone, and the snapshot with it
  const node = core.registry.onlineNode(nodeId);
  await node.client.destroySnapshot(replica.uuid, replica.poolId).catch((error: unknown) => {
    const isPoolAway = error instanceof SvcError && !node.pools.has(replica.poolId);
    if (!isNotFound(error) || isPoolAway) throw error;
  });
  node.remove('snapshots', replica.uuid);
  void refreshPool(node, replica.poolId);
}

export async function destroySnapshot(core: Core, snapshotId: string, volumeId?: string): Promise<void> {
  const spec = core.specs.snapshots.get(snapshotId);
  if (spec === undefined) throw snapshotNotFound(snapshotId);
  if (volumeId !== undefined && spec.volume !== volumeId) throw snapshotSource(snapshotId, volumeId);
  if (spec.status === 'Deleting') throw isDeleting(Resource.VolumeSnapshot, snapshotId);
  spec.status = 'Deleting';
  await core.specs.snapshots.put(spec);
  await finishDestroySnapshot(core, spec);
}

/**
 * Destroys what a snapshot in Deleting still has on the nodes, then forgets it. What sits on a node that is away stays
 * recorded, and the caller is told that the deletion goes on.
 */
export async function finishDestroySnapshot(core: Core, spec: SnapshotSpec): Promise<void> {
  for (const [txn, replicas] of Object.entries(spec.transactions)) {
    const left: ReplicaSnapshotSpec[] = [];
    for (const replica of replicas) {
      replica.status = 'Deleting';
      await destroyReplicaSnapshot(core, replica).catch(() => left.push(replica));
    }
    if (left.length === 0) delete spec.transactions[txn];
    else spec.transactions[txn] = left;
  }
  if (Object.keys(spec.transactions).length === 0) return core.specs.snapshots.delete(spec.uuid);
  await core.specs.snapshots.put(spec);
  throw isDeleting(Resource.VolumeSnapshot, spec.uuid);
}
