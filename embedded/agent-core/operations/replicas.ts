import { type Replica, ShareProtocol } from '@/gen/mayastor/v1/common';
import type { Core } from '../core';
import { isNotFound, isRefusal, nodeNotOnline } from '../errors';
import type { EngineNode } from '../registry/node';
import type { NexusSpec, ReplicaSpec, VolumeSpec } from '../specs';
import { viewVolume } from '../volume-view';

/** Reads one pool's figures anew after something was made on it or taken off it. */
export async function refreshPool(node: EngineNode, poolId: string): Promise<void> {
  const answer = await node.client.listPools(poolId).catch(() => undefined);
  const pool = answer?.pools.find((candidate) => candidate.name === poolId);
  if (pool !== undefined) node.set('pools', poolId, pool);
}

/** Makes a replica of the volume on the pool and owns it. On failure nothing is left but what the collector finds. */
export async function createVolumeReplica(
  core: Core,
  volume: VolumeSpec,
  place: { node: string; pool: string },
): Promise<ReplicaSpec> {
  const uuid = core.newUuid();
  // A target may be larger than its volume, after a resize that agent-core did not live to end: no smaller child fits.
  const size = Math.max(volume.size, Number(viewVolume(core, volume).nexus?.size ?? 0n));
  const spec: ReplicaSpec = {
    uuid,
    name: uuid,
    size,
    poolId: place.pool,
    thin: volume.asThin,
    share: false,
    allowedHosts: [],
    status: 'Creating',
    managed: true,
    volume: volume.uuid,
    kind: 'Regular',
  };
  await core.specs.replicas.put(spec);
  return makeReplica(core, spec, place.node, (node) =>
    node.client.createReplica({
      name: uuid,
      uuid,
      pooluuid: node.pools.get(place.pool)?.uuid ?? place.pool,
      size: BigInt(size),
      thin: volume.asThin,
      share: ShareProtocol.NONE,
      allowedHosts: [],
      entityId: volume.uuid,
    }),
  );
}

/** Runs the creation of a replica whose spec is stored as Creating. */
export async function makeReplica(
  core: Core,
  spec: ReplicaSpec,
  nodeId: string,
  create: (node: EngineNode) => Promise<Replica>,
): Promise<ReplicaSpec> {
  try {
    const node = core.registry.onlineNode(nodeId);
    const replica = await create(node);
    node.set('replicas', spec.uuid, replica);
    spec.status = 'Created';
    await core.specs.replicas.put(spec);
    // Whoever asks for room next has to see that this is taken.
    await refreshPool(node, spec.poolId);
    return spec;
  } catch (error) {
    if (isRefusal(error)) {
      await core.specs.replicas.delete(spec.uuid);
    } else {
      // It may exist on the node: the collector looks when the node can be reached.
      spec.status = 'Deleting';
      spec.volume = undefined;
      await core.specs.replicas.put(spec);
    }
    throw error;
  }
}

/** Destroys a replica on its node; one that is not there counts as destroyed. Rejects when the node does not do it. */
export async function destroyReplica(core: Core, spec: ReplicaSpec): Promise<void> {
  const node = core.registry.nodeOfReplica(spec);
  if (node === undefined || !node.online) throw nodeNotOnline(node?.id ?? spec.poolId);
  await node.client.destroyReplica(spec.uuid, spec.poolId).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  node.remove('replicas', spec.uuid);
  await core.specs.replicas.delete(spec.uuid);
  void refreshPool(node, spec.poolId);
}

/** Takes a replica from its volume; what cannot be destroyed now is an orphan that the collector finishes. */
export async function disownReplica(core: Core, spec: ReplicaSpec): Promise<void> {
  spec.volume = undefined;
  spec.status = 'Deleting';
  await core.specs.replicas.put(spec);
  await destroyReplica(core, spec).catch(() => undefined);
}

/**
 * Makes the replica reachable for a target on `targetNode` and gives the child URI: unshared on its own node, else
 * shared over NVMe-oF for the target's host NQN only (behaviour facts, 3.4).
 */
export async function exposeReplica(core: Core, spec: ReplicaSpec, targetNode: string): Promise<string> {
  const found = core.registry.replica(spec);
  if (found === undefined) throw nodeNotOnline(core.specs.pools.get(spec.poolId)?.node ?? spec.poolId);
  const { node } = found;
  if (node.id === targetNode) return unshareReplica(core, spec, node, found.replica);
  const nqn = core.specs.nodes.get(targetNode)?.nqn;
  return shareReplica(core, spec, node, nqn === undefined ? [] : [nqn]);
}

export async function shareReplica(
  core: Core,
  spec: ReplicaSpec,
  node: EngineNode,
  allowedHosts: string[],
): Promise<string> {
  const live = node.replicas.get(spec.uuid);
  const isRight =
    live?.share === ShareProtocol.NVMF &&
    live.allowedHosts.length === allowedHosts.length &&
    live.allowedHosts.every((nqn) => allowedHosts.includes(nqn));
  const shared = isRight
    ? live
    : await node.client.shareReplica({ uuid: spec.uuid, share: ShareProtocol.NVMF, allowedHosts });
  node.set('replicas', spec.uuid, shared);
  spec.share = true;
  spec.allowedHosts = allowedHosts;
  await core.specs.replicas.put(spec);
  return shared.uri;
}

export async function unshareReplica(core: Core, spec: ReplicaSpec, node: EngineNode, live: Replica): Promise<string> {
  if (live.share === ShareProtocol.NONE && !spec.share) return live.uri;
  const unshared = await node.client.unshareReplica(spec.uuid);
  node.set('replicas', spec.uuid, unshared);
  spec.share = false;
  spec.allowedHosts = [];
  await core.specs.replicas.put(spec);
  return unshared.uri;
}

/** Nexuses of the volume's target that use the replica. */
export function nexusesUsing(core: Core, spec: ReplicaSpec): NexusSpec[] {
  if (spec.volume === undefined) return [];
  return core.specs
    .nexusesOf(spec.volume)
    .filter((nexus) => nexus.children.some((child) => child.replica === spec.uuid));
}
