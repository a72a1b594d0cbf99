import { randomUUID } from 'node:crypto';
import { call, Replied, type TestCluster, value } from '@/embedded/agent-core/testing/test-cluster';
import { ReplyErrorKind as Kind } from '@/gen/v1/misc/common';
import type { RebuildHistoryRecord, RebuildHistoryReply } from '@/gen/v1/nexus/nexus';
import type { CordonNodeReply, DrainNodeReply, LabelNodeReply, UnlabelNodeReply } from '@/gen/v1/node/target_node';
import {
  type CreatePoolReply,
  CreatePoolRequest,
  type DestroyPoolReply,
  type GetPoolsReply,
  type LabelPoolReply,
  type Pool,
  type UnlabelPoolReply,
} from '@/gen/v1/pool/pool';
import type { GetReplicasReply, Replica } from '@/gen/v1/replica/replica';
import {
  type CreateSnapshotReply,
  type CreateSnapshotVolumeReply,
  CreateVolumeRequest,
  type DestroyShutdownTargetReply,
  type DestroySnapshotReply,
  type GetSnapshotsReply,
  type GetSnapshotsRequest,
  type GetVolumesReply,
  type RepublishVolumeReply,
  type ResizeVolumeReply,
  type Volume,
  VolumeShareProtocol,
  type VolumeSnapshot,
} from '@/gen/v1/volume/volume';

export const MIB = 1024 * 1024;
export const SIZE = 16 * MIB;

export const idOf = (volume: Volume): string => volume.definition?.spec?.uuid ?? '';
export const nodesOf = (volume: Volume): string[] =>
  Object.values(volume.state?.replicaTopology ?? {}).map((r) => r.node ?? '');
export const poolsOf = (volume: Volume): string[] =>
  Object.values(volume.state?.replicaTopology ?? {}).map((r) => r.pool ?? '');

/** Kind of the error that a request is answered with; `accepted` when it is none. */
export async function kindOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Replied) return Kind[error.error.kind] ?? 'unknown';
    throw error;
  }
  return 'accepted';
}

const BUSY_MS = 20_000;

/** Asks again while a reconciler holds the volume, as Mayastor's own clients do with a Conflict. */
async function whenFree<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + BUSY_MS; ; ) {
    try {
      return await ask();
    } catch (error) {
      const isBusy = error instanceof Replied && error.error.kind === Kind.Conflict;
      if (!isBusy || Date.now() > end) throw error;
    }
  }
}

/** The requests of Mayastor's scenarios, as an administrator would send them to agent-core. */
export class Requests {
  constructor(readonly cluster: TestCluster) {}

  async volume(replicas: number, more: Partial<CreateVolumeRequest> = {}): Promise<string> {
    return idOf(await this.cluster.createVolume({ replicas: BigInt(replicas), size: BigInt(SIZE), ...more }));
  }

  get = (id: string) => this.cluster.getVolume(id);

  async createPool(node: string, pool: string, disks: string[], labels?: Record<string, string>): Promise<Pool> {
    const request = CreatePoolRequest.fromPartial({
      nodeId: node,
      poolId: pool,
      disks,
      ...(labels ? { labels: { value: labels } } : {}),
    });
    return value(await call<CreatePoolReply>((cb) => this.cluster.pools.createPool(request, cb)), 'pool');
  }

  async dropPool(pool: string, node: string): Promise<void> {
    const reply = await call<DestroyPoolReply>((cb) =>
      this.cluster.pools.destroyPool({ poolId: pool, nodeId: node }, cb),
    );
    if (reply.reply?.$case === 'error') throw new Replied(reply.reply.value);
  }

  async pools(): Promise<Pool[]> {
    const reply = await call<GetPoolsReply>((cb) => this.cluster.pools.getPools({}, cb));
    return value(reply, 'pools').pools;
  }

  async pool(id: string): Promise<Pool | undefined> {
    return (await this.pools()).find((p) => (p.definition?.spec?.poolId ?? p.state?.poolId) === id);
  }

  labelPool = async (poolId: string, labels: Record<string, string>, overwrite = false) =>
    value(await call<LabelPoolReply>((cb) => this.cluster.pools.labelPool({ poolId, labels, overwrite }, cb)), 'pool');
  unlabelPool = async (poolId: string, labelKey: string) =>
    value(await call<UnlabelPoolReply>((cb) => this.cluster.pools.unlabelPool({ poolId, labelKey }, cb)), 'pool');
  labelNode = async (nodeId: string, labels: Record<string, string>, overwrite = false) =>
    value(
      await call<LabelNodeReply>((cb) =>
        this.cluster.nodes.labelNode({ nodeId, label: { value: labels }, overwrite }, cb),
      ),
      'node',
    );
  unlabelNode = async (nodeId: string, labelKey: string) =>
    value(await call<UnlabelNodeReply>((cb) => this.cluster.nodes.unlabelNode({ nodeId, labelKey }, cb)), 'node');
  cordon = async (nodeId: string, label: string) =>
    value(await call<CordonNodeReply>((cb) => this.cluster.nodes.cordonNode({ nodeId, label }, cb)), 'node');
  uncordon = async (nodeId: string, label: string) =>
    value(await call<CordonNodeReply>((cb) => this.cluster.nodes.uncordonNode({ nodeId, label }, cb)), 'node');
  drain = async (nodeId: string, label: string) =>
    value(await call<DrainNodeReply>((cb) => this.cluster.nodes.drainNode({ nodeId, label }, cb)), 'node');

