import { ChildStateReason } from '@/gen/mayastor/v1/common';
import type { Core } from '../core';
import { Resource } from '../errors';
import { readNexusInfo, removeChild, runningRebuilds } from '../operations/nexuses';
import { addReplica, attachReplica, surplusReplica, takeReplica } from '../operations/replica-count';
import { disownReplica, exposeReplica } from '../operations/replicas';
import { activeTarget, type VolumeSpec } from '../specs';
import { volumeStatus } from '../volume-status';
import { isChildOnline, nexusStatus, type ReplicaView, uriUuid, type VolumeView, viewVolume } from '../volume-view';
import { decideChild, rebuildNeed } from './child-decision';
import { due } from './paced';

/** Repairs published volumes: children, then the number of replicas, then of children (behaviour facts, 4.3). */
export class HotSpare {
  /** True while there is something to repair. */
  async pass(core: Core): Promise<boolean> {
    const volumes = await due(core.specs.volumes.values(), (volume) => needsWork(core, volume));
    const leaving: Leaving = new Map();
    for (const volume of volumes) noteFull(leaving, viewVolume(core, volume));
    for (const volume of volumes)
      await core.guard
        .tryRun(Resource.Volume, volume.uuid, () => this.#heal(core, volume, leaving))
        .catch(() => undefined);
    return volumes.length > 0;
  }

  async #heal(core: Core, volume: VolumeSpec, leaving: Leaving): Promise<void> {
    if (activeTarget(volume) === undefined) return;
    const view = viewVolume(core, volume);
    if (view.nexus === undefined || view.nexusSpec === undefined) return;
    if (view.status !== 'Online' && view.status !== 'Degraded') return;
    // Without one copy in sync there is nothing to rebuild from; the nexus reconciler has to act first.
    if (!view.nexus.children.some(isChildOnline)) return;
    // Each on its own: what cannot be done for one copy must not keep the others from being repaired.
    for (const replica of view.replicas) await this.#healChild(core, view, replica, leaving).catch(() => undefined);
    await removeUnknownChildren(core, volume).catch(() => undefined);
    await replaceMissingChildren(core, volume).catch(() => undefined);
    await dropStale(core, volume).catch(() => undefined);
    if (await fixReplicaCount(core, volume).catch(() => false)) return;
    await fixChildCount(core, volume);
  }

  async #healChild(core: Core, view: VolumeView, replica: ReplicaView, leaving: Leaving): Promise<void> {
    const { child, live, spec } = replica;
    if (child === undefined || view.nexusSpec === undefined || view.nexusNode === undefined) return;
    const pool = core.registry.pool(spec.poolId)?.pool;
    const decision = decideChild({
      child,
      partialRebuild: core.partialRebuild,
      replicaOnline: live !== undefined,
      nowMs: Date.now(),
      waitMs: core.timings.faultedChildWaitMs,
      poolFree: Number((pool?.capacity ?? 0n) - (pool?.used ?? 0n)),
      largestAllocated: Math.max(0, ...view.replicas.map(allocated)),
      allocated: allocated(replica),
    });
    if (decision === 'keep' || decision === 'wait') return;
    if (decision === 'replace') return takeReplica(core, view.spec, spec);
    if (runningRebuilds(core) >= core.maxRebuilds) return;
    if (decision === 'move') {
      if (leaving.get(spec.poolId)?.spec.uuid !== spec.uuid) return;
      const fresh = await addReplica(core, view.spec, spec.poolId);
      await takeReplica(core, view.spec, spec);
      return attachReplica(core, view.spec, fresh);
    }
    const uri = await exposeReplica(core, spec, view.nexusSpec.node);
    if (uri !== child.uri) {
      // It came back under another address: only as a new child can it join.
      await removeChild(core, view.nexusSpec, child.uri);
      return attachReplica(core, view.spec, spec);
    }
    view.nexusNode.set(
      'nexuses',
      view.nexusSpec.uuid,
      await view.nexusNode.client.onlineChild(view.nexusSpec.uuid, child.uri),
    );
  }
}

/** By pool, the one replica without space that leaves it in this pass: after the largest the others may fit. */
type Leaving = Map<string, ReplicaView>;

const allocated = (replica: ReplicaView) => Number(replica.live?.usage?.allocatedBytes ?? 0n);

function noteFull(leaving: Leaving, view: VolumeView): void {
  for (const replica of view.replicas) {
    if (replica.child?.stateReason !== ChildStateReason.CHILD_STATE_REASON_NO_SPACE) continue;
    const known = leaving.get(replica.spec.poolId);
    if (known === undefined || allocated(replica) > allocated(known)) leaving.set(replica.spec.poolId, replica);
  }
}

