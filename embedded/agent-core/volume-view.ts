import {
  type Child,
  ChildState,
  type Nexus as EngineNexus,
  type Replica as EngineReplica,
  NexusState,
} from '@/gen/mayastor/v1/common';
import type { Core } from './core';
import type { EngineNode } from './registry/node';
import { activeTarget, type NexusSpec, type ReplicaSpec, type VolumeSpec } from './specs';
import { type ReplicaSpace, type TargetStatus, volumeStatus } from './volume-status';

export interface ReplicaView {
  readonly spec: ReplicaSpec;
  readonly node: EngineNode | undefined;
  readonly live: EngineReplica | undefined;
  readonly child: Child | undefined;
}

/** A volume joined with what runs for it now. */
export interface VolumeView {
  readonly spec: VolumeSpec;
  readonly status: TargetStatus;
  readonly nexusSpec: NexusSpec | undefined;
  readonly nexus: EngineNexus | undefined;
  readonly nexusNode: EngineNode | undefined;
  readonly replicas: ReplicaView[];
}

const STATUS: Partial<Record<NexusState, TargetStatus>> = {
  [NexusState.NEXUS_ONLINE]: 'Online',
  [NexusState.NEXUS_DEGRADED]: 'Degraded',
  [NexusState.NEXUS_FAULTED]: 'Faulted',
  [NexusState.NEXUS_SHUTDOWN]: 'Shutdown',
  [NexusState.NEXUS_SHUTTING_DOWN]: 'ShuttingDown',
};

export const nexusStatus = (state: NexusState): TargetStatus => STATUS[state] ?? 'Unknown';

/** The uuid that URIs of replicas carry as parameter. */
export function uriUuid(uri: string): string | undefined {
  return /[?&]uuid=([0-9a-fA-F-]{36})/.exec(uri)?.[1]?.toLowerCase();
}

export function viewVolume(core: Core, spec: VolumeSpec): VolumeView {
  const target = activeTarget(spec);
  const nexusSpec = target === undefined ? undefined : core.specs.nexuses.get(target.nexus);
  const found = nexusSpec === undefined ? undefined : core.registry.nexus(nexusSpec);
  const replicaSpecs = core.specs.replicasOf(spec.uuid);
  return {
    spec,
    status: volumeStatus({
      numReplicas: spec.numReplicas,
      replicaSpecs: replicaSpecs.length,
      published: target !== undefined,
      target: found && { status: nexusStatus(found.nexus.state), children: found.nexus.children.length },
    }),
    nexusSpec,
    nexus: found?.nexus,
    nexusNode: found?.node,
    replicas: replicaSpecs.map((replica) => {
      const live = core.registry.replica(replica);
      return {
        spec: replica,
        node: core.registry.nodeOfReplica(replica),
        live: live?.replica,
        child: childOf(replica, live?.replica, found?.nexus, nexusSpec),
      };
    }),
  };
}

/**
 * A replica's child: the one with its URI; with the replica's state gone, the one that the nexus' spec remembers, so
 * that the faulted child of a dead node is still shown.
 */
function childOf(
  spec: ReplicaSpec,
  live: EngineReplica | undefined,
  nexus: EngineNexus | undefined,
  nexusSpec: NexusSpec | undefined,
): Child | undefined {
  if (nexus === undefined) return undefined;
  const remembered = nexusSpec?.children.find((child) => child.replica === spec.uuid)?.uri;
  return (
    nexus.children.find((child) => child.uri === live?.uri) ??
    nexus.children.find((child) => child.uri === remembered) ??
    nexus.children.find((child) => uriUuid(child.uri) === spec.uuid)
  );
}

export const isChildOnline = (child: Child | undefined) => child?.state === ChildState.CHILD_STATE_ONLINE;

/** Space of a listed replica, in bytes. Snapshots of a clone count from the clone on. */
export function replicaSpace(live: EngineReplica): ReplicaSpace {
  const usage = live.usage;
  const all = Number(usage?.allocatedBytesSnapshots ?? 0n);
  return {
    capacity: Number(usage?.capacityBytes ?? live.size),
    allocated: Number(usage?.allocatedBytes ?? 0n),
    allocatedSnapshots: Number(usage?.allocatedBytesSnapshotFromClone ?? usage?.allocatedBytesSnapshots ?? 0n),
    allocatedAllSnapshots: all,
  };
}
