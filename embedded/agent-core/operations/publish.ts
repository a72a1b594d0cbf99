import { nexusInfoKey } from '@/embedded/store/store';
import type { Core } from '../core';
import { alreadyExists, isUncertain, Kind, notEnough, ofKind, Resource } from '../errors';
import {
  activeTarget,
  type FrontendNode,
  isCordoned,
  type NexusSpec,
  type ReplicaSpec,
  type VolumeSpec,
} from '../specs';
import {
  clearLeftTargets,
  createNexus,
  disownNexus,
  nextCntlIds,
  readNexusInfo,
  shareNexus,
  targetsOf,
} from './nexuses';
import { forGroup } from './place';
import { exposeReplica } from './replicas';

/** Nodes that may carry a new target of the volume, the best first (behaviour facts, 3.4). */
export function targetNodes(core: Core, volume: VolumeSpec, preferred?: string): string[] {
  const taken = new Set(targetsOf(core, volume).map((nexus) => nexus.node));
  const grouped = new Map<string, number>();
  const members = volume.affinityGroup === undefined ? [] : core.specs.groupMembers(volume.affinityGroup);
  for (const member of members) {
    const node = activeTarget(member)?.node;
    if (node !== undefined && member.uuid !== volume.uuid) grouped.set(node, (grouped.get(node) ?? 0) + 1);
  }
  const replicas = core.specs.replicasOf(volume.uuid);
  const only = replicas.length === 1 ? core.specs.pools.get(replicas[0]?.poolId ?? '')?.node : undefined;
  const favourite = preferred ?? only;
  return core.specs.nodes
    .values()
    .filter((node) => !isCordoned(node) && core.registry.node(node.id)?.online && !taken.has(node.id))
    .map((node) => node.id)
    .sort(
      (a, b) =>
        (grouped.get(a) ?? 0) - (grouped.get(b) ?? 0) ||
        Number(b === favourite) - Number(a === favourite) ||
        core.specs.nexusCountOn(a) - core.specs.nexusCountOn(b) ||
        (a < b ? -1 : 1),
    );
}

/** Where the target goes: the node asked for, unless the volume is in an affinity group, else the best one. */
export function chooseTargetNode(core: Core, volume: VolumeSpec, wanted?: string): string {
  if (wanted !== undefined && volume.affinityGroup === undefined) {
    core.registry.usableNode(wanted);
    return wanted;
  }
  const [best] = targetNodes(core, volume, wanted);
  if (best === undefined) throw notEnough(Resource.Node, 'Not enough suitable nodes available, 0/1');
  return best;
}

/**
 * Replicas that a target on `node` may open: online, large enough, healthy in the last NexusInfo; after an unclean
 * shutdown only one, the others join by rebuild. A local one first (behaviour facts, 3.4).
 */
export async function targetChildren(core: Core, volume: VolumeSpec, node: string): Promise<ReplicaSpec[]> {
  const info = volume.target && (await readNexusInfo(core, volume.uuid, volume.target.nexus));
  const healthy = (uuid: string) => info === undefined || info.children.some((c) => c.uuid === uuid && c.healthy);
  const barred = new Set(
    core.specs.nexusesOf(volume.uuid).flatMap((nexus) => (nexus.shutdown === 'failed' ? [nexus.node] : [])),
  );
  const nodeOf = (replica: ReplicaSpec) => core.specs.pools.get(replica.poolId)?.node ?? '';
  const usable = core.specs
    .replicasOf(volume.uuid)
    .filter((replica) => {
      const live = core.registry.replica(replica)?.replica;
      return (
        live !== undefined && live.size >= BigInt(volume.size) && healthy(replica.uuid) && !barred.has(nodeOf(replica))
      );
    })
    .sort((a, b) => Number(nodeOf(b) === node) - Number(nodeOf(a) === node) || (a.uuid < b.uuid ? -1 : 1));
  return info !== undefined && !info.clean_shutdown ? usable.slice(0, 1) : usable;
}