/**
 * Gives up what is on no node now, is no child and is not healthy in the NexusInfo, at once: its content is older than
 * the target's, and when it is back it would have to be copied anew all the same.
 */
async function dropStale(core: Core, volume: VolumeSpec): Promise<void> {
  const view = viewVolume(core, volume);
  const nexus = view.nexusSpec;
  if (nexus === undefined || view.nexus === undefined) return;
  const stale = view.replicas.filter(
    ({ spec, live, child }) =>
      live === undefined && child === undefined && !nexus.children.some((c) => c.replica === spec.uuid),
  );
  if (stale.length === 0) return;
  const info = await readNexusInfo(core, volume.uuid, nexus.uuid);
  if (!info?.children.some((child) => child.healthy)) return;
  for (const { spec } of stale) {
    if (!info.children.some((child) => child.uuid === spec.uuid && child.healthy)) await disownReplica(core, spec);
  }
}

/** As its view would tell, without making one: most volumes need none. */
function needsWork(core: Core, volume: VolumeSpec): boolean {
  if (volume.status !== 'Created' || !volume.selfHeal) return false;
  const target = activeTarget(volume);
  const nexusSpec = target && core.specs.nexuses.get(target.nexus);
  const nexus = nexusSpec && core.registry.nexus(nexusSpec)?.nexus;
  if (nexus === undefined) return false;
  const replicas = core.specs.replicaCountOf(volume.uuid);
  const status = volumeStatus({
    numReplicas: volume.numReplicas,
    replicaSpecs: replicas,
    published: true,
    target: { status: nexusStatus(nexus.state), children: nexus.children.length },
  });
  return status === 'Degraded' || (status === 'Online' && replicas !== volume.numReplicas);
}

async function removeUnknownChildren(core: Core, volume: VolumeSpec): Promise<void> {
  const view = viewVolume(core, volume);
  if (view.nexus === undefined || view.nexusSpec === undefined || view.nexus.children.length < 2) return;
  const known = new Set(view.replicas.map((replica) => replica.spec.uuid));
  for (const child of view.nexus.children) {
    const uuid = uriUuid(child.uri) ?? view.nexusSpec.children.find((c) => c.uri === child.uri)?.replica;
    if (uuid === undefined || !known.has(uuid)) await removeChild(core, view.nexusSpec, child.uri);
  }
}

/**
 * Gives up the replicas that are recorded as children and are none: they were left out for a reason, so new ones are
 * made for them (behaviour facts, 4.3).
 */
async function replaceMissingChildren(core: Core, volume: VolumeSpec): Promise<void> {
  const { nexus, nexusSpec, replicas } = viewVolume(core, volume);
  if (nexus === undefined || nexusSpec === undefined) return;
  const isThere = (uri: string) => nexus.children.some((child) => child.uri === uri);
  const missing = nexusSpec.children.filter((child) => !isThere(child.uri));
  if (missing.length === 0) return;
  nexusSpec.children = nexusSpec.children.filter((child) => isThere(child.uri));
  await core.specs.nexuses.put(nexusSpec);
  for (const { spec, child } of replicas)
    if (child === undefined && missing.some((gone) => gone.replica === spec.uuid)) await disownReplica(core, spec);
}

/** One replica more or less per pass. True when it changed something. */
async function fixReplicaCount(core: Core, volume: VolumeSpec): Promise<boolean> {
  const replicas = core.specs.replicasOf(volume.uuid);
  if (replicas.length < volume.numReplicas) {
    if (runningRebuilds(core) >= core.maxRebuilds) return false;
    const fresh = await addReplica(core, volume);
    await attachReplica(core, volume, fresh);
    return true;
  }
  if (replicas.length === volume.numReplicas) return false;
  const surplus = await surplusReplica(core, volume, volume.numReplicas);
  if (surplus === undefined) return false;
  await takeReplica(core, volume, surplus);
  return true;
}

/** Replicas that are listed but not in the target join it, one per pass; one without room for its rebuild is given up. */
async function fixChildCount(core: Core, volume: VolumeSpec): Promise<void> {
  const { replicas } = viewVolume(core, volume);
  const outside = replicas.filter((replica) => replica.live !== undefined && replica.child === undefined);
  const largest = Math.max(0, ...replicas.filter(({ child }) => child !== undefined).map(allocated));
  for (const replica of outside) {
    const pool = core.registry.pool(replica.spec.poolId)?.pool;
    if (pool === undefined) continue;
    const need = replica.live?.thin ? rebuildNeed(largest, allocated(replica)) : 0;
    if (pool.capacity - pool.used <= need) {
      await disownReplica(core, replica.spec);
      continue;
    }
    if (runningRebuilds(core) < core.maxRebuilds) await attachReplica(core, volume, replica.spec);
    return;
  }
}
