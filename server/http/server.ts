import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SignInPage } from '@/contract/session';
import type { Auth } from '../auth/auth';
import { limitKeyOf, type Principal } from '../auth/principal';
import type { SignIn } from '../auth/sign-in';
import type { Runtime } from '../runtime';
import { describeBareRefusals } from './bare-answers';
import type { BuildFiles } from './build-files';
import { clientAddress, type Networks } from './client-address';
import { type GuardRules, isApi, isRead, pathOf, refuse, stripInternalHeaders } from './guard';
import { DATA_POLICY, HSTS, pagePolicy, REPORT_PATH, REPORTING, SECURITY_HEADERS } from './headers';
import { answerHealth, type Health } from './health';
import { isMissing } from './missing';
import { openStream } from './open-stream';
import type { Failure } from './problem';
import { type FailureExtra, isDoomed, sendFailure, sendRaw } from './reply';
import { takeReport } from './reports';

/** Handles what the guard let through: Next's request handler. */
export type NextHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export interface HttpOptions {
  runtime: Runtime;
  health: Health;
  /** Metrics have a port of their own; else this machine may read them here. */
  hasMetricsPort?: boolean;
  next: NextHandler;
  /** Known once the build is; the development server makes its files as they are asked for. */
  files?: () => BuildFiles | undefined;
  signIn: () => SignIn;
  proxies: Networks;
  /** Known once the port is, as `signIn`. */
  rules: () => GuardRules;
  /** People come over https, by a proxy that ends it. */
  isHttps: boolean;
  isDev: boolean;
  /** The development server's own socket, by which pages reload; there is no other. */
  upgrade?: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** A connection on which nothing moves for so long, in either direction, is closed; a minute if absent. */
  stuckMs?: number;
  /** Connections of a proxy are kept longer than those of a browser, and longer than the proxy keeps them. */
  isProxied: boolean;
}

const MAX_CONNECTIONS = 2_048;
const STUCK_MS = 60_000;

/** The server before Next: guard, security headers, who asks, the live streams, and everything else to Next. */
export function makeServer(options: HttpOptions): Server {
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    connectionsCheckingInterval: 2_000,
    // The guard refuses what names no host, with the headers that every answer has.
    requireHostHeader: false,
  });
  const take = (req: IncomingMessage, res: ServerResponse) => {
    // What comes behind an answer that ended its connection is no request.
    if (isDoomed(req.socket)) return;
    res.on('error', () => res.destroy());
    res.on('finish', () => options.health.metrics.answered(res.statusCode));
    handle(options, req, res).catch((error: unknown) => {
      // A client that left in the middle of its request is no error of ours, and must not fill the log.
      if (req.socket.destroyed) return;
      console.error(
        JSON.stringify({ level: 'error', url: req.url, error: error instanceof Error ? error.stack : String(error) }),
      );
      if (!res.headersSent) sendFailure(req, res, { code: 'internal', detail: 'An unexpected error.' });
      else res.destroy();
    });
  };
  server.on('request', take);
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    // A client that waits is told to go on only when its request would be taken.
    if (!refuse(req, options.rules())) res.writeContinue();
    take(req, res);
  });
  server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) => {
    for (const [name, value] of SECURITY_HEADERS) res.setHeader(name, value);
    const failure = { code: 'invalid_request', status: 417, detail: 'No such expectation can be met.' } as const;
    sendFailure(req, res, failure, { close: true });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  // Of whoever does not read the answer, and holds a place among the requests by that.
  server.timeout = options.stuckMs ?? STUCK_MS;
  server.keepAliveTimeout = options.isProxied ? 65_000 : 5_000;
  server.maxConnections = MAX_CONNECTIONS;
  // Counted by the guard, which answers; node would leave some out without a word.
  server.maxHeadersCount = 0;
  // What node's own parser refuses has no request object; it answers and closes, without our pages.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET') return socket.destroy();
    if (error.code === 'HPE_HEADER_OVERFLOW') return sendRaw(socket, '431 Request Header Fields Too Large');
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return sendRaw(socket, '408 Request Timeout');
    return sendRaw(socket, '400 Bad Request');
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    const isReloading = options.upgrade && isOurs(req, options.rules()) && (req.url ?? '').startsWith('/_next/');
    if (isReloading) return options.upgrade?.(req, socket, head);
    sendRaw(socket, '426 Upgrade Required', ['upgrade: h2c']);
  });
  server.on('connect', (_, socket) => sendRaw(socket, '405 Method Not Allowed'));
  return server;
}

