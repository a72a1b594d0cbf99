import { SnapshotStatus } from '@/gen/v1/snapshot/snapshot';
import type { VolumeGrpcServer, VolumeSnapshot, VolumeSnapshotState } from '@/gen/v1/volume/volume';
import type { Core } from '../core';
import { InvalidRequest, Resource, snapshotNotFound, snapshotSource } from '../errors';
import type { CreateLimit } from '../operations/create-limit';
import { restoreVolume } from '../operations/restore';
import { createSnapshot, destroySnapshot, goodTransaction } from '../operations/snapshots';
import type { ReplicaSnapshotSpec, SnapshotSpec } from '../specs';
import { specStatus, toTimestamp } from '../wire/common';
import { toVolume } from '../wire/volume';
import { answer, bareError, filterUuid, replyError, requireUuid } from './handler';
import { pageOf } from './pages';
import { toVolumeSpec } from './volume-requests';

type ReplicaState = VolumeSnapshotState['replicas'][number];

function replicaState(core: Core, replica: ReplicaSnapshotSpec): ReplicaState {
  const node = core.registry.node(core.specs.pools.get(replica.poolId)?.node ?? '');
  const info = node?.snapshots.get(replica.uuid);
  const source = {
    uuid: replica.uuid,
    replicaId: replica.replica,
    poolUuid: replica.poolUuid,
    poolId: replica.poolId,
  };
  if (info === undefined) return { state: { $case: 'offline', value: source } };
  return {
    state: {
      $case: 'online',
      value: {
        ...source,
        status: SnapshotStatus.Online,
        timestamp: info.timestamp,
        replicaSize: info.sourceSize,
        allocatedSize: info.snapshotSize,
        predecessorAllocSize: info.referencedBytes,
        numClones: info.numClones,
        txnId: info.txnId,
        valid: info.validSnapshot,
        name: info.snapshotName,
        entityId: info.entityId,
        // Always false in this release; Created is what tells that a restore may start (behaviour facts, 6.2).
        readyAsSource: false,
        discarded: info.discardedSnapshot,
      },
    },
  };
}

export function toSnapshot(core: Core, spec: SnapshotSpec): VolumeSnapshot {
  const replicas = goodTransaction(spec).map((replica) => replicaState(core, replica));
  const online = replicas.flatMap(({ state }) => (state?.$case === 'online' ? [state.value] : []));
  const timestamp = spec.timestampMs === undefined ? undefined : toTimestamp(spec.timestampMs);
  return {
    spec: { volumeId: spec.volume, snapshotId: spec.uuid },
    meta: {
      specStatus: specStatus(spec.status),
      timestamp,
      txnId: spec.txnId,
      transactions: Object.fromEntries(
        Object.entries(spec.transactions).map(([txnId, list]) => [
          txnId,
          {
            snapshots: list.map((replica) => ({
              uuid: replica.uuid,
              specStatus: specStatus(replica.status),
              timestamp: replica.timestampMs === undefined ? undefined : toTimestamp(replica.timestampMs),
              txnId,
              sourceId: replica.replica,
            })),
          },
        ]),
      ),
      size: BigInt(spec.size),
      specSize: BigInt(spec.specSize),
      totalAllocatedSize: BigInt(spec.totalAllocated),
      numRestores: core.specs.restoresOf(spec.uuid).length,
    },
    state: {
      state: {
        uuid: spec.uuid,
        // A constant upstream, whatever the replicas are; they tell for themselves.
        status: SnapshotStatus.Online,
        timestamp,
        // Of several replicas it is the last one's, as upstream does.
        allocatedSize: online.at(-1)?.allocatedSize ?? 0n,
        sourceId: spec.volume,
      },
      replicas,
    },
  };
}

type SnapshotHandlers = Pick<
  VolumeGrpcServer,
  'createSnapshot' | 'destroySnapshot' | 'getSnapshots' | 'createSnapshotVolume'
>;

/** The snapshot half of VolumeGrpc. */
export function snapshotHandlers(core: Core, limit: CreateLimit): SnapshotHandlers {
  const one = (id: string, volume?: string) => {
    const spec = core.specs.snapshots.get(filterUuid(Resource.VolumeSnapshot, id, 'snapshot_id'));
    if (spec === undefined) throw snapshotNotFound(id);
    if (volume !== undefined && spec.volume !== volume) throw snapshotSource(id, volume);
    return { snapshots: [toSnapshot(core, spec)] };
  };
  return {
    createSnapshot: answer((request) => {
      const volume = requireUuid(request.volumeId, 'volume_id');
      const snapshot = requireUuid(request.snapshotId, 'snapshot_id');
      // The volume is held too: its replicas must not change under the transaction.
      return core.guard.run(Resource.Volume, volume, () =>
        core.guard.run(Resource.VolumeSnapshot, snapshot, async () => {
          const spec = await createSnapshot(core, volume, snapshot);
          return { reply: { $case: 'snapshot' as const, value: toSnapshot(core, spec) } };
        }),
      );
    }, replyError),
    destroySnapshot: answer(async (request) => {
      const snapshot = requireUuid(request.snapshotId, 'snapshot_id');
      const volume = request.volumeId === undefined ? undefined : requireUuid(request.volumeId, 'volume_id');
      await core.guard.run(Resource.VolumeSnapshot, snapshot, () => destroySnapshot(core, snapshot, volume));
      return {};
    }, bareError),
    getSnapshots: answer((request) => {
      const filter = request.filter;
      const reply = (value: { snapshots: VolumeSnapshot[]; nextToken?: bigint | undefined }) => ({
        reply: { $case: 'response' as const, value },
      });
      if (filter?.$case === 'snapshot') return reply(one(filter.value.snapshotId));
      if (filter?.$case === 'volumeSnapshot')
        return reply(one(filter.value.snapshotId, filterUuid(Resource.Volume, filter.value.volumeId, 'volume_id')));
      const specs =
        filter === undefined
          ? core.specs.snapshots.values()
          : core.specs.snapshotsOf(filterUuid(Resource.Volume, filter.value.volumeId, 'volume_id'));
      // Of one volume too, the last page is told from the count of all snapshots (wire facts, 6).
      const page = pageOf(specs, request.pagination, core.specs.snapshots.size);
      return reply({ snapshots: page.entries.map((spec) => toSnapshot(core, spec)), nextToken: page.nextToken });
    }, replyError),
    createSnapshotVolume: answer((request) => {
      if (request.volume === undefined) throw new InvalidRequest('volume: missing');
      const snapshot = requireUuid(request.sourceSnapshot, 'source_snapshot');
      const spec = toVolumeSpec(request.volume);
      return core.guard.run(Resource.Volume, spec.uuid, () =>
        limit.run(spec.uuid, () =>
          core.guard.run(Resource.VolumeSnapshot, snapshot, async () => {
            const volume = await restoreVolume(core, snapshot, spec);
            return { reply: { $case: 'volume' as const, value: toVolume(core, volume) } };
          }),
        ),
      );
    }, replyError),
  };
}
