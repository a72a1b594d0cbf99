import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { FabricError } from '@/embedded/fabric/fabric';
import type { Timings } from '@/embedded/timing';
import { type RebuildHistoryRecord, RebuildJobState } from '@/gen/mayastor/v1/nexus';
import { type ChildJob, type FaultReason, isRecoverable, NexusChild } from './child';
import type { NodeCondition } from './conditions';
import type { HangGate } from './hang-gate';
import type { NexusInfoKeeper } from './nexus-info';
import { RangeLock } from './range-lock';
import { RebuildJob } from './rebuild-job';
import { alreadyExists, internal, invalid, notFound, precondition } from './rpc-error';
import type { SegmentMap } from './segment-map';
import type { TokenBucket } from './token-bucket';
import { withTimeout } from './with-timeout';

const HISTORY = 8;

/** What a nexus needs of its engine. */
export interface NexusHost {
  fabricAddress(): string;
  readonly timings: Timings;
  readonly bucket: TokenBucket | undefined;
  /** Where I/O waits while the node hangs. */
  readonly gate: HangGate;
  readonly condition: NodeCondition;
  /** The node's clock, which may go wrong; milliseconds. */
  now(): number;
  /** Opens the replica behind a URI. Rejects with a FabricError. */
  open(uri: string, reservationKey: bigint): Promise<RemoteDevice>;
  info(key: string, gaveUp: () => void): NexusInfoKeeper;
}

export interface NexusSpec {
  readonly uuid: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly children: readonly string[];
  readonly infoKey: string;
  readonly reservationKey: bigint;
}

export const isLocalUri = (uri: string) => uri.startsWith('bdev://') || uri.startsWith('loopback://');

/** The copies under a nexus: how they come, fail, are rebuilt and go. I/O and life cycle are the nexus' own. */
export abstract class NexusChildren {
  readonly children: NexusChild[] = [];
  readonly history: RebuildHistoryRecord[] = [];
  sizeBytes: number;
  protected readonly lock = new RangeLock();
  protected readonly info: NexusInfoKeeper;

  constructor(
    protected readonly spec: NexusSpec,
    protected readonly host: NexusHost,
    /** Called after each change of what is listed of this nexus, but for the progress of its rebuilds. */
    protected readonly changed: () => void = () => undefined,
  ) {
    this.sizeBytes = spec.sizeBytes;
    this.info = host.info(spec.infoKey, () => void this.giveUp());
  }

  get uuid(): string {
    return this.spec.uuid;
  }

  abstract get isOpen(): boolean;

  /** The nexus cannot go on. */
  protected abstract giveUp(): Promise<void>;

  /** Adds a copy, out of sync, and starts its rebuild unless `norebuild`. */
  async addChild(uri: string, norebuild: boolean): Promise<void> {
    this.mustBeOpen();
    if (this.children.some((c) => c.uri === uri)) throw alreadyExists(`child ${uri} is in nexus ${this.uuid}`);
    if (!norebuild && !this.source(new Set())) throw internal(`nexus ${this.uuid} has no child to rebuild from`);
    const child = new NexusChild(uri, isLocalUri(uri), this.changed);
    const device = await this.openDevice(child).catch((error: Error) => {
      throw invalid(`child ${uri} cannot be opened: ${error.message}`);
    });
    this.children.push(child);
    this.info.set(child.replicaUuid, false);
    await this.persisted();
    await this.join(child, device, norebuild);
  }

  /** Takes a copy out; an absent one is fine (wire facts, 8). */
  async removeChild(uri: string): Promise<void> {
    const child = this.children.find((c) => c.uri === uri);
    if (!child) return;
    if (this.children.length === 1) throw precondition(`${uri} is the last child of nexus ${this.uuid}`);
    this.mustNotBeLastHealthy(child);
    await this.info.durable();
    this.children.splice(this.children.indexOf(child), 1);
    child.job?.stop();
    const device = child.writable;
    child.status = { kind: 'closed' };
    this.info.remove(child.replicaUuid);
    await device?.close();
    await this.info.durable();
  }

  /** Takes a child out for `reason`; refuses the last healthy one. */
  async takeOut(uri: string, reason: FaultReason): Promise<void> {
    const child = this.child(uri);
    this.mustNotBeLastHealthy(child);
    this.faultChild(child, reason);
    await this.info.durable();
  }

  /** Brings a child back: by its I/O log when it has one, else by a full rebuild. */
  async onlineChild(uri: string): Promise<void> {
    this.mustBeOpen();
    const child = this.child(uri);
    if (child.writable) return;
    if (child.status.kind === 'faulted' && !isRecoverable(child.status.reason)) {
      throw precondition(`child ${uri} cannot be brought online: ${child.status.reason}`);
    }
    if (!this.source(new Set())) throw precondition(`nexus ${this.uuid} has no child to rebuild from`);
    const device = await this.openDevice(child).catch((error: Error) => {
      throw invalid(`child ${uri} cannot be opened: ${error.message}`);
    });
    await this.join(child, device, false);
  }

  startRebuild(uri: string): void {
    const child = this.child(uri);
    if (child.job?.isActive) throw alreadyExists(`child ${uri} is being rebuilt`);
    if (child.status.kind !== 'out-of-sync') throw precondition(`child ${uri} needs no rebuild`);
    if (!this.source(new Set())) throw internal(`nexus ${this.uuid} has no child to rebuild from`);
    this.rebuild(child, child.status.device, undefined);
  }

  job(uri: string): ChildJob {
    const job = this.child(uri).job;
    if (!job?.isActive) throw notFound(`no rebuild of ${uri} in nexus ${this.uuid}`);
    return job;
  }

