import type {
  ChildReason,
  ChildState,
  NexusStatus,
  NodeStatus,
  PoolStatus,
  RebuildState,
  ReplicaStatus,
  SpecStatus,
} from '@/contract/scalars';
import * as engine from '@/gen/mayastor/v1/common';
import { RebuildJobState } from '@/gen/mayastor/v1/nexus';
import { SpecStatus as WireSpecStatus } from '@/gen/v1/misc/common';
import {
  ChildState as CoreChildState,
  NexusStatus as CoreNexusStatus,
  ChildStateReason as CoreReason,
} from '@/gen/v1/nexus/nexus';
import { AppNodeStatus } from '@/gen/v1/node/app_node';
import { NodeStatus as WireNodeStatus } from '@/gen/v1/node/target_node';
import { PoolStatus as WirePoolStatus } from '@/gen/v1/pool/pool';
import { ReplicaStatus as WireReplicaStatus } from '@/gen/v1/replica/replica';

type Unrecognized = `unrecognized:${number}`;

/** A wire enum to our words; a number that is not in the table keeps its number, because a newer server may send it. */
function table<T extends string>(
  entries: ReadonlyArray<readonly [wire: number, word: T]>,
): (value: number) => T | Unrecognized {
  const words = new Map(entries);
  return (value) => words.get(value) ?? `unrecognized:${value}`;
}

export const nodeStatus: (v: number) => NodeStatus = table([
  [WireNodeStatus.Unknown, 'unknown'],
  [WireNodeStatus.Online, 'online'],
  [WireNodeStatus.Offline, 'offline'],
]);

export const poolStatus: (v: number) => PoolStatus = table([
  [WirePoolStatus.Unknown, 'unknown'],
  [WirePoolStatus.Online, 'online'],
  [WirePoolStatus.Degraded, 'degraded'],
  [WirePoolStatus.Faulted, 'faulted'],
  [WirePoolStatus.Suspected, 'suspected'],
  [WirePoolStatus.Offline, 'offline'],
]);

export const replicaStatus: (v: number) => ReplicaStatus = table([
  [WireReplicaStatus.Unknown, 'unknown'],
  [WireReplicaStatus.Online, 'online'],
  [WireReplicaStatus.Degraded, 'degraded'],
  [WireReplicaStatus.Faulted, 'faulted'],
]);

/** agent-core's numbers: Shutdown 4, ShuttingDown 5. io-engine has them the other way round (wire facts, 4). */
export const coreNexusStatus: (v: number) => NexusStatus = table([
  [CoreNexusStatus.Unknown, 'unknown'],
  [CoreNexusStatus.Online, 'online'],
  [CoreNexusStatus.Degraded, 'degraded'],
  [CoreNexusStatus.Faulted, 'faulted'],
  [CoreNexusStatus.Shutdown, 'shutdown'],
  [CoreNexusStatus.ShuttingDown, 'shutting-down'],
]);

export const engineNexusStatus: (v: number) => NexusStatus = table([
  [engine.NexusState.NEXUS_UNKNOWN, 'unknown'],
  [engine.NexusState.NEXUS_ONLINE, 'online'],
  [engine.NexusState.NEXUS_DEGRADED, 'degraded'],
  [engine.NexusState.NEXUS_FAULTED, 'faulted'],
  [engine.NexusState.NEXUS_SHUTTING_DOWN, 'shutting-down'],
  [engine.NexusState.NEXUS_SHUTDOWN, 'shutdown'],
]);

export const coreChildState: (v: number) => ChildState = table([
  [CoreChildState.ChildUnknown, 'unknown'],
  [CoreChildState.ChildOnline, 'online'],
  [CoreChildState.ChildDegraded, 'degraded'],
  [CoreChildState.ChildFaulted, 'faulted'],
]);

export const engineChildState: (v: number) => ChildState = table([
  [engine.ChildState.CHILD_STATE_UNKNOWN, 'unknown'],
  [engine.ChildState.CHILD_STATE_ONLINE, 'online'],
  [engine.ChildState.CHILD_STATE_DEGRADED, 'degraded'],
  [engine.ChildState.CHILD_STATE_FAULTED, 'faulted'],
]);

/** Both APIs number the reasons alike up to ADMIN_FAILED; HOT_REMOVED came to io-engine first. */
export const childReason: (v: number) => ChildReason = table([
  [CoreReason.CHILD_STATE_REASON_NONE, 'none'],
  [CoreReason.CHILD_STATE_REASON_INIT, 'init'],
  [CoreReason.CHILD_STATE_REASON_CLOSED, 'closed'],
  [CoreReason.CHILD_STATE_REASON_CANNOT_OPEN, 'cannot-open'],
  [CoreReason.CHILD_STATE_REASON_CONFIG_INVALID, 'config-invalid'],
  [CoreReason.CHILD_STATE_REASON_REBUILD_FAILED, 'rebuild-failed'],
  [CoreReason.CHILD_STATE_REASON_IO_FAILURE, 'io-failure'],
  [CoreReason.CHILD_STATE_REASON_BY_CLIENT, 'by-client'],
  [CoreReason.CHILD_STATE_REASON_OUT_OF_SYNC, 'out-of-sync'],
  [CoreReason.CHILD_STATE_REASON_NO_SPACE, 'no-space'],
  [CoreReason.CHILD_STATE_REASON_TIMED_OUT, 'timed-out'],
  [CoreReason.CHILD_STATE_REASON_ADMIN_FAILED, 'admin-failed'],
  [engine.ChildStateReason.CHILD_STATE_REASON_HOT_REMOVED, 'hot-removed'],
]);

export const specStatus: (v: number) => SpecStatus = table([
  [WireSpecStatus.Creating, 'creating'],
  [WireSpecStatus.Created, 'created'],
  [WireSpecStatus.Deleting, 'deleting'],
  [WireSpecStatus.Deleted, 'deleted'],
  [WireSpecStatus.Purging, 'purging'],
]);

export const rebuildState: (v: number) => RebuildState = table([
  [RebuildJobState.Init, 'init'],
  [RebuildJobState.Rebuilding, 'running'],
  [RebuildJobState.Stopped, 'stopped'],
  [RebuildJobState.Paused, 'paused'],
  [RebuildJobState.Failed, 'failed'],
  [RebuildJobState.Completed, 'completed'],
]);

export const appNodeStatus: (v: number) => 'online' | 'offline' | Unrecognized = table([
  [AppNodeStatus.Offline, 'offline'],
  [AppNodeStatus.Online, 'online'],
]);
