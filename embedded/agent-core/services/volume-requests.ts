import type { CreateVolumeRequest, LabelledTopology, Topology } from '@/gen/v1/volume/volume';
import { invalidArguments, invalidUuid, Resource } from '../errors';
import type { LabelTopology, VolumeSpec, VolumeTopology } from '../specs';
import { bytes, NIL_UUID, requireUuid } from './handler';

const labels = (topology: LabelledTopology): LabelTopology => ({
  inclusion: topology.inclusion?.value ?? {},
  exclusion: topology.exclusion?.value ?? {},
});

function toTopology(topology: Topology): VolumeTopology {
  const node = topology.node?.topology;
  const pool = topology.pool?.topology;
  return {
    node:
      node === undefined
        ? undefined
        : node.$case === 'labelled'
          ? { labelled: labels(node.value) }
          : { explicit: { allowed: node.value.allowedNodes, preferred: node.value.preferredNodes } },
    pool: pool && labels(pool.value),
  };
}

/** A creation request as spec, in Creating. Throws InvalidRequest when it does not parse, InvalidArgument when wrong. */
export function toVolumeSpec(request: CreateVolumeRequest): VolumeSpec {
  // The nil uuid parses; it is the volume that it cannot name.
  if (request.uuid === NIL_UUID) throw invalidUuid(Resource.Volume, NIL_UUID);
  const uuid = requireUuid(request.uuid, 'uuid');
  const numReplicas = bytes(request.replicas, 'replicas');
  const size = bytes(request.size, 'size');
  const topology = request.topology && toTopology(request.topology);
  const node = topology?.node;
  if (node !== undefined && 'explicit' in node) {
    const allowed = node.explicit.allowed.length;
    if (allowed > 0 && allowed < numReplicas)
      throw invalidArguments(`${numReplicas} replicas do not fit on ${allowed} allowed nodes`);
  }
  return {
    uuid,
    size,
    numReplicas,
    labels: request.labels?.value,
    // No policy means self-heal; an empty one means none (wire facts, 7).
    selfHeal: request.policy?.selfHeal ?? true,
    thin: request.thin,
    asThin: request.thin,
    topology,
    affinityGroup: request.affinityGroup?.name,
    maxSnapshots: request.maxSnapshots,
    status: 'Creating',
    encrypted: request.encrypted,
    clusterSize: request.clusterSize,
  };
}
