import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';

/** Answers one call as it likes. `method` is gRPC's, such as `getNodes` by its path `/v1.node.NodeGrpc/GetNodes`. */
export type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** An HTTP/2 server on loopback that need not speak gRPC: what it answers is up to the test. */
export class RawUpstream {
  private server: Http2Server | undefined;
  private readonly sessions = new Set<ServerHttp2Session>();
  endpoint = '';
  /** Calls that wait for an answer now, and the most that ever did. */
  waiting = 0;
  mostWaiting = 0;
  calls = 0;

  constructor(private answer: Answer) {}

  async start(): Promise<this> {
    const server = createServer();
    this.server = server;
    server.on('session', (session) => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
      session.on('error', () => undefined);
    });
    server.on('sessionError', () => undefined);
    server.on('stream', (stream, headers) => {
      this.calls += 1;
      this.waiting += 1;
      this.mostWaiting = Math.max(this.mostWaiting, this.waiting);
      stream.on('close', () => {
        this.waiting -= 1;
      });
      stream.on('error', () => undefined);
      stream.resume();
      this.answer(stream, headers);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    this.endpoint = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    return this;
  }

  set(answer: Answer): void {
    this.answer = answer;
  }

  async stop(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

const OK = { ':status': 200, 'content-type': 'application/grpc+proto' };

/** A gRPC message with its five bytes before it. */
export function frame(message: Uint8Array, isCompressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isCompressed ? 1 : 0, 0);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

/** A proper answer of these bytes. */
export const reply =
  (message: Uint8Array): Answer =>
  (stream) => {
    stream.respond(OK, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frame(message));
  };

/** What a broken peer, or something between it and us, answers. By name. */
export const BROKEN: Record<string, Answer> = {
  'a status without a body': (stream) =>
    stream.respond(
      { ...OK, 'grpc-status': '13', 'grpc-message': 'inner%20trouble%0a{"level":"fatal"}' },
      { endStream: true },
    ),
  'a status that there is none of': (stream) => stream.respond({ ...OK, 'grpc-status': '99' }, { endStream: true }),
  'a status that is no number': (stream) => stream.respond({ ...OK, 'grpc-status': 'oops' }, { endStream: true }),
  'no status at all': (stream) => {
    stream.respond(OK);
    stream.end();
  },
  'a page of a proxy': (stream) => {
    stream.respond({ ':status': 502, 'content-type': 'text/html' });
    stream.end('<html><script>alert(1)</script>Bad gateway</html>');
  },
  'a page that calls itself well': (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    stream.end('<html></html>');
  },
  'a body that is not compressed as it says': (stream) => {
    stream.respond({ ...OK, 'grpc-encoding': 'gzip' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frame(Buffer.from('not gzip'), true));
  },
  'an encoding that there is none of': (stream) => {
    stream.respond({ ...OK, 'grpc-encoding': 'evil' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frame(Buffer.from('x'), true));
  },
  'a message that ends too early': (stream) => {
    stream.respond(OK);
    stream.end(frame(Buffer.alloc(100)).subarray(0, 50));
  },
  'bytes that are no message': (stream) =>
    reply(Buffer.from('ff ff ff ff ff ff ff ff 0f'.replaceAll(' ', ''), 'hex'))(stream, {}),
  'two messages': (stream) => {
    stream.respond(OK, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.concat([frame(Buffer.alloc(0)), frame(Buffer.alloc(0))]));
  },
  'an empty message': reply(Buffer.alloc(0)),
  'a reset stream': (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  'a refused stream': (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  'a wish for calm': (stream) => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM),
  'a farewell before each answer': (stream) => stream.session?.goaway(constants.NGHTTP2_NO_ERROR),
  'a farewell in anger': (stream) =>
    stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings')),
  'the end of the connection': (stream) => stream.session?.destroy(),
  'headers without end': (stream) =>
    stream.respond({ ...OK, ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-${i}`, 'y'.repeat(900)])) }),
  'a message of half a gigabyte, or so it says': (stream) => {
    stream.respond(OK);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(512 * 1024 * 1024, 1);
    stream.write(head);
    flood(stream, 512 * 1024 * 1024);
  },
  nothing: () => undefined,
};

/** Sends zeros until the other side has had enough. */
function flood(stream: ServerHttp2Stream, bytes: number): void {
  const block = Buffer.alloc(64 * 1024);
  let left = bytes;
  const more = () => {
    while (left > 0 && !stream.destroyed) {
      left -= block.length;
      if (!stream.write(block)) return void stream.once('drain', more);
    }
    if (!stream.destroyed) stream.end();
  };
  more();
}
