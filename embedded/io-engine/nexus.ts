import type { ExportedDevice, RemoteDevice, SnapshotRequest } from '@/embedded/fabric/fabric';
import { FabricError } from '@/embedded/fabric/fabric';
import { NQN_PREFIX } from '@/embedded/fabric/nvmf-uri';
import type { Timings } from '@/embedded/timing';
import { NexusState, NvmeAnaState, Nexus as WireNexus } from '@/gen/mayastor/v1/common';
import { type RebuildHistoryRecord, RebuildJobState } from '@/gen/mayastor/v1/nexus';
import { type FaultReason, isRecoverable, NexusChild } from './child';
import { BLOCK_SIZE } from './disk';
import type { HangGate } from './hang-gate';
import { IoCounters, type IoKind } from './io-stats';
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
  readonly fabricAddress: string;
  readonly timings: Timings;
  readonly bucket: TokenBucket | undefined;
  /** Where I/O waits while the node hangs. */
  readonly gate: HangGate;
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

const isLocalUri = (uri: string) => uri.startsWith('bdev://') || uri.startsWith('loopback://');

/**
 * A volume's target: sends every write to all children that are in sync or being rebuilt before it acknowledges, reads
 * from one, takes out children that err, and rebuilds those that come back.
 */
export class Nexus implements ExportedDevice {
  readonly blockSize = BLOCK_SIZE;
  readonly stats = new IoCounters();
  readonly children: NexusChild[] = [];
  readonly history: RebuildHistoryRecord[] = [];
  sizeBytes: number;
  published: { allowedHosts: string[] } | undefined;
  anaState = NvmeAnaState.NVME_ANA_OPTIMIZED_STATE;
  private phase: 'init' | 'open' | 'shutting-down' | 'shutdown' = 'init';
  private readonly lock = new RangeLock();
  private readonly info: NexusInfoKeeper;

  constructor(
    private readonly spec: NexusSpec,
    private readonly host: NexusHost,
  ) {
    this.sizeBytes = spec.sizeBytes;
    this.info = host.info(spec.infoKey, () => void this.giveUp());
  }

  get uuid(): string {
    return this.spec.uuid;
  }
  get name(): string {
    return this.spec.name;
  }
  /** Made of the name, which is the volume's uuid: stable over republish, while the uuid is not. */
  get nqn(): string {
    return `${NQN_PREFIX}${this.name}`;
  }
  get allowedHosts(): readonly string[] {
    return this.published?.allowedHosts ?? [];
  }
  get isOpen(): boolean {
    return this.phase === 'open';
  }
  get isListed(): boolean {
    return this.phase !== 'init';
  }

  /** Opens all children, or none: rejects with an RpcError when one cannot be opened. */
  async open(): Promise<void> {
    const opened: Array<[NexusChild, RemoteDevice]> = [];
    try {
      for (const uri of this.spec.children) {
        const child = new NexusChild(uri, isLocalUri(uri));
        opened.push([child, await this.openDevice(child)]);
      }
    } catch (error) {
      await Promise.all(opened.map(([, device]) => device.close()));
      throw precondition(`nexus ${this.uuid} is incomplete: ${error instanceof Error ? error.message : error}`);
    }
    for (const [child, device] of opened) {
      this.children.push(child);
      this.enter(child, { kind: 'in-sync', device });
      this.info.set(child.replicaUuid, true);
    }
    await this.info.durable();
    this.phase = 'open';
  }

  // ---- I/O -------------------------------------------------------------------------------------------------------

  async read(offset: number, length: number): Promise<Buffer> {
    const startedAt = process.hrtime.bigint();
    this.checkIo(offset, length);
    const tried = new Set<NexusChild>();
    let last: unknown;
    for (;;) {
      const source = this.source(tried);
      if (!source) throw last ?? new FabricError('io-error', `nexus ${this.uuid} has no healthy child`);
      try {
        const data = await this.io(source.child, () => source.device.read(offset, length));
        this.stats.count('read', length, startedAt);
        return data;
      } catch (error) {
        last = error;
        tried.add(source.child);
        this.childFailed(source.child, source.device, error);
      }
    }
  }

  write(offset: number, data: Buffer): Promise<void> {
    return this.change('write', offset, data.length, (device) => device.write(offset, data));
  }

  unmap(offset: number, length: number): Promise<void> {
    return this.change('unmap', offset, length, (device) => device.unmap(offset, length));
  }

  private async change(
    kind: IoKind,
    offset: number,
    length: number,
    run: (device: RemoteDevice) => Promise<void>,
  ): Promise<void> {
    const startedAt = process.hrtime.bigint();
    this.checkIo(offset, length);
    const release = await this.lock.acquire(offset, length);
    try {
      this.checkIo(offset, length);
      await this.toAllChildren(offset, length, run);
    } finally {
      release();
    }
    this.stats.count(kind, length, startedAt);
  }

