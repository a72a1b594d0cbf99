import type { IncomingMessage } from 'node:http';
import type { Failure } from './problem';

/**
 * Rules for a raw request before any framework sees it (security study, 3.0): what a stock Next server answers with 500,
 * a redirect to a foreign host or a silently cut body is refused here.
 */
export interface GuardRules {
  /** Host header values that are served, lower case, with port. */
  hosts: ReadonlySet<string>;
  /** Origins from which changes are accepted. */
  origins: ReadonlySet<string>;
  maxBodyBytes: number;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

/** Request headers that only Next or a proxy of ours may set. */
const INTERNAL =
  /^(x-middleware-|x-invoke-|x-matched-path|x-http-method-override|x-original-url|next-resume|next-action|content-security-policy|x-nonce|forwarded$|x-forwarded-|x-real-ip)/;

/** The refusal of a request, or undefined when it may go on. */
export function refuse(req: IncomingMessage, rules: GuardRules): Failure | undefined {
  if (!METHODS.has(req.method ?? '')) {
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
  return refuseUrl(req.url ?? '') ?? refuseBody(req, rules) ?? refuseOrigin(req, rules);
}

function refuseUrl(url: string): Failure | undefined {
  const bad = (detail: string): Failure => ({ code: 'invalid_path', detail });
  if (!url.startsWith('/') || url.startsWith('//')) return bad('The request target must be a path.');
  if (url.length > 2048) return bad('The address is longer than 2,048 characters.');
  const path = url.split('?', 1)[0] ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\\\x00-\x20\x7f]/.test(url) || path.includes('//'))
    return bad('The address has characters that do not belong in it.');
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
    decodeURIComponent(url.slice(path.length).replaceAll('+', ' '));
  } catch {
    return bad('The address is not valid percent-encoded UTF-8.');
  }
  if (decoded.split('/').some((s) => s === '.' || s === '..')) return bad('The address has dot segments.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(decoded) || /%2f|%5c/i.test(path))
    return bad('The address has encoded separators or control characters.');
  return undefined;
}

function refuseBody(req: IncomingMessage, rules: GuardRules): Failure | undefined {
  const length = req.headers['content-length'];
  const chunked = req.headers['transfer-encoding'] !== undefined;
  if ((req.method === 'GET' || req.method === 'HEAD') && (chunked || (length !== undefined && length !== '0'))) {
    return { code: 'invalid_body', status: 400, detail: 'A GET request has no body.' };
  }
  if (chunked) return { code: 'invalid_body', status: 411, detail: 'Send a Content-Length.' };
  if (req.headers['content-encoding'] !== undefined) {
    return { code: 'unsupported_media_type', detail: 'Compressed bodies are not accepted.' };
  }
  if (length !== undefined && Number(length) > rules.maxBodyBytes) {
    return { code: 'payload_too_large', detail: `At most ${rules.maxBodyBytes} bytes are accepted.` };
  }
  return undefined;
}

function refuseOrigin(req: IncomingMessage, rules: GuardRules): Failure | undefined {
  const site = req.headers['sec-fetch-site'];
  const isRead = req.method === 'GET' || req.method === 'HEAD' || req.method === 'OPTIONS';
  if (isRead) {
    // A document may be opened from anywhere; data may not be read by another site. Another port is another site here.
    const isApi = (req.url ?? '').startsWith('/api/');
    if (isApi && site !== undefined && site !== 'same-origin' && site !== 'none') {
      return { code: 'forbidden', detail: 'Only pages of the console may read its API.' };
    }
    return undefined;
  }
  if (site !== undefined && site !== 'same-origin') {
    return { code: 'forbidden', detail: 'Only pages of the console may make changes.' };
  }
  const origins = headerValues(req, 'origin');
  // Programs without a browser send no Origin; a browser always does with a change.
  if (origins.length > 1 || (origins.length === 1 && !rules.origins.has(origins[0] ?? ''))) {
    return { code: 'forbidden', detail: 'Only pages of the console may make changes.' };
  }
  return undefined;
}

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
function headerValues(req: IncomingMessage, name: string): string[] {
  return req.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === name);
}

/** Headers of every answer, errors and redirects included. */
export const SECURITY_HEADERS: ReadonlyArray<readonly [string, string]> = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['x-frame-options', 'DENY'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'],
];

/** Host header values and origins for a listening address and an optional public URL. */
export function namesOf(host: string, port: number, publicUrl?: string): Pick<GuardRules, 'hosts' | 'origins'> {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'];
  const isLoopback = loopback.includes(host) || host === '::1';
  const hosts = new Set((isLoopback ? loopback : [host, ...loopback]).map((h) => `${h}:${port}`));
  const origins = new Set([...hosts].map((h) => `http://${h}`));
  if (publicUrl) {
    const url = new URL(publicUrl);
    hosts.add(url.host.toLowerCase());
    origins.add(url.origin);
  }
  return { hosts, origins };
}
