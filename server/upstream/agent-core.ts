import { type Client, credentials } from '@grpc/grpc-js';
import type { SnapshotId, VolumeId } from '@/contract/scalars';
import type { CreateVolume } from '@/contract/volume';
import { AppNodeGrpcClient } from '@/gen/v1/node/app_node';
import { NodeGrpcClient } from '@/gen/v1/node/target_node';
import { PoolGrpcClient } from '@/gen/v1/pool/pool';
import { Replica, ReplicaGrpcClient, ReplicaGrpcService } from '@/gen/v1/replica/replica';
import {
  type CreateVolumeRequest,
  Volume,
  VolumeGrpcClient,
  VolumeGrpcService,
  VolumeShareProtocol,
  type VolumeSnapshot,
} from '@/gen/v1/volume/volume';
import type {
  AppNodeModel,
  BlockDeviceModel,
  NodeModel,
  PoolModel,
  ReplicaModel,
  SnapshotModel,
  VolumeModel,
} from '../model/model';
import {
  type CallObserver,
  CHANNEL_OPTIONS,
  call,
  observed,
  openBare,
  openReply,
  throughGate,
  type UnaryMethod,
} from './call';
import {
  appNodeModel,
  blockDeviceModel,
  nodeModel,
  poolModel,
  replicaModel,
  snapshotModel,
  volumeModel,
} from './core-mapping';
import { explained } from './explain';
import { Gate } from './gate';
import { decodeListReply } from './list-reply';
import { listPages, type Page } from './paging';
import { ok, type Result, type UpstreamError } from './result';

const READ_MS = 3_000;
const PAGE_MS = 5_000;
/** Upstream's own deadlines (wire facts, 2), plus a little, so that its answer comes before ours gives up. */
const CHANGE_MS = { volume: 62_000, publish: 33_000, snapshot: 43_000, other: 8_000 };
const PAGE_SIZE = 500n;
/** Of agent-core's replies: it lists all replicas at once, and those of 100,000 volumes are 60 MB. */
const MAX_REPLY_BYTES = 256 * 1024 * 1024;

/** An rpc of the generated client whose reply is left as the bytes that came. */
const asked =
  <Req>(
    client: Client,
    { path, requestSerialize }: { path: string; requestSerialize: (request: Req) => Buffer },
  ): UnaryMethod<Req, Buffer> =>
  (request, metadata, options, done) =>
    client.makeUnaryRequest(path, requestSerialize, asBytes, request, metadata, options, (error, bytes) =>
      done(error, bytes ?? Buffer.alloc(0)),
    );
