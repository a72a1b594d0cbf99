import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Networks } from '../http/client-address';
import { headerValues } from '../http/guard';
import { sameText } from './csrf';
import type { Identifier, Identity } from './identifier';
import { type RoleRules, roleOf } from './roles';

export interface TrustedProxyConfig {
  /** Networks from which the proxy connects, `10.0.0.0/8`. */
  cidrs: readonly string[];
  /** What the proxy sends in `secretHeader`, at least 16 characters. */
  secret: string;
  secretHeader: string;
  userHeader: string;
  groupsHeader: string;
  /** Where the proxy signs people out. */
  signOutUrl?: string | undefined;
}

const MAX_GROUPS = 200;

/** Takes the identity that a proxy in front asserts, when both its address and its secret are right. */
export class TrustedProxy implements Identifier {
  readonly mode = 'trusted-proxy';
  readonly longestMs = 0;
  private readonly peers: Networks;

  constructor(
    private readonly config: TrustedProxyConfig,
    private readonly roles: RoleRules,
  ) {
    this.peers = new Networks(config.cidrs);
  }

  /** Who asks; a failure when headers are there that must not be; undefined when the request is not the proxy's. */
  identify(req: IncomingMessage): Identity {
    const { config } = this;
    if (!this.peers.has(req.socket.remoteAddress)) return {};
    const secrets = headerValues(req, config.secretHeader);
    if (secrets.length !== 1 || !sameText(secrets[0] ?? '', config.secret)) return {};
    const users = headerValues(req, config.userHeader);
    const groups = headerValues(req, config.groupsHeader);
    if (users.length > 1 || groups.length > 1)
      return { failure: { code: 'invalid_query', detail: 'The proxy sent an identity header more than once.' } };
    const subject = users[0]?.trim() ?? '';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    if (subject === '' || subject.length > 256 || /[\x00-\x1f\x7f]/.test(subject)) return {};
    const list = (groups[0] ?? '')
      .split(',')
      .map((g) => g.trim())
      .filter((g) => g !== '')
      .slice(0, MAX_GROUPS);
    return {
      principal: {
        mode: 'trusted-proxy',
        issuer: 'trusted-proxy',
        subject,
        name: subject,
        groups: list,
        role: roleOf(this.roles, subject, list),
        // No cookie of ours carries it; it is the same on every replica.
        csrf: createHmac('sha256', config.secret).update(`csrf\0${subject}`).digest('base64url'),
        session: undefined,
      },
    };
  }

  /** Each request carries the proxy's secret, which no browser has. */
  proves(): boolean {
    return true;
  }

  /** The proxy decides again with the next request; a stream lives as long as its connection through the proxy. */
  holds(): boolean {
    return true;
  }
}
