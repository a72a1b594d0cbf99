import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What is found where agent-core should be. */
export type Peer = 'no-such-name' | 'nobody' | 'unreachable' | 'silent' | 'tls' | 'http' | 'http2' | 'other';

const LOOK_MS = 2_000;
/** How every HTTP/2 client begins: the preface and an empty SETTINGS frame. gRPC is HTTP/2. */
const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const SETTINGS_FRAME = 4;
const TLS_ALERT = 0x15;

/** Looks at what answers at `target` (host:port) by greeting it as a gRPC client would. It never takes longer than 4 s. */
export async function lookAt(target: string): Promise<Peer> {
  const at = target.lastIndexOf(':');
  const place = { host: target.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(target.slice(at + 1)) };
  const first = await firstBytes(connectTcp(place), PREFACE);
  if ('peer' in first) return first.peer;
  const { bytes } = first;
  if (bytes[0] === TLS_ALERT) return 'tls';
  const text = bytes.toString('latin1');
  if (/plain HTTP request was sent to HTTPS|HTTP request to an HTTPS server/i.test(text)) return 'tls';
  if (text.startsWith('HTTP/1.')) return 'http';
  if (bytes.length >= 9 && bytes[3] === SETTINGS_FRAME) return 'http2';
  if (bytes.length > 0) return 'other';
  // Some end the connection without a word when they are not greeted with TLS.
  return (await speaksTls(place)) ? 'tls' : 'other';
}

/** What a peer sends first; empty when it ends the connection instead. */
function firstBytes(socket: Socket, greeting: Buffer): Promise<{ bytes: Buffer } | { peer: Peer }> {
  return new Promise((resolve) => {
    const end = (found: { bytes: Buffer } | { peer: Peer }) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    let isConnected = false;
    const timer = setTimeout(() => end({ peer: isConnected ? 'silent' : 'unreachable' }), LOOK_MS);
    socket.on('connect', () => {
      isConnected = true;
      socket.write(greeting);
    });
    socket.on('data', (bytes) => end({ bytes }));
    socket.on('close', () => end({ bytes: Buffer.alloc(0) }));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (isConnected) return end({ bytes: Buffer.alloc(0) });
      end({
        peer: code === 'ECONNREFUSED' ? 'nobody' : /^E(NOTFOUND|AI_)/.test(code ?? '') ? 'no-such-name' : 'unreachable',
      });
    });
  });
}

/** Whether a TLS handshake gets anywhere; whose certificate it is does not matter, because nothing is sent. */
function speaksTls(place: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ ...place, rejectUnauthorized: false });
    const end = (is: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(is);
    };
    const timer = setTimeout(() => end(false), LOOK_MS);
    socket.on('secureConnect', () => end(true));
    // An alert is TLS, too: it asks for a certificate of ours, or for a name.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => end(/ALERT/.test(code ?? '')));
    socket.on('close', () => end(false));
  });
}

const PORTS = 'agent-core listens on 50051 where nothing else is set; 10124 is an io-engine, 8081 the REST API';

/** What was found, as a sentence without its full stop that says what to do; undefined: nothing that explains a failure. */
export function peerSentence(target: string, peer: Peer): { isWrong: boolean; sentence: string } | undefined {
  const wrong = (what: string, hint = PORTS) => ({
    isWrong: true,
    sentence: `${what} at ${target}, and not agent-core: check the address (${hint})`,
  });
  const away = (sentence: string) => ({ isWrong: false, sentence });
  switch (peer) {
    case 'no-such-name':
      return away(
        `the name in ${target} is not known here: check the address, and the DNS of the machine that the console runs on`,
      );
    case 'nobody':
      return away(`nothing listens at ${target} (ECONNREFUSED): check the address, and that agent-core runs`);
    case 'unreachable':
      return away(`${target} cannot be reached: check the address, and the network and firewalls on the way`);
    case 'silent':
      return away(
        `something at ${target} takes connections and says nothing: agent-core hangs, or this is another service`,
      );
    case 'tls':
      return wrong('something that wants TLS answers', `agent-core speaks gRPC without TLS; ${PORTS}`);
    case 'http':
      return wrong('an HTTP server answers');
    case 'other':
      return wrong('something that does not speak gRPC answers');
    case 'http2':
      return undefined;
  }
}

/** The same for what does speak HTTP/2, but does not know agent-core's calls. */
export const strangerSentence = (target: string): string =>
  `a server that does not know agent-core’s calls answers at ${target}: check the address (${PORTS})`;
