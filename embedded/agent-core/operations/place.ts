import { type Pool, PoolState } from '@/gen/mayastor/v1/pool';
import type { Core } from '../core';
import { Resource } from '../errors';
import type { PlacementRequest, PoolCandidate } from '../placement/candidates';
import { rank } from '../placement/rank';
import type { EngineNode } from '../registry/node';
import { isCordoned, type VolumeSpec } from '../specs';
import { committed } from '../wire/pool';

const STATUS: Partial<Record<PoolState, PoolCandidate['status']>> = {
  [PoolState.POOL_ONLINE]: 'Online',
  [PoolState.POOL_DEGRADED]: 'Degraded',
  [PoolState.POOL_FAULTED]: 'Faulted',
};

type Space = Pick<PoolCandidate, 'capacity' | 'free' | 'committed'>;

const NO_LABELS = {};
const NO_SPACE: Space = { capacity: 0, free: 0, committed: 0 };
/** By what a node said of a pool: between two volumes few pools of many change. */
const spaces = new WeakMap<Pool, Space>();

function spaceOf(node: EngineNode, pool: Pool): Space {
  const known = spaces.get(pool);
  if (known !== undefined) return known;
  const space = {
    capacity: Number(pool.capacity),
    free: Number(pool.capacity - pool.used),
    committed: Number(committed(node, pool)),
  };
  // An old engine's 0 is made up from its replicas, which change by themselves.
  if (pool.committed > 0n) spaces.set(pool, space);
  return space;
}

/** Every pool as placement sees it for a volume of the affinity group (or of none). */
export function poolCandidates(
  core: Core,
  volume: { uuid: string; affinityGroup?: string | undefined },
): PoolCandidate[] {
  const group = new Map<string, number>();
  const groupNodes = new Set<string>();
  if (volume.affinityGroup !== undefined) {
    for (const member of core.specs.groupMembers(volume.affinityGroup)) {
      if (member.uuid === volume.uuid) continue;
      for (const replica of core.specs.replicasOf(member.uuid)) {
        group.set(replica.poolId, (group.get(replica.poolId) ?? 0) + 1);
        const node = core.specs.pools.get(replica.poolId)?.node;
        if (node !== undefined) groupNodes.add(node);
      }
    }
  }
  const candidates: PoolCandidate[] = [];
  for (const spec of core.specs.pools.values()) {
    if (spec.status !== 'Created') continue;
    const node = core.registry.node(spec.node);
    const nodeSpec = core.specs.nodes.get(spec.node);
    const pool = node?.pools.get(spec.id);
    const space = pool === undefined || node === undefined ? NO_SPACE : spaceOf(node, pool);
    candidates.push({
      pool: spec.id,
      node: spec.node,
      nodeOnline: node?.online ?? false,
      nodeCordoned: nodeSpec !== undefined && isCordoned(nodeSpec),
      poolCordoned: spec.cordon?.replicas ?? false,
      nodeLabels: nodeSpec?.labels ?? NO_LABELS,
      poolLabels: spec.labels,
      status: pool === undefined ? 'Unknown' : (STATUS[pool.state] ?? 'Unknown'),
      capacity: space.capacity,
      free: space.free,
      committed: space.committed,
      replicas: core.specs.replicaCountOn(spec.id),
      groupReplicas: group.get(spec.id) ?? 0,
      groupOnNode: groupNodes.has(spec.node),
    });
  }
  return candidates;
}

/**
 * Runs what places or takes something of an affinity group alone, so that each choice sees those before it: upstream
 * holds the group from the choice until the thing is made. The caller holds the volume.
 */
export function forGroup<T>(core: Core, volume: VolumeSpec, work: () => Promise<T>): Promise<T> {
  const group = volume.affinityGroup;
  return group === undefined ? work() : core.guard.run(Resource.AffinityGroup, group, work);
}

/** What a (further) replica of the volume asks of a pool. */
export function placementRequest(core: Core, volume: VolumeSpec, movingFrom?: string): PlacementRequest {
  const replicas = core.specs.replicasOf(volume.uuid);
  const live = replicas.map((replica) => core.registry.replica(replica)?.replica.usage?.allocatedBytes);
  const known = live.filter((bytes): bytes is bigint => bytes !== undefined).map(Number);
  const nodeOf = (pool: string) => core.specs.pools.get(pool)?.node ?? '';
  return {
    size: volume.size,
    numReplicas: volume.numReplicas,
    asThin: volume.asThin,
    allocated: replicas.length === 0 ? 0 : known.length === 0 ? undefined : Math.max(...known),
    node: volume.topology?.node,
    pool: volume.topology?.pool,
    inGroup: volume.affinityGroup !== undefined,
    usedNodes: new Set(replicas.map((replica) => nodeOf(replica.poolId))),
    usedPools: new Set(replicas.map((replica) => replica.poolId)),
    movingFrom: movingFrom === undefined ? undefined : { node: nodeOf(movingFrom), pool: movingFrom },
  };
}

export function rankedPools(core: Core, volume: VolumeSpec, movingFrom?: string): PoolCandidate[] {
  return rank(poolCandidates(core, volume), placementRequest(core, volume, movingFrom));
}
