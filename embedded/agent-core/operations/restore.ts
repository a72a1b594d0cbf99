import type { Core } from '../core';
import { invalid, Kind, ofKind, precondition, Resource, SvcError, snapshotNotFound } from '../errors';
import { FREE_WATERMARK, thinNeed, withinCommitment } from '../placement/candidates';
import { isCordoned, type ReplicaSnapshotSpec, type VolumeSpec } from '../specs';
import { committed } from '../wire/pool';
import { checkVolumeId, removeTraces } from './create-volume';
import { makeReplica } from './replicas';
import { goodTransaction } from './snapshots';

/** Makes a volume out of a snapshot: clones on the pools of its replica snapshots (behaviour facts, 6.5). */
export async function restoreVolume(core: Core, snapshotId: string, volume: VolumeSpec): Promise<VolumeSpec> {
  const snapshot = core.specs.snapshots.get(snapshotId);
  if (snapshot === undefined) throw snapshotNotFound(snapshotId);
  if (!volume.thin)
    throw invalid(Resource.VolumeSnapshotClone, 'ClonedSnapshotVolumeThin', 'A restored volume must be thin');
  if (volume.size !== snapshot.specSize)
    throw ofKind(
      Kind.OutOfRange,
      Resource.VolumeSnapshotClone,
      'ClonedSnapshotVolumeSize',
      `A volume restored from snapshot '${snapshotId}' has ${snapshot.specSize} bytes, not ${volume.size}`,
    );
  if (snapshot.status !== 'Created')
    throw invalid(Resource.VolumeSnapshot, 'SnapshotNotCreated', `Snapshot '${snapshotId}' is not created`);
  const sources = goodTransaction(snapshot);
  if (volume.numReplicas > sources.length)
    throw precondition(
      Resource.VolumeSnapshot,
      'InsufficientSnapshotsForClone',
      `Snapshot '${snapshotId}' has ${sources.length} replicas, ${volume.numReplicas} were asked for`,
    );
  volume.contentSource = { snapshot: snapshotId, volume: snapshot.volume };
  checkVolumeId(core, volume);
  const usable = sources.filter((source) => canClone(core, source, volume.size));
  if (usable.length < volume.numReplicas)
    throw precondition(
      Resource.VolumeSnapshotClone,
      'NoSnapshotPools',
      `${usable.length} pools can take a clone of snapshot '${snapshotId}', ${volume.numReplicas} are needed`,
    );
  const left = core.specs.volumes.get(volume.uuid);
  if (left !== undefined) await removeTraces(core, left);
  await core.specs.volumes.put(volume);
  let made = 0;
  let last: unknown;
  for (const source of usable) {
    if (made === volume.numReplicas) break;
    try {
      await cloneReplica(core, volume, source);
      made++;
    } catch (error) {
      last = error;
    }
  }
  if (made < volume.numReplicas) {
    await removeTraces(core, volume);
    throw ofKind(
      Kind.ReplicaCreateNumber,
      Resource.Volume,
      'ReplicaCreateNumber',
      `Could only create ${made} of ${volume.numReplicas} replicas${last instanceof SvcError ? ` (${last.message})` : ''}`,
    );
  }
  volume.status = 'Created';
  await core.specs.volumes.put(volume);
  return volume;
}

function canClone(core: Core, source: ReplicaSnapshotSpec, size: number): boolean {
  const spec = core.specs.pools.get(source.poolId);
  const node = core.specs.nodes.get(spec?.node ?? '');
  const found = core.registry.pool(source.poolId);
  if (spec === undefined || node === undefined || found === undefined) return false;
  if (isCordoned(node) || spec.cordon?.restores || !found.node.snapshots.has(source.uuid)) return false;
  const capacity = Number(found.pool.capacity);
  const free = capacity - Number(found.pool.used);
  return (
    free > FREE_WATERMARK &&
    free > thinNeed(size, 0) &&
    withinCommitment({ committed: Number(committed(found.node, found.pool)), capacity }, size)
  );
}

async function cloneReplica(core: Core, volume: VolumeSpec, source: ReplicaSnapshotSpec): Promise<void> {
  const uuid = core.newUuid();
  const spec = {
    uuid,
    name: uuid,
    size: volume.size,
    poolId: source.poolId,
    thin: true,
    share: false,
    allowedHosts: [],
    status: 'Creating' as const,
    managed: true,
    volume: volume.uuid,
    kind: 'SnapshotClone' as const,
  };
  await core.specs.replicas.put(spec);
  await makeReplica(core, spec, core.specs.pools.get(source.poolId)?.node ?? '', (node) =>
    node.client.createClone({ snapshotUuid: source.uuid, cloneName: uuid, cloneUuid: uuid }),
  );
}
