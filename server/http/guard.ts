import type { IncomingMessage } from 'node:http';
import { REPORT_PATH } from './headers';
import type { Failure } from './problem';

/**
 * Rules for a raw request before any framework sees it (docs/security.md): what a stock Next server answers with 500,
 * a redirect to a foreign host or a silently cut body is refused here.
 */
export interface GuardRules {
  /** Host header values that are served, lower case, with port. */
  hosts: ReadonlySet<string>;
  /** Origins from which changes are accepted. */
  origins: ReadonlySet<string>;
  maxBodyBytes: number;
}

export const METHODS = 'GET, HEAD, POST, PUT, DELETE, OPTIONS';
const KNOWN_METHODS = new Set(METHODS.split(', '));
export const MAX_URL = 2_048;
export const MAX_HEADER_LINES = 100;
const MAX_COOKIE_BYTES = 8 * 1024;
/** More than a browser keeps for a host. */
const MAX_COOKIES = 200;
/** Headers that decide something: of two, who stands before us might look at the one and we at the other. */
const ONCE = [
  'x-mc-csrf',
  'content-type',
  'if-match',
  'if-none-match',
  'idempotency-key',
  'last-event-id',
  'sec-fetch-site',
];
/** Bodies of signing in and of browsers' reports are small. */
const BODY_LIMITS: ReadonlyArray<readonly [prefix: string, bytes: number]> = [
  ['/auth/', 16 * 1024],
  [REPORT_PATH, 8 * 1024],
];

/** Request headers that only Next or this server may set. */
const INTERNAL =
  /^(x-middleware-|x-invoke-|x-matched-path|x-http-method-override|x-original-url|x-rewrite-url|next-resume|next-action|x-nextjs-|content-security-policy|x-nonce|x-mc-page|x-mc-session|forwarded$|x-forwarded-|x-real-ip|impersonate-)/;

/** Places of Next that a production build has no use for: its optimiser, data routes and the development server's doors. */
const CLOSED = /^\/(_next\/(image|data|webpack-hmr|mcp)|__nextjs)/;

/** The refusal of a request, or undefined when it may go on. */
export function refuse(req: IncomingMessage, rules: GuardRules): Failure | undefined {
  if (req.httpVersion !== '1.1') return invalid('The console speaks HTTP/1.1.', 505);
  const lines = req.rawHeaders.length / 2;
  if (lines > MAX_HEADER_LINES) return invalid(`At most ${MAX_HEADER_LINES} header lines are accepted.`, 431);
  if (!KNOWN_METHODS.has(req.method ?? '')) {
    return { code: 'method_not_allowed', detail: 'The console serves GET, HEAD, POST, PUT and DELETE.' };
  }
  const hosts = headerValues(req, 'host');
  if (hosts.length !== 1 || !rules.hosts.has((hosts[0] ?? '').toLowerCase())) {
    return {
      code: 'misdirected',
      detail: 'The console is not served under this host name.',
      nextStep: 'Open it under the address that it printed when it started.',
    };
  }
  return refuseUrl(req.url ?? '') ?? refuseHeaders(req) ?? refuseBody(req, rules) ?? refuseOrigin(req, rules);
}

const invalid = (detail: string, status = 400): Failure => ({ code: 'invalid_request', status, detail });

function refuseUrl(url: string): Failure | undefined {
  const bad = (detail: string): Failure => ({ code: 'invalid_path', detail });
  if (!url.startsWith('/') || url.startsWith('//')) return bad('The request target must be a path.');
  if (url.length > MAX_URL) return bad('The address is longer than 2,048 characters.');
  const path = pathOf(url);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\\#\x00-\x20\x7f]/.test(url) || path.includes('//'))
    return bad('The address has characters that do not belong in it.');
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
    decodeURIComponent(url.slice(path.length).replaceAll('+', ' '));
  } catch {
    return bad('The address is not valid percent-encoded UTF-8.');
  }
  if (decoded.split('/').some((s) => s === '.' || s === '..')) return bad('The address has dot segments.');
  // Format characters, too: text that turns its direction would show another name than it is.
  if (/[\p{Cc}\p{Cf}]/u.test(decoded) || /%2f|%5c/i.test(path) || /%25[0-9a-f]{2}/i.test(path))
    return bad('The address has encoded separators or control characters.');
  // Next drops this one before a route sees its query.
  if (isApi(path) && new URLSearchParams(url.slice(path.length + 1)).has('__proto__'))
    return { code: 'invalid_query', detail: '“__proto__” is no parameter.' };
  if (CLOSED.test(path)) return { code: 'not_found', detail: 'There is nothing at this address.' };
  return undefined;
}

