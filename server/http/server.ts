import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ClusterId } from '@/contract/cluster';
import { MAX_TOPICS } from '@/contract/stream';
import type { Runtime } from '../runtime';
import { type GuardRules, refuse, SECURITY_HEADERS, stripInternalHeaders } from './guard';
import { type Failure, problemOf } from './problem';

/** Handles what the guard let through: Next's request handler. */
export type NextHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export interface HttpOptions {
  runtime: Runtime;
  next: NextHandler;
  /** Known once the port is. */
  rules: () => GuardRules;
}

const MAX_STREAMS = 1_000;

/** The server before Next: guard, security headers, the live streams, and everything else to Next. */
export function makeServer(options: HttpOptions): Server {
  const server = createServer({ maxHeaderSize: 16 * 1024 }, (req, res) => {
    res.on('error', () => res.destroy());
    handle(options, req, res).catch((error: unknown) => {
      console.error(
        JSON.stringify({ level: 'error', url: req.url, error: error instanceof Error ? error.stack : String(error) }),
      );
      if (!res.headersSent) sendFailure(req, res, { code: 'internal', detail: 'An unexpected error.' });
      else res.destroy();
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 30_000;
  server.maxHeadersCount = 64;
  // What node's own parser refuses has no request object; it answers and closes, without our pages.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  server.on('upgrade', (_, socket) => socket.destroy());
  return server;
}

async function handle(options: HttpOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
  for (const [name, value] of SECURITY_HEADERS) res.setHeader(name, value);
  const refusal = refuse(req, options.rules());
  if (refusal) return void sendFailure(req, res, refusal, { close: true });
  stripInternalHeaders(req);
  const url = new URL(req.url ?? '/', 'http://console');
  if (url.pathname.startsWith('/api/')) {
    res.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    const events = /^\/api\/v1\/clusters\/([^/]+)\/events$/.exec(url.pathname);
    if (events) return void openStream(options.runtime, decodeURIComponent(events[1] ?? ''), url, req, res);
  }
  await options.next(req, res);
}

function openStream(runtime: Runtime, name: string, url: URL, req: IncomingMessage, res: ServerResponse): void {
  if (req.method !== 'GET')
    return void sendFailure(
      req,
      res,
      { code: 'method_not_allowed', detail: 'The stream is read with GET.' },
      { allow: 'GET' },
    );
  const id = ClusterId.safeParse(name);
  const cluster = id.success ? runtime.clusters.get(id.data) : undefined;
  if (!cluster)
    return void sendFailure(req, res, { code: 'unknown_cluster', detail: 'This console has no cluster of that name.' });
  const topics = url.searchParams.getAll('topic');
  if ([...url.searchParams.keys()].some((k) => k !== 'topic')) {
    return void sendFailure(req, res, { code: 'invalid_query', detail: 'The stream takes “topic” parameters only.' });
  }
  if (topics.length > MAX_TOPICS || topics.some((t) => t.length > 1024)) {
    return void sendFailure(req, res, {
      code: 'invalid_query',
      detail: `A stream carries at most ${MAX_TOPICS} topics of at most 1,024 characters.`,
    });
  }
  const open = [...runtime.clusters.values()].reduce((n, c) => n + c.hub.size, 0);
  if (open >= MAX_STREAMS)
    return void sendFailure(req, res, { code: 'too_many_requests', detail: 'Too many live streams are open.' });
  req.socket.setNoDelay(true);
  cluster.hub.open(res, topics);
}

/** A problem document straight from the node server, for requests that Next never sees. */
export function sendFailure(
  req: IncomingMessage,
  res: ServerResponse,
  failure: Failure,
  extra: { close?: boolean; allow?: string } = {},
): void {
  const problem = problemOf(failure, randomUUID());
  const body = JSON.stringify(problem);
  res.statusCode = problem.status;
  res.setHeader('content-type', 'application/problem+json; charset=utf-8');
  res.setHeader('cache-control', 'no-store');
  res.setHeader('x-request-id', problem.requestId);
  res.setHeader('content-length', Buffer.byteLength(body));
  if (extra.allow ?? problem.status === 405) res.setHeader('allow', extra.allow ?? 'GET, HEAD, POST, PUT, DELETE');
  // An unread body would be taken for the next request.
  if (extra.close) res.setHeader('connection', 'close');
  res.end(req.method === 'HEAD' ? undefined : body);
}
