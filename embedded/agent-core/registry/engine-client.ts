import type { MethodDefinition, ServiceError } from '@grpc/grpc-js';
import { SocketClient, type UnaryClient } from '@/embedded/rpc/unary-client';
import { never } from '@/embedded/store/gated-store';
import type { Nexus, Replica } from '@/gen/mayastor/v1/common';
import { HostRpcService, type ListBlockDevicesResponse, type MayastorInfoResponse } from '@/gen/mayastor/v1/host';
import * as nexus from '@/gen/mayastor/v1/nexus';
import * as pool from '@/gen/mayastor/v1/pool';
import * as replica from '@/gen/mayastor/v1/replica';
import * as snapshot from '@/gen/mayastor/v1/snapshot';
import { fromEngine, Resource } from '../errors';
import type { Deadlines } from '../options';

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': 64 << 20,
  // A restarted node is tried again soon, not after gRPC's two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/** A connection to an io-engine of another process. */
export const engineSocket = (endpoint: string): UnaryClient => new SocketClient(endpoint, CHANNEL_OPTIONS);

/**
 * One connection to one io-engine. Every call has a deadline and rejects with a SvcError that carries the node's own
 * status (behaviour facts, 9.3).
 */
export class EngineClient {
  #cut = false;

  constructor(
    readonly endpoint: string,
    private readonly ms: Deadlines,
    private readonly client: UnaryClient = engineSocket(endpoint),
  ) {}

  /** Stays the same while all lists of the node do; undefined when that cannot be known without asking for them. */
  revision(): number | undefined {
    return this.client.revision();
  }

  probe(): Promise<MayastorInfoResponse> {
    return this.#call(HostRpcService.getMayastorInfo, {}, Resource.Node, this.ms.probe);
  }

  listBlockDevices(all: boolean): Promise<ListBlockDevicesResponse> {
    return this.#call(HostRpcService.listBlockDevices, { all }, Resource.Block, this.ms.request);
  }

  listPools(name?: string): Promise<pool.ListPoolsResponse> {
    return this.#call(pool.PoolRpcService.listPools, { name }, Resource.Pool, this.ms.request);
  }

  createPool(request: pool.CreatePoolRequest): Promise<pool.Pool> {
    return this.#call(pool.PoolRpcService.createPool, request, Resource.Pool, this.ms.pool);
  }

  importPool(request: pool.ImportPoolRequest): Promise<pool.Pool> {
    return this.#call(pool.PoolRpcService.importPool, request, Resource.Pool, this.ms.import);
  }

  async destroyPool(name: string): Promise<void> {
    await this.#call(pool.PoolRpcService.destroyPool, { name }, Resource.Pool, this.ms.pool);
  }

  growPool(name: string): Promise<pool.GrowPoolResponse> {
    return this.#call(pool.PoolRpcService.growPool, { name }, Resource.Pool, this.ms.pool);
  }

  listReplicas(): Promise<replica.ListReplicasResponse> {
    // No query at all means everything; an empty one means nothing (wire facts, 8).
    return this.#call(replica.ReplicaRpcService.listReplicas, { pooltypes: [] }, Resource.Replica, this.ms.request);
  }

  createReplica(request: replica.CreateReplicaRequest): Promise<Replica> {
    return this.#call(replica.ReplicaRpcService.createReplica, request, Resource.Replica, this.ms.replica);
  }

