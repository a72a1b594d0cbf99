import type { Core } from '../core';
import { isUncertain, Kind, ofKind, precondition, Resource, SvcError } from '../errors';
import { activeTarget, type VolumeSpec } from '../specs';
import { createNexus, destroyNexus, disownNexus, shareNexus } from './nexuses';
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
  const nexus = core.specs.nexuses.get(target.nexus);
  if (nexus !== undefined) {
    await destroyNexus(core, nexus).catch(async (error: unknown) => {
      const isAway = isUncertain(error) || (error instanceof SvcError && error.variant === 'NodeNotOnline');
      if (!force || !isAway) throw error;
      await disownNexus(core, nexus);
    });
  }
  target.active = false;
  volume.publishContext = undefined;
  await core.specs.volumes.put(volume);
}

/** Moves the target to another node, or revives it where it was (behaviour facts, 3.6). */
export async function republishVolume(
  core: Core,
  volume: VolumeSpec,
  wanted: { node?: string | undefined; reuseExisting: boolean; frontend: string },
): Promise<void> {
  if (!core.highAvailability)
    throw precondition(
      Resource.Volume,
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
  const node = chooseTargetNode(core, volume, wanted.node);
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
 * (behaviour facts, 4.4). False when there is nothing to make it from yet.
 */
export async function reviveNexus(core: Core, volume: VolumeSpec): Promise<boolean> {
  const target = activeTarget(volume);
  const spec = target && core.specs.nexuses.get(target.nexus);
  if (target === undefined || spec === undefined || spec.shutdown !== undefined) return false;
  if (!core.registry.node(spec.node)?.online || core.registry.nexus(spec) !== undefined) return false;
  const replicas = await targetChildren(core, volume, spec.node);
  if (replicas.length === 0) return false;
  spec.children = [];
  for (const replica of replicas) {
    const uri = await exposeReplica(core, replica, spec.node).catch(() => undefined);
    if (uri !== undefined) spec.children.push({ replica: replica.uuid, uri });
  }
  if (spec.children.length === 0) return false;
  await createNexus(core, spec);
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
