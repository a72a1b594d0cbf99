import type { Core } from '../core';
import { exhausted, isUncertain, Kind, notReady, ofKind, Resource } from '../errors';
import { FREE_WATERMARK, thinNeed, withinCommitment } from '../placement/candidates';
import { activeTarget, type VolumeSpec } from '../specs';
import { viewVolume } from '../volume-view';
import { committed } from '../wire/pool';
import { checkCapacityLimit } from './create-volume';
import { refreshPool } from './replicas';

/** Grows a volume: all replicas, then the target, then the record (behaviour facts, 3.7). `size` in bytes. */
export async function resizeVolume(core: Core, volume: VolumeSpec, size: number, limit?: number): Promise<void> {
  if (size <= volume.size)
    throw ofKind(
      Kind.NotAcceptable,
      Resource.Volume,
      'VolumeResizeSize',
      `Volume '${volume.uuid}' can only grow: it has ${volume.size} bytes, ${size} were asked for`,
    );
  const growth = size - volume.size;
  checkCapacityLimit(core, growth, limit);
  const view = viewVolume(core, volume);
  for (const { spec, live } of view.replicas) {
    if (live === undefined)
      throw exhausted(Resource.Replica, 'ResizeReplError', `Replica '${spec.uuid}' is not online`);
    checkRoom(core, volume, spec.poolId, growth, Number(live.usage?.allocatedBytes ?? live.size));
  }
  if (activeTarget(volume) !== undefined && view.status !== 'Online' && view.status !== 'Degraded')
    throw notReady(Resource.Volume, volume.uuid);
  for (const { spec, node, live } of view.replicas) {
    if (node === undefined) continue;
    try {
      // One that an earlier try has grown already is left as it is: it must not shrink under the target.
      if (live !== undefined && live.size < BigInt(size))
        node.set('replicas', spec.uuid, await node.client.resizeReplica(spec.uuid, BigInt(size)));
    } catch (error) {
      // A call without an answer counts as done; the reconciler asks again (behaviour facts, 3.7).
      if (!isUncertain(error)) throw error;
    }
    spec.size = size;
    await core.specs.replicas.put(spec);
    void refreshPool(node, spec.poolId);
  }
  if (view.nexusSpec !== undefined && view.nexusNode !== undefined && (view.nexus?.size ?? 0n) < BigInt(size)) {
    const grown = await view.nexusNode.client.resizeNexus(view.nexusSpec.uuid, BigInt(size));
    view.nexusNode.set('nexuses', view.nexusSpec.uuid, grown);
    view.nexusSpec.size = size;
    await core.specs.nexuses.put(view.nexusSpec);
  }
  volume.size = size;
  await core.specs.volumes.put(volume);
}

function checkRoom(core: Core, volume: VolumeSpec, poolId: string, growth: number, allocated: number): void {
  const found = core.registry.pool(poolId);
  const capacity = Number(found?.pool.capacity ?? 0n);
  const free = capacity - Number(found?.pool.used ?? 0n);
  const promised = found === undefined ? 0 : Number(committed(found.node, found.pool));
  const fits = volume.asThin
    ? free > FREE_WATERMARK &&
      free > Math.max(0, thinNeed(volume.size + growth, allocated) - allocated) &&
      withinCommitment({ committed: promised, capacity }, growth)
    : free > growth;
  if (!fits)
    throw exhausted(
      Resource.Replica,
      'ResizeReplError',
      `Pool '${poolId}' has ${free} bytes free: not enough to grow a replica by ${growth} bytes`,
    );
}
