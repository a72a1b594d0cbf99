import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { ChildState, ChildStateReason, Child as WireChild } from '@/gen/mayastor/v1/common';
import type { RebuildJobState, RebuildStatsResponse } from '@/gen/mayastor/v1/nexus';
import { SegmentMap } from './segment-map';
import { toTimestamp } from './wire';

/** Why a child is out of the nexus. */
export type FaultReason =
  | 'cannot-open'
  | 'no-space'
  | 'timed-out'
  | 'io-error'
  | 'rebuild-failed'
  | 'offline'
  | 'offline-permanent';

export type ChildStatus =
  | { kind: 'in-sync'; device: RemoteDevice }
  /** Gets all writes, serves no reads, until a rebuild has made it equal. */
  | { kind: 'out-of-sync'; device: RemoteDevice }
  | { kind: 'closed' }
  | { kind: 'faulted'; reason: FaultReason; at: number };

/** One copy of the data under a nexus. */
/** What a child and its nexus ask of the job that rebuilds it. */
export interface ChildJob {
  readonly isActive: boolean;
  readonly state: RebuildJobState;
  pause(): void;
  resume(): void;
  stats(): RebuildStatsResponse;
  stop(state?: RebuildJobState): void;
  recopy(offset: number, length: number): void;
}

export class NexusChild {
  private current: ChildStatus = { kind: 'closed' };
  /** Segments written since the child left in sync; makes a partial rebuild possible. */
  log: SegmentMap | undefined;
  job: ChildJob | undefined;

  constructor(
    readonly uri: string,
    readonly isLocal: boolean,
    private readonly changed: () => void = () => undefined,
  ) {}

  get status(): ChildStatus {
    return this.current;
  }

  set status(status: ChildStatus) {
    this.current = status;
    this.changed();
  }

  /** Uuid of the replica behind the URI, which is what NexusInfo knows. */
  get replicaUuid(): string {
    return replicaUuidOf(this.uri) ?? this.uri;
  }

  /** The device while the child takes writes. */
  get writable(): RemoteDevice | undefined {
    return this.status.kind === 'in-sync' || this.status.kind === 'out-of-sync' ? this.status.device : undefined;
  }

  get isHealthy(): boolean {
    return this.status.kind === 'in-sync';
  }

  /** Takes the child out; starts the I/O log when the child was in sync and may come back. */
  fault(reason: FaultReason, sizeBytes: number, nowMs: number): void {
    const device = this.writable;
    const wasInSync = this.status.kind === 'in-sync';
    if (this.status.kind === 'faulted') return;
    this.status = { kind: 'faulted', reason, at: nowMs };
    this.log = wasInSync && hasLog(reason) ? new SegmentMap(sizeBytes) : undefined;
    void device?.close();
  }

  toWire(): WireChild {
    const [state, stateReason] = wireState(this.status);
    return WireChild.fromPartial({
      uri: this.uri,
      state,
      stateReason,
      rebuildProgress: this.job?.isActive ? Number(this.job.stats().progress) : -1,
      faultTimestamp: this.status.kind === 'faulted' ? toTimestamp(this.status.at) : undefined,
      hasIoLog: this.log !== undefined,
      deviceName: this.writable ? this.uri : undefined,
    });
  }
}

const hasLog = (reason: FaultReason) => reason !== 'offline-permanent' && reason !== 'rebuild-failed';

/** May an online call bring the child back? (behaviour facts, 1.4) */
export const isRecoverable = (reason: FaultReason) => reason !== 'cannot-open' && reason !== 'offline-permanent';

/** Internal state as the wire tells it: no space and offline are Degraded, not Faulted (behaviour facts, 1.4). */
function wireState(status: ChildStatus): [ChildState, ChildStateReason] {
  switch (status.kind) {
    case 'in-sync':
      return [ChildState.CHILD_STATE_ONLINE, ChildStateReason.CHILD_STATE_REASON_NONE];
    case 'out-of-sync':
      return [ChildState.CHILD_STATE_DEGRADED, ChildStateReason.CHILD_STATE_REASON_OUT_OF_SYNC];
    case 'closed':
      return [ChildState.CHILD_STATE_DEGRADED, ChildStateReason.CHILD_STATE_REASON_CLOSED];
    case 'faulted':
      return faultState(status.reason);
  }
}

function faultState(reason: FaultReason): [ChildState, ChildStateReason] {
  switch (reason) {
    case 'no-space':
      return [ChildState.CHILD_STATE_DEGRADED, ChildStateReason.CHILD_STATE_REASON_NO_SPACE];
    case 'offline':
      return [ChildState.CHILD_STATE_DEGRADED, ChildStateReason.CHILD_STATE_REASON_BY_CLIENT];
    case 'offline-permanent':
      return [ChildState.CHILD_STATE_FAULTED, ChildStateReason.CHILD_STATE_REASON_BY_CLIENT];
    case 'cannot-open':
      return [ChildState.CHILD_STATE_FAULTED, ChildStateReason.CHILD_STATE_REASON_CANNOT_OPEN];
    case 'timed-out':
      return [ChildState.CHILD_STATE_FAULTED, ChildStateReason.CHILD_STATE_REASON_TIMED_OUT];
    case 'io-error':
      return [ChildState.CHILD_STATE_FAULTED, ChildStateReason.CHILD_STATE_REASON_IO_FAILURE];
    case 'rebuild-failed':
      return [ChildState.CHILD_STATE_FAULTED, ChildStateReason.CHILD_STATE_REASON_REBUILD_FAILED];
  }
}

/** The `uuid` parameter of a replica URI, else the last part of its path. */
export function replicaUuidOf(uri: string): string | undefined {
  return (
    /[?&]uuid=([0-9a-fA-F-]+)/.exec(uri)?.[1] ?? /([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/.exec(uri)?.[1]
  );
}
