import { connect } from 'node:net';
import type { ConsoleProcess } from './console';

/** An answer as it came over the socket. */
export interface Seen {
  status: number;
  headers: Map<string, string>;
  body: string;
  /** Answers on the connection: one, or what followed was taken for a request. */
  answers: number;
  text: string;
}

/** Sends bytes as they are and reads until the server closes, or nothing more has come for `quietMs` after an answer. */
export function sendRaw(app: ConsoleProcess, bytes: string | Buffer, quietMs = 400): Promise<Seen> {
  const { hostname, port } = new URL(app.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const parts: Buffer[] = [];
    let quiet: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => socket.destroy(new Error('no answer within 60 s')), 60_000);
    socket.on('data', (part) => {
      parts.push(part);
      clearTimeout(quiet);
      quiet = setTimeout(() => socket.destroy(), quietMs);
    });
    socket.on('error', (error) => parts.length === 0 && reject(error));
    socket.on('close', () => {
      clearTimeout(quiet);
      clearTimeout(limit);
      resolve(seen(Buffer.concat(parts).toString('utf8')));
    });
  });
}

function seen(text: string): Seen {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0),
    headers,
    body:
      end < 0
        ? ''
        : headers.get('transfer-encoding') === 'chunked'
          ? dechunked(text.slice(end + 4))
          : text.slice(end + 4),
    answers: text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0,
    text,
  };
}

/** A chunked body as it was. */
function dechunked(text: string): string {
  let body = '';
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (end < 0 || !(size > 0)) break;
    body += rest.subarray(end + 2, end + 2 + size).toString();
    rest = rest.subarray(end + 4 + size);
  }
  return body;
}

/** Lines of a session's headers. */
export const sessionLines = (app: ConsoleProcess): string =>
  Object.entries(app.headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** A request of a page of the console, in bytes; `lines` and `body` are the test's. */
export function request(
  app: ConsoleProcess,
  line: string,
  { lines = '', body = '', session = true }: { lines?: string; body?: string; session?: boolean } = {},
): string {
  const length =
    /^(GET|HEAD|TRACE|OPTIONS) /.test(line) && body === '' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
  const type = body === '' || /^content-type:/im.test(lines) ? '' : 'content-type: application/json\r\n';
  return `${line} HTTP/1.1\r\nhost: ${new URL(app.url).host}\r\n${session ? sessionLines(app) : ''}${length}${type}connection: close\r\n${lines}\r\n${body}`;
}
