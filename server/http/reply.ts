import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { METHODS } from './guard';
import { DATA_POLICY, SECURITY_HEADERS } from './headers';
import { type Failure, problemOf } from './problem';

/** A client that goes on sending after a refusal gets this long to read it. */
const LINGER_MS = 500;

/** Connections whose last answer has been given: what else comes on them is not read as a request. */
const doomed = new WeakSet<Duplex>();
export const isDoomed = (socket: Duplex): boolean => doomed.has(socket);

/** Ends a connection once what was written has left; what the client still sends is thrown away meanwhile. */
function doom(socket: Socket): void {
  if (doomed.has(socket)) return;
  doomed.add(socket);
  socket.end();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

export interface FailureExtra {
  /** The connection ends: an unread body would be taken for the next request. */
  close?: boolean;
  allow?: string;
  retryAfterSeconds?: number;
}

/** A problem document straight from the node server, for requests that Next never sees. */
export function sendFailure(
  req: IncomingMessage,
  res: ServerResponse,
  failure: Failure,
  extra: FailureExtra = {},
): void {
  const problem = problemOf(failure, randomUUID());
  const body = JSON.stringify(problem);
  res.statusCode = problem.status;
  res.setHeader('content-type', 'application/problem+json; charset=utf-8');
  res.setHeader('content-security-policy', DATA_POLICY);
  res.setHeader('cache-control', 'no-store');
  res.setHeader('x-request-id', problem.requestId);
  res.setHeader('content-length', Buffer.byteLength(body));
  if (extra.allow ?? problem.status === 405) res.setHeader('allow', extra.allow ?? METHODS);
  const retryAfter = extra.retryAfterSeconds ?? failure.retryAfterSeconds;
  if (retryAfter !== undefined) res.setHeader('retry-after', Math.max(1, Math.ceil(retryAfter)));
  if (extra.close) {
    res.setHeader('connection', 'close');
    doomed.add(req.socket);
    res.on('finish', () => {
      doomed.delete(req.socket);
      doom(req.socket);
    });
  }
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** JSON straight from the node server. */
export function sendJson(req: IncomingMessage, res: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  res.statusCode = status;
  res.setHeader('content-type', 'application/json; charset=utf-8');
  res.setHeader('content-security-policy', DATA_POLICY);
  res.setHeader('cache-control', 'no-store');
  res.setHeader('content-length', Buffer.byteLength(body));
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** An answer to bytes that never became a request, with the same headers as all others; the connection ends. */
export function sendRaw(socket: Duplex, status: string, extra: readonly string[] = []): void {
  if (doomed.has(socket) || !socket.writable) {
    if (!doomed.has(socket)) socket.destroy();
    return;
  }
  const headers = [...SECURITY_HEADERS, ['content-security-policy', DATA_POLICY], ['cache-control', 'no-store']];
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  doomed.add(socket);
  socket.end([`HTTP/1.1 ${status}`, ...lines, ...extra, 'connection: close', 'content-length: 0', '', ''].join('\r\n'));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
