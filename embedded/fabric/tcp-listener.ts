import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { ExportedDevice, FabricListener } from './fabric';
import { FabricError } from './fabric';
import { isNvmeTcpHost, nvmeTcpRefusal } from './nvme-tcp-refusal';
import { type ConnectRequest, encodeHeader, type Frame, FrameReader, Op, statusOf } from './tcp-frame';

type Lookup = (nqn: string) => ExportedDevice | undefined;

/** Somebody connected who does not speak this fabric. */
export type Stranger = (remote: string, isNvmeTcp: boolean) => void;

/** Devices of one node, offered over TCP. */
export class TcpListener implements FabricListener {
  /** Key of the nexus that holds each device, by NQN. */
  readonly reservations = new Map<string, bigint>();
  private readonly sessions = new Set<Session>();
  private readonly server: Server;
  /** `client/sequence` of connections that were given up before they arrived here. */
  private readonly revoked = new Set<string>();
  private thaw: (() => void) | undefined;
  private frozen: Promise<void> | undefined;
  private bound = '';

  constructor(
    readonly lookup: Lookup,
    readonly stranger: Stranger,
  ) {
    this.server = createServer({ noDelay: true }, (socket) => {
      this.sessions.add(new Session(socket, this));
    });
  }

  get address(): string {
    return this.bound;
  }

  get isHung(): boolean {
    return this.frozen !== undefined;
  }

  /** Binds `host:port`, port 0 for any. Rejects with a FabricError when it is taken. */
  async start(host: string, port: number): Promise<void> {
    this.server.listen(port, host);
    await once(this.server, 'listening').catch((error: Error) => {
      throw new FabricError('busy', `cannot listen at ${host}:${port}: ${error.message}`);
    });
    const address = this.server.address();
    this.bound = `${host}:${typeof address === 'object' && address ? address.port : port}`;
  }

  /** Resolves at once, or when the node stops hanging. */
  async answers(): Promise<void> {
    while (this.frozen) await this.frozen;
  }

  hang(on: boolean): void {
    if (on && !this.frozen) {
      this.frozen = new Promise((resolve) => {
        this.thaw = resolve;
      });
    } else if (!on) {
      this.frozen = undefined;
      this.thaw?.();
    }
  }

  kill(): void {
    this.server.close();
    for (const session of [...this.sessions]) session.end();
    this.hang(false);
  }

  async close(): Promise<void> {
    const closed = this.server.listening ? once(this.server, 'close') : undefined;
    this.kill();
    await closed;
  }

  /**
   * Makes room for a new connection: what it replaces ends, so that a write which is still under way cannot take effect
   * after those of the new one. False when the connection itself has been given up by its client meanwhile.
   */
  admit(request: ConnectRequest): boolean {
    for (const sequence of request.revoked) this.revoked.add(`${request.client}/${sequence}`);
    for (const session of [...this.sessions]) {
      const other = session.connected;
      if (other?.nqn !== request.nqn) continue;
      const isGivenUp = other.client === request.client && request.revoked.includes(other.sequence);
      // A target that takes the device for itself: whatever an earlier process still has in its sockets must not land.
      const isReplaced = request.key !== undefined && other.key !== undefined && other.client !== request.client;
      if (isGivenUp || isReplaced) session.end();
    }
    return !this.revoked.has(`${request.client}/${request.sequence}`);
  }

  gone(session: Session): void {
    this.sessions.delete(session);
  }
}

/** One connection as its server sees it. */
class Session {
  connected: ConnectRequest | undefined;
  private readonly ended = new AbortController();
  private readonly reader = new FrameReader();
  private first: Buffer | undefined = Buffer.alloc(0);