/** From a page of ours, under a name of ours. */
const isOurs = (req: IncomingMessage, rules: GuardRules): boolean =>
  rules.hosts.has((req.headers.host ?? '').toLowerCase()) && rules.origins.has(req.headers.origin ?? '');

async function handle(options: HttpOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { runtime, proxies } = options;
  for (const [name, value] of SECURITY_HEADERS) res.setHeader(name, value);
  if (options.isHttps) res.setHeader(...HSTS);
  // Before the guard: an orchestrator asks by address, which is no name of ours, and learns nothing but this.
  if (answerHealth(runtime, options.health, req, res, false)) return;
  const address = clientAddress(req, proxies);
  const refusal = refuse(req, options.rules());
  if (refusal) return turnAway(options, req, res, refusal, { address, close: true });
  if (mayMeasure(options, req) && answerHealth(runtime, options.health, req, res, true)) return;
  const path = pathOf(req.url ?? '/');
  if (req.method === 'OPTIONS') {
    res.statusCode = 204;
    res.setHeader('allow', 'GET, HEAD, POST, PUT, DELETE, OPTIONS');
    return void res.end();
  }
  // Files of the build are the same for everybody and say nothing of a cluster.
  if (isRead(req) && isStatic(path)) {
    stripInternalHeaders(req);
    // One that is not there is answered with a page, which then runs nothing.
    res.setHeader('content-security-policy', DATA_POLICY);
    const files = options.files?.();
    return files?.has(path) ? files.answer(path, req, res) : options.next(req, res);
  }
  const full = runtime.traffic.enter();
  if (full) return turnAway(options, req, res, full, { address, close: true });
  try {
    await answerRequest(options, req, res, { path, address });
  } finally {
    runtime.traffic.leave();
  }
}

interface Where {
  path: string;
  address: string;
}

async function answerRequest(
  options: HttpOptions,
  req: IncomingMessage,
  res: ServerResponse,
  at: Where,
): Promise<void> {
  const { runtime } = options;
  const isData = isApi(at.path) || at.path.startsWith('/auth/');
  const identity = isData ? runtime.auth.identify(req) : runtime.auth.identifyVisitor(req);
  // Only now: a trusted proxy says by such headers who asks.
  stripInternalHeaders(req);
  if (identity.failure) return turnAway(options, req, res, identity.failure, { address: at.address, close: true });
  if (identity.farewell !== undefined) forged(options, req, res, at.address, identity.farewell);
  const { principal } = identity;
  const { traffic } = runtime;
  const who = principal && limitKeyOf(principal);
  const tooMany = traffic.request(who, at.address, isRead(req));
  if (tooMany) return turnAway(options, req, res, tooMany, { address: at.address, close: !isRead(req) });
  const holder = who ?? `address ${at.address}`;
  const full = traffic.hold(holder);
  if (full) return turnAway(options, req, res, full, { address: at.address, close: true });
  try {
    await serve(options, req, res, { ...at, principal, renewal: identity.renewal });
  } finally {
    traffic.release(holder);
  }
}

/** A cookie that was changed, or sealed by a key that is no more: it is taken away, and somebody is told. */
function forged(
  { runtime }: HttpOptions,
  req: IncomingMessage,
  res: ServerResponse,
  address: string,
  farewell: string,
) {
  res.setHeader('set-cookie', farewell);
  runtime.audit.refusal(
    {
      principal: undefined,
      address,
      requestId: undefined,
      action: 'session.refused',
      summary: `A session that is none: ${req.method ?? ''} ${pathOf(req.url ?? '').slice(0, 120)}`,
    },
    'invalid_session',
  );
}

/** Answers whoever may ask. */
async function serve(
  options: HttpOptions,
  req: IncomingMessage,
  res: ServerResponse,
  { principal, renewal, ...at }: Where & { principal: Principal | undefined; renewal: string | undefined },
): Promise<void> {
  const { runtime, signIn } = options;
  const isData = isApi(at.path) || at.path.startsWith('/auth/');
  if (renewal !== undefined) res.setHeader('set-cookie', renewal);
  if (!isData) return answerPage(options, req, res, { ...at, principal });
  // Next's own dialect with its pages would have it redirect what asks for data in it.
  for (const name of Object.keys(req.headers)) if (/^(rsc$|next-)/.test(name)) delete req.headers[name];
  res.setHeader('content-security-policy', DATA_POLICY);
  if (at.path.startsWith('/auth/')) return signIn().handle(req, res, { ...at, principal });
  if (at.path === REPORT_PATH) return takeReport(req, res);
  const events = /^\/api\/v1\/clusters\/([^/]+)\/events$/.exec(at.path);
  if (events) return openStream(runtime, decodeURIComponent(events[1] ?? ''), principal, req, res);
  describeBareRefusals(options.next, req, res);
  await runtime.auth.run(principal, at.address, () => options.next(req, res));
}

