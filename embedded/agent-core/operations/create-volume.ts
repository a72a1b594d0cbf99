import type { Core } from '../core';
import { alreadyExists, isDeleting, Kind, notEnough, ofKind, Resource, reCreateMismatch, toSvcError } from '../errors';
import { rank, refusals, spreadClash } from '../placement/rank';
import type { Labels, VolumeSpec } from '../specs';
import { forGroup, placementRequest, poolCandidates } from './place';
import { createVolumeReplica, disownReplica } from './replicas';

/** Fails when the total of all volumes would pass the caller's limit, in bytes. */
export function checkCapacityLimit(core: Core, growth: number, limit: number | undefined): void {
  if (limit === undefined) return;
  const total = core.specs.volumes.values().reduce((sum, volume) => sum + volume.size, 0);
  if (total + growth <= limit) return;
  throw ofKind(
    Kind.CapacityLimitExceeded,
    Resource.Volume,
    'CapacityLimitExceeded',
    `Volumes would take ${total + growth} bytes, the limit is ${limit}`,
  );
}

/** Refuses an id that is taken, as the state of its holder says (behaviour facts, 1.2). True: a retry, go on. */
export function checkVolumeId(core: Core, spec: VolumeSpec): void {
  const existing = core.specs.volumes.get(spec.uuid);
  if (existing === undefined) return;
  if (existing.status === 'Created') throw alreadyExists(Resource.Volume, spec.uuid);
  if (existing.status === 'Deleting') throw isDeleting(Resource.Volume, spec.uuid);
  if (JSON.stringify(existing) !== JSON.stringify(spec)) throw reCreateMismatch(Resource.Volume, spec.uuid);
}

/** Makes a volume with all its replicas, or nothing at all. */
export const createVolume = (core: Core, spec: VolumeSpec): Promise<VolumeSpec> =>
  forGroup(core, spec, () => place(core, spec));

async function place(core: Core, spec: VolumeSpec): Promise<VolumeSpec> {
  checkVolumeId(core, spec);
  const request = placementRequest(core, spec);
  const all = poolCandidates(core, spec);
  const pools = rank(all, request);
  if (pools.length < spec.numReplicas) {
    const why = refusals(all, request);
    throw notEnough(
      Resource.Pool,
      `Not enough suitable pools available, ${pools.length}/${spec.numReplicas}${why === '' ? '' : `: ${why}`}`,
    );
  }
  const left = core.specs.volumes.get(spec.uuid);
  // A creation that agent-core did not live to end: what it made is not counted again.
  if (left !== undefined) await removeTraces(core, left);
  await core.specs.volumes.put(spec);
  const chosen: Array<{ node: string; labels: Labels }> = [];
  const failures: string[] = [];
  for (const pool of pools) {
    if (chosen.length >= spec.numReplicas) break;
    if (chosen.some((used) => used.node === pool.node)) continue;
    if (
      spreadClash(
        pool,
        chosen.map((used) => used.labels),
        request,
      )
    )
      continue;
    try {
      await createVolumeReplica(core, spec, pool);
      chosen.push({ node: pool.node, labels: pool.nodeLabels });
    } catch (error) {
      failures.push(`${pool.pool}: ${toSvcError(error).message}`);
    }
  }
  if (chosen.length < spec.numReplicas) {
    await removeTraces(core, spec);
    throw ofKind(
      Kind.ReplicaCreateNumber,
      Resource.Volume,
      'ReplicaCreateNumber',
      `Could only create ${chosen.length} of ${spec.numReplicas} replicas of volume '${spec.uuid}' on different nodes` +
        (failures.length === 0 ? '' : ` (${failures.join('; ')})`),
    );
  }
  spec.status = 'Created';
  await core.specs.volumes.put(spec);
  return spec;
}

/** A creation that failed leaves neither volume nor replicas. */
export async function removeTraces(core: Core, spec: VolumeSpec): Promise<void> {
  for (const replica of core.specs.replicasOf(spec.uuid)) await disownReplica(core, replica);
  await core.specs.volumes.delete(spec.uuid);
}
