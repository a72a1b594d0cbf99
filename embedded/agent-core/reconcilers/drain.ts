import type { Core } from '../core';
import { Resource } from '../errors';
import { republishVolume } from '../operations/unpublish';
import { activeTarget, type NodeSpec, type VolumeSpec } from '../specs';
import type { ReconcileStep } from './reconciler';

/**
 * Moves targets off draining nodes. A node with none left to move is drained when the old targets of the volumes that
 * were moved are gone, or when they have had their time (behaviour facts, 5.3).
 */
export function drainStep(): ReconcileStep {
  const since = new Map<string, number>();
  return async (core) => {
    const draining = core.specs.nodes.values().filter((node) => node.drainLabels.length > 0 && !node.drained);
    for (const id of since.keys()) if (!draining.some((node) => node.id === id)) since.delete(id);
    for (const node of draining) {
      // After a restart of agent-core the time begins anew.
      const startedAt = since.get(node.id) ?? Date.now();
      since.set(node.id, startedAt);
      await drain(core, node, Date.now() - startedAt >= core.timings.drainShutdownTargetsMs);
    }
    return draining.length > 0;
  };
}

async function drain(core: Core, node: NodeSpec, isOverdue: boolean): Promise<void> {
  const volumes = core.specs.volumes.values().filter((volume) => mustMove(core, volume, node.id));
  for (const volume of volumes) {
    await core.guard
      .tryRun(Resource.Volume, volume.uuid, async () => {
        if (!mustMove(core, volume, node.id)) return;
        await republishVolume(core, volume, { nvmf: true, reuseExisting: false, frontend: '' });
        node.movedVolumes = [...(node.movedVolumes ?? []), volume.uuid];
        await core.specs.nodes.put(node);
      })
      .catch(() => undefined);
  }
  const left = core.specs.volumes.values().some((volume) => mustMove(core, volume, node.id));
  const waitsFor = (volume: string) => core.specs.nexusesOf(volume).some((nexus) => nexus.shutdown !== undefined);
  const isWaiting = !isOverdue && (node.movedVolumes ?? []).some(waitsFor);
  if (left || isWaiting || node.drainLabels.length === 0) return;
  node.drained = true;
  node.movedVolumes = undefined;
  await core.specs.nodes.put(node);
}

/** A target whose only replica is on the same node stays: moving it would make the volume no safer. */
function mustMove(core: Core, volume: VolumeSpec, node: string): boolean {
  if (activeTarget(volume)?.node !== node || volume.status !== 'Created') return false;
  const replicas = core.specs.replicasOf(volume.uuid);
  return replicas.length > 1 || replicas.some((replica) => core.specs.pools.get(replica.poolId)?.node !== node);
}
