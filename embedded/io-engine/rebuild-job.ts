import { setMaxListeners } from 'node:events';
import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { FabricError } from '@/embedded/fabric/fabric';
import { RebuildHistoryRecord, RebuildJobState, RebuildStatsResponse } from '@/gen/mayastor/v1/nexus';
import type { NexusChild } from './child';
import { BLOCK_SIZE } from './disk';
import { HangGate } from './hang-gate';
import { SEGMENT, SegmentMap } from './segment-map';
import type { TokenBucket } from './token-bucket';
import { toTimestamp } from './wire';

const TASKS = 16;
/** Contiguous segments that one task copies at once when no limit slows the job. */
const MAX_RUN = 16;

/** What a job needs of its nexus. */
interface RebuildHost {
  readonly sizeBytes: number;
  /** A healthy child to read from, local ones first, none of `excluded`. */
  source(excluded: ReadonlySet<NexusChild>): { child: NexusChild; device: RemoteDevice } | undefined;
  lock(offset: number, length: number): Promise<() => void>;
  /** Runs an I/O of a child under the nexus' I/O timeout. */
  io<T>(child: NexusChild, run: () => Promise<T>): Promise<T>;
  /** The node's clock. */
  now(): number;
  /** Injected fault: copying errs. */
  readonly isFailing: boolean;
}

export interface RebuildOptions {
  readonly child: NexusChild;
  readonly device: RemoteDevice;
  readonly host: RebuildHost;
  /** The I/O log: only these segments are copied. */
  readonly log: SegmentMap | undefined;
  readonly bucket: TokenBucket | undefined;
}

/** Makes one child equal to the healthy ones while host writes go on, segment by segment under the nexus' range lock. */
export class RebuildJob {
  state = RebuildJobState.Init;
  /** What ended the job when it failed. */
  error: FabricError | undefined;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
  private readonly stopped = new AbortController();
  private readonly pausing = new HangGate();
  private readonly bad = new Set<NexusChild>();
  private need: SegmentMap | undefined;
  private again: SegmentMap | undefined;
  private readonly total: number;
  private readonly segments: number;
  private cursor = 0;
  private pass = 0;
  private recoveredSegments = 0;
  private transferredBytes = 0;
  private tasksActive = 0;
  private sourceUri = '';

  constructor(private readonly options: RebuildOptions) {
    this.startedAtMs = options.host.now();
    this.total = options.host.sizeBytes;
    // Each task may wait for the limit, and listens for the stop.
    setMaxListeners(TASKS, this.stopped.signal);
    this.segments = Math.ceil(this.total / SEGMENT);
    this.need = options.log;
    this.sourceUri = options.host.source(this.bad)?.child.uri ?? '';
  }

  get isActive(): boolean {
    return this.endedAtMs === undefined;
  }

  /** Runs to the end; never rejects: `state` is Completed, Stopped or Failed. */
  async run(): Promise<void> {
    this.state = RebuildJobState.Rebuilding;
    try {
      this.need ??= await this.fullMap();
      this.mustWork();
      await Promise.all(Array.from({ length: TASKS }, () => this.task()));
      this.finish(this.stopped.signal.aborted ? RebuildJobState.Stopped : RebuildJobState.Completed);
    } catch (error) {
      this.error = error instanceof FabricError ? error : new FabricError('io-error', String(error));
      this.finish(this.stopped.signal.aborted ? RebuildJobState.Stopped : RebuildJobState.Failed);
    }
  }

  /** Ends the job; `failed` when the destination is lost, else it counts as stopped by the user. */
  stop(outcome: RebuildJobState.Stopped | RebuildJobState.Failed = RebuildJobState.Stopped): void {
    if (!this.isActive) return;
    this.finish(outcome);
    this.stopped.abort();
    this.pausing.set(false);
  }

  pause(): void {
    if (!this.isActive) return;
    this.pausing.set(true);
    this.state = RebuildJobState.Paused;
  }

  resume(): void {
    if (this.state !== RebuildJobState.Paused) return;
    this.state = RebuildJobState.Rebuilding;
    this.pausing.set(false);
  }

  /** A range that a failed host write may have left unequal has to be copied once more. */
  recopy(offset: number, length: number): void {
    this.again ??= new SegmentMap(this.total);
    this.again.mark(offset, length);
  }

  stats(): RebuildStatsResponse {
    const blocks = (bytes: number) => BigInt(Math.floor(bytes / BLOCK_SIZE));
    const recovered = Math.min(this.recoveredSegments * SEGMENT, this.total);
    return RebuildStatsResponse.fromPartial({
      blocksTotal: blocks(this.total),
      blocksRecovered: blocks(recovered),
      blocksTransferred: blocks(this.transferredBytes),
      blocksRemaining: blocks(this.total - recovered),
      progress: this.total === 0 ? 100n : BigInt(Math.floor((recovered * 100) / this.total)),
      blocksPerTask: BigInt(SEGMENT / BLOCK_SIZE),
      blockSize: BigInt(BLOCK_SIZE),
      tasksTotal: BigInt(TASKS),
      tasksActive: BigInt(this.tasksActive),
      isPartial: this.options.log !== undefined,
      startTime: toTimestamp(this.startedAtMs),
    });
  }

