import type { Core } from '../core';
import { Resource } from '../errors';
import { removeTraces } from '../operations/create-volume';
import { destroyVolume } from '../operations/destroy-volume';
import { destroyReplica, disownReplica } from '../operations/replicas';
import { paced } from './paced';

/** Finishes what was left half done: orphaned replicas, deletions, creations that agent-core did not live to end. */
export async function garbageStep(core: Core): Promise<boolean> {
  let worked = false;
  for await (const volume of paced(core.specs.volumes.values())) {
    if (volume.status === 'Created') continue;
    worked = true;
    // A creation under way holds the guard; one that nobody holds was left by an agent-core that died.
    await core.guard
      .tryRun(Resource.Volume, volume.uuid, async () => {
        if (core.specs.volumes.get(volume.uuid) !== volume || volume.status === 'Created') return;
        await (volume.status === 'Creating' ? removeTraces(core, volume) : destroyVolume(core, volume));
      })
      .catch(() => undefined);
  }
  const destroyed: Array<Promise<unknown>> = [];
  for await (const replica of paced(core.specs.replicas.values())) {
    if (!replica.managed) continue;
    const owner = replica.volume;
    if (owner !== undefined && replica.status === 'Created') continue;
    if (owner === undefined && !core.registry.nodeOfReplica(replica)?.online) continue;
    worked = true;
    destroyed.push(
      core.guard
        .tryRun(Resource.Volume, owner ?? replica.uuid, async () => {
          if (core.specs.replicas.get(replica.uuid) !== replica) return;
          if (replica.volume !== undefined && replica.status === 'Created') return;
          await (replica.volume === undefined ? destroyReplica(core, replica) : disownReplica(core, replica));
        })
        .catch(() => undefined),
    );
  }
  await Promise.all(destroyed);
  return worked;
}
