import type { Core } from '../core';
import { Resource } from '../errors';
import { removeTraces } from '../operations/create-volume';
import { destroyVolume } from '../operations/destroy-volume';
import { destroyReplica, disownReplica } from '../operations/replicas';
import type { ReplicaSpec } from '../specs';
import { due } from './paced';

/** Finishes what was left half done: orphaned replicas, deletions, creations that agent-core did not live to end. */
export async function garbageStep(core: Core): Promise<boolean> {
  const volumes = await due(core.specs.volumes.values(), (volume) => volume.status !== 'Created');
  for (const volume of volumes) {
    // A creation under way holds the guard; one that nobody holds was left by an agent-core that died.
    await core.guard
      .tryRun(Resource.Volume, volume.uuid, async () => {
        if (core.specs.volumes.get(volume.uuid) !== volume || volume.status === 'Created') return;
        await (volume.status === 'Creating' ? removeTraces(core, volume) : destroyVolume(core, volume));
      })
      .catch(() => undefined);
  }
  const replicas = await due(core.specs.replicas.values(), (replica) => isLeft(core, replica));
  await Promise.all(
    replicas.map((replica) =>
      core.guard
        .tryRun(Resource.Volume, replica.volume ?? replica.uuid, async () => {
          if (core.specs.replicas.get(replica.uuid) !== replica) return;
          if (replica.volume !== undefined && replica.status === 'Created') return;
          await (replica.volume === undefined ? destroyReplica(core, replica) : disownReplica(core, replica));
        })
        .catch(() => undefined),
    ),
  );
  return volumes.length + replicas.length > 0;
}

function isLeft(core: Core, replica: ReplicaSpec): boolean {
  if (!replica.managed) return false;
  if (replica.volume !== undefined) return replica.status !== 'Created';
  return core.registry.nodeOfReplica(replica)?.online ?? false;
}
