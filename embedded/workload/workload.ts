import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '@/embedded/cluster/random';
import type { Fabric, RemoteDevice } from '@/embedded/fabric/fabric';
import { openTarget } from '@/embedded/fabric/open-target';
import type { Region } from './regions';

export interface WorkloadSpec {
  pattern: 'randwrite' | 'randread' | 'randrw' | 'seqwrite';
  blockSize: number;
  /** Operations per second wanted; fewer when the volume is slower. */
  iops: number;
  /** Operations in flight at most. */
  depth: number;
  /** Bytes of the volume that this workload writes and verifies; they begin at its region's offset. */
  workingSetBytes: number;
  seed: number;
}

const RECONNECT_MS = 250;
const TICK_MS = 25;
const DRAIN_MS = 1_000;

/**
 * An application host: opens a published volume through the fabric, writes stamped blocks and verifies what it reads.
 * A block's stamp is its index and the sequence number of its last acknowledged write.
 */
export class Workload {
  verified = 0;
  mismatches = 0;
  errors = 0;
  writes = 0;
  private readonly random: Random;
  /** Sequence last acknowledged for a block, and one that was sent without an answer: either may be on disk. */
  private readonly acked = new Map<number, { seq: number; unsure: number[] }>();
  private readonly busy = new Set<number>();
  private device: RemoteDevice | undefined;
  private timer: NodeJS.Timeout | undefined;
  private inFlight = 0;
  private sequence = 0;
  private cursor = 0;
  private credit = 0;
  private lastTick = 0;
  private retryAt = 0;
  private connecting = false;
  private stopped = true;
  private drained: (() => void) | undefined;

  constructor(
    readonly id: string,
    readonly volume: string,
    private readonly fabric: Fabric,
    /** The target's URI now; undefined while the volume is not published or its target is away. */
    private readonly target: () => string | undefined,
    readonly spec: WorkloadSpec,
    /** The part of the volume that is this workload's alone. */
    readonly region: Region,
  ) {
    this.random = new Random(spec.seed);
  }

  start(): void {
    this.stopped = false;
    this.lastTick = performance.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Ends the load. Resolves when all that was sent is answered, or after a second, for what a hung target keeps. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    if (this.inFlight > 0) {
      const drained = new Promise<void>((resolve) => {
        this.drained = resolve;
      });
      await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]);
    }
    await this.device?.close().catch(() => undefined);
    this.device = undefined;
  }

  get connected(): boolean {
    return this.device !== undefined;
  }

  private tick(): void {
    const now = performance.now();
    // At most a quarter of a second is made up for, so that a stall is not followed by a burst.
    this.credit = Math.min(this.spec.iops / 4 + 1, this.credit + (this.spec.iops * (now - this.lastTick)) / 1000);
    this.lastTick = now;
    if (!this.device) {
      if (!this.connecting && now >= this.retryAt) void this.connect();
      return;
    }
    while (this.credit >= 1 && this.inFlight < this.spec.depth) {
      this.credit -= 1;
      void this.one(this.device);
    }
  }

  private async connect(): Promise<void> {
    const uri = this.target();
    this.retryAt = performance.now() + RECONNECT_MS;
    if (!uri) return;
    this.connecting = true;
    try {
      const device = await openTarget(this.fabric, uri);
      if (this.stopped) {
        await device.close();
        return;
      }
      device.onLost(() => this.lose(device));
      this.device = device;
    } catch {
      this.retryAt = performance.now() + RECONNECT_MS;
    } finally {
      this.connecting = false;
    }
  }

  private lose(device: RemoteDevice): void {
    if (this.device !== device) return;
    this.device = undefined;
    this.retryAt = performance.now() + RECONNECT_MS;
  }

  private async one(device: RemoteDevice): Promise<void> {
    const blocks = Math.max(1, Math.floor(this.region.length / this.spec.blockSize));
    const block = this.spec.pattern === 'seqwrite' ? this.cursor++ % blocks : this.random.below(blocks);
    if (this.busy.has(block)) return;
    this.busy.add(block);
    this.inFlight += 1;
    try {
      if (this.isRead()) await this.readBack(device, block);
      else await this.writeBlock(device, block);
    } catch {
      this.errors += 1;
      this.lose(device);
      void device.close().catch(() => undefined);
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.drained?.();
      this.busy.delete(block);
    }
  }

  private at(block: number): number {
    return this.region.offset + block * this.spec.blockSize;
  }

  private isRead(): boolean {
    if (this.spec.pattern === 'randread') return true;
    return this.spec.pattern === 'randrw' && this.random.next() < 0.5;
  }

  private async writeBlock(device: RemoteDevice, block: number): Promise<void> {
    const seq = ++this.sequence;
    const known = this.acked.get(block) ?? { seq: 0, unsure: [] };
    this.acked.set(block, { ...known, unsure: [...known.unsure, seq] });
    await device.write(this.at(block), stamped(this.spec.blockSize, block, seq));
    this.acked.set(block, { seq, unsure: [] });
    this.writes += 1;
  }

  private async readBack(device: RemoteDevice, block: number): Promise<void> {
    const data = await device.read(this.at(block), this.spec.blockSize);
    const known = this.acked.get(block);
    // What was never written by this workload holds whatever it held before.
    if (!known || known.seq === 0) return;
    if (isStamped(data, block, [known.seq, ...known.unsure])) this.verified += 1;
    else this.mismatches += 1;
  }

  /** Reads every block that was ever acknowledged through `device` and counts those that are not as they should be. */
  async verifyAll(device: RemoteDevice): Promise<{ checked: number; wrong: number }> {
    let wrong = 0;
    for (const [block, known] of this.acked) {
      const data = await device.read(this.at(block), this.spec.blockSize);
      if (known.seq > 0 && !isStamped(data, block, [known.seq, ...known.unsure])) wrong += 1;
    }
    return { checked: this.acked.size, wrong };
  }
}

/** A block filled with its index and sequence number, over and over. */
function stamped(size: number, block: number, seq: number): Buffer {
  const unit = Buffer.alloc(16);
  unit.writeBigUInt64LE(BigInt(block) + 1n, 0);
  unit.writeBigUInt64LE(BigInt(seq), 8);
  return Buffer.alloc(size, unit);
}

const isStamped = (data: Buffer, block: number, sequences: readonly number[]): boolean =>
  sequences.some((seq) => data.equals(stamped(data.length, block, seq)));
