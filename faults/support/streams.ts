import { connect, type Socket } from 'node:net';
import type { ConsoleProcess } from './console';

export interface Streams {
  count: number;
  /** Streams that were told goodbye. */
  goodbyes: number;
  /** Events that came on all of them. */
  events: number;
  /** Streams that have ended so far. */
  closed: number;
  /** Resolves when all have ended. */
  ended: Promise<void>;
  sockets: Socket[];
  close(): void;
}

/** Opens live streams at the raw socket; resolves when each has had its first event. With `isDeaf` they read nothing at all. */
export async function openStreams(
  app: ConsoleProcess,
  count: number,
  topics: readonly string[],
  isDeaf = false,
): Promise<Streams> {
  const { hostname, port, host } = new URL(app.url);
  const query = topics.map((t) => `topic=${encodeURIComponent(t)}`).join('&');
  const cluster = app.firstCluster;
  const lines = Object.entries(app.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET /api/v1/clusters/${cluster}/events?${query} HTTP/1.1\r\nHost: ${host}\r\n${lines.join('')}\r\n`;
  const all: Streams = {
    count,
    goodbyes: 0,
    events: 0,
    closed: 0,
    ended: Promise.resolve(),
    sockets: [],
    close: () => all.sockets.forEach((s) => void s.destroy()),
  };
  const ends: Array<Promise<void>> = [];
  const firsts: Array<Promise<void>> = [];
  for (let n = 0; n < count; n += 1) {
    const socket = connect(Number(port), hostname);
    all.sockets.push(socket);
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    ends.push(
      new Promise((resolve) =>
        socket.on('close', () => {
          all.closed += 1;
          resolve();
        }),
      ),
    );
    firsts.push(
      new Promise((resolve, reject) => {
        socket.on('connect', () => {
          socket.write(request);
          if (isDeaf) {
            socket.pause();
            resolve();
          }
        });
        if (isDeaf) return;
        socket.on('data', (text: string) => {
          const events = text.match(/^event: /gm)?.length ?? 0;
          all.events += events;
          if (/^event: closing/m.test(text)) all.goodbyes += 1;
          if (events > 0) resolve();
        });
        socket.on('close', () => reject(new Error('a stream was closed before its first event')));
      }),
    );
  }
  all.ended = Promise.all(ends).then(() => undefined);
  await Promise.all(firsts);
  return all;
}