function refuseHeaders(req: IncomingMessage): Failure | undefined {
  const cookies = headerValues(req, 'cookie');
  if (cookies.reduce((n, c) => n + c.length, 0) > MAX_COOKIE_BYTES)
    return invalid('The cookies are longer than 8 KiB; delete those of this host.', 431);
  if (req.headers.upgrade !== undefined) return invalid('The console upgrades no connection.', 426);
  if (cookies.join(';').split(';').length > MAX_COOKIES)
    return invalid(`More than ${MAX_COOKIES} cookies were sent; delete those of this host.`, 431);
  for (const name of ONCE)
    if (headerValues(req, name).length > 1) return invalid(`The header ${name} was sent more than once.`);
  return undefined;
}

function refuseBody(req: IncomingMessage, rules: GuardRules): Failure | undefined {
  const length = req.headers['content-length'];
  const isChunked = req.headers['transfer-encoding'] !== undefined;
  const isRead = req.method === 'GET' || req.method === 'HEAD' || req.method === 'OPTIONS';
  if (isRead && (isChunked || (length !== undefined && length !== '0'))) {
    return { code: 'invalid_body', status: 400, detail: 'A GET request has no body.' };
  }
  if (isChunked) return { code: 'invalid_body', status: 411, detail: 'Send a Content-Length.' };
  if (!isRead && req.method !== 'DELETE' && length === undefined)
    return { code: 'invalid_body', status: 411, detail: 'Send a Content-Length.' };
  if (req.headers['content-encoding'] !== undefined) {
    return { code: 'unsupported_media_type', detail: 'Compressed bodies are not accepted.' };
  }
  const path = pathOf(req.url ?? '');
  const limit = BODY_LIMITS.find(([prefix]) => path.startsWith(prefix))?.[1] ?? rules.maxBodyBytes;
  if (length !== undefined && Number(length) > limit) {
    return { code: 'payload_too_large', detail: `At most ${limit} bytes are accepted here.` };
  }
  return undefined;
}

function refuseOrigin(req: IncomingMessage, rules: GuardRules): Failure | undefined {
  const site = req.headers['sec-fetch-site'];
  const path = pathOf(req.url ?? '');
  if (isRead(req)) {
    // A document may be opened from anywhere; data may not be read by another site. Another port is another site here.
    if (isApi(path) && site !== undefined && site !== 'same-origin' && site !== 'none')
      return { code: 'forbidden', detail: 'Only pages of the console may read its API.' };
    return undefined;
  }
  // No page takes anything but GET: what a framework would decode from a body is never reached.
  if (!isApi(path) && !path.startsWith('/auth/'))
    return { code: 'method_not_allowed', detail: 'Pages are read with GET.' };
  // A browser's own report comes from no page, and changes nothing.
  if (path === REPORT_PATH) return undefined;
  const foreign: Failure = { code: 'forbidden', detail: 'Only pages of the console may make changes.' };
  if (site !== undefined && site !== 'same-origin') return foreign;
  const origins = headerValues(req, 'origin');
  // A browser always names the origin of a change; a program can, too.
  return origins.length === 1 && rules.origins.has(origins[0] ?? '') ? undefined : foreign;
}

export const isRead = (req: IncomingMessage): boolean =>
  req.method === 'GET' || req.method === 'HEAD' || req.method === 'OPTIONS';

/** Where everything is data, and nothing a page. */
export const isApi = (path: string): boolean => path === '/api' || path.startsWith('/api/');

export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** Removes headers that a client must not be able to set. */
export function stripInternalHeaders(req: IncomingMessage): void {
  for (const name of Object.keys(req.headers)) if (INTERNAL.test(name)) delete req.headers[name];
  const raw: string[] = [];
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const [name, value] = [req.rawHeaders[i] ?? '', req.rawHeaders[i + 1] ?? ''];
    if (!INTERNAL.test(name.toLowerCase())) raw.push(name, value);
  }
  req.rawHeaders = raw;
}

/** All values of a header as they came, because node joins or drops duplicates. */
export function headerValues(req: IncomingMessage, name: string): string[] {
  return req.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === name);
}

/** Host header values and origins for a listening address and an optional public URL. */
export function namesOf(host: string, port: number, publicUrl?: string): Pick<GuardRules, 'hosts' | 'origins'> {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'];
  const isLoopback = loopback.includes(host) || host === '::1';
  // An address that listens everywhere is no name that anybody asks for.
  const own = isLoopback || host === '0.0.0.0' || host === '::' ? [] : [host.includes(':') ? `[${host}]` : host];
  const hosts = new Set([...own, ...loopback].map((h) => `${h.toLowerCase()}:${port}`));
  const origins = new Set([...hosts].map((h) => `http://${h}`));
  if (publicUrl) {
    const url = new URL(publicUrl);
    hosts.add(url.host.toLowerCase());
    origins.add(url.origin);
  }
  return { hosts, origins };
}