const asBytes = (bytes: Buffer): Buffer => bytes;
/** Everything waits for agent-core, so it is tried again soon. */
const OPTIONS = {
  ...CHANNEL_OPTIONS,
  'grpc.max_receive_message_length': MAX_REPLY_BYTES,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/** Things keyed by id: a repeated one (offset paging) is taken once, one without identity not at all. */
function byId<W, T extends { id: string }>(items: readonly W[], model: (wire: W) => T | undefined): Map<string, T> {
  const map = new Map<string, T>();
  for (const item of items) {
    const m = model(item);
    if (m) map.set(m.id, m);
  }
  return map;
}

/** Typed client of one cluster's agent-core. Every call has a deadline and answers a Result. */
export class AgentCoreClient {
  private readonly nodes: NodeGrpcClient;
  private readonly pools: PoolGrpcClient;
  private readonly replicas: ReplicaGrpcClient;
  private readonly volumes: VolumeGrpcClient;
  private readonly appNodes: AppNodeGrpcClient;
  // Apart, so that changes that take a minute do not hold up the reading. agent-core's own clients stay below 25 calls.
  private readonly reads = new Gate({ width: 16, queue: 64, waitMs: 2_000 });
  private replicasMs = PAGE_MS;
  private readonly changes = new Gate({ width: 16, queue: 64, waitMs: 2_000 });

  /** `endpoint` is host:port. No TLS up to 2.11 (wire facts, 2). Connects on first use. */
  constructor(
    readonly endpoint: string,
    private readonly observe?: CallObserver,
  ) {
    const plain = credentials.createInsecure();
    this.nodes = new NodeGrpcClient(endpoint, plain, OPTIONS);
    const channelOverride = this.nodes.getChannel();
    const options = { ...OPTIONS, channelOverride };
    this.pools = new PoolGrpcClient(endpoint, plain, options);
    this.replicas = new ReplicaGrpcClient(endpoint, plain, options);
    this.volumes = new VolumeGrpcClient(endpoint, plain, options);
    this.appNodes = new AppNodeGrpcClient(endpoint, plain, options);
  }

  close(): void {
    this.nodes.close();
  }

  private ask<Req, Res>(method: UnaryMethod<Req, Res>, request: Req, deadlineMs: number): Promise<Result<Res>> {
    const gate = deadlineMs > PAGE_MS ? this.changes : this.reads;
    return observed('agent-core', this.observe, () =>
      throughGate(gate, 'agent-core', () => call('agent-core', method, request, deadlineMs)),
    );
  }

  /** Why listing its nodes failed, in words that help whoever typed the address. */
  explain(error: UpstreamError): Promise<UpstreamError> {
    return explained(this.endpoint, error);
  }

  async listNodes(): Promise<Result<Map<string, NodeModel>>> {
    const reply = openReply(
      await this.ask(this.nodes.getNodes.bind(this.nodes), { ignoreNotfound: true }, READ_MS),
      'nodes',
    );
    return reply.ok ? ok(byId(reply.value.nodes, nodeModel)) : reply;
  }

  async listPools(): Promise<Result<Map<string, PoolModel>>> {
    const reply = openReply(await this.ask(this.pools.getPools.bind(this.pools), {}, READ_MS), 'pools');
    return reply.ok ? ok(byId(reply.value.pools, poolModel)) : reply;
  }

  async listReplicas(): Promise<Result<Map<string, ReplicaModel>>> {
    const reply = await this.askList(
      asked(this.replicas, ReplicaGrpcService.getReplicas),
      {},
      (bytes) => replicaModel(Replica.decode(bytes)),
      this.replicasMs,
    );
    // All replicas come in one reply, which takes its time when there are very many.
    if (!reply.ok && reply.error.kind === 'DeadlineExceeded')
      this.replicasMs = Math.min(this.replicasMs * 2, 4 * PAGE_MS);
    return reply.ok ? ok(byId(reply.value.entries, (replica) => replica)) : reply;
  }

  async listVolumes(): Promise<Result<Map<string, VolumeModel>>> {
    const all = await listPages<VolumeModel>((startingToken) =>
      this.askList(
        asked(this.volumes, VolumeGrpcService.getVolumes),
        { pagination: { maxEntries: PAGE_SIZE, startingToken }, ignoreNotfound: true },
        (bytes) => volumeModel(Volume.decode(bytes)),
      ),
    );
    return all.ok ? ok(byId(all.value, (volume) => volume)) : all;
  }

  /** A list that may be large: its reply is taken as bytes, and decoded bit by bit. */
  private async askList<Req, T>(
    method: UnaryMethod<Req, Buffer>,
    request: Req,
    take: (entry: Uint8Array) => T | undefined,
    deadlineMs = PAGE_MS,
  ): Promise<Result<Page<T>>> {
    const reply = await observed('agent-core', this.observe, async () => {
      const bytes = await throughGate(this.reads, 'agent-core', () => call('agent-core', method, request, deadlineMs));
      return bytes.ok ? decodeListReply(bytes.value, take) : bytes;
    });
    return openReply(reply, 'list');
  }

  /** One volume as it is now, with the reply as it came for the raw view; undefined when there is none. */
  async getVolume(id: VolumeId): Promise<Result<{ model: VolumeModel; raw: unknown } | undefined>> {
    const request = { filter: { $case: 'volume' as const, value: { volumeId: id } }, ignoreNotfound: true };
    const reply = openReply(await this.ask(this.volumes.getVolumes.bind(this.volumes), request, READ_MS), 'volumes');
    if (!reply.ok) return reply.error.kind === 'NotFound' ? ok(undefined) : reply;
    const raw = reply.value.entries[0];
    const model = raw && volumeModel(raw);
    return ok(model && { model, raw });
  }

  async listSnapshots(): Promise<Result<Map<string, SnapshotModel>>> {
    const all = await listPages<VolumeSnapshot>(async (startingToken) => {
      const request = { pagination: { maxEntries: PAGE_SIZE, startingToken }, ignoreNotfound: true };
      const reply = openReply(
        await this.ask(this.volumes.getSnapshots.bind(this.volumes), request, PAGE_MS),
        'response',
      );
      return reply.ok ? ok({ entries: reply.value.snapshots, nextToken: reply.value.nextToken }) : reply;
    });
    return all.ok ? ok(byId(all.value, snapshotModel)) : all;
  }

  /** App nodes have only gRPC statuses for errors. */
  async listAppNodes(): Promise<Result<Map<string, AppNodeModel>>> {
    const reply = await this.ask(this.appNodes.listAppNodes.bind(this.appNodes), {}, READ_MS);
    return reply.ok ? ok(byId(reply.value.appNodes?.entries ?? [], appNodeModel)) : reply;
  }

  /** Asks the node's io-engine now. `all` false: only disks that a pool could be made on. */
  async getBlockDevices(nodeId: string, all: boolean): Promise<Result<BlockDeviceModel[]>> {
    const reply = openReply(
      await this.ask(this.nodes.getBlockDevices.bind(this.nodes), { nodeId, all }, CHANGE_MS.other),
      'blockdevices',
    );
    return reply.ok ? ok(reply.value.blockdevices.map(blockDeviceModel)) : reply;
  }

  async createVolume(id: VolumeId, wanted: CreateVolume): Promise<Result<VolumeModel | undefined>> {
    const request = createVolumeRequest(id, wanted);
    const reply = openReply(
      await this.ask(this.volumes.createVolume.bind(this.volumes), request, CHANGE_MS.volume),
      'volume',
    );
    return reply.ok ? ok(volumeModel(reply.value)) : reply;
  }

  async destroyVolume(id: VolumeId): Promise<Result<undefined>> {
    return openBare(await this.ask(this.volumes.destroyVolume.bind(this.volumes), { uuid: id }, CHANGE_MS.volume));
  }

  /** `share` goes explicitly: without it the target stays unshared and AlreadyPublished is not checked (wire facts, 7). */
  async publishVolume(id: VolumeId, node: string | undefined): Promise<Result<VolumeModel | undefined>> {
    const request = {
      uuid: id,
      targetNode: node,
      share: VolumeShareProtocol.Nvmf,
      publishContext: {},
      frontendNodes: [],
    };
    const reply = openReply(
      await this.ask(this.volumes.publishVolume.bind(this.volumes), request, CHANGE_MS.publish),
      'volume',
    );
    return reply.ok ? ok(volumeModel(reply.value)) : reply;
  }

  async unpublishVolume(id: VolumeId, force: boolean): Promise<Result<VolumeModel | undefined>> {
    const request = { uuid: id, force, frontendNodes: [] };
    const reply = openReply(
      await this.ask(this.volumes.unpublishVolume.bind(this.volumes), request, CHANGE_MS.publish),
      'volume',
    );
    return reply.ok ? ok(volumeModel(reply.value)) : reply;
  }

  /** One step up or down; agent-core refuses more (ReplicaChangeCount). */
  async setVolumeReplica(id: VolumeId, replicas: number): Promise<Result<VolumeModel | undefined>> {
    const reply = openReply(
      await this.ask(this.volumes.setVolumeReplica.bind(this.volumes), { uuid: id, replicas }, CHANGE_MS.other),
      'volume',
    );
    return reply.ok ? ok(volumeModel(reply.value)) : reply;
  }

  async resizeVolume(id: VolumeId, sizeBytes: bigint): Promise<Result<VolumeModel | undefined>> {
    const reply = openReply(
      await this.ask(
        this.volumes.resizeVolume.bind(this.volumes),
        { uuid: id, requestedSize: sizeBytes },
        CHANGE_MS.other,
      ),
      'volume',
    );
    return reply.ok ? ok(volumeModel(reply.value)) : reply;
  }

  /** The most snapshots that the volume may have. */
  async setMaxSnapshots(id: VolumeId, value: number): Promise<Result<VolumeModel | undefined>> {
    const request = { uuid: id, property: { attr: { $case: 'maxSnapshots' as const, value: { value } } } };
    const reply = openReply(
      await this.ask(this.volumes.setVolumeProperty.bind(this.volumes), request, CHANGE_MS.other),
      'volume',
    );
    return reply.ok ? ok(volumeModel(reply.value)) : reply;
  }

  async createSnapshot(volume: VolumeId, snapshot: SnapshotId): Promise<Result<SnapshotModel | undefined>> {
    const request = { volumeId: volume, snapshotId: snapshot };
    const reply = openReply(
      await this.ask(this.volumes.createSnapshot.bind(this.volumes), request, CHANGE_MS.snapshot),
      'snapshot',
    );
    return reply.ok ? ok(snapshotModel(reply.value)) : reply;
  }

  async destroySnapshot(snapshot: SnapshotId): Promise<Result<undefined>> {
    return openBare(
      await this.ask(this.volumes.destroySnapshot.bind(this.volumes), { snapshotId: snapshot }, CHANGE_MS.snapshot),
    );
  }
}

/** The wire form of a wizard's request. An absent topology places anywhere; `policy` is always sent, because an empty one turns healing off. */
export function createVolumeRequest(id: VolumeId, wanted: CreateVolume): CreateVolumeRequest {
  const spread = Object.fromEntries(wanted.nodeSpread.map((key) => [key, '']));
  const hasLabels = Object.keys(wanted.nodeInclusion).length > 0 || wanted.nodeSpread.length > 0;
  const node =
    wanted.allowedNodes.length > 0
      ? { topology: { $case: 'explicit' as const, value: { allowedNodes: wanted.allowedNodes, preferredNodes: [] } } }
      : hasLabels
        ? {
            topology: {
              $case: 'labelled' as const,
              value: { inclusion: { value: wanted.nodeInclusion }, exclusion: { value: spread } },
            },
          }
        : undefined;
  const pool =
    Object.keys(wanted.poolInclusion).length > 0
      ? {
          topology: {
            $case: 'labelled' as const,
            value: { inclusion: { value: wanted.poolInclusion }, exclusion: { value: {} } },
          },
        }
      : undefined;
  const allLabels = { ...wanted.labels, ...(wanted.name === undefined ? {} : { name: wanted.name }) };
  return {
    uuid: id,
    size: BigInt(wanted.sizeBytes),
    replicas: BigInt(wanted.replicas),
    thin: wanted.thin,
    policy: { selfHeal: wanted.selfHeal },
    labels: Object.keys(allLabels).length > 0 ? { value: allLabels } : undefined,
    topology: node || pool ? { node, pool } : undefined,
    affinityGroup: wanted.affinityGroup === undefined ? undefined : { name: wanted.affinityGroup },
    maxSnapshots: wanted.maxSnapshots,
  };
}
