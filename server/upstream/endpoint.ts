import { isIP } from 'node:net';

export type Endpoint = { ok: true; target: string } | { ok: false; reason: string };

const HOST = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/**
 * Reads `host:port` (IPv6 in brackets) from configuration or from a node's registration. Anything else is refused, because
 * gRPC would take `unix:` paths and other schemes too. `http://` and `https://` are taken off: upstream's own defaults say
 * https and speak plain HTTP/2 (wire facts, 2).
 */
export function parseEndpoint(text: string): Endpoint {
  const bare = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/$/, '');
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(bare);
  if (!parts) return { ok: false, reason: 'not host:port' };
  const [, v6, host, portText] = parts;
  const port = Number(portText);
  if (port < 1 || port > 65_535) return { ok: false, reason: 'the port is not between 1 and 65535' };
  if (v6 !== undefined)
    return isIP(v6) === 6 ? { ok: true, target: `[${v6}]:${port}` } : { ok: false, reason: 'not an IPv6 address' };
  if (host === undefined || !HOST.test(host)) return { ok: false, reason: 'not a host name or address' };
  // 127.1 and 0x7f.1 are addresses to some resolvers: whatever ends in a number must be a whole IPv4 address.
  if (/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(host) && isIP(host) !== 4) return { ok: false, reason: 'not an IPv4 address' };
  return { ok: true, target: `${host}:${port}` };
}

const isLoopback = (host: string) => host === 'localhost' || /^127\./.test(host) || host === '[::1]';

/**
 * Whether a storage node's endpoint, which agent-core only passes on, may be dialled. Never link-local addresses, where
 * clouds keep machine credentials; this machine itself only if agent-core is on it too (the demo, a test).
 */
export function nodeEndpoint(text: string, agentCore: string): Endpoint {
  const parsed = parseEndpoint(text);
  if (!parsed.ok) return parsed;
  const host = hostOf(parsed.target);
  if (
    /^169\.254\./.test(host) ||
    /^\[(fe[89ab][0-9a-f]:|::ffff:|fd00:ec2:)/i.test(host) ||
    /^0\./.test(host) ||
    host === '[::]'
  ) {
    return { ok: false, reason: 'an address that is not dialled' };
  }
  if (isLoopback(host.toLowerCase()) && !isLoopback(hostOf(agentCore).toLowerCase())) {
    return { ok: false, reason: "this machine's own address" };
  }
  return parsed;
}

const hostOf = (target: string) => target.slice(0, target.lastIndexOf(':'));