  /** none, cordoned, draining or drained. */
  async cordonStateOf(nodeId: string): Promise<string> {
    return (await this.cluster.node(nodeId))?.spec?.cordonDrainState?.cordondrainstate?.$case ?? 'none';
  }

  resize = async (uuid: string, bytes: number) =>
    value(
      await call<ResizeVolumeReply>((cb) =>
        this.cluster.volumes.resizeVolume({ uuid, requestedSize: BigInt(bytes) }, cb),
      ),
      'volume',
    );

  snapshot = async (volumeId: string, snapshotId: string = randomUUID()): Promise<VolumeSnapshot> =>
    value(
      await call<CreateSnapshotReply>((cb) => this.cluster.volumes.createSnapshot({ volumeId, snapshotId }, cb)),
      'snapshot',
    );

  dropSnapshot = async (snapshotId: string) => {
    const reply = await call<DestroySnapshotReply>((cb) => this.cluster.volumes.destroySnapshot({ snapshotId }, cb));
    if (reply.error !== undefined) throw new Replied(reply.error);
  };

  snapshots = async (request: Partial<GetSnapshotsRequest> = {}) =>
    value(
      await call<GetSnapshotsReply>((cb) =>
        this.cluster.volumes.getSnapshots({ ignoreNotfound: false, ...request }, cb),
      ),
      'response',
    );

  restore = async (sourceSnapshot: string, more: Partial<CreateVolumeRequest> = {}) =>
    value(
      await call<CreateSnapshotVolumeReply>((cb) =>
        this.cluster.volumes.createSnapshotVolume(
          {
            sourceSnapshot,
            volume: CreateVolumeRequest.fromPartial({
              uuid: randomUUID(),
              size: BigInt(SIZE),
              replicas: 1n,
              thin: true,
              policy: { selfHeal: true },
              ...more,
            }),
          },
          cb,
        ),
      ),
      'volume',
    );

  dropShutdownTargets = (volumeId: string) =>
    whenFree(async () => {
      const reply = await call<DestroyShutdownTargetReply>((cb) =>
        this.cluster.volumes.destroyShutdownTarget({ volumeId }, cb),
      );
      if (reply.error !== undefined) throw new Replied(reply.error);
    });

  /** Replicas of a volume as their io-engines list them. */
  replicas = async (volumeId: string): Promise<Replica[]> =>
    value(
      await call<GetReplicasReply>((cb) =>
        this.cluster.replicas.getReplicas({ filter: { $case: 'volume', value: { volumeId } } }, cb),
      ),
      'replicas',
    ).replicas;

  republish = (uuid: string, more: { targetNode?: string; reuseExisting?: boolean } = {}) => {
    const share = VolumeShareProtocol.Nvmf;
    const request = { uuid, share, reuseExisting: false, frontendNode: '', reuseExistingFallback: false, ...more };
    return whenFree(async () =>
      value(await call<RepublishVolumeReply>((cb) => this.cluster.volumes.republishVolume(request, cb)), 'volume'),
    );
  };

  page = async (maxEntries: number, startingToken = 0) =>
    value(
      await call<GetVolumesReply>((cb) =>
        this.cluster.volumes.getVolumes(
          {
            ignoreNotfound: false,
            pagination: { maxEntries: BigInt(maxEntries), startingToken: BigInt(startingToken) },
          },
          cb,
        ),
      ),
      'volumes',
    );

  list = async () =>
    value(
      await call<GetVolumesReply>((cb) => this.cluster.volumes.getVolumes({ ignoreNotfound: false }, cb)),
      'volumes',
    );

  async rebuilds(id: string): Promise<RebuildHistoryRecord[]> {
    const uuid = (await this.get(id)).state?.target?.uuid;
    if (uuid === undefined) return [];
    const reply = await call<RebuildHistoryReply>((cb) => this.cluster.nexuses.getRebuildHistory({ uuid }, cb));
    // A target whose children were never rebuilt has no record.
    if (reply.reply?.$case === 'error' && reply.reply.value.kind === Kind.NotFound) return [];
    return value(reply, 'record').records;
  }
}
