import { type handleUnaryCall, Server, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { Protocol, SpecStatus } from '@/gen/v1/misc/common';
import { ChildState, ChildStateReason, NexusStatus } from '@/gen/v1/nexus/nexus';
import { AppNodeGrpcService } from '@/gen/v1/node/app_node';
import { type GetNodesReply, NodeGrpcService, NodeStatus } from '@/gen/v1/node/target_node';
import { GetPoolsReply, PoolGrpcService, PoolStatus } from '@/gen/v1/pool/pool';
import { GetReplicasReply, ReplicaGrpcService, ReplicaKind, ReplicaStatus } from '@/gen/v1/replica/replica';
import {
  type GetVolumesReply,
  GetVolumesReply as GetVolumesReplyFns,
  type GetVolumesRequest,
  type Volume,
  VolumeGrpcService,
  VolumeShareProtocol,
} from '@/gen/v1/volume/volume';
import type { Calls } from './calls';
import { childUri, deviceUri, type Fleet, type FleetVolume, nodeName, poolsOf } from './model';

const PAGE = 500;

/** A volume as agent-core answers it: always healthy, because it hears of a fault 30 s late at worst. */
function toVolume(v: FleetVolume): Volume {
  const target =
    v.target === undefined
      ? undefined
      : { nodeId: nodeName(v.target), nexusId: v.nexus, protocol: VolumeShareProtocol.Nvmf };
  const usage = { capacity: v.sizeBytes, allocated: v.allocatedBytes, allocatedSnaps: 0n, allocatedAllSnaps: 0n };
  const child = { state: ChildState.ChildOnline, reason: ChildStateReason.CHILD_STATE_REASON_NONE };
  return {
    definition: {
      spec: {
        uuid: v.id,
        size: v.sizeBytes,
        labels: { value: { name: v.name, namespace: v.namespace } },
        numReplicas: v.replicas.length,
        target,
        policy: { selfHeal: true },
        thin: v.thin,
        numSnapshots: 0,
      },
      metadata: { specStatus: SpecStatus.Created, targetConfig: target && { target } },
    },
    state: {
      uuid: v.id,
      size: v.sizeBytes,
      status: NexusStatus.Online,
      target:
        v.target === undefined
          ? undefined
          : {
              nodeId: nodeName(v.target),
              name: v.id,
              uuid: v.nexus,
              size: v.sizeBytes,
              status: NexusStatus.Online,
              children: v.replicas.map((r) => ({ uri: childUri(v, r), ...child })),
              deviceUri: deviceUri(v),
              rebuilds: 0,
              share: Protocol.Nvmf,
            },
      replicaTopology: Object.fromEntries(
        v.replicas.map((r) => [
          r.id,
          {
            node: nodeName(r.node),
            pool: r.pool,
            status: ReplicaStatus.Online,
            usage,
            childStatus: target && child.state,
            childStatusReason: target && child.reason,
          },
        ]),
      ),
      usage: {
        capacity: v.sizeBytes,
        allocated: v.allocatedBytes,
        totalAllocated: v.allocatedBytes * BigInt(v.replicas.length),
        allocatedReplica: v.allocatedBytes,
        allocatedSnapshots: 0n,
        allocatedAllSnapshots: 0n,
        totalAllocatedReplicas: v.allocatedBytes * BigInt(v.replicas.length),
        totalAllocatedSnapshots: 0n,
      },
    },
  };
}

function nodesReply(fleet: Fleet, endpoints: readonly string[]): GetNodesReply {
  const nodes = endpoints.map((endpoint, i) => {
    const common = { nodeId: nodeName(i), endpoint, nodeNqn: `nqn.2019-05.io.openebs:node-name:${nodeName(i)}` };
    return {
      nodeId: nodeName(i),
      spec: { ...common, labels: { value: { zone: `zone-${i % 3}` } }, version: '2.7.1' },
      state: { ...common, status: NodeStatus.Online, version: '2.7.1' },
    };
  });
  return { reply: { $case: 'nodes', value: { nodes: nodes.slice(0, fleet.options.nodes) } } };
}

function poolsReply(fleet: Fleet): GetPoolsReply {
  const pools = poolsOf(fleet).map((p) => ({
    definition: {
      spec: {
        nodeId: nodeName(p.node),
        poolId: p.id,
        disks: [`/dev/${p.id}`],
        labels: { value: { 'openebs.io/created-by': 'operator-diskpool' } },
      },
      metadata: { specStatus: SpecStatus.Created },
    },
    state: {
      nodeId: nodeName(p.node),
      poolId: p.id,
      disksUri: [`aio:///dev/${p.id}`],
      status: PoolStatus.Online,
      capacity: p.capacity,
      used: p.used,
      committed: p.committed,
      clusterSize: 4 * 1024 ** 2,
      diskInfo: [],
    },
  }));
  return GetPoolsReply.fromPartial({ reply: { $case: 'pools', value: { pools } } });
}

function replicasReply(fleet: Fleet): GetReplicasReply {
  const replicas = fleet.volumes.flatMap((v) =>
    v.replicas.map((r) => ({
      nodeId: nodeName(r.node),
      name: r.id,
      replicaId: r.id,
      poolId: r.pool,
      thin: v.thin,
      size: v.sizeBytes,
      share: Protocol.Nvmf,
      uri: `nvmf://10.0.0.${r.node + 1}:8420/nqn.2019-05.io.openebs:${r.id}?uuid=${r.id}`,
      status: ReplicaStatus.Online,
      kind: ReplicaKind.Regular,
      space: { capacityBytes: v.sizeBytes, allocatedBytes: v.allocatedBytes, clusterSize: 4n * 1024n ** 2n },
    })),
  );
  return GetReplicasReply.fromPartial({ reply: { $case: 'replicas', value: { replicas } } });
}

/** Encoded pages of volumes, made again only when one of their volumes changed. */
export class VolumePages {
  private readonly encoded = new Map<number, Buffer>();
  /** Called when a page leaves that holds a change not yet told: index of the volume. */
  private readonly untold = new Map<number, (at: number) => void>();

  constructor(private readonly fleet: Fleet) {}

  /** Says that a volume changed; `served` hears the moment at which the change leaves first. */
  changed(index: number, served: (at: number) => void): void {
    this.encoded.delete(Math.floor(index / PAGE));
    this.untold.set(index, served);
  }

  answer(request: GetVolumesRequest): Buffer {
    const wanted = request.filter?.$case === 'volume' ? request.filter.value.volumeId : undefined;
    if (wanted !== undefined) {
      const volume = this.fleet.volumes.find((v) => v.id === wanted);
      return encode(volume ? [toVolume(volume)] : []);
    }
    const page = Math.floor(Number(request.pagination?.startingToken ?? 0n) / PAGE);
    for (const [index, served] of this.untold) {
      if (Math.floor(index / PAGE) !== page) continue;
      this.untold.delete(index);
      served(performance.timeOrigin + performance.now());
    }
    let bytes = this.encoded.get(page);
    if (!bytes) {
      const volumes = this.fleet.volumes.slice(page * PAGE, (page + 1) * PAGE);
      const next = (page + 1) * PAGE;
      bytes = encode(volumes.map(toVolume), next < this.fleet.volumes.length ? BigInt(next) : undefined);
      this.encoded.set(page, bytes);
    }
    return bytes;
  }
}

function encode(entries: Volume[], nextToken?: bigint): Buffer {
  const reply: GetVolumesReply = { reply: { $case: 'volumes', value: { entries, nextToken } } };
  return Buffer.from(GetVolumesReplyFns.encode(reply).finish());
}

/** The lists of agent-core over a fleet. Replies that do not change are encoded once. */
export function agentCoreServer(fleet: Fleet, endpoints: readonly string[], pages: VolumePages, calls: Calls): Server {
  const server = new Server();
  const bytes = (value: Buffer) => value;
  const add = (service: object, handlers: Record<string, (request: unknown) => unknown>) => {
    const wrapped: UntypedServiceImplementation = {};
    for (const [name, handler] of Object.entries(handlers)) {
      const unary: handleUnaryCall<unknown, unknown> = (call, callback) => {
        calls.count('agent-core', name);
        callback(null, handler(call.request));
      };
      wrapped[name] = unary;
    }
    // Whatever is not here is answered with UNIMPLEMENTED by the server itself.
    server.addService(service as Parameters<Server['addService']>[0], wrapped);
  };
  const replicas = Buffer.from(GetReplicasReply.encode(replicasReply(fleet)).finish());
  const pools = Buffer.from(GetPoolsReply.encode(poolsReply(fleet)).finish());
  const nodes = nodesReply(fleet, endpoints);
  add(NodeGrpcService, { getNodes: () => nodes, probe: () => ({ ready: true }) });
  add(
    { ...PoolGrpcService, getPools: { ...PoolGrpcService.getPools, responseSerialize: bytes } },
    { getPools: () => pools },
  );
  add(
    { ...ReplicaGrpcService, getReplicas: { ...ReplicaGrpcService.getReplicas, responseSerialize: bytes } },
    { getReplicas: () => replicas },
  );
  add(
    { ...VolumeGrpcService, getVolumes: { ...VolumeGrpcService.getVolumes, responseSerialize: bytes } },
    {
      getVolumes: (request) => pages.answer(request as GetVolumesRequest), // grpc-js decoded it as such
      getSnapshots: () => ({ reply: { $case: 'response', value: { snapshots: [] } } }),
    },
  );
  add(AppNodeGrpcService, { listAppNodes: () => ({ appNodes: { entries: [] } }) });
  return server;
}