/** A page is for whoever is signed in; all others are led to where they can. It carries no data of a cluster. */
async function answerPage(
  options: HttpOptions,
  req: IncomingMessage,
  res: ServerResponse,
  { path, principal }: Where & { principal: Principal | undefined },
): Promise<void> {
  const isSignIn = path === '/login';
  if (!principal && !isSignIn) {
    const to = req.url === '/' ? '' : `?to=${encodeURIComponent(req.url ?? '/')}`;
    res.statusCode = 303;
    res.setHeader('location', `/login${to}`);
    res.setHeader('content-security-policy', DATA_POLICY);
    res.setHeader('cache-control', 'no-store');
    return void res.end();
  }
  const facts = isSignIn ? options.signIn().page(new URL(req.url ?? '/', 'http://console').searchParams) : undefined;
  // What is not there says so to programs, too; the page itself says it to people, with the way on.
  if (!isSignIn && isDocument(req) && (await isMissing(options.runtime, principal, path))) res.statusCode = 404;
  return sendPage(options, req, res, { facts, principal: isSignIn ? undefined : principal });
}

/** A whole page; what a page that is open asks for behind it is no document. */
const isDocument = (req: IncomingMessage): boolean =>
  req.headers.rsc === undefined && req.headers['next-router-prefetch'] === undefined;

/** Has Next make a page, with a policy of its own and what it must know of the request. */
function sendPage(
  { isDev, runtime, next }: HttpOptions,
  req: IncomingMessage,
  res: ServerResponse,
  { facts, principal }: { facts: SignInPage | undefined; principal: Principal | undefined },
): Promise<void> {
  const policy = pagePolicy(randomBytes(16).toString('base64'), isDev);
  // Next reads the nonce for its own scripts from here; the pages read the other two (app/layout.tsx, app/login).
  req.headers['content-security-policy'] = policy;
  if (facts) req.headers['x-mc-page'] = encodeURIComponent(JSON.stringify(facts));
  const token = principal && tokenForPage(runtime.auth, principal);
  if (token !== undefined) req.headers['x-mc-session-token'] = token;
  res.setHeader('content-security-policy', policy);
  res.setHeader(...REPORTING);
  return next(req, res);
}

/** A page of the local mode keeps its token itself: whoever has but the cookie must not learn it. */
const tokenForPage = (auth: Auth, principal: Principal): string | undefined =>
  auth.mode === 'local' ? undefined : principal.csrf;

const STATIC = new Set(['/boot.js', '/first.js', '/icon.svg', '/favicon.ico']);
const isStatic = (path: string): boolean => path.startsWith('/_next/static/') || STATIC.has(path);

function turnAway(
  { runtime }: HttpOptions,
  req: IncomingMessage,
  res: ServerResponse,
  failure: Failure,
  { address, ...extra }: FailureExtra & { address: string },
): void {
  runtime.audit.refusal(
    {
      principal: undefined,
      address,
      requestId: undefined,
      action: 'request.refused',
      summary: `${req.method ?? ''} ${pathOf(req.url ?? '').slice(0, 120)}`,
    },
    failure.code,
  );
  sendFailure(req, res, failure, extra);
}

/** Programs of this machine may measure: nothing of it comes from another one, or from a page of another site. */
function mayMeasure({ hasMetricsPort, isProxied }: HttpOptions, req: IncomingMessage): boolean {
  if (hasMetricsPort || isProxied || !isLoopback(req.socket.remoteAddress)) return false;
  const site = req.headers['sec-fetch-site'];
  const isForwarded = Object.keys(req.headers).some((name) => /^(forwarded|via|x-forwarded-|x-real-ip)/.test(name));
  return !isForwarded && (site === undefined || site === 'none' || site === 'same-origin');
}

const isLoopback = (address: string | undefined): boolean => /^(::ffff:)?127\.|^::1$/.test(address ?? '');
