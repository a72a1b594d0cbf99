import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { headerValues } from './guard';

/** Networks by CIDR, `10.0.0.0/8`. */
export class Networks {
  private readonly list = new BlockList();

  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) {
      const [address = '', bits] = cidr.split('/');
      this.list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
    }
  }

  has(address: string | undefined): boolean {
    if (address === undefined) return false;
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && this.list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  }
}

/** An IPv4 address that came over an IPv6 socket, as itself. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

/**
 * Whom a request is counted against: the peer, or what trusted proxies say they forward for. Read before the guard takes the
 * forwarding headers away. Of a chain the nearest address that is no trusted proxy counts, because a client may begin one.
 */
export function clientAddress(req: IncomingMessage, proxies: Networks): string {
  const peer = plainAddress(req.socket.remoteAddress ?? 'unknown');
  if (!proxies.has(peer)) return peer;
  const chain = headerValues(req, 'x-forwarded-for')
    .join(',')
    .split(',')
    .map((hop) => plainAddress(hop.trim()));
  for (const hop of chain.reverse()) {
    if (isIP(hop) === 0) return peer;
    if (!proxies.has(hop)) return hop;
  }
  return peer;
}
