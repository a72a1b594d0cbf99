import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FabricError } from '@/embedded/fabric/fabric';
import { type DiskCondition, healthyDisk } from './conditions';
import type { HangGate } from './hang-gate';
import { IoCounters } from './io-stats';

export const BLOCK_SIZE = 512;

/**
 * A disk: one file, read and written synchronously, which on the page cache costs microseconds and makes every step of
 * the pool atomic for the process. `wait` is where slowness and hanging happen, before an I/O takes effect.
 */
export class Disk {
  readonly stats = new IoCounters();
  private fd: number | undefined;
  private isRetired = false;

  constructor(
    readonly path: string,
    readonly sizeBytes: number,
    private readonly gate: HangGate,
    private readonly condition: DiskCondition = healthyDisk(),
  ) {}

  get isFailing(): boolean {
    return this.condition.isFailing;
  }

  get isGone(): boolean {
    return this.condition.isGone;
  }

  open(): void {
    if (this.condition.isGone) throw new FabricError('not-found', `${this.path} is not there`);
    if (this.isRetired) throw new FabricError('not-found', `${this.path} belongs to an engine that ended`);
    if (this.fd === undefined) this.fd = openSync(this.path, 'r+');
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  /** Closed for good: a call that comes late cannot open the file that a new engine uses. */
  retire(): void {
    this.isRetired = true;
    this.close();
  }

  fail(on: boolean): void {
    this.condition.isFailing = on;
  }

  slow(delayMs: number): void {
    this.condition.delayMs = delayMs;
  }

  /** Nothing to wait for. */
  get isReady(): boolean {
    return this.condition.delayMs === 0 && !this.gate.isHung;
  }

  /** Takes as long as the disk is slow or its node hangs. */
  async wait(): Promise<void> {
    const { delayMs } = this.condition;
    if (delayMs > 0) await delay(delayMs, undefined, { ref: false });
    if (this.gate.isHung) await this.gate.pass();
  }

  read(position: number, into: Buffer): void {
    const fd = this.usable();
    let done = 0;
    while (done < into.length) {
      const n = readSync(fd, into, done, into.length - done, position + done);
      if (n === 0) throw new FabricError('out-of-range', `read past the end of ${this.path}`);
      done += n;
    }
  }

  write(position: number, data: Buffer): void {
    const fd = this.usable();
    if (position + data.length > this.sizeBytes) {
      throw new FabricError('out-of-range', `write past the end of ${this.path}`);
    }
    let done = 0;
    while (done < data.length) done += writeSync(fd, data, done, data.length - done, position + done);
  }

  private usable(): number {
    if (this.fd === undefined) throw new FabricError('not-found', `${this.path} is not open`);
    if (this.condition.isGone) throw new FabricError('io-error', `${this.path} is not there`);
    if (this.condition.isFailing) throw new FabricError('io-error', `${this.path} answers with errors`);
    return this.fd;
  }
}
