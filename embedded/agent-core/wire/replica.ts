import { type Replica as EngineReplica, ShareProtocol } from '@/gen/mayastor/v1/common';
import { Protocol } from '@/gen/v1/misc/common';
import {
  type Replica,
  ReplicaKind,
  ReplicaStatus,
  type ReplicaSpec as WireReplicaSpec,
} from '@/gen/v1/replica/replica';
import type { ReplicaSpec } from '../specs';
import { specStatus } from './common';

const PROTOCOL: Partial<Record<ShareProtocol, Protocol>> = {
  [ShareProtocol.NVMF]: Protocol.Nvmf,
  [ShareProtocol.ISCSI]: Protocol.Iscsi,
};

/** A listed replica is Online always (behaviour facts, 1.4). */
export function toReplica(node: string, replica: EngineReplica): Replica {
  const usage = replica.usage;
  return {
    nodeId: node,
    name: replica.name,
    replicaId: replica.uuid,
    poolId: replica.poolname,
    thin: replica.thin,
    size: replica.size,
    share: PROTOCOL[replica.share] ?? Protocol.None,
    uri: replica.uri,
    status: ReplicaStatus.Online,
    poolUuid: replica.pooluuid === '' ? undefined : replica.pooluuid,
    space: usage && {
      capacityBytes: usage.capacityBytes,
      allocatedBytes: usage.allocatedBytes,
      clusterSize: usage.clusterSize,
      clusters: usage.numClusters,
      allocatedClusters: usage.numAllocatedClusters,
      allocatedBytesSnapshots: usage.allocatedBytesSnapshotFromClone ?? usage.allocatedBytesSnapshots,
      allocatedClustersSnapshots: usage.numAllocatedClustersSnapshots,
      allocatedBytesAllSnapshots: usage.allocatedBytesSnapshots,
    },
    kind: replica.isClone ? ReplicaKind.SnapshotClone : replica.isSnapshot ? ReplicaKind.Snapshot : ReplicaKind.Regular,
    entityId: replica.entityId,
  };
}

export function toReplicaSpec(spec: ReplicaSpec, nexuses: string[]): WireReplicaSpec {
  return {
    name: spec.name,
    replicaId: spec.uuid,
    size: BigInt(spec.size),
    poolId: spec.poolId,
    share: spec.share ? Protocol.Nvmf : Protocol.None,
    thin: spec.thin,
    specStatus: specStatus(spec.status),
    managed: spec.managed,
    owners: { volume: spec.volume, nexuses },
    // A regular one says nothing.
    kind: spec.kind === 'SnapshotClone' ? ReplicaKind.SnapshotClone : undefined,
  };
}
