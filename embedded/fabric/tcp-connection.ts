import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ByteRange, RemoteDevice, SnapshotRequest } from './fabric';
import { FabricError } from './fabric';
import { type ConnectRequest, encodeHeader, errorOf, type Frame, FrameReader, Op } from './tcp-frame';

/** How long a goodbye is waited for. The far side's next connection of this client fences this one off in any case. */
const GOODBYE_MS = 1_000;

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: FabricError) => void;
}

/** A device of another node, over TCP. */
export class TcpConnection implements RemoteDevice {
  blockSize = 512;
  private size = 0;
  private tag = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly reader = new FrameReader();
  private readonly lostListeners: Array<(error: FabricError) => void> = [];
  private lostBy: FabricError | undefined;
  private closing: Promise<void> | undefined;

  /** `gaveUp`: this connection ended, and the far side has not confirmed that it did. */
  constructor(
    private readonly socket: Socket,
    private readonly nqn: string,
    private readonly gaveUp: () => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.lose(new FabricError('connection-lost', `${nqn}: ${error.message}`)));
    socket.on('close', () => this.lose(new FabricError('connection-lost', `${nqn}: the far side is gone`)));
  }

  get sizeBytes(): number {
    return this.size;
  }

  /** Opens the device. Rejects with a FabricError, and closes the socket then. */
  async open(request: ConnectRequest): Promise<void> {
    try {
      const { payload } = await this.request(Op.Connect, { payload: Buffer.from(JSON.stringify(request)) });
      // Only our own listener answers here.
      this.blockSize = (JSON.parse(payload.toString()) as { blockSize: number }).blockSize;
    } catch (error) {
      this.socket.destroy();
      throw error;
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    return (await this.request(Op.Read, { offset, length })).payload;
  }

  async write(offset: number, data: Buffer): Promise<void> {
    await this.request(Op.Write, { offset, payload: data });
  }

  async unmap(offset: number, length: number): Promise<void> {
    await this.request(Op.Unmap, { offset, length });
  }

  async allocated(): Promise<ByteRange[]> {
    // Only our own listener answers here.
    return JSON.parse((await this.request(Op.Allocated, {})).payload.toString()) as ByteRange[];
  }

  async snapshot(request: SnapshotRequest): Promise<void> {
    await this.request(Op.Snapshot, { payload: Buffer.from(JSON.stringify(request)) });
  }

  async identify(): Promise<number> {
    await this.request(Op.Identify, {});
    return this.size;
  }

  onLost(listener: (error: FabricError) => void): void {
    if (this.lostBy) listener(this.lostBy);
    else this.lostListeners.push(listener);
  }

  close(): Promise<void> {
    this.closing ??= this.goodbye();
    return this.closing;
  }

  private async goodbye(): Promise<void> {
    if (this.lostBy || this.socket.destroyed) return;
    const confirmed = this.request(Op.Disconnect, {}).then(
      () => true,
      () => false,
    );
    const { tag } = this;
    const closed = new FabricError('connection-lost', `connection to ${this.nqn} was closed`);
    for (const [other, waiting] of [...this.waiting]) {
      if (other === tag) continue;
      this.waiting.delete(other);
      waiting.reject(closed);
    }
    const timer = new AbortController();
    const isConfirmed = await Promise.race([
      confirmed,
      delay(GOODBYE_MS, false, { signal: timer.signal, ref: false }).catch(() => false),
    ]);
    timer.abort();
    if (!isConfirmed) this.gaveUp();
    this.socket.destroy();
  }

  /** The far side, or the way to it, is gone. */
  private lose(error: FabricError): void {
    if (this.lostBy) return;
    this.lostBy = error;
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
    if (this.closing) return;
    this.gaveUp();
    for (const listener of this.lostListeners.splice(0)) listener(error);
  }

  private request(op: Op, more: { offset?: number; length?: number; payload?: Buffer }): Promise<Frame> {
    return new Promise((resolve, reject) => {
      if (this.lostBy || this.closing) {
        reject(this.lostBy ?? new FabricError('connection-lost', `connection to ${this.nqn} was closed`));
        return;
      }
      this.tag = (this.tag + 1) >>> 0;
      const tag = this.tag;
      this.waiting.set(tag, { resolve, reject });
      const { offset = 0, length = 0, payload } = more;
      this.socket.cork();
      this.socket.write(encodeHeader({ op, status: 0, tag, offset, length }, payload?.length ?? 0));
      if (payload && payload.length > 0) this.socket.write(payload);
      this.socket.uncork();
    });
  }

  private receive(chunk: Buffer): void {
    let frames: Frame[];
    try {
      frames = this.reader.push(chunk);
    } catch (error) {
      this.lose(new FabricError('connection-lost', `${this.nqn}: ${error instanceof Error ? error.message : error}`));
      this.socket.destroy();
      return;
    }
    for (const frame of frames) {
      const waiting = this.waiting.get(frame.tag);
      if (!waiting) continue;
      this.waiting.delete(frame.tag);
      const error = errorOf(frame);
      if (frame.offset > 0) this.size = frame.offset;
      if (!error) waiting.resolve(frame);
      else {
        waiting.reject(error);
        if (error.code === 'connection-lost') this.lose(error);
      }
    }
  }
}

/** Resolves when the socket is connected. Rejects with a FabricError. */
export async function connected(socket: Socket, address: string): Promise<void> {
  await once(socket, 'connect').catch((error: Error) => {
    throw new FabricError('connection-lost', `nobody answers at ${address}: ${error.message}`);
  });
}