  async destroyReplica(uuid: string, poolName: string): Promise<void> {
    await this.#call(
      replica.ReplicaRpcService.destroyReplica,
      { uuid, pool: { $case: 'poolName', value: poolName } },
      Resource.Replica,
      this.ms.replica,
    );
  }

  shareReplica(request: replica.ShareReplicaRequest): Promise<Replica> {
    return this.#call(replica.ReplicaRpcService.shareReplica, request, Resource.Replica, this.ms.request);
  }

  unshareReplica(uuid: string): Promise<Replica> {
    return this.#call(replica.ReplicaRpcService.unshareReplica, { uuid }, Resource.Replica, this.ms.request);
  }

  resizeReplica(uuid: string, requestedSize: bigint): Promise<Replica> {
    return this.#call(
      replica.ReplicaRpcService.resizeReplica,
      { uuid, requestedSize },
      Resource.Replica,
      this.ms.replica,
    );
  }

  listNexuses(): Promise<nexus.ListNexusResponse> {
    return this.#call(nexus.NexusRpcService.listNexus, {}, Resource.Nexus, this.ms.request);
  }

  createNexus(request: nexus.CreateNexusRequest): Promise<Nexus> {
    return this.#nexusCall(nexus.NexusRpcService.createNexus, request);
  }

  async destroyNexus(uuid: string): Promise<void> {
    await this.#call(nexus.NexusRpcService.destroyNexus, { uuid }, Resource.Nexus, this.ms.nexus);
  }

  shutdownNexus(uuid: string): Promise<Nexus> {
    return this.#nexusCall(nexus.NexusRpcService.shutdownNexus, { uuid });
  }

  publishNexus(request: nexus.PublishNexusRequest): Promise<Nexus> {
    return this.#nexusCall(nexus.NexusRpcService.publishNexus, request);
  }

  unpublishNexus(uuid: string): Promise<Nexus> {
    return this.#nexusCall(nexus.NexusRpcService.unpublishNexus, { uuid });
  }

  resizeNexus(uuid: string, requestedSize: bigint): Promise<Nexus> {
    return this.#nexusCall(nexus.NexusRpcService.resizeNexus, { uuid, requestedSize });
  }

  addChild(uuid: string, uri: string, norebuild: boolean): Promise<Nexus> {
    return this.#nexusCall(nexus.NexusRpcService.addChildNexus, { uuid, uri, norebuild }, Resource.Child);
  }

  removeChild(uuid: string, uri: string): Promise<Nexus> {
    return this.#nexusCall(nexus.NexusRpcService.removeChildNexus, { uuid, uri }, Resource.Child);
  }

  onlineChild(nexusUuid: string, uri: string): Promise<Nexus> {
    const action = nexus.ChildAction.Online;
    return this.#nexusCall(nexus.NexusRpcService.childOperation, { nexusUuid, uri, action });
  }

  rebuildHistory(uuid: string): Promise<nexus.RebuildHistoryResponse> {
    return this.#call(nexus.NexusRpcService.getRebuildHistory, { uuid }, Resource.Nexus, this.ms.request);
  }

  listSnapshots(): Promise<snapshot.ListSnapshotsResponse> {
    return this.#call(snapshot.SnapshotRpcService.listSnapshot, {}, Resource.ReplicaSnapshot, this.ms.request);
  }

  createReplicaSnapshot(
    request: snapshot.CreateReplicaSnapshotRequest,
  ): Promise<snapshot.CreateReplicaSnapshotResponse> {
    return this.#call(
      snapshot.SnapshotRpcService.createReplicaSnapshot,
      request,
      Resource.ReplicaSnapshot,
      this.ms.snapshot,
    );
  }

  createNexusSnapshot(request: snapshot.NexusCreateSnapshotRequest): Promise<snapshot.NexusCreateSnapshotResponse> {
    return this.#call(
      snapshot.SnapshotRpcService.createNexusSnapshot,
      request,
      Resource.Nexus,
      this.ms.snapshot,
      'CreateSnapshot',
    );
  }

  async destroySnapshot(snapshotUuid: string, poolName: string): Promise<void> {
    await this.#call(
      snapshot.SnapshotRpcService.destroySnapshot,
      { snapshotUuid, pool: { $case: 'poolName', value: poolName } },
      Resource.ReplicaSnapshot,
      this.ms.snapshot,
    );
  }

  createClone(request: snapshot.CreateSnapshotCloneRequest): Promise<Replica> {
    return this.#call(
      snapshot.SnapshotRpcService.createSnapshotClone,
      request,
      Resource.ReplicaSnapshotClone,
      this.ms.replica,
    );
  }

  close(): void {
    this.client.close();
  }

  /** As when the process dies: calls under way never come back to their caller. */
  cut(): void {
    this.#cut = true;
    this.close();
  }

  async #nexusCall<Q>(
    method: MethodDefinition<Q, { nexus?: Nexus | undefined }>,
    request: Q,
    resource = Resource.Nexus,
  ): Promise<Nexus> {
    const reply = await this.#call(method, request, resource, this.ms.nexus);
    if (reply.nexus === undefined) throw new Error(`${nameOf(method)} answered without a nexus`);
    return reply.nexus;
  }

  /** `name`: as errors name the method. */
  async #call<Q, R>(
    method: MethodDefinition<Q, R>,
    request: Q,
    resource: Resource,
    deadlineMs: number,
    name = nameOf(method),
  ): Promise<R> {
    if (this.#cut) return never();
    try {
      const value = await this.client.call(method, request, deadlineMs);
      return this.#cut ? never() : value;
    } catch (error) {
      if (this.#cut) return never();
      // Nothing else is what a client of gRPC rejects with.
      throw fromEngine(name, resource, error as ServiceError, this.endpoint);
    }
  }
}

/** A method without its package and service. */
const nameOf = (method: { path: string }) => method.path.slice(method.path.lastIndexOf('/') + 1);
