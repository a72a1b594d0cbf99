import type { Core } from '../core';
import { exhausted, Kind, notEnough, notReady, ofKind, precondition, Resource, toSvcError } from '../errors';
import { chooseRemoval } from '../placement/remove-choice';
import { activeTarget, type ReplicaSpec, type VolumeSpec } from '../specs';
import { isChildOnline, viewVolume } from '../volume-view';
import { addChild, readNexusInfo, removeChild, runningRebuilds } from './nexuses';
import { forGroup, rankedPools } from './place';
import { createVolumeReplica, disownReplica, exposeReplica } from './replicas';

/** The target is recorded but not seen on its node. */
export function checkTargetReady(core: Core, volume: VolumeSpec): void {
  if (activeTarget(volume) !== undefined && viewVolume(core, volume).nexus === undefined)
    throw notReady(Resource.Volume, volume.uuid);
}

/** Sets the wanted number of replicas, one more or one less at a time (behaviour facts, 3.8). */
export async function setReplicaCount(core: Core, volume: VolumeSpec, count: number): Promise<void> {
  const now = volume.numReplicas;
  if (count === now)
    throw ofKind(
      Kind.ReplicaCountAchieved,
      Resource.Volume,
      'ReplicaCountAchieved',
      `Volume '${volume.uuid}' has ${count} replicas already`,
    );
  if (count === 0)
    throw precondition(Resource.Volume, 'LastReplica', `The last replica of volume '${volume.uuid}' cannot be removed`);
  if (Math.abs(count - now) > 1)
    throw ofKind(
      Kind.ReplicaChangeCount,
      Resource.Volume,
      'ReplicaChangeCount',
      `The number of replicas can only change by one, not from ${now} to ${count}`,
    );
  checkTargetReady(core, volume);
  if (count > now) return forGroup(core, volume, () => increase(core, volume, count));
  if (volume.affinityGroup !== undefined && now >= 2 && count < 2)
    throw precondition(
      Resource.AffinityGroup,
      'RestrictedReplicaCount',
      `Volume '${volume.uuid}' is in affinity group '${volume.affinityGroup}' and keeps two replicas`,
    );
  return forGroup(core, volume, () => decrease(core, volume, count));
}

async function increase(core: Core, volume: VolumeSpec, count: number): Promise<void> {
  const { status } = viewVolume(core, volume);
  if (status !== 'Online')
    throw ofKind(
      Kind.ReplicaIncrease,
      Resource.Volume,
      'ReplicaIncrease',
      `Volume '${volume.uuid}' is ${status}: replicas are added to Online volumes only`,
    );
  if (activeTarget(volume) !== undefined) checkRebuildLimit(core, volume);
  const replica = (await leftReplica(core, volume, count)) ?? (await addReplica(core, volume));
  volume.numReplicas = count;
  await core.specs.volumes.put(volume);
  // Should this fail, the reconciler attaches it in its next pass.
  await attachReplica(core, volume, replica).catch(() => core.wake({ volume: volume.uuid }));
}

/** A replica beyond those wanted, which an increase made that agent-core did not live to end. */
async function leftReplica(core: Core, volume: VolumeSpec, count: number): Promise<ReplicaSpec | undefined> {
  for (const replica of core.specs.replicasOf(volume.uuid))
    if (replica.status === 'Creating') await disownReplica(core, replica);
  const { replicas } = viewVolume(core, volume);
  if (replicas.length < count) return undefined;
  return replicas.find((replica) => replica.live !== undefined && replica.child === undefined)?.spec;
}

function checkRebuildLimit(core: Core, volume: VolumeSpec): void {
  const running = runningRebuilds(core);
  if (running < core.maxRebuilds) return;
  throw exhausted(
    Resource.Volume,
    'MaxRebuilds',
    `Volume '${volume.uuid}' needs a rebuild and ${running} of at most ${core.maxRebuilds} run already`,
  );
}

/** Makes one more replica where placement says. `movingFrom`: a pool that a replica is to leave. */
export async function addReplica(core: Core, volume: VolumeSpec, movingFrom?: string): Promise<ReplicaSpec> {
  // Only a creation keeps the values of spread keys apart: release 2.7.1 does not look at them here.
  const pools = rankedPools(core, volume, movingFrom);
  if (pools.length === 0) throw notEnough(Resource.Pool, 'Not enough suitable pools available, 0/1');
  let last: unknown;
  for (const pool of pools) {
    try {
      return await createVolumeReplica(core, volume, pool);
    } catch (error) {
      last = error;
    }
  }
  throw toSvcError(last);
}

/** Lets a replica join the volume's target, which rebuilds it. Nothing to do for an unpublished volume. */
export async function attachReplica(core: Core, volume: VolumeSpec, replica: ReplicaSpec): Promise<void> {
  const target = activeTarget(volume);
  const nexus = target && core.specs.nexuses.get(target.nexus);
  if (nexus === undefined || core.registry.nexus(nexus) === undefined) return;
  const uri = await exposeReplica(core, replica, nexus.node);
  await addChild(core, nexus, replica.uuid, uri);
}

async function decrease(core: Core, volume: VolumeSpec, count: number): Promise<void> {
  const replica = await surplusReplica(core, volume, count);
  if (replica === undefined && core.specs.replicasOf(volume.uuid).length > count)
    throw ofKind(
      Kind.ReplicaChangeCount,
      Resource.Volume,
      'ReplicaRemovalNoCandidates',
      `Volume '${volume.uuid}' has no replica that can be removed without losing its last healthy copy`,
    );
  if (replica !== undefined) await takeReplica(core, volume, replica);
  volume.numReplicas = count;
  await core.specs.volumes.put(volume);
}

/** The replica to remove so that `desired` remain; undefined when none may go, or none is too many. */
export async function surplusReplica(
  core: Core,
  volume: VolumeSpec,
  desired: number,
): Promise<ReplicaSpec | undefined> {
  const view = viewVolume(core, volume);
  if (view.replicas.length <= desired) return undefined;
  const info = volume.target && (await readNexusInfo(core, volume.uuid, volume.target.nexus));
  const published = activeTarget(volume) !== undefined;
  const members = volume.affinityGroup === undefined ? [] : core.specs.groupMembers(volume.affinityGroup);
  const groupPools = members
    .filter((member) => member.uuid !== volume.uuid)
    .flatMap((member) => core.specs.replicasOf(member.uuid).map((replica) => replica.poolId));
  const chosen = chooseRemoval(
    view.replicas.map(({ spec, live, child, node }) => ({
      uuid: spec.uuid,
      healthy: published
        ? isChildOnline(child)
        : (info?.children.some((c) => c.uuid === spec.uuid && c.healthy) ?? true),
      online: live !== undefined,
      childRank: child?.state,
      rebuildProgress: child === undefined || child.rebuildProgress < 0 ? undefined : child.rebuildProgress,
      local: node?.id === activeTarget(volume)?.node,
      groupReplicasOnPool: groupPools.filter((pool) => pool === spec.poolId).length,
    })),
    desired,
  );
  return view.replicas.find((replica) => replica.spec.uuid === chosen)?.spec;
}

/** Removes a replica from its target, then from its pool. */
export async function takeReplica(core: Core, volume: VolumeSpec, replica: ReplicaSpec): Promise<void> {
  const view = viewVolume(core, volume);
  const child = view.replicas.find((candidate) => candidate.spec.uuid === replica.uuid)?.child;
  if (child !== undefined && view.nexusSpec !== undefined) await removeChild(core, view.nexusSpec, child.uri);
  await disownReplica(core, replica);
}
