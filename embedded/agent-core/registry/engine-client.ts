import { type CallOptions, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { never } from '@/embedded/store/gated-store';
import type { Nexus, Replica } from '@/gen/mayastor/v1/common';
import { HostRpcClient, type ListBlockDevicesResponse, type MayastorInfoResponse } from '@/gen/mayastor/v1/host';
import * as nexus from '@/gen/mayastor/v1/nexus';
import * as pool from '@/gen/mayastor/v1/pool';
import * as replica from '@/gen/mayastor/v1/replica';
import * as snapshot from '@/gen/mayastor/v1/snapshot';
import { fromEngine, Resource } from '../errors';
import type { Deadlines } from '../options';

type Callback<T> = (error: ServiceError | null, response: T) => void;
type Start<T> = (metadata: Metadata, options: Partial<CallOptions>, callback: Callback<T>) => unknown;

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': 64 << 20,
  // A restarted node is tried again soon, not after gRPC's two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // Each client has its own connection, so that closing one leaves none behind in a shared pool.
  'grpc.use_local_subchannel_pool': 1,
};

/**
 * One connection to one io-engine. Every call has a deadline and rejects with a SvcError that carries the node's own
 * status (behaviour facts, 9.3).
 */
export class EngineClient {
  readonly #host: HostRpcClient;
  readonly #pool: pool.PoolRpcClient;
  readonly #replica: replica.ReplicaRpcClient;
  readonly #nexus: nexus.NexusRpcClient;
  readonly #snapshot: snapshot.SnapshotRpcClient;
  #cut = false;

  constructor(
    readonly endpoint: string,
    private readonly ms: Deadlines,
  ) {
    const insecure = credentials.createInsecure();
    this.#host = new HostRpcClient(endpoint, insecure, CHANNEL_OPTIONS);
    const shared = { ...CHANNEL_OPTIONS, channelOverride: this.#host.getChannel() };
    this.#pool = new pool.PoolRpcClient(endpoint, insecure, shared);
    this.#replica = new replica.ReplicaRpcClient(endpoint, insecure, shared);
    this.#nexus = new nexus.NexusRpcClient(endpoint, insecure, shared);
    this.#snapshot = new snapshot.SnapshotRpcClient(endpoint, insecure, shared);
  }

  probe(): Promise<MayastorInfoResponse> {
    return this.#call('GetMayastorInfo', Resource.Node, this.ms.probe, (...rest) =>
      this.#host.getMayastorInfo({}, ...rest),
    );
  }

