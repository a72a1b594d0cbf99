/** Status words of a target, as its io-engine says them. */
export type TargetStatus = 'Unknown' | 'Online' | 'Degraded' | 'Faulted' | 'Shutdown' | 'ShuttingDown';

/**
 * Status of a volume (behaviour facts, 1.4). Of an unpublished one only the number of replica specs counts: with every
 * node down it still is Online.
 */
export function volumeStatus(volume: {
  numReplicas: number;
  replicaSpecs: number;
  published: boolean;
  target?: { status: TargetStatus; children: number } | undefined;
}): TargetStatus {
  if (volume.published) {
    if (volume.target === undefined) return 'Unknown';
    const short = volume.target.children !== volume.numReplicas;
    return volume.target.status === 'Online' && short ? 'Degraded' : volume.target.status;
  }
  if (volume.replicaSpecs >= volume.numReplicas) return 'Online';
  return volume.replicaSpecs === 0 ? 'Faulted' : 'Degraded';
}

/** Bytes that one replica takes; undefined fields do not occur: a replica that is not listed has no usage at all. */
export interface ReplicaSpace {
  readonly capacity: number;
  readonly allocated: number;
  readonly allocatedSnapshots: number;
  readonly allocatedAllSnapshots: number;
}

export interface VolumeSpace {
  readonly capacity: number;
  readonly allocated: number;
  readonly totalAllocated: number;
  readonly allocatedReplica: number;
  readonly allocatedSnapshots: number;
  readonly allocatedAllSnapshots: number;
  readonly totalAllocatedReplicas: number;
  readonly totalAllocatedSnapshots: number;
}

/** Usage of a volume from its listed replicas: two maxima added, and sums (behaviour facts, 1.4). */
export function volumeSpace(size: number, replicas: readonly ReplicaSpace[]): VolumeSpace {
  const max = (pick: (r: ReplicaSpace) => number) => replicas.reduce((most, r) => Math.max(most, pick(r)), 0);
  const sum = (pick: (r: ReplicaSpace) => number) => replicas.reduce((total, r) => total + pick(r), 0);
  const allocatedReplica = max((r) => r.allocated);
  const allocatedSnapshots = max((r) => r.allocatedSnapshots);
  const totalAllocatedReplicas = sum((r) => r.allocated);
  const totalAllocatedSnapshots = sum((r) => r.allocatedSnapshots);
  return {
    capacity: size,
    allocated: allocatedReplica + allocatedSnapshots,
    totalAllocated: totalAllocatedReplicas + totalAllocatedSnapshots,
    allocatedReplica,
    allocatedSnapshots,
    allocatedAllSnapshots: max((r) => r.allocatedAllSnapshots),
    totalAllocatedReplicas,
    totalAllocatedSnapshots,
  };
}
