import type { IncomingMessage } from 'node:http';
import { type AuthMode, TOKEN_HEADER } from '@/contract/session';
import type { Failure } from '../http/problem';
import { carriesToken } from './csrf';
import type { Principal } from './principal';
import type { Sessions } from './sessions';

/** Who asks, as far as it can be told; `renewal` is the Set-Cookie that keeps the session alive. */
export interface Identity {
  principal?: Principal;
  renewal?: string;
  /** The Set-Cookie that takes away a cookie that no key of ours has sealed. */
  farewell?: string;
  failure?: Failure;
}

/** What a mode of signing in must be able to do. */
export interface Identifier {
  readonly mode: AuthMode;
  identify(req: IncomingMessage): Identity;
  /** Whether the request proves more than that a browser sent a cookie, where cookies are not enough. */
  proves(req: IncomingMessage, principal: Principal): boolean;
  /** Whether somebody who was let in a while ago still is; asked for open streams. */
  holds(principal: Principal): boolean;
  /** The longest that a session of it lives, ms. */
  readonly longestMs: number;
}

/** Sessions in a cookie: `oidc`, and `local`. */
export class CookieIdentifier implements Identifier {
  constructor(
    readonly mode: 'local' | 'oidc',
    private readonly sessions: Sessions,
    readonly longestMs: number,
  ) {}

  identify(req: IncomingMessage): Identity {
    const found = this.sessions.read(req.headers.cookie);
    // One that has ended goes by its age: its page may be asking while somebody signs in in another tab.
    if (!found) return this.sessions.isForged(req.headers.cookie) ? { farewell: this.sessions.farewell } : {};
    return found.renewal === undefined
      ? { principal: found.principal }
      : { principal: found.principal, renewal: found.renewal };
  }

  /**
   * In the local mode every request carries the session's token as well: browsers send the cookies of a loopback host to all
   * its ports, so another program that the person opens there gets the cookie. It cannot get the token, which storage keeps
   * by port, and which is sealed in the cookie.
   */
  proves(req: IncomingMessage, principal: Principal): boolean {
    if (this.mode !== 'local') return true;
    const sent = req.headers[TOKEN_HEADER];
    return typeof sent === 'string' && carriesToken(sent, principal);
  }

  holds(principal: Principal): boolean {
    return this.sessions.holds(principal);
  }
}
