import { crc32 } from 'node:zlib';
import { FabricError } from '@/embedded/fabric/fabric';
import type { Disk } from './disk';

const HEADER = 8;

/** A region of the disk that holds one generation of the log. */
export interface LogHalf {
  readonly offset: number;
  readonly length: number;
}

/**
 * The pool's metadata: records of JSON with a checksum, appended to one half of the metadata region. When the half is
 * full the whole state is written as first record of the other half, under the next generation, and the log goes on
 * there. A record that was cut off by a crash has a wrong checksum, and ends the log.
 */
export class MetadataLog<Op> {
  private half = 0;
  private generation = 0;
  private tail = 0;

  constructor(
    private readonly disk: Disk,
    private readonly halves: readonly [LogHalf, LogHalf],
    private readonly checkpoint: () => Op[],
  ) {}

  /** Begins an empty log. */
  format(): void {
    this.generation = 0;
    this.half = 1;
    this.switchHalf([]);
  }

  /** Reads the log back; answers the operations in order, or undefined when neither half holds one. */
  recover(): Op[] | undefined {
    const found = this.halves
      .map((half, index) => ({ index, ...this.readHalf(half) }))
      .filter((h) => h.generation > 0)
      .sort((a, b) => b.generation - a.generation)[0];
    if (!found) return undefined;
    this.half = found.index;
    this.generation = found.generation;
    this.tail = found.end;
    return found.ops;
  }

  /** Appends operations as one record: all of them or, after a crash, none. Throws a FabricError. */
  append(ops: Op[]): void {
    const record = this.encode({ gen: this.generation, ops }, this.generation);
    const half = this.current();
    if (this.tail + record.length > half.length) {
      this.switchHalf([...this.checkpoint(), ...ops]);
      return;
    }
    this.disk.write(half.offset + this.tail, record);
    this.tail += record.length;
  }

  private switchHalf(ops: Op[]): void {
    const generation = this.generation + 1;
    const next = 1 - this.half;
    const record = this.encode({ gen: generation, ops }, generation);
    const half = this.halves[next === 0 ? 0 : 1];
    if (record.length > half.length) throw new FabricError('no-space', 'the metadata region is full');
    this.disk.write(half.offset, record);
    this.half = next;
    this.generation = generation;
    this.tail = record.length;
  }

  private current(): LogHalf {
    return this.halves[this.half === 0 ? 0 : 1];
  }

  /** The generation seeds the checksum, so that records left over from an older one never pass for new. */
  private encode(value: { gen: number; ops: Op[] }, generation: number): Buffer {
    const payload = Buffer.from(JSON.stringify(value));
    const header = Buffer.alloc(HEADER);
    header.writeUInt32LE(payload.length, 0);
    header.writeUInt32LE(crc32(payload, generation), 4);
    return Buffer.concat([header, payload]);
  }

  private readHalf(half: LogHalf): { generation: number; ops: Op[]; end: number } {
    const region = Buffer.alloc(half.length);
    this.disk.read(half.offset, region);
    const ops: Op[] = [];
    let generation = 0;
    let at = 0;
    while (at + HEADER <= region.length) {
      const length = region.readUInt32LE(at);
      if (length === 0 || at + HEADER + length > region.length) break;
      const payload = region.subarray(at + HEADER, at + HEADER + length);
      const claimed = generation || generationOf(payload);
      if (crc32(payload, claimed) !== region.readUInt32LE(at + 4)) break;
      // The checksum holds, so this is a record that encode() wrote.
      const record = JSON.parse(payload.toString()) as { gen: number; ops: Op[] };
      generation = record.gen;
      for (const op of record.ops) ops.push(op);
      at += HEADER + length;
    }
    return { generation, ops, end: at };
  }
}

/** Generation that a first record claims, which its checksum must confirm. */
function generationOf(payload: Buffer): number {
  const match = /^\{"gen":(\d+)/.exec(payload.subarray(0, 32).toString('latin1'));
  return match ? Number(match[1]) : 0;
}
