import type { Core } from '../core';
import { isUncertain, Kind, nvmfOnly, ofKind, precondition, Resource, SvcError } from '../errors';
import { activeTarget, type NexusSpec, type TargetSpec, type VolumeSpec } from '../specs';
import { clearLeftTargets, createNexus, disownNexus, endNexus, forgetNexus, shareNexus } from './nexuses';
import { forGroup } from './place';
import { chooseTargetNode, makeTarget, noOnlineReplicas, targetChildren } from './publish';
import { exposeReplica } from './replicas';

export const notPublished = (volume: string) =>
  ofKind(Kind.NotPublished, Resource.Volume, 'VolumeNotPublished', `Volume '${volume}' is not published`);

/**
 * Destroys the target. `force` only forgives a node that does not answer: its target is collected later. The target's
 * record stays, inactive, for what it knows of the replicas' health (behaviour facts, 3.5).
 */
export async function unpublishVolume(core: Core, volume: VolumeSpec, force: boolean): Promise<void> {
  const target = activeTarget(volume);
  if (target === undefined) throw notPublished(volume.uuid);
  // Gone whether or not the rest succeeds, as upstream does.
  volume.publishContext = undefined;
  await core.specs.volumes.put(volume);
  const nexus = core.specs.nexuses.get(target.nexus);
  let isAway = false;
  if (nexus !== undefined) {
    await endNexus(core, nexus).catch((error: unknown) => {
      isAway = isUncertain(error) || (error instanceof SvcError && error.variant === 'NodeNotOnline');
      if (!force || !isAway) throw error;
    });
  }
  target.active = false;
  // Before its nexus is forgotten: a volume must not go by a target that nobody knows any more.
  await core.specs.volumes.put(volume);
  if (nexus === undefined) return;
  await (isAway ? disownNexus(core, nexus) : forgetNexus(core, nexus));
}

/** Moves the target to another node, or revives it where it was (behaviour facts, 3.6). */
export async function republishVolume(
  core: Core,
  volume: VolumeSpec,
  wanted: { node?: string | undefined; nvmf: boolean; reuseExisting: boolean; frontend: string },
): Promise<void> {
  if (!core.highAvailability)
    throw precondition(
      Resource.Nexus,
      'SwitchoverNotAllowedWhenHAisDisabled',
      'Targets can only be moved with high availability enabled',
    );
  const target = activeTarget(volume);
  if (target === undefined) throw notPublished(volume.uuid);
  const allowed = target.frontend.map((node) => node.name);
  if (wanted.frontend !== '' && allowed.length > 0 && !allowed.includes(wanted.frontend))
    throw ofKind(
      Kind.PermissionDenied,
      Resource.Volume,
      'FrontendNodeNotAllowed',
      `Node '${wanted.frontend}' may not use volume '${volume.uuid}'`,
    );
  const old = core.specs.nexuses.get(target.nexus);
  if (wanted.reuseExisting && old !== undefined && old.shutdown === undefined) {
    const isThere = core.registry.nexus(old) !== undefined || (await reviveNexus(core, volume).catch(() => false));
    if (isThere) return;
  }
  if (!wanted.nvmf) throw nvmfOnly();
  await clearLeftTargets(core, volume);
  await forGroup(core, volume, () => moveTarget(core, volume, target, wanted.node));
}

async function moveTarget(core: Core, volume: VolumeSpec, target: TargetSpec, wanted?: string): Promise<void> {
  const old = core.specs.nexuses.get(target.nexus);
  const node = chooseTargetNode(core, volume, wanted);
  if (old !== undefined) {
    // Marked before the replacement exists, so that its replica is not opened while the old target may still write.
    old.shutdown = await shutdownNexus(core, old.node, old.uuid);
    await core.specs.nexuses.put(old);
  }
  try {
    await makeTarget(core, volume, { node, nvmf: target.nvmf, frontend: target.frontend });
  } catch (error) {
    if (error instanceof SvcError && error.kind === Kind.VolumeNoReplicas) throw noOnlineReplicas(volume.uuid);
    throw error;
  }
}

async function shutdownNexus(core: Core, nodeId: string, nexus: string): Promise<'done' | 'failed'> {
  const node = core.registry.node(nodeId);
  if (node === undefined || !node.online) return 'failed';
  return node.client.shutdownNexus(nexus).then(
    (shut) => {
      node.set('nexuses', nexus, shut);
      return 'done' as const;
    },
    (error: unknown) => (error instanceof SvcError && error.kind === Kind.NotFound ? 'done' : 'failed'),
  );
}

/**
 * Makes a target again that its restarted node has lost: same node and uuid, healthy children only, shared as before
 * (behaviour facts, 4.4). The children that it had besides stay recorded, so that the reconciler finds them missing and
 * replaces them. False when there is nothing to make it from yet.
 */
export async function reviveNexus(core: Core, volume: VolumeSpec): Promise<boolean> {
  const target = activeTarget(volume);
  const spec = target && core.specs.nexuses.get(target.nexus);
  if (target === undefined || spec === undefined || spec.shutdown !== undefined) return false;
  if (!core.registry.node(spec.node)?.online || core.registry.nexus(spec) !== undefined) return false;
  const replicas = await targetChildren(core, volume, spec.node);
  if (replicas.length === 0) return false;
  const children: NexusSpec['children'] = [];
  for (const replica of replicas) {
    const uri = await exposeReplica(core, replica, spec.node).catch(() => undefined);
    if (uri !== undefined) children.push({ replica: replica.uuid, uri });
  }
  if (children.length === 0) return false;
  const isUsed = (uuid: string | undefined) => children.some((child) => child.replica === uuid);
  spec.children = [...children, ...spec.children.filter((child) => !isUsed(child.replica))];
  await createNexus(core, spec, undefined, children);
  if (target.nvmf)
    await shareNexus(
      core,
      spec,
      target.frontend.map((node) => node.nqn),
    );
  return true;
}

/** Removes the targets that switch-overs left behind shut down. */
export async function destroyShutdownTargets(core: Core, volume: string): Promise<void> {
  for (const nexus of core.specs.nexusesOf(volume)) if (nexus.shutdown !== undefined) await disownNexus(core, nexus);
}
