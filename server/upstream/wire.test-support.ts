import type { Server, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';
import { ReplyErrorKind, ResourceKind, SpecStatus } from '@/gen/v1/misc/common';
import { GetNodesReply, NodeGrpcService, NodeStatus } from '@/gen/v1/node/target_node';
import {
  CreateSnapshotReply,
  CreateVolumeReply,
  GetSnapshotsReply,
  GetVolumesReply,
  VolumeGrpcService,
} from '@/gen/v1/volume/volume';

const errorOf = (kind: 'NotFound' | 'AlreadyExists') => ({
  kind: ReplyErrorKind[kind],
  resource: ResourceKind.Volume,
  source: 'fake',
  extra: '',
});

/** agent-core's side of the wire, for fakes outside server/upstream. */
export const VolumeGrpc = {
  serve: (server: Server, handlers: UntypedServiceImplementation): void =>
    server.addService(VolumeGrpcService, handlers),
  error: (kind: 'NotFound' | 'AlreadyExists'): unknown => ({ reply: { $case: 'error', value: errorOf(kind) } }),
  bareError: (kind: 'NotFound' | 'AlreadyExists'): unknown => ({ error: errorOf(kind) }),
  /** A reply with a volume. */
  volume: (uuid: string, v: { size: bigint; node: string | undefined } | undefined): CreateVolumeReply =>
    CreateVolumeReply.fromPartial({
      reply: {
        $case: 'volume',
        value: {
          definition: {
            spec: {
              uuid,
              size: v?.size ?? 0n,
              numReplicas: 1,
              ...(v?.node === undefined ? {} : { target: { nodeId: v.node, nexusId: uuid } }),
            },
            metadata: { specStatus: SpecStatus.Created },
          },
        },
      },
    }),
  list: (volumes: readonly CreateVolumeReply[]): GetVolumesReply =>
    GetVolumesReply.fromPartial({
      reply: {
        $case: 'volumes',
        value: { entries: volumes.flatMap((v) => (v.reply?.$case === 'volume' ? [v.reply.value] : [])) },
      },
    }),
  snapshot: (id: string, volume: string): CreateSnapshotReply =>
    CreateSnapshotReply.fromPartial({ reply: { $case: 'snapshot', value: snapshotOf(id, volume) } }),
  snapshots: (all: ReadonlyArray<readonly [id: string, volume: string]>): GetSnapshotsReply =>
    GetSnapshotsReply.fromPartial({
      reply: { $case: 'response', value: { snapshots: all.map(([id, volume]) => snapshotOf(id, volume)) } },
    }),
};

const snapshotOf = (snapshotId: string, volumeId: string) => ({
  spec: { snapshotId, volumeId },
  meta: { specStatus: SpecStatus.Created },
});

/** An agent-core that lists storage nodes, and nothing else. */
export function serveNodes(server: Server, nodes: ReadonlyArray<{ id: string; endpoint: string }>): void {
  const listed = nodes.map(({ id, endpoint }) => ({
    nodeId: id,
    spec: { nodeId: id, endpoint },
    state: { nodeId: id, endpoint, status: NodeStatus.Online },
  }));
  const reply = GetNodesReply.fromPartial({ reply: { $case: 'nodes', value: { nodes: listed } } });
  const getNodes: UntypedServiceImplementation[string] = (_: unknown, callback: sendUnaryData<unknown>) =>
    callback(null, reply);
  server.addService(NodeGrpcService, { getNodes });
}
