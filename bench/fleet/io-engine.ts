import { type handleUnaryCall, Server, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { APIVersion, ChildState, ChildStateReason, NexusState, NvmeAnaState } from '@/gen/mayastor/v1/common';
import { HostRpcService } from '@/gen/mayastor/v1/host';
import { NexusRpcService } from '@/gen/mayastor/v1/nexus';
import { type IoStats, StatsRpcService } from '@/gen/mayastor/v1/stats';
import type { Calls } from './calls';
import { childUri, deviceUri, type Fleet, type FleetVolume, nodeName, POOLS_PER_NODE, poolName, uuidOf } from './model';

const TICKS = 1_000_000_000n;

/** Counters of a device that has done `ops` reads and as many writes of 4 KiB, 300 µs each. */
function stats(name: string, uuid: string, ops: bigint): IoStats {
  return {
    name,
    uuid,
    numReadOps: ops,
    bytesRead: ops * 4096n,
    numWriteOps: ops,
    bytesWritten: ops * 4096n,
    numUnmapOps: 0n,
    bytesUnmapped: 0n,
    readLatencyTicks: ops * 300_000n,
    writeLatencyTicks: ops * 300_000n,
    unmapLatencyTicks: 0n,
    maxReadLatencyTicks: 300_000n,
    minReadLatencyTicks: 300_000n,
    maxWriteLatencyTicks: 300_000n,
    minWriteLatencyTicks: 300_000n,
    maxUnmapLatencyTicks: 0n,
    minUnmapLatencyTicks: 0n,
    tickRate: TICKS,
  };
}

function nexus(v: FleetVolume) {
  return {
    name: v.id,
    uuid: v.nexus,
    size: v.sizeBytes,
    state: v.faulted ? NexusState.NEXUS_DEGRADED : NexusState.NEXUS_ONLINE,
    children: v.replicas.map((r, i) => {
      const faulted = v.faulted && i === 1;
      return {
        uri: childUri(v, r),
        state: faulted ? ChildState.CHILD_STATE_FAULTED : ChildState.CHILD_STATE_ONLINE,
        stateReason: faulted
          ? ChildStateReason.CHILD_STATE_REASON_IO_FAILURE
          : ChildStateReason.CHILD_STATE_REASON_NONE,
        rebuildProgress: -1,
        hasIoLog: faulted,
      };
    }),
    deviceUri: deviceUri(v),
    rebuilds: 0,
    anaState: NvmeAnaState.NVME_ANA_OPTIMIZED_STATE,
    allowedHosts: [],
  };
}

/** What a fleet's io-engines share: whose counters move, and who waits to hear that a fault was told. */
export class EngineState {
  /** Nexus counters move for this share of the volumes. */
  busy: number;
  private readonly startedAt = performance.now();
  private readonly untold = new Map<number, (at: number) => void>();

  constructor(fleet: Fleet) {
    this.busy = fleet.options.busy;
  }

  /** Operations of a volume so far. Its own pace, so that the numbers of neighbours differ. */
  opsOf(v: FleetVolume): bigint {
    if ((v.index % 100) / 100 >= this.busy) return 0n;
    const perMs = 0.05 + (v.index % 37) / 100;
    const wobble = 1 + 0.3 * Math.sin((performance.now() + v.index * 977) / 7_000);
    return BigInt(Math.floor((performance.now() - this.startedAt) * perMs + 200 * wobble));
  }

  changed(v: FleetVolume, served: (at: number) => void): void {
    this.untold.set(v.index, served);
  }

  told(volumes: readonly FleetVolume[]): void {
    if (this.untold.size === 0) return;
    for (const v of volumes) {
      const served = this.untold.get(v.index);
      this.untold.delete(v.index);
      served?.(performance.timeOrigin + performance.now());
    }
  }
}

/** The reads of one node's io-engine. `endpoint` is asked for when it is known. */
export function ioEngineServer(
  fleet: Fleet,
  node: number,
  endpoint: () => string,
  state: EngineState,
  calls: Calls,
): Server {
  const server = new Server();
  const targets = fleet.byTarget[node] ?? [];
  const replicas = fleet.replicasOf[node] ?? [];
  const add = (service: object, handlers: Record<string, () => unknown>) => {
    const wrapped: UntypedServiceImplementation = {};
    for (const [name, handler] of Object.entries(handlers)) {
      const unary: handleUnaryCall<unknown, unknown> = (_, callback) => {
        calls.count('io-engine', name);
        callback(null, handler());
      };
      wrapped[name] = unary;
    }
    server.addService(service as Parameters<Server['addService']>[0], wrapped); // the rest answers UNIMPLEMENTED
  };
  add(HostRpcService, {
    getMayastorInfo: () => ({
      version: '2.7.1',
      registrationInfo: {
        id: nodeName(node),
        grpcEndpoint: endpoint(),
        instanceUuid: uuidOf(`instance ${node}`),
        apiVersion: [APIVersion.V1],
        hostnqn: `nqn.2019-05.io.openebs:node-name:${nodeName(node)}`,
        version: '2.7.1',
      },
    }),
    getMayastorResourceUsage: () => ({}),
  });
  add(NexusRpcService, {
    listNexus: () => {
      state.told(targets);
      return { nexusList: targets.map(nexus) };
    },
    listRebuildHistory: () => ({ histories: {} }),
  });
  add(StatsRpcService, {
    getNexusIoStats: () => ({ stats: targets.map((v) => stats(v.id, v.nexus, state.opsOf(v))) }),
    getReplicaIoStats: () => ({
      stats: replicas.map(({ volume, replica }) => ({ stats: stats(replica.id, replica.id, state.opsOf(volume)) })),
    }),
    getPoolIoStats: () => ({
      stats: Array.from({ length: POOLS_PER_NODE }, (_, disk) => {
        const name = poolName(node, disk);
        const ops = replicas.reduce((sum, r) => (r.replica.pool === name ? sum + state.opsOf(r.volume) : sum), 0n);
        return stats(name, uuidOf(name), ops);
      }),
    }),
  });
  return server;
}
