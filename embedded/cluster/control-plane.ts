import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { ReplyError } from '@/gen/v1/misc/common';
import { NodeGrpcClient, NodeStatus } from '@/gen/v1/node/target_node';
import { type Pool, PoolGrpcClient } from '@/gen/v1/pool/pool';
import { CreateVolumeRequest, type Volume, VolumeGrpcClient, VolumeShareProtocol } from '@/gen/v1/volume/volume';

const DEADLINE_MS = 60_000;

type Method<Req, Res> = (
  request: Req,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: Res) => void,
) => unknown;
type Reply = { reply?: { $case: string; value: unknown } | undefined };
type Arm<R extends Reply, K extends string> = Extract<NonNullable<R['reply']>, { $case: K }>['value'];

/** Calls and opens the reply; a refusal is an exception, because the fleet's own calls are not meant to be refused. */
async function ask<Req, Res extends Reply, K extends string>(
  method: Method<Req, Res>,
  request: Req,
  arm: K,
): Promise<Arm<Res, K>> {
  const response = await new Promise<Res>((resolve, reject) =>
    method(request, new Metadata(), { deadline: Date.now() + DEADLINE_MS }, (error, res) =>
      error ? reject(error) : resolve(res),
    ),
  );
  const reply = response.reply;
  if (reply?.$case === 'error') {
    const error = reply.value as ReplyError; // the arm of that name
    throw new Error(`${error.source}: ${error.extra}`);
  }
  if (reply?.$case !== arm) throw new Error('agent-core sent a reply without a result');
  return reply.value as Arm<Res, K>; // just compared
}

/** The few calls that set up and serve a fleet, over the same gRPC as everyone's. */
export class ControlPlane {
  private readonly nodes: NodeGrpcClient;
  private readonly pools: PoolGrpcClient;
  private readonly volumes: VolumeGrpcClient;

  constructor(address: string) {
    const plain = credentials.createInsecure();
    // A restarted agent-core must be found again at once.
    const options = {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
      // The list of 10,000 volumes is 8 MiB.
      'grpc.max_receive_message_length': 64 * 1024 * 1024,
    };
    this.nodes = new NodeGrpcClient(address, plain, options);
    this.pools = new PoolGrpcClient(address, plain, options);
    this.volumes = new VolumeGrpcClient(address, plain, options);
  }

  close(): void {
    for (const client of [this.nodes, this.pools, this.volumes]) client.close();
  }

  /** Names of the nodes that are online. */
  async onlineNodes(): Promise<string[]> {
    const { nodes } = await ask(this.nodes.getNodes.bind(this.nodes), { ignoreNotfound: true }, 'nodes');
    return nodes.filter((n) => n.state?.status === NodeStatus.Online).map((n) => n.nodeId);
  }

  async createPool(nodeId: string, poolId: string, disk: string, labels: Record<string, string>): Promise<void> {
    await ask(
      this.pools.createPool.bind(this.pools),
      { nodeId, poolId, disks: [disk], labels: { value: labels } },
      'pool',
    );
  }

  /** Puts labels on a pool in addition to those it has. */
  async labelPool(poolId: string, labels: Record<string, string>): Promise<void> {
    await ask(this.pools.labelPool.bind(this.pools), { poolId, labels, overwrite: true }, 'pool');
  }

  async listPools(): Promise<Pool[]> {
    return (await ask(this.pools.getPools.bind(this.pools), {}, 'pools')).pools;
  }

  /** Where a node serves io-engine's own interface, host:port. */
  async engineAddress(nodeId: string): Promise<string> {
    const { nodes } = await ask(this.nodes.getNodes.bind(this.nodes), { ignoreNotfound: true }, 'nodes');
    const endpoint = nodes.find((n) => n.nodeId === nodeId)?.spec?.endpoint;
    if (!endpoint) throw new Error(`there is no node ${nodeId}`);
    return endpoint;
  }

  async unlabelPool(poolId: string, labelKey: string): Promise<void> {
    await ask(this.pools.unlabelPool.bind(this.pools), { poolId, labelKey }, 'pool');
  }

  createVolume(request: Partial<CreateVolumeRequest>): Promise<Volume> {
    return ask(this.volumes.createVolume.bind(this.volumes), CreateVolumeRequest.fromPartial(request), 'volume');
  }

  publish(uuid: string, targetNode?: string): Promise<Volume> {
    const request = { uuid, targetNode, share: VolumeShareProtocol.Nvmf, publishContext: {}, frontendNodes: [] };
    return ask(this.volumes.publishVolume.bind(this.volumes), request, 'volume');
  }

  setReplicaCount(uuid: string, replicas: number): Promise<Volume> {
    return ask(this.volumes.setVolumeReplica.bind(this.volumes), { uuid, replicas }, 'volume');
  }

  resize(uuid: string, requestedSize: number): Promise<Volume> {
    return ask(this.volumes.resizeVolume.bind(this.volumes), { uuid, requestedSize: BigInt(requestedSize) }, 'volume');
  }

  /** Rejects when there is no such volume. */
  async volume(uuid: string): Promise<Volume> {
    const found = (await this.listVolumes()).find((v) => v.definition?.spec?.uuid === uuid);
    if (!found) throw new Error(`there is no volume ${uuid}`);
    return found;
  }

  unpublish(uuid: string): Promise<Volume> {
    const request = { uuid, force: false, frontendNodes: [] };
    return ask(this.volumes.unpublishVolume.bind(this.volumes), request, 'volume');
  }

  async listVolumes(): Promise<Volume[]> {
    return (await ask(this.volumes.getVolumes.bind(this.volumes), { ignoreNotfound: true }, 'volumes')).entries;
  }

  async snapshot(volumeId: string, snapshotId: string): Promise<void> {
    await ask(this.volumes.createSnapshot.bind(this.volumes), { volumeId, snapshotId }, 'snapshot');
  }
}
