import type { Core } from '../core';
import { Resource } from '../errors';
import { republishVolume } from '../operations/unpublish';
import { activeTarget, type VolumeSpec } from '../specs';

/** Moves targets off draining nodes; a node with none left to move is drained (behaviour facts, 5.3). */
export async function drainStep(core: Core): Promise<boolean> {
  const draining = core.specs.nodes.values().filter((node) => node.drainLabels.length > 0 && !node.drained);
  for (const node of draining) {
    const volumes = core.specs.volumes.values().filter((volume) => mustMove(core, volume, node.id));
    for (const volume of volumes) {
      await core.guard
        .tryRun(Resource.Volume, volume.uuid, async () => {
          if (mustMove(core, volume, node.id))
            await republishVolume(core, volume, { reuseExisting: false, frontend: '' });
        })
        .catch(() => undefined);
    }
    const left = core.specs.volumes.values().some((volume) => mustMove(core, volume, node.id));
    const shutDown = core.specs.nexuses
      .values()
      .some((nexus) => nexus.node === node.id && nexus.shutdown !== undefined);
    if (left || shutDown || node.drainLabels.length === 0) continue;
    node.drained = true;
    await core.specs.nodes.put(node);
  }
  return draining.length > 0;
}

/** A target whose only replica is on the same node stays: moving it would make the volume no safer. */
function mustMove(core: Core, volume: VolumeSpec, node: string): boolean {
  if (activeTarget(volume)?.node !== node || volume.status !== 'Created') return false;
  const replicas = core.specs.replicasOf(volume.uuid);
  return replicas.length > 1 || replicas.some((replica) => core.specs.pools.get(replica.poolId)?.node !== node);
}