  toRecord(): RebuildHistoryRecord {
    const { blocksTotal, blocksRecovered, blocksTransferred, blocksRemaining, blocksPerTask, blockSize } = this.stats();
    return RebuildHistoryRecord.fromPartial({
      childUri: this.options.child.uri,
      srcUri: this.sourceUri,
      state: this.state,
      blocksTotal,
      blocksRecovered,
      blocksTransferred,
      blocksRemaining,
      blocksPerTask,
      blockSize,
      isPartial: this.options.log !== undefined,
      startTime: toTimestamp(this.startedAtMs),
      endTime: toTimestamp(this.endedAtMs ?? this.options.host.now()),
    });
  }

  private finish(state: RebuildJobState): void {
    if (!this.isActive) return;
    this.state = state;
    this.endedAtMs = this.options.host.now();
  }

  /** Segments that either side holds data in: where both are holes both read zeroes, and nothing is to be copied. */
  private async fullMap(): Promise<SegmentMap> {
    const map = new SegmentMap(this.total);
    const { child, device } = this.options;
    const mark = (ranges: ReadonlyArray<{ offset: number; length: number }>) => {
      for (const r of ranges) {
        if (r.offset < this.total) map.mark(r.offset, Math.min(r.length, this.total - r.offset));
      }
    };
    mark(await this.options.host.io(child, () => device.allocated()));
    mark(await this.fromSource((source) => source.allocated()));
    return map;
  }

  private async task(): Promise<void> {
    for (;;) {
      await this.pausing.pass();
      if (this.stopped.signal.aborted || this.error) return;
      const run = this.nextRun();
      if (!run) return;
      const offset = run.first * SEGMENT;
      const length = Math.min(run.count * SEGMENT, this.total - offset);
      if (run.isNeeded) await this.copy(offset, length);
      if (this.pass === 0 && !this.stopped.signal.aborted) this.recoveredSegments += run.count;
    }
  }

  private nextRun(): { first: number; count: number; isNeeded: boolean } | undefined {
    if (this.cursor >= this.segments && this.again) {
      this.need = this.again;
      this.again = undefined;
      this.cursor = 0;
      this.pass++;
    }
    if (this.cursor >= this.segments) return undefined;
    const first = this.cursor;
    const isNeeded = this.need?.has(first) ?? true;
    const limit = isNeeded ? this.runLimit() : this.segments;
    while (this.cursor < this.segments && this.cursor - first < limit) {
      if ((this.need?.has(this.cursor) ?? true) !== isNeeded) break;
      this.cursor++;
    }
    return { first, count: this.cursor - first, isNeeded };
  }

  /** Small runs under a rate limit, so that progress is smooth; long ones without. */
  private runLimit(): number {
    const rate = this.options.bucket?.bytesPerSecond;
    return rate === undefined ? MAX_RUN : Math.min(MAX_RUN, Math.max(1, Math.floor(rate / 20 / SEGMENT)));
  }

  private async copy(offset: number, length: number): Promise<void> {
    const { bucket, host, device, child } = this.options;
    // Paid before the lock is taken: host writes never wait for the limit.
    if (bucket) await bucket.take(length, this.stopped.signal);
    const release = await host.lock(offset, length);
    this.tasksActive++;
    try {
      if (this.stopped.signal.aborted || this.error) return;
      this.mustWork();
      const data = await this.fromSource((source) => source.read(offset, length));
      await host.io(child, () => device.write(offset, data));
      this.transferredBytes += length;
    } catch (error) {
      this.error ??= error instanceof FabricError ? error : new FabricError('io-error', String(error));
      throw error;
    } finally {
      this.tasksActive--;
      release();
    }
  }

  private mustWork(): void {
    if (this.options.host.isFailing) throw new FabricError('io-error', 'rebuilds of this node fail');
  }

  /** Asks a healthy child; goes on with another one when it errs. Rejects when none is left. */
  private async fromSource<T>(run: (source: RemoteDevice) => Promise<T>): Promise<T> {
    let last: unknown;
    for (;;) {
      const source = this.options.host.source(this.bad);
      if (!source) throw last ?? new FabricError('io-error', 'no healthy child is left to rebuild from');
      this.sourceUri = source.child.uri;
      try {
        return await this.options.host.io(source.child, () => run(source.device));
      } catch (error) {
        last = error;
        this.bad.add(source.child);
      }
    }
  }
}
