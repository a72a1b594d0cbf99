import { type Pool as EnginePool, PoolState as EngineState } from '@/gen/mayastor/v1/pool';
import { type Pool, type PoolDefinition, type PoolState, PoolStatus } from '@/gen/v1/pool/pool';
import type { Core } from '../core';
import type { EngineNode } from '../registry/node';
import type { PoolSpec } from '../specs';
import { specStatus } from './common';

const STATUS: Partial<Record<EngineState, PoolStatus>> = {
  [EngineState.POOL_ONLINE]: PoolStatus.Online,
  [EngineState.POOL_DEGRADED]: PoolStatus.Degraded,
  [EngineState.POOL_FAULTED]: PoolStatus.Faulted,
  [EngineState.POOL_SUSPECTED]: PoolStatus.Suspected,
};

export const toPoolStatus = (state: EngineState) => STATUS[state] ?? PoolStatus.Unknown;

export function toPoolState(node: EngineNode, pool: EnginePool): PoolState {
  return {
    nodeId: node.id,
    poolId: pool.name,
    disksUri: pool.disks,
    status: toPoolStatus(pool.state),
    capacity: pool.capacity,
    used: pool.used,
    committed: committed(node, pool),
    encrypted: pool.encrypted,
    clusterSize: pool.clusterSize === 0 ? undefined : pool.clusterSize,
    diskCapacity: pool.diskCapacity === 0n ? undefined : pool.diskCapacity,
    maxExpandableSize: pool.maxExpandableSize,
    diskInfo: [],
  };
}

/** An old engine says 0 with something used: then the sizes of the replicas are added up (behaviour facts, 2.2). */
export function committed(node: EngineNode, pool: EnginePool): bigint {
  if (pool.committed > 0n || pool.used === 0n) return pool.committed;
  let total = 0n;
  for (const replica of node.replicas.values()) if (replica.poolname === pool.name) total += replica.size;
  return total;
}

export function toPoolDefinition(spec: PoolSpec): PoolDefinition {
  return {
    spec: {
      nodeId: spec.node,
      poolId: spec.id,
      disks: spec.disks,
      labels: Object.keys(spec.labels).length === 0 ? undefined : { value: spec.labels },
      clusterSize: spec.clusterSize,
      CordonDrain: spec.cordon && { $case: 'cordoned', value: spec.cordon },
    },
    metadata: { specStatus: specStatus(spec.status) },
  };
}

/** A pool of the specs, with its state when its node is Online and has it loaded. */
export function toPool(core: Core, spec: PoolSpec): Pool {
  const live = core.registry.pool(spec.id);
  return { definition: toPoolDefinition(spec), state: live && toPoolState(live.node, live.pool) };
}
