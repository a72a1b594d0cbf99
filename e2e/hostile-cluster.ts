import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { HOSTILE_TEXTS } from '@/faults/support/hostile';
import { HostRpcService, MayastorInfoResponse } from '@/gen/mayastor/v1/host';
import { ListNexusResponse, NexusRpcService } from '@/gen/mayastor/v1/nexus';
import { PoolIoStatsResponse, StatsRpcService } from '@/gen/mayastor/v1/stats';
import { SpecStatus } from '@/gen/v1/misc/common';
import { GetNodesReply, NodeGrpcService, NodeStatus } from '@/gen/v1/node/target_node';
import { GetPoolsReply, PoolGrpcService, PoolStatus } from '@/gen/v1/pool/pool';
import { GetReplicasReply, ReplicaGrpcService, ReplicaStatus } from '@/gen/v1/replica/replica';
import { GetSnapshotsReply, GetVolumesReply, VolumeGrpcService } from '@/gen/v1/volume/volume';

/** Words that a page must never show of its own cannot be told from these. */
const AMBIGUOUS = /NaN|Infinity|undefined|\[object|^null$/;
/** What somebody could call a thing, and harm those who look at it. */
export const TEXTS = HOSTILE_TEXTS.filter((text) => text !== '' && !AMBIGUOUS.test(text)).map((t) => t.slice(0, 300));

/** A value that only a newer server knows. */
const newer = <T>(n: number): T => n as unknown as T;

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function serve(server: Server, definition: object, answers: Record<string, () => unknown>): void {
  const handlers: UntypedServiceImplementation = {};
  for (const [name, value] of Object.entries(answers))
    handlers[name] = (_: unknown, callback: (e: null, v: unknown) => void) => callback(null, value());
  server.addService(definition as Parameters<Server['addService']>[0], handlers); // the rest is UNIMPLEMENTED
}

const listen = (server: Server): Promise<string> =>
  new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    ),
  );

/** A control plane in which every name, label, version, address of a disk and error is text as an attacker would write it. */
export async function startHostileCluster(): Promise<{ agentCore: string; stop: () => void }> {
  const engine = new Server();
  const core = new Server();
  const labels = Object.fromEntries(TEXTS.slice(0, 12).map((text, i) => [text, TEXTS[TEXTS.length - 1 - i] ?? '']));
  serve(engine, HostRpcService, {
    getMayastorInfo: () => MayastorInfoResponse.fromPartial({ version: TEXTS[3] ?? '' }),
  });
  serve(engine, NexusRpcService, {
    listNexus: () =>
      ListNexusResponse.fromPartial({
        nexusList: TEXTS.slice(0, 3).map((text, i) => ({
          name: uuid(i + 1),
          uuid: uuid(100 + i),
          size: 2n ** 63n,
          state: newer(7),
          deviceUri: text,
          rebuilds: 4_294_967_295,
          children: TEXTS.slice(0, 8).map((uri) => ({
            uri,
            state: newer(99),
            stateReason: newer(-1),
            rebuildProgress: 101,
          })),
        })),
      }),
  });
  serve(engine, StatsRpcService, {
    getPoolIoStats: () =>
      PoolIoStatsResponse.fromPartial({ stats: TEXTS.map((name) => ({ name, uuid: name, tickRate: 0n })) }),
    getNexusIoStats: () => ({ stats: [] }),
    getReplicaIoStats: () => ({ stats: [] }),
  });
  const endpoint = await listen(engine);
  serve(core, NodeGrpcService, {
    getNodes: () =>
      GetNodesReply.fromPartial({
        reply: {
          $case: 'nodes',
          value: {
            nodes: TEXTS.map((text, i) => ({
              nodeId: text,
              spec: { nodeId: text, endpoint: i % 3 === 0 ? text : endpoint, labels: { value: labels }, version: text },
              state: {
                nodeId: text,
                endpoint: i % 3 === 0 ? text : endpoint,
                status: i % 5 === 4 ? newer(7) : NodeStatus.Online,
                nodeNqn: text,
                version: text,
              },
            })),
          },
        },
      }),
  });
  serve(core, PoolGrpcService, {
    getPools: () =>
      GetPoolsReply.fromPartial({
        reply: {
          $case: 'pools',
          value: {
            pools: TEXTS.map((text, i) => ({
              definition: {
                spec: { nodeId: TEXTS[i] ?? '', poolId: text, disks: [text], labels: { value: labels } },
                metadata: { specStatus: SpecStatus.Created },
              },
              state: {
                nodeId: TEXTS[i] ?? '',
                poolId: text,
                disksUri: [text],
                status: i % 4 === 3 ? newer(9) : PoolStatus.Online,
                capacity: i % 2 === 0 ? 0n : 2n ** 64n - 1n,
                used: 2n ** 63n,
                committed: 2n ** 64n - 1n,
              },
            })),
          },
        },
      }),
  });
  serve(core, ReplicaGrpcService, {
    getReplicas: () =>
      GetReplicasReply.fromPartial({
        reply: {
          $case: 'replicas',
          value: {
            replicas: TEXTS.map((text, i) => ({
              nodeId: text,
              name: text,
              replicaId: uuid(200 + i),
              poolId: text,
              size: 2n ** 64n - 1n,
              uri: text,
              status: i % 3 === 0 ? newer(7) : ReplicaStatus.Online,
            })),
          },
        },
      }),
  });
  serve(core, VolumeGrpcService, {
    getVolumes: () =>
      GetVolumesReply.fromPartial({
        reply: {
          $case: 'volumes',
          value: {
            entries: TEXTS.map((text, i) => ({
              definition: {
                spec: {
                  uuid: uuid(i + 1),
                  size: i % 2 === 0 ? 0n : 2n ** 64n - 1n,
                  numReplicas: 255,
                  labels: { value: { ...labels, name: text, namespace: text } },
                  affinityGroup: { name: text },
                  target: i < 3 ? { nodeId: TEXTS[1] ?? '', nexusId: uuid(100 + i) } : undefined,
                },
                metadata: { specStatus: newer(9), publishContext: { map: labels } },
              },
              state: {
                uuid: uuid(i + 1),
                status: newer(7),
                replicaTopology: {
                  [uuid(200 + i)]: {
                    node: text,
                    pool: text,
                    status: newer(7),
                    childStatus: newer(99),
                    rebuildProgress: 255,
                  },
                  [text]: { node: text },
                },
                usage: { capacity: 0n, allocated: 2n ** 64n - 1n, totalAllocated: 2n ** 64n - 1n },
              },
            })),
          },
        },
      }),
    getSnapshots: () =>
      GetSnapshotsReply.fromPartial({
        reply: {
          $case: 'error',
          value: { kind: newer(99), resource: newer(99), source: TEXTS[1] ?? '', extra: TEXTS.join(' ') },
        },
      }),
  });
  const agentCore = await listen(core);
  return {
    agentCore,
    stop: () => {
      core.forceShutdown();
      engine.forceShutdown();
    },
  };
}
