import { FabricError, type FabricErrorCode } from './fabric';

/**
 * The fabric's own protocol over TCP, one connection per opened device. It is not NVMe/TCP. Every message is a header
 * of 32 bytes, little endian, and a payload:
 *
 * | at | bytes | request                            | answer                                 |
 * | -- | ----- | ---------------------------------- | -------------------------------------- |
 * | 0  | 4     | `MYF1`                             | same                                   |
 * | 4  | 1     | what is asked for (`Op`)           | the same number                        |
 * | 5  | 1     | 0                                  | 0, or 1 + the place in `ERROR_CODES`   |
 * | 8  | 4     | tag, unique among those under way  | the request's tag                      |
 * | 12 | 4     | bytes of payload                   | same                                   |
 * | 16 | 8     | offset in the device               | size of the device now                 |
 * | 24 | 4     | length of a read or unmap          | 0                                      |
 *
 * The payload of Connect, Allocated and Snapshot is JSON, of an error its sentence, of Read and Write the data.
 */
export enum Op {
  Connect = 1,
  Read = 2,
  Write = 3,
  Unmap = 4,
  Allocated = 5,
  Snapshot = 6,
  /** Only the size of the device, which every answer carries. */
  Identify = 7,
  /** Nothing of this connection takes effect after the answer. */
  Disconnect = 8,
}

export interface Frame {
  readonly op: Op;
  /** 0: fine. */
  readonly status: number;
  readonly tag: number;
  readonly offset: number;
  readonly length: number;
  readonly payload: Buffer;
}

/** First request of a connection. */
export interface ConnectRequest {
  readonly nqn: string;
  readonly hostNqn: string;
  /** Names the process that connects, and the connection within it. */
  readonly client: string;
  readonly sequence: number;
  /** Reservation key, decimal. */
  readonly key?: string | undefined;
  /** Earlier connections of this client to this device, which end before this one begins. */
  readonly revoked: readonly number[];
}

const HEADER = 32;
const MAGIC = 0x3146594d;
/** Far above what anybody sends: a rebuild copies 1 MiB at once. */
const MAX_PAYLOAD = 64 * 1024 * 1024;

const ERROR_CODES: readonly FabricErrorCode[] = [
  'io-error',
  'no-space',
  'timed-out',
  'connection-lost',
  'not-found',
  'not-allowed',
  'reservation-conflict',
  'busy',
  'out-of-range',
];

/** Header of a message whose payload follows. */
export function encodeHeader(frame: Omit<Frame, 'payload'>, payloadLength: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt8(frame.op, 4);
  header.writeUInt8(frame.status, 5);
  header.writeUInt32LE(frame.tag, 8);
  header.writeUInt32LE(payloadLength, 12);
  header.writeBigUInt64LE(BigInt(frame.offset), 16);
  header.writeUInt32LE(frame.length, 24);
  return header;
}

export const statusOf = (code: FabricErrorCode) => ERROR_CODES.indexOf(code) + 1;

/** The error that an answer carries; undefined when it carries none. */
export function errorOf(frame: Frame): FabricError | undefined {
  if (frame.status === 0) return undefined;
  return new FabricError(ERROR_CODES[frame.status - 1] ?? 'io-error', frame.payload.toString());
}

/** What came is not of this protocol. */
export class ProtocolError extends Error {}

/** Cuts a stream of bytes into messages. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private buffered = 0;
  private wanted = HEADER;

  /** Takes what arrived; answers the messages that are complete. Throws a ProtocolError. */
  push(chunk: Buffer): Frame[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const frames: Frame[] = [];
    while (this.buffered >= this.wanted) {
      const all = this.chunks.length === 1 && this.chunks[0] ? this.chunks[0] : Buffer.concat(this.chunks);
      this.chunks = [all];
      const needed = HEADER + payloadLength(all);
      this.wanted = needed;
      if (this.buffered < needed) break;
      frames.push(decode(all, needed));
      const rest = all.subarray(needed);
      this.chunks = rest.length > 0 ? [rest] : [];
      this.buffered = rest.length;
      this.wanted = HEADER;
    }
    return frames;
  }
}

function payloadLength(bytes: Buffer): number {
  if (bytes.readUInt32LE(0) !== MAGIC) throw new ProtocolError('not the fabric of this cluster');
  const length = bytes.readUInt32LE(12);
  if (length > MAX_PAYLOAD) throw new ProtocolError(`a message of ${length} bytes`);
  return length;
}

function decode(bytes: Buffer, end: number): Frame {
  return {
    op: bytes.readUInt8(4),
    status: bytes.readUInt8(5),
    tag: bytes.readUInt32LE(8),
    offset: Number(bytes.readBigUInt64LE(16)),
    length: bytes.readUInt32LE(24),
    payload: bytes.subarray(HEADER, end),
  };
}