export const noOnlineReplicas = (volume: string) =>
  ofKind(
    Kind.VolumeNoReplicas,
    Resource.Volume,
    'NoOnlineReplicas',
    `Volume '${volume}' has no healthy online replica`,
  );

export interface NewTarget {
  node: string;
  nvmf: boolean;
  frontend: FrontendNode[];
}

/** Makes a target for the volume and records it; the spec of the volume is stored. */
export async function makeTarget(core: Core, volume: VolumeSpec, wanted: NewTarget): Promise<NexusSpec> {
  const replicas = await targetChildren(core, volume, wanted.node);
  if (replicas.length === 0) throw noOnlineReplicas(volume.uuid);
  // A target that a switch-over left there shut down has the name that the new one would have.
  if (targetsOf(core, volume).some((nexus) => nexus.node === wanted.node))
    throw alreadyExists(Resource.Nexus, volume.uuid);
  const previous = volume.target?.nexus;
  const spec: NexusSpec = {
    uuid: core.newUuid(),
    name: volume.uuid,
    node: wanted.node,
    children: [],
    size: volume.size,
    status: 'Creating',
    share: false,
    managed: true,
    owner: volume.uuid,
    cntlIds: nextCntlIds(volume),
    allowedHosts: [],
  };
  for (const replica of replicas) {
    // One replica that cannot be shared must not keep the volume from its application: it joins by rebuild.
    const uri = await exposeReplica(core, replica, wanted.node).catch(() => undefined);
    if (uri !== undefined) spec.children.push({ replica: replica.uuid, uri });
  }
  if (spec.children.length === 0) throw noOnlineReplicas(volume.uuid);
  await core.specs.nexuses.put(spec);
  try {
    await createNexus(core, spec, previous);
    if (wanted.nvmf)
      await shareNexus(
        core,
        spec,
        wanted.frontend.map((node) => node.nqn),
      );
  } catch (error) {
    await disownNexus(core, spec);
    // An uncertain outcome must not leave a target that writes behind our back; the collector destroys it.
    if (isUncertain(error)) core.wake();
    throw error;
  }
  volume.target = {
    node: wanted.node,
    nexus: spec.uuid,
    nvmf: wanted.nvmf,
    cntlIds: spec.cntlIds,
    frontend: wanted.frontend,
    active: true,
  };
  await core.specs.volumes.put(volume);
  if (previous !== undefined) await core.store.delete(nexusInfoKey(volume.uuid, previous));
  if (spec.children.length < volume.numReplicas) core.wake({ volume: volume.uuid });
  return spec;
}

/** Frontend nodes by name: an app node's host NQN follows from its name, a storage node has said its own. */
export function frontendNodes(core: Core, names: readonly string[]): FrontendNode[] {
  return names.map((name) => ({
    name,
    nqn: core.specs.nodes.get(name)?.nqn ?? `nqn.2019-05.io.openebs:node-name:${name}`,
  }));
}

export async function publishVolume(
  core: Core,
  volume: VolumeSpec,
  wanted: { node?: string | undefined; nvmf: boolean; context: Record<string, string>; frontend: string[] },
): Promise<void> {
  const target = activeTarget(volume);
  if (target !== undefined)
    throw ofKind(
      Kind.AlreadyPublished,
      Resource.Volume,
      'VolumeAlreadyPublished',
      `Volume '${volume.uuid}' is already published on node '${target.node}'`,
    );
  // Kept whether or not the rest succeeds, as upstream does.
  volume.publishContext = wanted.context;
  await core.specs.volumes.put(volume);
  const anyOnline = core.specs.replicasOf(volume.uuid).some((replica) => core.registry.replica(replica) !== undefined);
  if (!anyOnline) throw noOnlineReplicas(volume.uuid);
  await clearLeftTargets(core, volume);
  await forGroup(core, volume, async () => {
    const node = chooseTargetNode(core, volume, wanted.node);
    await makeTarget(core, volume, { node, nvmf: wanted.nvmf, frontend: frontendNodes(core, wanted.frontend) });
  });
}
