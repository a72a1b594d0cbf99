import { nexusInfoKey } from '@/embedded/store/store';
import type { Core } from '../core';
import type { VolumeSpec } from '../specs';
import { disownNexus } from './nexuses';
import { disownReplica } from './replicas';

/**
 * Deletes a volume, published or not. What sits on a node that is away loses its owner and is collected when the node
 * returns; finished snapshots stay (behaviour facts, 3.9).
 */
export async function destroyVolume(core: Core, volume: VolumeSpec): Promise<void> {
  volume.status = 'Deleting';
  await core.specs.volumes.put(volume);
  const nexuses = core.specs.nexusesOf(volume.uuid);
  for (const nexus of nexuses) await disownNexus(core, nexus);
  await Promise.all(core.specs.replicasOf(volume.uuid).map((replica) => disownReplica(core, replica)));
  for (const snapshot of core.specs.snapshotsOf(volume.uuid)) {
    if (snapshot.status !== 'Creating') continue;
    snapshot.status = 'Deleting';
    await core.specs.snapshots.put(snapshot);
  }
  const last = volume.target?.nexus;
  if (last !== undefined) await core.store.delete(nexusInfoKey(volume.uuid, last));
  await core.specs.volumes.delete(volume.uuid);
}
