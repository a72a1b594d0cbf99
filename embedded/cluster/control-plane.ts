import type { MethodDefinition } from '@grpc/grpc-js';
import type { UnaryClient } from '@/embedded/rpc/unary-client';
import type { Pagination, ReplyError } from '@/gen/v1/misc/common';
import { NodeGrpcService, NodeStatus } from '@/gen/v1/node/target_node';
import { type Pool, PoolGrpcService } from '@/gen/v1/pool/pool';
import {
  CreateVolumeRequest,
  type Volume,
  VolumeGrpcService,
  VolumeShareProtocol,
  type Volumes,
} from '@/gen/v1/volume/volume';

const DEADLINE_MS = 60_000;
const PAGE = 250n;

type Reply = { reply?: { $case: string; value: unknown } | undefined };
type Arm<R extends Reply, K extends string> = Extract<NonNullable<R['reply']>, { $case: K }>['value'];

/** The few calls that set up and serve a fleet, the same as everyone's. */
export class ControlPlane {
  constructor(private readonly client: UnaryClient) {}

  close(): void {
    this.client.close();
  }

  /** Names of the nodes that are online. */
  async onlineNodes(): Promise<string[]> {
    const { nodes } = await this.ask(NodeGrpcService.getNodes, { ignoreNotfound: true }, 'nodes');
    return nodes.filter((n) => n.state?.status === NodeStatus.Online).map((n) => n.nodeId);
  }

  async createPool(nodeId: string, poolId: string, disk: string, labels: Record<string, string>): Promise<void> {
    await this.ask(PoolGrpcService.createPool, { nodeId, poolId, disks: [disk], labels: { value: labels } }, 'pool');
  }

  /** Puts labels on a pool in addition to those it has. */
  async labelPool(poolId: string, labels: Record<string, string>): Promise<void> {
    await this.ask(PoolGrpcService.labelPool, { poolId, labels, overwrite: true }, 'pool');
  }

  async listPools(): Promise<Pool[]> {
    return (await this.ask(PoolGrpcService.getPools, {}, 'pools')).pools;
  }

  /** Where a node serves io-engine's own interface, host:port. */
  async engineAddress(nodeId: string): Promise<string> {
    const { nodes } = await this.ask(NodeGrpcService.getNodes, { ignoreNotfound: true }, 'nodes');
    const endpoint = nodes.find((n) => n.nodeId === nodeId)?.spec?.endpoint;
    if (!endpoint) throw new Error(`there is no node ${nodeId}`);
    return endpoint;
  }

  async unlabelPool(poolId: string, labelKey: string): Promise<void> {
    await this.ask(PoolGrpcService.unlabelPool, { poolId, labelKey }, 'pool');
  }

  createVolume(request: Partial<CreateVolumeRequest>): Promise<Volume> {
    return this.ask(VolumeGrpcService.createVolume, CreateVolumeRequest.fromPartial(request), 'volume');
  }

  publish(uuid: string, targetNode?: string): Promise<Volume> {
    const request = { uuid, targetNode, share: VolumeShareProtocol.Nvmf, publishContext: {}, frontendNodes: [] };
    return this.ask(VolumeGrpcService.publishVolume, request, 'volume');
  }

  setReplicaCount(uuid: string, replicas: number): Promise<Volume> {
    return this.ask(VolumeGrpcService.setVolumeReplica, { uuid, replicas }, 'volume');
  }

  resize(uuid: string, requestedSize: number): Promise<Volume> {
    return this.ask(VolumeGrpcService.resizeVolume, { uuid, requestedSize: BigInt(requestedSize) }, 'volume');
  }

  /** Rejects when there is no such volume. */
  async volume(uuid: string): Promise<Volume> {
    const found = await this.findVolume(uuid);
    if (!found) throw new Error(`there is no volume ${uuid}`);
    return found;
  }

  async findVolume(volumeId: string): Promise<Volume | undefined> {
    const filter = { $case: 'volume' as const, value: { volumeId } };
    const request = { filter, ignoreNotfound: true };
    return (await this.ask(VolumeGrpcService.getVolumes, request, 'volumes')).entries[0];
  }

  unpublish(uuid: string): Promise<Volume> {
    const request = { uuid, force: false, frontendNodes: [] };
    return this.ask(VolumeGrpcService.unpublishVolume, request, 'volume');
  }

  /** All volumes in pages, so that a large cluster does other things in between. */
  async listVolumes(): Promise<Volume[]> {
    const volumes: Volume[] = [];
    let startingToken: bigint | undefined = 0n;
    while (startingToken !== undefined) {
      const pagination: Pagination = { maxEntries: PAGE, startingToken };
      const page: Volumes = await this.ask(
        VolumeGrpcService.getVolumes,
        { pagination, ignoreNotfound: true },
        'volumes',
      );
      for (const volume of page.entries) volumes.push(volume);
      startingToken = page.nextToken;
    }
    return volumes;
  }

  /** A change that touches nothing but the volume's own record. */
  setMaxSnapshots(uuid: string, count: number): Promise<Volume> {
    const property = { attr: { $case: 'maxSnapshots' as const, value: { value: count } } };
    return this.ask(VolumeGrpcService.setVolumeProperty, { uuid, property }, 'volume');
  }

  async snapshot(volumeId: string, snapshotId: string): Promise<void> {
    await this.ask(VolumeGrpcService.createSnapshot, { volumeId, snapshotId }, 'snapshot');
  }

  /** Calls and opens the reply; a refusal is an exception, because the fleet's own calls are not meant to be refused. */
  private async ask<Q, R extends Reply, K extends string>(
    method: MethodDefinition<Q, R>,
    request: Q,
    arm: K,
  ): Promise<Arm<R, K>> {
    const { reply } = await this.client.call(method, request, DEADLINE_MS);
    if (reply?.$case === 'error') {
      const error = reply.value as ReplyError; // the arm of that name
      throw new Error(`${error.source}: ${error.extra}`);
    }
    if (reply?.$case !== arm) throw new Error('agent-core sent a reply without a result');
    return reply.value as Arm<R, K>; // just compared
  }
}
