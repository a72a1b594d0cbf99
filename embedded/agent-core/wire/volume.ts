import { ReplicaStatus } from '@/gen/v1/replica/replica';
import {
  type ReplicaTopology,
  type Topology,
  type Volume,
  type VolumeDefinition,
  VolumeShareProtocol,
  type VolumeUsage,
} from '@/gen/v1/volume/volume';
import type { Core } from '../core';
import { activeTarget, type TargetSpec, type VolumeSpec, type VolumeTopology } from '../specs';
import { volumeSpace } from '../volume-status';
import { type ReplicaView, replicaSpace, type VolumeView, viewVolume } from '../volume-view';
import { specStatus } from './common';
import { toChildState, toNexus, toNexusStatus, toNvmfConfig, toReason } from './nexus';

const toTarget = (target: TargetSpec) => ({
  nodeId: target.node,
  nexusId: target.nexus,
  protocol: target.nvmf ? VolumeShareProtocol.Nvmf : undefined,
});

function toTopology(topology: VolumeTopology): Topology {
  const node = topology.node;
  return {
    node: node && {
      topology:
        'explicit' in node
          ? {
              $case: 'explicit',
              value: { allowedNodes: node.explicit.allowed, preferredNodes: node.explicit.preferred },
            }
          : {
              $case: 'labelled',
              value: { inclusion: { value: node.labelled.inclusion }, exclusion: { value: node.labelled.exclusion } },
            },
    },
    pool: topology.pool && {
      topology: {
        $case: 'labelled',
        value: { inclusion: { value: topology.pool.inclusion }, exclusion: { value: topology.pool.exclusion } },
      },
    },
  };
}

export function toVolumeDefinition(core: Core, spec: VolumeSpec): VolumeDefinition {
  const target = activeTarget(spec);
  const last = spec.target;
  const source = spec.contentSource;
  return {
    spec: {
      uuid: spec.uuid,
      size: BigInt(spec.size),
      labels: spec.labels && { value: spec.labels },
      numReplicas: spec.numReplicas,
      target: target && toTarget(target),
      policy: { selfHeal: spec.selfHeal },
      topology: spec.topology && toTopology(spec.topology),
      lastNexusId: spec.target?.nexus,
      thin: spec.thin,
      affinityGroup: spec.affinityGroup === undefined ? undefined : { name: spec.affinityGroup },
      contentSource: source && {
        volumeContentSource: {
          $case: 'snapshot',
          value: { snapshot: source.snapshot, snapSourceVol: source.volume },
        },
      },
      numSnapshots: core.specs.snapshotsOf(spec.uuid).length,
      maxSnapshots: spec.maxSnapshots,
      encrypted: spec.encrypted,
      clusterSize: spec.clusterSize,
    },
    metadata: {
      specStatus: specStatus(spec.status),
      // Stays after unpublish, as the last nexus does.
      targetConfig: last && {
        target: toTarget(last),
        config: toNvmfConfig(last.nexus, last.cntlIds),
        frontend: { nodes: last.frontend },
      },
      publishContext: spec.publishContext && { map: spec.publishContext },
      asThin: spec.snapshotAsThin || undefined,
    },
  };
}

function toReplicaTopology(core: Core, replica: ReplicaView): ReplicaTopology {
  const space = replica.live && replicaSpace(replica.live);
  const child = replica.child;
  return {
    node: core.specs.pools.get(replica.spec.poolId)?.node,
    pool: replica.spec.poolId,
    status: replica.live === undefined ? ReplicaStatus.Unknown : ReplicaStatus.Online,
    usage: space && {
      capacity: BigInt(space.capacity),
      allocated: BigInt(space.allocated),
      allocatedSnaps: BigInt(space.allocatedSnapshots),
      allocatedAllSnaps: BigInt(space.allocatedAllSnapshots),
    },
    childStatus: child && toChildState(child.state),
    childStatusReason: child && toReason(child.stateReason),
    rebuildProgress: child === undefined || child.rebuildProgress < 0 ? undefined : child.rebuildProgress,
  };
}

function toUsage(view: VolumeView): VolumeUsage {
  const listed = view.replicas.flatMap((replica) => (replica.live === undefined ? [] : [replicaSpace(replica.live)]));
  const space = volumeSpace(view.spec.size, listed);
  return {
    capacity: BigInt(space.capacity),
    allocated: BigInt(space.allocated),
    totalAllocated: BigInt(space.totalAllocated),
    allocatedReplica: BigInt(space.allocatedReplica),
    allocatedSnapshots: BigInt(space.allocatedSnapshots),
    allocatedAllSnapshots: BigInt(space.allocatedAllSnapshots),
    totalAllocatedReplicas: BigInt(space.totalAllocatedReplicas),
    totalAllocatedSnapshots: BigInt(space.totalAllocatedSnapshots),
  };
}

/** A volume as VolumeGrpc answers it; its state is made at each read. */
export function toVolume(core: Core, spec: VolumeSpec): Volume {
  const view = viewVolume(core, spec);
  return {
    definition: toVolumeDefinition(core, spec),
    state: {
      uuid: spec.uuid,
      size: view.nexus?.size ?? BigInt(spec.size),
      status: toNexusStatus(view.status),
      target: view.nexus && toNexus(view.nexusNode?.id ?? '', view.nexus, view.nexusSpec?.allowedHosts),
      replicaTopology: Object.fromEntries(
        view.replicas.map((replica) => [replica.spec.uuid, toReplicaTopology(core, replica)]),
      ),
      usage: toUsage(view),
    },
  };
}
