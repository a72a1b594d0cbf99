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
  let isLeft = false;
  for (const volume of [...core.specs.volumes.values()]) {
    const wasSeen = await core.guard
      .tryRun(Resource.Volume, volume.uuid, async () => {
        const move = moveOf(core, volume, node.id);
        if (move === undefined) return true;
        await republishVolume(core, volume, { ...move, nvmf: true, reuseExisting: false, frontend: '' });
        node.movedVolumes = [...(node.movedVolumes ?? []), volume.uuid];
        await core.specs.nodes.put(node);
        return true;
      })
      .catch(() => undefined);
    // Whether one that is busy has its target here cannot be known.
    isLeft ||= wasSeen === undefined;
  }
  const waitsFor = (volume: string) => core.specs.nexusesOf(volume).some((nexus) => nexus.shutdown !== undefined);
  const isWaiting = !isOverdue && (node.movedVolumes ?? []).some(waitsFor);
  if (isLeft || isWaiting || node.drainLabels.length === 0) return;
  node.drained = true;
  node.movedVolumes = undefined;
  await core.specs.nodes.put(node);
}

/**
 * Where a target on a draining node goes: anywhere, or to a volume's only replica. Undefined when there is nothing to
 * move; a target beside its volume's only replica stays, as moving it would make the volume no safer. It goes by the
 * number that the volume is to have, because replicas come and go while a node is away.
 */
function moveOf(core: Core, volume: VolumeSpec, node: string): { node?: string } | undefined {
  if (activeTarget(volume)?.node !== node || volume.status !== 'Created') return undefined;
  if (volume.numReplicas !== 1) return {};
  const pool = core.specs.replicasOf(volume.uuid).at(-1)?.poolId;
  const home = pool === undefined ? undefined : core.specs.pools.get(pool)?.node;
  if (home === undefined) return {};
  return home === node ? undefined : { node: home };
}