  /** Injected fault: as an I/O error of that child. */
  faultByReplica(replicaUuid: string): void {
    const child = this.children.find((c) => c.replicaUuid === replicaUuid);
    if (child) this.faultChild(child, 'io-error');
  }

  private child(uri: string): NexusChild {
    const child = this.children.find((c) => c.uri === uri);
    if (!child) throw notFound(`nexus ${this.uuid} has no child ${uri}`);
    return child;
  }

  protected async openDevice(child: NexusChild): Promise<RemoteDevice> {
    const opening = this.host.open(child.uri, this.spec.reservationKey);
    const device = await withTimeout(opening, this.host.timings.createWaitMs, child.uri).catch((error: Error) => {
      void opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    });
    if (device.sizeBytes >= this.sizeBytes) return device;
    await device.close();
    throw new FabricError('out-of-range', `${child.uri} has ${device.sizeBytes} bytes, ${this.sizeBytes} are needed`);
  }

  protected enter(child: NexusChild, status: { kind: 'in-sync' | 'out-of-sync'; device: RemoteDevice }): void {
    child.status = status;
    status.device.onLost((error) => this.childFailed(child, status.device, error));
  }

  /**
   * Lets a child take writes. No write is under way at that moment: so the I/O log is complete, and every later write
   * reaches the child.
   */
  private async join(child: NexusChild, device: RemoteDevice, norebuild: boolean): Promise<void> {
    const release = await this.lock.acquire(0, Number.MAX_SAFE_INTEGER);
    try {
      if (!this.isOpen || !this.children.includes(child) || child.writable) {
        await device.close();
        return;
      }
      const log = child.log;
      child.log = undefined;
      this.enter(child, { kind: 'out-of-sync', device });
      if (!norebuild) this.rebuild(child, device, log);
    } finally {
      release();
    }
  }

  private rebuild(child: NexusChild, device: RemoteDevice, log: SegmentMap | undefined): void {
    const nexus = this;
    const host = {
      get sizeBytes() {
        return nexus.sizeBytes;
      },
      source: (excluded: ReadonlySet<NexusChild>) => nexus.source(excluded),
      lock: (offset: number, length: number) => nexus.lock.acquire(offset, length),
      io: <T>(c: NexusChild, run: () => Promise<T>) => nexus.io(c, run),
      now: () => nexus.host.now(),
      get isFailing() {
        return nexus.host.condition.failsRebuilds;
      },
    };
    const job = new RebuildJob({ child, device, host, log, bucket: this.host.bucket });
    child.job = job;
    void job.run().then(() => this.rebuildEnded(child, device, job));
  }

  private rebuildEnded(child: NexusChild, device: RemoteDevice, job: RebuildJob): void {
    if (child.job === job) child.job = undefined;
    this.changed();
    this.history.push(job.toRecord());
    if (this.history.length > HISTORY) this.history.shift();
    if (child.writable !== device) return;
    if (job.state === RebuildJobState.Completed) {
      child.status = { kind: 'in-sync', device };
      this.info.set(child.replicaUuid, true);
      void this.info.durable().catch(() => undefined);
    } else if (job.state === RebuildJobState.Failed) {
      this.faultChild(child, job.error?.code === 'no-space' ? 'no-space' : 'rebuild-failed');
    }
  }

  /** An I/O of `device` failed, or its far side is gone. Too late when the child has another device by now. */
  protected childFailed(child: NexusChild, device: RemoteDevice, error: unknown): void {
    if (child.writable !== device) return;
    const code = error instanceof FabricError ? error.code : 'io-error';
    if (code === 'out-of-range' && !this.isOpen) return;
    if (code === 'reservation-conflict') {
      // A newer target holds the replica: this one must not write anything any more.
      void this.giveUp();
      return;
    }
    this.faultChild(child, code === 'no-space' || code === 'timed-out' ? code : 'io-error');
  }

  protected faultChild(child: NexusChild, reason: FaultReason): void {
    child.fault(reason, this.sizeBytes, this.host.now());
    child.job?.stop(RebuildJobState.Failed);
    this.info.set(child.replicaUuid, false);
    // Written at once; whoever acknowledges a write waits for it.
    void this.info.durable().catch(() => undefined);
  }

  private mustNotBeLastHealthy(child: NexusChild): void {
    if (child.isHealthy && this.children.filter((c) => c.isHealthy).length === 1) {
      throw precondition(`${child.uri} is the last healthy child of nexus ${this.uuid}`);
    }
  }

  protected mustBeOpen(): void {
    if (!this.isOpen) throw precondition(`nexus ${this.uuid} is not open`);
  }

  protected source(excluded: ReadonlySet<NexusChild>): { child: NexusChild; device: RemoteDevice } | undefined {
    const healthy = this.children.filter((c) => c.isHealthy && !excluded.has(c));
    const child = healthy.find((c) => c.isLocal) ?? healthy[0];
    return child?.writable ? { child, device: child.writable } : undefined;
  }

  protected io<T>(child: NexusChild, run: () => Promise<T>): Promise<T> {
    const { gate } = this.host;
    if (gate.isHung) return gate.pass().then(() => this.io(child, run));
    return child.isLocal ? run() : withTimeout(run(), this.host.timings.nvmeIoTimeoutMs, child.uri);
  }

  protected async persisted(): Promise<void> {
    try {
      await this.info.durable();
    } catch {
      throw new FabricError('io-error', `state of nexus ${this.uuid} could not be kept`);
    }
  }

  protected async closeChildren(): Promise<void> {
    const devices = this.children.map((child) => child.writable);
    for (const child of this.children) child.status = { kind: 'closed' };
    // Side by side: one that does not answer must not hold up the others.
    await Promise.all(devices.map((device) => device?.close()));
  }
}
