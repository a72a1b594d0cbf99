import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to a connection and to the bytes of its replies; requests pass unless the connection does not. */
export type Fault =
  | { kind: 'none' }
  /** Nobody listens. */
  | { kind: 'refuse' }
  /** The connection stands and no byte moves in either direction, on those that were open, too. */
  | { kind: 'hang' }
  /** Requests arrive, replies do not. */
  | { kind: 'half-open' }
  /** The connection is reset after so many bytes of replies. */
  | { kind: 'reset'; after: number }
  /** The peer ends the connection politely after so many bytes of replies. */
  | { kind: 'end'; after: number }
  /** Replies come this late. */
  | { kind: 'late'; ms: number }
  /** Replies come a few bytes at a time. */
  | { kind: 'drip'; bytes: number; everyMs: number }
  /** One bit of every so many bytes of replies is another one. */
  | { kind: 'flip'; every: number }
  /** What answers is no HTTP/2 server. */
  | { kind: 'garbage' }
  | { kind: 'http1' };

const HTTP1 = 'HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<h1>502</h1>\n';

/** A TCP proxy on loopback that does to connections what networks and dying peers do. Its port stays the same. */
export class FaultProxy {
  private fault: Fault = { kind: 'none' };
  private server: Server | undefined;
  private readonly open = new Set<{ client: Socket; upstream: Socket }>();
  private port = 0;
  /** Connections accepted so far. */
  connections = 0;

  /** `target` is host:port. */
  constructor(private readonly target: string) {}

  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(fault: Fault = { kind: 'none' }): Promise<this> {
    await this.listen();
    await this.set(fault);
    return this;
  }

  /** From now on; connections that are open feel it, too. */
  async set(fault: Fault): Promise<void> {
    const before = this.fault.kind;
    this.fault = fault;
    if (fault.kind === 'refuse') return this.close();
    if (before === 'refuse') await this.listen();
    const isCut = fault.kind === 'garbage' || fault.kind === 'http1';
    for (const { client, upstream } of this.open) {
      if (isCut) client.resetAndDestroy();
      else if (fault.kind === 'hang') {
        client.pause();
        upstream.pause();
      } else if (before === 'hang') {
        client.resume();
        upstream.resume();
      }
    }
  }

  /** Resets every open connection, as a peer that dies does. */
  cut(): void {
    for (const { client } of this.open) client.resetAndDestroy();
  }

  /** Connections that are open now. */
  get openConnections(): number {
    return this.open.size;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = server && new Promise<void>((resolve) => server.close(() => resolve()));
    this.cut();
    await closed;
  }

  private listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.take(client));
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', () => {
        const address = server.address();
        this.port = typeof address === 'object' && address ? address.port : 0;
        resolve();
      });
    });
  }

  private take(client: Socket): void {
    this.connections += 1;
    const [host = '', port = ''] = this.target.split(':');
    const upstream = connect(Number(port), host);
    const pair = { client, upstream };
    this.open.add(pair);
    const end = () => {
      this.open.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => this.isMute() || upstream.write(bytes));
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
    let seen = 0;
    let last = Promise.resolve();
    upstream.on('data', (bytes) => {
      const from = seen;
      seen += bytes.length;
      // One after the other, so that late bytes stay in their order.
      last = last.then(() => this.reply(client, bytes, from));
    });
    if (this.fault.kind === 'garbage') client.write(randomBytes(4_096));
    if (this.fault.kind === 'http1') client.end(HTTP1);
    if (this.fault.kind === 'hang') {
      client.pause();
      upstream.pause();
    }
  }

  private isMute = () => this.fault.kind === 'hang' || this.fault.kind === 'garbage' || this.fault.kind === 'http1';

  private async reply(client: Socket, bytes: Buffer, from: number): Promise<void> {
    const { fault } = this;
    if (client.destroyed || this.isMute() || fault.kind === 'half-open') return;
    if (fault.kind === 'late') await pause(fault.ms);
    if ((fault.kind === 'reset' || fault.kind === 'end') && from + bytes.length >= fault.after) {
      client.write(bytes.subarray(0, Math.max(0, fault.after - from)));
      if (fault.kind === 'end') client.end();
      else client.resetAndDestroy();
      return;
    }
    if (fault.kind === 'drip') {
      for (let at = 0; at < bytes.length && this.fault === fault && !client.destroyed; at += fault.bytes) {
        client.write(bytes.subarray(at, at + fault.bytes));
        await pause(fault.everyMs);
      }
      return;
    }
    client.write(fault.kind === 'flip' ? flipped(bytes, from, fault.every) : bytes);
  }
}

function flipped(bytes: Buffer, from: number, every: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = 0; i < copy.length; i += 1) {
    if ((from + i + 1) % every === 0) copy[i] = (copy[i] ?? 0) ^ (1 << ((from + i) % 8));
  }
  return copy;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