  constructor(
    private readonly socket: Socket,
    private readonly listener: TcpListener,
  ) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    // What a host that went away had under way must not take effect any more.
    socket.on('error', () => this.end());
    socket.on('close', () => this.end());
  }

  end(): void {
    this.ended.abort();
    this.socket.destroy();
    this.listener.gone(this);
  }

  private receive(chunk: Buffer): void {
    const bytes = this.begin(chunk);
    if (!bytes) return;
    try {
      for (const frame of this.reader.push(bytes)) {
        // At once, even while the node hangs: what waits before it must not take effect when the node goes on.
        if (frame.op === Op.Disconnect) this.ended.abort();
        void this.serve(frame);
      }
    } catch {
      this.listener.stranger(this.remote, false);
      this.end();
    }
  }

  private get remote(): string {
    return `${this.socket.remoteAddress}:${this.socket.remotePort}`;
  }

  /** The first 8 bytes tell who it is. */
  private begin(chunk: Buffer): Buffer | undefined {
    if (this.first === undefined) return chunk;
    const bytes = Buffer.concat([this.first, chunk]);
    this.first = bytes;
    if (bytes.length < 8) return undefined;
    this.first = undefined;
    if (!isNvmeTcpHost(bytes)) return bytes;
    this.listener.stranger(this.remote, true);
    this.socket.removeAllListeners('data');
    this.socket.end(nvmeTcpRefusal(bytes));
    return undefined;
  }

  private async serve(frame: Frame): Promise<void> {
    // Without a turn in between while the node answers: requests start in the order in which they came.
    if (this.listener.isHung) await this.listener.answers();
    if (this.ended.signal.aborted && frame.op !== Op.Disconnect) return;
    try {
      const payload = await this.run(frame);
      await this.answer(frame, 0, payload);
      if (frame.op === Op.Disconnect) this.socket.end();
    } catch (error) {
      const failure = error instanceof FabricError ? error : new FabricError('io-error', String(error));
      await this.answer(frame, statusOf(failure.code), Buffer.from(failure.message));
      if (failure.code === 'connection-lost' || frame.op === Op.Connect) this.socket.end();
    }
  }

  private async answer(frame: Frame, status: number, payload: Buffer): Promise<void> {
    if (this.listener.isHung) await this.listener.answers();
    if (this.socket.destroyed) return;
    const size = this.connected ? this.listener.lookup(this.connected.nqn)?.sizeBytes : undefined;
    this.socket.cork();
    this.socket.write(
      encodeHeader({ op: frame.op, status, tag: frame.tag, offset: size ?? 0, length: 0 }, payload.length),
    );
    if (payload.length > 0) this.socket.write(payload);
    this.socket.uncork();
  }

  private async run(frame: Frame): Promise<Buffer> {
    if (frame.op === Op.Connect) return this.connect(frame);
    if (frame.op === Op.Disconnect) return EMPTY;
    const device = this.device();
    const { signal } = this.ended;
    switch (frame.op) {
      case Op.Read:
        return device.read(frame.offset, frame.length, signal);
      case Op.Write:
        await device.write(frame.offset, frame.payload, signal);
        return EMPTY;
      case Op.Unmap:
        await device.unmap(frame.offset, frame.length, signal);
        return EMPTY;
      case Op.Allocated:
        return json(device.allocated ? await device.allocated() : [{ offset: 0, length: device.sizeBytes }]);
      case Op.Snapshot: {
        if (!device.snapshot) throw new FabricError('not-allowed', `${device.nqn} takes no snapshots`);
        // Only our own client writes here.
        await device.snapshot(JSON.parse(frame.payload.toString()));
        return EMPTY;
      }
      case Op.Identify:
        return EMPTY;
      default:
        throw new FabricError('not-allowed', `unknown request ${frame.op}`);
    }
  }

  private connect(frame: Frame): Buffer {
    // Only our own client writes here.
    const request = JSON.parse(frame.payload.toString()) as ConnectRequest;
    const device = this.listener.lookup(request.nqn);
    if (!device) throw new FabricError('not-found', `${request.nqn} is not shared at ${this.listener.address}`);
    if (device.allowedHosts.length > 0 && !device.allowedHosts.includes(request.hostNqn)) {
      throw new FabricError('not-allowed', `${request.hostNqn} may not connect to ${request.nqn}`);
    }
    if (!this.listener.admit(request)) throw new FabricError('connection-lost', 'given up by its client');
    if (request.key !== undefined) this.listener.reservations.set(request.nqn, BigInt(request.key));
    this.connected = request;
    return json({ blockSize: device.blockSize });
  }

  private device(): ExportedDevice {
    if (!this.connected) throw new FabricError('connection-lost', 'nothing is connected here');
    const { nqn, key } = this.connected;
    const device = this.listener.lookup(nqn);
    if (!device) throw new FabricError('connection-lost', `${nqn} is no longer shared`);
    const holder = this.listener.reservations.get(nqn);
    if (key !== undefined && holder !== undefined && holder !== BigInt(key)) {
      throw new FabricError('reservation-conflict', `${nqn} is held by another target`);
    }
    return device;
  }
}

const EMPTY = Buffer.alloc(0);
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
