import { BlockList, isIP } from 'node:net';

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

type Family = 'ipv4' | 'ipv6';
const familyOf = (ip: string): Family => (isIP(ip) === 6 ? 'ipv6' : 'ipv4');

/** Two lists, because one takes every IPv4 address for its mapped form. */
function networks(rules: ReadonlyArray<readonly [address: string, bits: number]>): (ip: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [address, bits] of rules) lists[familyOf(address)].addSubnet(address, bits, familyOf(address));
  return (ip) => lists[familyOf(ip)].check(ip, familyOf(ip));
}

/** Link-local and unspecified addresses, where clouds keep machine credentials among others, in all forms that IPv6 has for IPv4. */
const isNeverDialled = networks([
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96], // unspecified, and compatible with IPv4
  ['::ffff:0:0', 96], // mapped
  ['64:ff9b::', 96], // translated
  ['2002::', 16], // 6to4
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['ff00::', 8],
]);
const isLoopback = networks([
  ['127.0.0.0', 8],
  ['::1', 128],
]);

/**
 * Whether a storage node's endpoint, which agent-core only passes on, may be dialled: an address, because nodes register with
 * theirs, and a name could lead anywhere. Never link-local ones; this machine itself only if agent-core is on it too (the
 * demo, a test).
 */
export function nodeEndpoint(text: string, agentCore: string): Endpoint {
  const parsed = parseEndpoint(text);
  if (!parsed.ok) return parsed;
  const host = hostOf(parsed.target);
  if (isIP(host) === 0) return { ok: false, reason: 'a name, and only addresses are dialled' };
  const isHere = isLoopback(host);
  if (!isHere && isNeverDialled(host)) return { ok: false, reason: 'an address that is not dialled' };
  const core = hostOf(agentCore).toLowerCase();
  if (isHere && core !== 'localhost' && !(isIP(core) !== 0 && isLoopback(core)))
    return { ok: false, reason: "this machine's own address" };
  return parsed;
}

/** Without the brackets of IPv6. */
const hostOf = (target: string) => target.slice(0, target.lastIndexOf(':')).replace(/^\[|\]$/g, '');