  private async toAllChildren(
    offset: number,
    length: number,
    run: (device: RemoteDevice) => Promise<void>,
  ): Promise<void> {
    const targets = this.children.flatMap((child) => {
      const device = child.writable;
      return device ? [{ child, device, wasHealthy: child.isHealthy }] : [];
    });
    if (!targets.some((t) => t.wasHealthy))
      throw new FabricError('io-error', `nexus ${this.uuid} has no healthy child`);
    const results = await Promise.all(
      targets.map(async (target) => {
        try {
          await this.io(target.child, () => run(target.device));
          return { ...target, error: undefined };
        } catch (error) {
          return {
            ...target,
            error: error instanceof FabricError ? error : new FabricError('io-error', String(error)),
          };
        }
      }),
    );
    const isKept = results.some((r) => r.wasHealthy && !r.error);
    // When every copy is full the host gets the error, and one copy stays: there is nothing better to rebuild from.
    const spared = isKept ? undefined : results.find((r) => r.wasHealthy && r.error?.code === 'no-space');
    for (const r of results) if (r.error && r !== spared) this.childFailed(r.child, r.device, r.error);
    for (const child of this.children) child.log?.mark(offset, length);
    if (!isKept) {
      for (const child of this.children) child.job?.recopy(offset, length);
      // A copy whose rebuild ended under this write holds what the others do not: it has to follow them, not lead.
      for (const r of results) if (!r.error && !r.wasHealthy && r.child.isHealthy) this.faultChild(r.child, 'io-error');
      for (const child of this.children) child.log?.mark(offset, length);
      throw results.find((r) => r.wasHealthy && r.error)?.error ?? new FabricError('io-error', 'no copy was written');
    }
    if (!this.info.isDurable) await this.persisted();
  }

  private async persisted(): Promise<void> {
    try {
      await this.info.durable();
    } catch {
      throw new FabricError('io-error', `state of nexus ${this.uuid} could not be kept`);
    }
  }

  private checkIo(offset: number, length: number): void {
    if (this.phase !== 'open') throw new FabricError('connection-lost', `nexus ${this.uuid} is not open`);
    if (this.anaState === NvmeAnaState.NVME_ANA_INACCESSIBLE_STATE) {
      throw new FabricError('not-allowed', `nexus ${this.uuid} is inaccessible`);
    }
    if (offset % BLOCK_SIZE !== 0 || length % BLOCK_SIZE !== 0 || offset < 0 || offset + length > this.sizeBytes) {
      throw new FabricError('out-of-range', `${length} bytes at ${offset} of nexus ${this.uuid}`);
    }
  }

  private source(excluded: ReadonlySet<NexusChild>): { child: NexusChild; device: RemoteDevice } | undefined {
    const healthy = this.children.filter((c) => c.isHealthy && !excluded.has(c));
    const child = healthy.find((c) => c.isLocal) ?? healthy[0];
    return child?.writable ? { child, device: child.writable } : undefined;
  }

  private io<T>(child: NexusChild, run: () => Promise<T>): Promise<T> {
    const { gate } = this.host;
    if (gate.isHung) return gate.pass().then(() => this.io(child, run));
    return child.isLocal ? run() : withTimeout(run(), this.host.timings.nvmeIoTimeoutMs, child.uri);
  }

  // ---- children --------------------------------------------------------------------------------------------------

