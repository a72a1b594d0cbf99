import type { Core } from '../core';
import { Resource } from '../errors';
import { removeChild, runningRebuilds } from '../operations/nexuses';
import { addReplica, attachReplica, surplusReplica, takeReplica } from '../operations/replica-count';
import { disownReplica, exposeReplica } from '../operations/replicas';
import { activeTarget, type VolumeSpec } from '../specs';
import { isChildOnline, type ReplicaView, uriUuid, type VolumeView, viewVolume } from '../volume-view';
import { decideChild } from './child-decision';
import { paced } from './paced';

/** Repairs published volumes: children, then the number of replicas, then of children (behaviour facts, 4.3). */
export class HotSpare {
  /** Since when a replica is neither in its target nor seen on its node. */
  readonly #lostSince = new Map<string, number>();

  /** True while there is something to repair. */
  async pass(core: Core): Promise<boolean> {
    let worked = false;
    const movedFrom = new Set<string>();
    for await (const volume of paced(core.specs.volumes.values())) {
      if (volume.status !== 'Created' || !volume.selfHeal || activeTarget(volume) === undefined) continue;
      if (!needsWork(viewVolume(core, volume))) continue;
      worked = true;
      await core.guard
        .tryRun(Resource.Volume, volume.uuid, () => this.#heal(core, volume, movedFrom))
        .catch(() => undefined);
    }
    return worked;
  }

  async #heal(core: Core, volume: VolumeSpec, movedFrom: Set<string>): Promise<void> {
    if (activeTarget(volume) === undefined) return;
    const view = viewVolume(core, volume);
    if (view.nexus === undefined || view.nexusSpec === undefined) return;
    if (view.status !== 'Online' && view.status !== 'Degraded') return;
    // Without one copy in sync there is nothing to rebuild from; the nexus reconciler has to act first.
    if (!view.nexus.children.some(isChildOnline)) return;
    for (const replica of view.replicas) await this.#healChild(core, view, replica, movedFrom);
    await removeUnknownChildren(core, volume);
    await this.#dropLost(core, volume);
    if (await fixReplicaCount(core, volume)) return;
    await fixChildCount(core, volume);
  }

  async #healChild(core: Core, view: VolumeView, replica: ReplicaView, movedFrom: Set<string>): Promise<void> {
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
      largestAllocated: Math.max(0, ...view.replicas.map((r) => Number(r.live?.usage?.allocatedBytes ?? 0n))),
      allocated: Number(live?.usage?.allocatedBytes ?? 0n),
    });
    if (decision === 'keep' || decision === 'wait') return;
    if (decision === 'replace') return takeReplica(core, view.spec, spec);
    if (runningRebuilds(core) >= core.maxRebuilds) return;
    if (decision === 'move') {
      // One replica leaves a full pool per pass: after it the others may fit where they are.
      if (movedFrom.has(spec.poolId)) return;
      movedFrom.add(spec.poolId);
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

  /** Gives up a replica that is out of the target and away for longer than a faulted child is waited for. */
  async #dropLost(core: Core, volume: VolumeSpec): Promise<void> {
    for (const { spec, live, child } of viewVolume(core, volume).replicas) {
      if (live !== undefined || child !== undefined) {
        this.#lostSince.delete(spec.uuid);
        continue;
      }
      const since = this.#lostSince.get(spec.uuid) ?? Date.now();
      this.#lostSince.set(spec.uuid, since);
      if (Date.now() - since < core.timings.faultedChildWaitMs) continue;
      this.#lostSince.delete(spec.uuid);
      await disownReplica(core, spec);
    }
  }
}

function needsWork(view: VolumeView): boolean {
  if (view.nexus === undefined) return false;
  if (view.status === 'Degraded') return true;
  return view.status === 'Online' && view.replicas.length !== view.spec.numReplicas;
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

/** Replicas that are listed but not in the target join it, one per pass. */
async function fixChildCount(core: Core, volume: VolumeSpec): Promise<void> {
  const view = viewVolume(core, volume);
  const outside = view.replicas.find((replica) => replica.live !== undefined && replica.child === undefined);
  if (outside === undefined || runningRebuilds(core) >= core.maxRebuilds) return;
  await attachReplica(core, volume, outside.spec);
}