  listBlockDevices(all: boolean): Promise<ListBlockDevicesResponse> {
    return this.#call('ListBlockDevices', Resource.Block, this.ms.request, (...rest) =>
      this.#host.listBlockDevices({ all }, ...rest),
    );
  }

  listPools(name?: string): Promise<pool.ListPoolsResponse> {
    return this.#call('ListPools', Resource.Pool, this.ms.request, (...rest) =>
      this.#pool.listPools({ name }, ...rest),
    );
  }

  createPool(request: pool.CreatePoolRequest): Promise<pool.Pool> {
    return this.#call('CreatePool', Resource.Pool, this.ms.pool, (...rest) => this.#pool.createPool(request, ...rest));
  }

  importPool(request: pool.ImportPoolRequest): Promise<pool.Pool> {
    return this.#call('ImportPool', Resource.Pool, this.ms.import, (...rest) =>
      this.#pool.importPool(request, ...rest),
    );
  }

  async destroyPool(name: string): Promise<void> {
    await this.#call<unknown>('DestroyPool', Resource.Pool, this.ms.pool, (...rest) =>
      this.#pool.destroyPool({ name }, ...rest),
    );
  }

  growPool(name: string): Promise<pool.GrowPoolResponse> {
    return this.#call('GrowPool', Resource.Pool, this.ms.pool, (...rest) => this.#pool.growPool({ name }, ...rest));
  }

  listReplicas(): Promise<replica.ListReplicasResponse> {
    // No query at all means everything; an empty one means nothing (wire facts, 8).
    return this.#call('ListReplicas', Resource.Replica, this.ms.request, (...rest) =>
      this.#replica.listReplicas({ pooltypes: [] }, ...rest),
    );
  }

  createReplica(request: replica.CreateReplicaRequest): Promise<Replica> {
    return this.#call('CreateReplica', Resource.Replica, this.ms.replica, (...rest) =>
      this.#replica.createReplica(request, ...rest),
    );
  }

  async destroyReplica(uuid: string, poolName: string): Promise<void> {
    await this.#call<unknown>('DestroyReplica', Resource.Replica, this.ms.replica, (...rest) =>
      this.#replica.destroyReplica({ uuid, pool: { $case: 'poolName', value: poolName } }, ...rest),
    );
  }

  shareReplica(request: replica.ShareReplicaRequest): Promise<Replica> {
    return this.#call('ShareReplica', Resource.Replica, this.ms.request, (...rest) =>
      this.#replica.shareReplica(request, ...rest),
    );
  }

  unshareReplica(uuid: string): Promise<Replica> {
    return this.#call('UnshareReplica', Resource.Replica, this.ms.request, (...rest) =>
      this.#replica.unshareReplica({ uuid }, ...rest),
    );
  }

  resizeReplica(uuid: string, requestedSize: bigint): Promise<Replica> {
    return this.#call('ResizeReplica', Resource.Replica, this.ms.replica, (...rest) =>
      this.#replica.resizeReplica({ uuid, requestedSize }, ...rest),
    );
  }

  listNexuses(): Promise<nexus.ListNexusResponse> {
    return this.#call('ListNexus', Resource.Nexus, this.ms.request, (...rest) => this.#nexus.listNexus({}, ...rest));
  }

  createNexus(request: nexus.CreateNexusRequest): Promise<Nexus> {
    return this.#nexusCall('CreateNexus', (...rest) => this.#nexus.createNexus(request, ...rest));
  }

  async destroyNexus(uuid: string): Promise<void> {
    await this.#call<unknown>('DestroyNexus', Resource.Nexus, this.ms.nexus, (...rest) =>
      this.#nexus.destroyNexus({ uuid }, ...rest),
    );
  }

  shutdownNexus(uuid: string): Promise<Nexus> {
    return this.#nexusCall('ShutdownNexus', (...rest) => this.#nexus.shutdownNexus({ uuid }, ...rest));
  }

  publishNexus(request: nexus.PublishNexusRequest): Promise<Nexus> {
    return this.#nexusCall('PublishNexus', (...rest) => this.#nexus.publishNexus(request, ...rest));
  }

  unpublishNexus(uuid: string): Promise<Nexus> {
    return this.#nexusCall('UnpublishNexus', (...rest) => this.#nexus.unpublishNexus({ uuid }, ...rest));
  }

  resizeNexus(uuid: string, requestedSize: bigint): Promise<Nexus> {
    return this.#nexusCall('ResizeNexus', (...rest) => this.#nexus.resizeNexus({ uuid, requestedSize }, ...rest));
  }

  addChild(uuid: string, uri: string, norebuild: boolean): Promise<Nexus> {
    const start: Start<nexus.AddChildNexusResponse> = (...rest) =>
      this.#nexus.addChildNexus({ uuid, uri, norebuild }, ...rest);
    return this.#nexusCall('AddChildNexus', start, Resource.Child);
  }

  removeChild(uuid: string, uri: string): Promise<Nexus> {
    const start: Start<nexus.RemoveChildNexusResponse> = (...rest) =>
      this.#nexus.removeChildNexus({ uuid, uri }, ...rest);
    return this.#nexusCall('RemoveChildNexus', start, Resource.Child);
  }

  onlineChild(nexusUuid: string, uri: string): Promise<Nexus> {
    const action = nexus.ChildAction.Online;
    return this.#nexusCall('ChildOperation', (...rest) =>
      this.#nexus.childOperation({ nexusUuid, uri, action }, ...rest),
    );
  }

  rebuildHistory(uuid: string): Promise<nexus.RebuildHistoryResponse> {
    return this.#call('GetRebuildHistory', Resource.Nexus, this.ms.request, (...rest) =>
      this.#nexus.getRebuildHistory({ uuid }, ...rest),
    );
  }

  listSnapshots(): Promise<snapshot.ListSnapshotsResponse> {
    return this.#call('ListSnapshot', Resource.ReplicaSnapshot, this.ms.request, (...rest) =>
      this.#snapshot.listSnapshot({}, ...rest),
    );
  }

  createReplicaSnapshot(
    request: snapshot.CreateReplicaSnapshotRequest,
  ): Promise<snapshot.CreateReplicaSnapshotResponse> {
    return this.#call('CreateReplicaSnapshot', Resource.ReplicaSnapshot, this.ms.snapshot, (...rest) =>
      this.#snapshot.createReplicaSnapshot(request, ...rest),
    );
  }

  createNexusSnapshot(request: snapshot.NexusCreateSnapshotRequest): Promise<snapshot.NexusCreateSnapshotResponse> {
    return this.#call('CreateSnapshot', Resource.Nexus, this.ms.snapshot, (...rest) =>
      this.#snapshot.createNexusSnapshot(request, ...rest),
    );
  }

  async destroySnapshot(snapshotUuid: string, poolName: string): Promise<void> {
    await this.#call<unknown>('DestroySnapshot', Resource.ReplicaSnapshot, this.ms.snapshot, (...rest) =>
      this.#snapshot.destroySnapshot({ snapshotUuid, pool: { $case: 'poolName', value: poolName } }, ...rest),
    );
  }

  createClone(request: snapshot.CreateSnapshotCloneRequest): Promise<Replica> {
    return this.#call('CreateSnapshotClone', Resource.ReplicaSnapshotClone, this.ms.replica, (...rest) =>
      this.#snapshot.createSnapshotClone(request, ...rest),
    );
  }

  close(): void {
    this.#host.close();
  }

  /** As when the process dies: calls under way never come back to their caller. */
  cut(): void {
    this.#cut = true;
    this.close();
  }

  async #nexusCall(
    name: string,
    start: Start<{ nexus?: Nexus | undefined }>,
    resource = Resource.Nexus,
  ): Promise<Nexus> {
    const reply = await this.#call(name, resource, this.ms.nexus, start);
    if (reply.nexus === undefined) throw new Error(`${name} answered without a nexus`);
    return reply.nexus;
  }

  async #call<T>(name: string, resource: Resource, deadlineMs: number, start: Start<T>): Promise<T> {
    if (this.#cut) return never();
    const result = await new Promise<{ value: T } | { error: ServiceError }>((resolve) => {
      start(new Metadata(), { deadline: Date.now() + deadlineMs }, (error, value) =>
        resolve(error === null ? { value } : { error }),
      );
    });
    if (this.#cut) return never();
    if ('error' in result) throw fromEngine(name, resource, result.error, this.endpoint);
    return result.value;
  }
}
