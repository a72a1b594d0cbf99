import type { StatsRpcServer } from '@/gen/mayastor/v1/stats';
import type { NexusManager } from '../nexus-manager';
import type { PoolManager } from '../pool-manager';
import { notFound } from '../rpc-error';
import type { Unary } from './unary';

/** StatsRpc: the counters that pools, targets and replicas keep of their own I/O. */
export function statsRpc(pools: PoolManager, nexuses: NexusManager, unary: Unary): StatsRpcServer {
  return {
    getPoolIoStats: unary((r) => ({
      stats: pools
        .pools()
        .filter((p) => r.name === undefined || p.name === r.name)
        .map((p) => p.disk.stats.toWire(p.name, p.uuid)),
    })),
    getNexusIoStats: unary((r) => {
      const listed = nexuses.list().filter((n) => r.name === undefined || n.name === r.name);
      // Unlike pools and replicas, an unknown name is an error here (behaviour facts, 8).
      if (r.name !== undefined && listed.length === 0) throw notFound(`nexus ${r.name} is not here`);
      return { stats: listed.map((n) => n.stats.toWire(n.name, n.uuid)) };
    }),
    getReplicaIoStats: unary((r) => ({
      stats: pools
        .lvols()
        .filter(({ lvol }) => r.name === undefined || lvol.name === r.name)
        .map(({ lvol }) => ({ entityId: lvol.entityId, stats: lvol.runtime.stats.toWire(lvol.name, lvol.uuid) })),
    })),
    resetIoStats: unary(() => {
      for (const { disk } of pools.pools()) disk.stats.reset();
      for (const nexus of nexuses.list()) nexus.stats.reset();
      for (const { lvol } of pools.lvols()) lvol.runtime.stats.reset();
      return {};
    }),
  };
}
