import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { APIVersion } from '@/gen/mayastor/v1/common';
import { HostRpcService } from '@/gen/mayastor/v1/host';
import { NexusRpcService } from '@/gen/mayastor/v1/nexus';
import { IoStats, StatsRpcService } from '@/gen/mayastor/v1/stats';
import { SpecStatus } from '@/gen/v1/misc/common';
import { NodeGrpcService, NodeStatus } from '@/gen/v1/node/target_node';
import { GetPoolsReply, PoolGrpcService, PoolStatus } from '@/gen/v1/pool/pool';
import { ReplicaGrpcService } from '@/gen/v1/replica/replica';
import { VolumeGrpcService } from '@/gen/v1/volume/volume';

/** Bytes of the pool: one more than 2^60, which no double can hold. */
export const POOL_BYTES = 2n ** 60n + 1n;
/** A latency counter just below 2^63. */
export const LATENCY_TICKS = 2n ** 63n - 1n;

function service(server: Server, definition: object, answers: Record<string, unknown>): void {
  const handlers: UntypedServiceImplementation = {};
  for (const [name, value] of Object.entries(answers))
    handlers[name] = (_: unknown, callback: (e: null, v: unknown) => void) => callback(null, value);
  server.addService(definition as Parameters<Server['addService']>[0], handlers); // the rest is UNIMPLEMENTED
}

const listen = (server: Server): Promise<string> =>
  new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    ),
  );

/** A control plane and one node whose numbers are as large as the protocol allows. */
export async function startGiantCluster(): Promise<{ agentCore: string; stop: () => void }> {
  const engine = new Server();
  const core = new Server();
  const stats = IoStats.fromPartial({
    name: 'giant',
    uuid: '0f6d1c5e-0000-4000-8000-000000000001',
    numReadOps: 2n ** 63n - 25n,
    bytesRead: 2n ** 63n - 24n,
    readLatencyTicks: LATENCY_TICKS,
    maxReadLatencyTicks: LATENCY_TICKS,
    minReadLatencyTicks: 1n,
    tickRate: 1_000_000_000n,
  });
  service(engine, NexusRpcService, { listNexus: { nexusList: [] } });
  service(engine, StatsRpcService, {
    getPoolIoStats: { stats: [stats] },
    getNexusIoStats: { stats: [] },
    getReplicaIoStats: { stats: [] },
  });
  const endpoint = await listen(engine);
  service(engine, HostRpcService, {
    getMayastorInfo: {
      version: '2.7.1',
      registrationInfo: { id: 'io-1', grpcEndpoint: endpoint, apiVersion: [APIVersion.V1] },
    },
  });
  const identity = { nodeId: 'io-1', endpoint };
  service(core, NodeGrpcService, {
    getNodes: {
      reply: {
        $case: 'nodes',
        value: {
          nodes: [
            {
              nodeId: 'io-1',
              spec: { ...identity, labels: { value: {} } },
              state: { ...identity, status: NodeStatus.Online },
            },
          ],
        },
      },
    },
  });
  service(core, PoolGrpcService, {
    getPools: GetPoolsReply.fromPartial({
      reply: {
        $case: 'pools',
        value: {
          pools: [
            {
              definition: {
                spec: { nodeId: 'io-1', poolId: 'giant', disks: ['/dev/giant'] },
                metadata: { specStatus: SpecStatus.Created },
              },
              state: {
                nodeId: 'io-1',
                poolId: 'giant',
                disksUri: ['aio:///dev/giant'],
                status: PoolStatus.Online,
                capacity: POOL_BYTES,
                used: POOL_BYTES - 1n,
                committed: POOL_BYTES,
                clusterSize: 4 * 2 ** 20,
              },
            },
          ],
        },
      },
    }),
  });
  service(core, ReplicaGrpcService, { getReplicas: { reply: { $case: 'replicas', value: { replicas: [] } } } });
  service(core, VolumeGrpcService, { getVolumes: { reply: { $case: 'volumes', value: { entries: [] } } } });
  const agentCore = await listen(core);
  return {
    agentCore,
    stop: () => {
      core.forceShutdown();
      engine.forceShutdown();
    },
  };
}
