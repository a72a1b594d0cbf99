import { type Nexus, NexusState } from '@/gen/mayastor/v1/common';
import type { Core } from '../core';
import { Resource } from '../errors';
import { destroyNexus, disownNexus, shareNexus } from '../operations/nexuses';
import { targetChildren } from '../operations/publish';
import { republishVolume, reviveNexus } from '../operations/unpublish';
import { activeTarget, type NexusSpec, type VolumeSpec } from '../specs';
import { due } from './paced';
import type { ReconcileStep } from './reconciler';

/** Missing, faulted, orphaned and shut down nexuses (behaviour facts, 4.4, 4.7). */
export function nexusStep(): ReconcileStep {
  const shutSince = new Map<string, number>();
  return async (core) => {
    const garbage = new Set<NexusSpec>();
    const specs = await due(core.specs.nexuses.values(), (spec) => {
      if (!core.registry.node(spec.node)?.online) return false;
      if (!isGarbage(core, spec, shutSince)) return mendable(core, spec) !== undefined;
      garbage.add(spec);
      return true;
    });
    for (const spec of specs) await (garbage.has(spec) ? collect(core, spec, shutSince) : mend(core, spec));
    return (await finishSwitchOvers(core)) || specs.length > 0;
  };
}

async function collect(core: Core, spec: NexusSpec, shutSince: Map<string, number>): Promise<void> {
  const owner = spec.owner;
  const run = async () => {
    // Asked again under the guard: the publish that it belongs to may have ended in between.
    if (core.specs.nexuses.get(spec.uuid) !== spec || !isGarbage(core, spec, shutSince)) return;
    await (owner === undefined ? destroyNexus(core, spec) : disownNexus(core, spec));
  };
  const done = await core.guard.tryRun(Resource.Volume, owner ?? spec.uuid, run).then(
    () => true,
    () => false,
  );
  if (done) shutSince.delete(spec.uuid);
}

async function mend(core: Core, spec: NexusSpec): Promise<void> {
  const volume = mendable(core, spec);
  if (volume === undefined) return;
  await core.guard.tryRun(Resource.Volume, volume.uuid, () => repair(core, spec, volume)).catch(() => undefined);
}

/** The volume whose target this is, when that has to be repaired. */
function mendable(core: Core, spec: NexusSpec): VolumeSpec | undefined {
  const volume = spec.owner === undefined ? undefined : core.specs.volumes.get(spec.owner);
  if (volume === undefined || volume.status !== 'Created' || !volume.selfHeal) return undefined;
  if (activeTarget(volume)?.nexus !== spec.uuid || !needsRepair(core, spec, volume)) return undefined;
  return volume;
}

/** A target that was shut down, and no new one recorded: agent-core did not live to end the switch-over. */
async function finishSwitchOvers(core: Core): Promise<boolean> {
  if (!core.highAvailability) return false;
  const isDue = (volume: VolumeSpec) => volume.status === 'Created' && isHalfMoved(core, volume);
  const volumes = await due(core.specs.volumes.values(), isDue);
  for (const volume of volumes) {
    await core.guard
      .tryRun(Resource.Volume, volume.uuid, async () => {
        if (isHalfMoved(core, volume))
          await republishVolume(core, volume, { nvmf: true, reuseExisting: false, frontend: '' });
      })
      .catch(() => undefined);
  }
  return volumes.length > 0;
}

function isHalfMoved(core: Core, volume: VolumeSpec): boolean {
  const target = activeTarget(volume);
  if (target === undefined) return false;
  const nexus = core.specs.nexuses.get(target.nexus);
  return nexus === undefined || nexus.shutdown !== undefined;
}

function isGarbage(core: Core, spec: NexusSpec, shutSince: Map<string, number>): boolean {
  if (!spec.managed) return false;
  if (spec.status === 'Deleting' || spec.owner === undefined) return true;
  if (spec.shutdown === 'failed') return true;
  if (spec.shutdown === 'done') {
    const since = shutSince.get(spec.uuid) ?? Date.now();
    shutSince.set(spec.uuid, since);
    return Date.now() - since >= core.timings.drainShutdownTargetsMs;
  }
  const volume = core.specs.volumes.get(spec.owner);
  // One that its volume does not know comes from a publish that agent-core did not live to finish.
  return volume === undefined || activeTarget(volume)?.nexus !== spec.uuid;
}

function needsRepair(core: Core, spec: NexusSpec, volume: VolumeSpec): boolean {
  const found = core.registry.nexus(spec);
  if (found === undefined || isBroken(found.nexus)) return true;
  return (activeTarget(volume)?.nvmf ?? false) && found.nexus.deviceUri === '';
}

/** Without a usable child, or shut down by its node and not recorded as such: it is made again where it is. */
const isBroken = (nexus: Nexus) =>
  nexus.state === NexusState.NEXUS_FAULTED || nexus.state === NexusState.NEXUS_SHUTDOWN;

async function repair(core: Core, spec: NexusSpec, volume: VolumeSpec): Promise<void> {
  // Asked again under the guard: an operation may have changed it in between.
  const target = activeTarget(volume);
  if (target?.nexus !== spec.uuid || !needsRepair(core, spec, volume)) return;
  const found = core.registry.nexus(spec);
  if (found === undefined) {
    await reviveNexus(core, volume);
    return;
  }
  if (isBroken(found.nexus)) {
    // What took the last child away may have been the end of its node a moment ago: so the nodes are asked anew.
    const listed = await targetChildren(core, volume, spec.node);
    await Promise.all(listed.map((replica) => core.registry.nodeOfReplica(replica)?.poll()));
    if ((await targetChildren(core, volume, spec.node)).length === 0) return;
    await found.node.client.destroyNexus(spec.uuid);
    found.node.remove('nexuses', spec.uuid);
    await reviveNexus(core, volume);
    return;
  }
  const hosts = target.frontend.map((node) => node.nqn);
  await shareNexus(core, spec, hosts);
}
