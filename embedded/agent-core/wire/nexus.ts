import {
  type Child as EngineChild,
  ChildState as EngineChildState,
  type Nexus as EngineNexus,
  type ChildStateReason as EngineReason,
  NexusState,
} from '@/gen/mayastor/v1/common';
import { Protocol } from '@/gen/v1/misc/common';
import {
  type Child,
  ChildState,
  type ChildStateReason,
  type Nexus,
  NexusNvmePreemption,
  type NexusNvmfConfig,
  NexusStatus,
  NvmeReservation,
  type NexusSpec as WireNexusSpec,
} from '@/gen/v1/nexus/nexus';
import type { NexusSpec } from '../specs';
import type { TargetStatus } from '../volume-status';
import { specStatus } from './common';

/** The engine's numbers for the last two are swapped against these (wire facts, 4). */
const STATUS = {
  Unknown: NexusStatus.Unknown,
  Online: NexusStatus.Online,
  Degraded: NexusStatus.Degraded,
  Faulted: NexusStatus.Faulted,
  Shutdown: NexusStatus.Shutdown,
  ShuttingDown: NexusStatus.ShuttingDown,
} satisfies Record<TargetStatus, NexusStatus>;

export const toNexusStatus = (status: TargetStatus) => STATUS[status];

const STATES: Partial<Record<NexusState, NexusStatus>> = {
  [NexusState.NEXUS_ONLINE]: NexusStatus.Online,
  [NexusState.NEXUS_DEGRADED]: NexusStatus.Degraded,
  [NexusState.NEXUS_FAULTED]: NexusStatus.Faulted,
  [NexusState.NEXUS_SHUTDOWN]: NexusStatus.Shutdown,
  [NexusState.NEXUS_SHUTTING_DOWN]: NexusStatus.ShuttingDown,
};

const CHILD_STATES: Partial<Record<EngineChildState, ChildState>> = {
  [EngineChildState.CHILD_STATE_ONLINE]: ChildState.ChildOnline,
  [EngineChildState.CHILD_STATE_DEGRADED]: ChildState.ChildDegraded,
  [EngineChildState.CHILD_STATE_FAULTED]: ChildState.ChildFaulted,
};

export const toChildState = (state: EngineChildState) => CHILD_STATES[state] ?? ChildState.ChildUnknown;

/** The reasons have the same numbers on both sides; one that is not known here is passed on as it came. */
export const toReason = (reason: EngineReason) => reason as number as ChildStateReason;

export function toChild(child: EngineChild): Child {
  return {
    uri: child.uri,
    state: toChildState(child.state),
    reason: toReason(child.stateReason),
    rebuildProgress: child.rebuildProgress < 0 ? undefined : child.rebuildProgress,
  };
}

/**
 * `allowedHosts`: those recorded for a volume's target. Its `deviceUri` carries a `hostnqn` parameter for each (behaviour
 * facts, 1.3), also while it is not shared and has no URI to carry them.
 */
export function toNexus(node: string, nexus: EngineNexus, allowedHosts: readonly string[] = []): Nexus {
  const hosts = allowedHosts.map((nqn) => `hostnqn=${nqn}`).join('&');
  return {
    nodeId: node,
    name: nexus.name,
    uuid: nexus.uuid,
    size: nexus.size,
    status: STATES[nexus.state] ?? NexusStatus.Unknown,
    children: nexus.children.map(toChild),
    deviceUri: hosts === '' ? nexus.deviceUri : `${nexus.deviceUri}?${hosts}`,
    rebuilds: nexus.rebuilds,
    share: nexus.deviceUri === '' ? Protocol.None : Protocol.Nvmf,
  };
}

/** Reservation key of a nexus: the low 64 bits of its uuid (behaviour facts, 1.3). */
export const reservationKey = (nexusUuid: string) => BigInt(`0x${nexusUuid.replaceAll('-', '').slice(16)}`);

export function toNvmfConfig(nexusUuid: string, cntlIds: readonly [number, number]): NexusNvmfConfig {
  return {
    controllerIdRange: { start: cntlIds[0], end: cntlIds[1] },
    reservationKey: reservationKey(nexusUuid),
    reservationType: NvmeReservation.ExclusiveAccess,
    preemptPolicy: NexusNvmePreemption.Holder,
  };
}

export function toNexusSpec(spec: NexusSpec): WireNexusSpec {
  return {
    nexusId: spec.uuid,
    name: spec.name,
    nodeId: spec.node,
    children: spec.children.map(({ replica, uri }) => ({
      child:
        replica === undefined
          ? { $case: 'uri' as const, value: { ChildUri: uri } }
          : { $case: 'replica' as const, value: { replicaId: replica, ChildUri: uri } },
    })),
    size: BigInt(spec.size),
    specStatus: specStatus(spec.status),
    share: spec.share ? Protocol.Nvmf : Protocol.None,
    managed: spec.managed,
    owner: spec.owner,
    nvmfConfig: toNvmfConfig(spec.uuid, spec.cntlIds),
    allowedHosts: spec.allowedHosts,
  };
}