  /** Adds a copy, out of sync, and starts its rebuild unless `norebuild`. */
  async addChild(uri: string, norebuild: boolean): Promise<void> {
    this.mustBeOpen();
    if (this.children.some((c) => c.uri === uri)) throw alreadyExists(`child ${uri} is in nexus ${this.uuid}`);
    if (!norebuild && !this.source(new Set())) throw internal(`nexus ${this.uuid} has no child to rebuild from`);
    const child = new NexusChild(uri, isLocalUri(uri));
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

  job(uri: string): RebuildJob {
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

  private async openDevice(child: NexusChild): Promise<RemoteDevice> {
    const opening = this.host.open(child.uri, this.spec.reservationKey);
    const device = await withTimeout(opening, this.host.timings.createWaitMs, child.uri).catch((error: Error) => {
      void opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    });
    if (device.sizeBytes >= this.sizeBytes) return device;
    await device.close();
    throw new FabricError('out-of-range', `${child.uri} has ${device.sizeBytes} bytes, ${this.sizeBytes} are needed`);
  }

  private enter(child: NexusChild, status: { kind: 'in-sync' | 'out-of-sync'; device: RemoteDevice }): void {
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
    };
    const job = new RebuildJob({ child, device, host, log, bucket: this.host.bucket });
    child.job = job;
    void job.run().then(() => this.rebuildEnded(child, device, job));
  }

  private rebuildEnded(child: NexusChild, device: RemoteDevice, job: RebuildJob): void {
    if (child.job === job) child.job = undefined;
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
  private childFailed(child: NexusChild, device: RemoteDevice, error: unknown): void {
    if (child.writable !== device) return;
    const code = error instanceof FabricError ? error.code : 'io-error';
    if (code === 'out-of-range' && this.phase !== 'open') return;
    if (code === 'reservation-conflict') {
      // A newer target holds the replica: this one must not write anything any more.
      void this.giveUp();
      return;
    }
    this.faultChild(child, code === 'no-space' || code === 'timed-out' ? code : 'io-error');
  }

  private faultChild(child: NexusChild, reason: FaultReason): void {
    child.fault(reason, this.sizeBytes);
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

  private mustBeOpen(): void {
    if (!this.isOpen) throw precondition(`nexus ${this.uuid} is not open`);
  }

  // ---- life ------------------------------------------------------------------------------------------------------

  /** Offers the nexus to hosts; again with other hosts changes who may connect. */
  publish(allowedHosts: string[]): void {
    this.mustBeOpen();
    this.published = { allowedHosts };
  }

  unpublish(): void {
    this.published = undefined;
  }

  async resize(sizeBytes: number): Promise<void> {
    this.mustBeOpen();
    if (sizeBytes < this.sizeBytes) throw precondition(`nexus ${this.uuid} cannot shrink`);
    const small = this.children.find((c) => (c.writable?.sizeBytes ?? sizeBytes) < sizeBytes);
    if (small) throw precondition(`child ${small.uri} is smaller than ${sizeBytes} bytes`);
    this.sizeBytes = sizeBytes;
  }

  /** Runs while no write is under way and none starts. */
  async quiesced<T>(run: () => Promise<T>): Promise<T> {
    this.mustBeOpen();
    const release = await this.lock.acquire(0, Number.MAX_SAFE_INTEGER);
    try {
      return await run();
    } finally {
      release();
    }
  }

  /** Snapshot of one child's replica; the caller holds the nexus quiesced. */
  async snapshotChild(child: NexusChild, request: SnapshotRequest): Promise<void> {
    const device = child.isHealthy ? child.writable : undefined;
    if (!device) throw new FabricError('not-found', `child ${child.uri} is not online`);
    await this.io(child, () => device.snapshot(request));
  }

  /** Ends I/O in good order: what is under way ends, children are closed, NexusInfo says clean. */
  async shutdown(): Promise<void> {
    if (this.phase === 'shutdown') return;
    this.phase = 'shutting-down';
    this.published = undefined;
    for (const child of this.children) child.job?.stop();
    const release = await this.lock.acquire(0, Number.MAX_SAFE_INTEGER);
    try {
      this.info.setClean();
      await this.info.durable();
    } finally {
      await this.closeChildren();
      this.phase = 'shutdown';
      release();
    }
  }

  /** As kill -9: nothing is written any more, nobody is told. */
  kill(): void {
    this.info.kill();
    this.phase = 'shutdown';
    this.published = undefined;
    for (const child of this.children) child.job?.stop();
    void this.closeChildren();
  }

  /** The nexus cannot go on: another target holds the replicas, or the store is away. Not a clean shutdown. */
  private async giveUp(): Promise<void> {
    if (this.phase === 'shutdown') return;
    this.kill();
  }

  private async closeChildren(): Promise<void> {
    for (const child of this.children) {
      const device = child.writable;
      child.status = { kind: 'closed' };
      await device?.close();
    }
  }

  state(): NexusState {
    if (this.phase === 'init') return NexusState.NEXUS_DEGRADED;
    if (this.phase === 'shutting-down') return NexusState.NEXUS_SHUTTING_DOWN;
    if (this.phase === 'shutdown') return NexusState.NEXUS_SHUTDOWN;
    const healthy = this.children.filter((c) => c.isHealthy).length;
    if (healthy === 0) return NexusState.NEXUS_FAULTED;
    return healthy === this.children.length ? NexusState.NEXUS_ONLINE : NexusState.NEXUS_DEGRADED;
  }

  toWire(): WireNexus {
    return WireNexus.fromPartial({
      name: this.name,
      uuid: this.uuid,
      size: BigInt(this.sizeBytes),
      state: this.state(),
      children: this.children.map((c) => c.toWire()),
      deviceUri: this.published ? `nvmf://${this.host.fabricAddress}/${this.nqn}` : '',
      rebuilds: this.children.filter((c) => c.job?.isActive).length,
      anaState: this.published ? this.anaState : NvmeAnaState.NVME_ANA_INVALID_STATE,
      allowedHosts: [...this.allowedHosts],
    });
  }
}
