import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AuthMode } from '@/contract/session';
import { type CookieRules, cookieValues, setCookie } from './cookies';
import { type Principal, personOf } from './principal';
import type { Revocations } from './revocations';
import { meaningful, type RoleRules, roleOf } from './roles';
import type { Sealer } from './seal';

/** What an identity provider says of somebody. */
export interface Person {
  issuer: string;
  subject: string;
  name: string;
  groups: readonly string[];
}

/** Times in ms since 1970. */
const Content = z.object({
  sid: z.string(),
  mode: AuthMode,
  iss: z.string(),
  sub: z.string(),
  name: z.string(),
  groups: z.array(z.string()),
  birth: z.object({ generation: z.string(), mark: z.string() }),
  issuedAt: z.number(),
  seenAt: z.number(),
});
type Content = z.infer<typeof Content>;

export interface SessionOptions {
  mode: AuthMode;
  sealer: Sealer;
  cookie: CookieRules;
  roles: RoleRules;
  /** Kubernetes decides somewhere and has to be told them all, not only those that a role rule names. */
  keepAllGroups: boolean;
  revocations: Revocations;
  /** Without a request for so long it ends. */
  idleMs: number;
  /** It ends then in any case. */
  absoluteMs: number;
  now: () => number;
}

/** A later clock of another replica is forgiven so far. */
const SKEW_MS = 60_000;
/** The time of the last request is written anew at most so often. */
const RENEW_MS = 60_000;
/** Browsers keep no more than 4,096 bytes of a cookie with its name. */
const MAX_COOKIE = 4_000;

/** Sessions whose last request is remembered, for the streams that they have open. */
const MAX_SEEN = 10_000;

/** Sessions without a store: all that is known of one is sealed in its cookie. */
export class Sessions {
  /** Moment of the last request by session, the newest last; a forgotten one is judged by its absolute end alone. */
  private readonly seen = new Map<string, number>();

  constructor(private readonly options: SessionOptions) {}

  /** A new session with its Set-Cookie value; undefined when what must be kept does not fit a cookie. */
  start(person: Person): { setCookie: string; principal: Principal } | undefined {
    const now = this.options.now();
    const content: Content = {
      sid: randomBytes(16).toString('base64url'),
      mode: this.options.mode,
      iss: person.issuer,
      sub: person.subject,
      name: person.name.slice(0, 200),
      groups: this.options.keepAllGroups ? [...person.groups] : meaningful(this.options.roles, person.groups),
      birth: this.options.revocations.birthOf(personOf(person)),
      issuedAt: now,
      seenAt: now,
    };
    const cookie = this.seal(content);
    return cookie === undefined ? undefined : { setCookie: cookie, principal: this.principalOf(content) };
  }

  /** Whose session a Cookie header carries, and the Set-Cookie that keeps it alive when it is time for one. */
  read(header: string | undefined): { principal: Principal; renewal: string | undefined } | undefined {
    const { cookie, sealer } = this.options;
    for (const value of cookieValues(header, cookie.name)) {
      const parsed = Content.safeParse(sealer.open(cookie.name, value));
      if (!parsed.success || !this.isAlive(parsed.data)) continue;
      const content = parsed.data;
      const now = this.options.now();
      this.saw(content.sid, now);
      const renewal = now - content.seenAt >= RENEW_MS ? this.seal({ ...content, seenAt: now }) : undefined;
      return { principal: this.principalOf(content), renewal };
    }
    return undefined;
  }

  /** Whether a Cookie header carries a cookie of this name, and none that was sealed here. */
  isForged(header: string | undefined): boolean {
    const { cookie, sealer } = this.options;
    const values = cookieValues(header, cookie.name);
    return values.length > 0 && values.every((value) => sealer.open(cookie.name, value) === undefined);
  }

  /** Whether a session that was read before still holds; asked for the streams that it has open. */
  holds(principal: Principal): boolean {
    const { session } = principal;
    if (!session) return false;
    const { now, revocations, idleMs } = this.options;
    const idleAt = (this.seen.get(session.id) ?? Number.POSITIVE_INFINITY) + idleMs;
    return (
      now() < Math.min(session.expiresAt, idleAt) && !revocations.isEnded({ ...session, person: personOf(principal) })
    );
  }

  /** The Set-Cookie that takes the cookie away. */
  get farewell(): string {
    return setCookie(this.options.cookie, undefined, 0);
  }

  private saw(id: string, at: number): void {
    this.seen.delete(id);
    this.seen.set(id, at);
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= MAX_SEEN) break;
      this.seen.delete(oldest);
    }
  }

  private isAlive(c: Content): boolean {
    const { now, idleMs, absoluteMs, revocations, mode } = this.options;
    const at = now();
    return (
      c.mode === mode &&
      c.issuedAt <= at + SKEW_MS &&
      c.seenAt <= at + SKEW_MS &&
      at < c.issuedAt + absoluteMs &&
      at < c.seenAt + idleMs &&
      !revocations.isEnded({
        id: c.sid,
        birth: c.birth,
        person: personOf({ issuer: c.iss, subject: c.sub }),
      })
    );
  }

  private principalOf(c: Content): Principal {
    return {
      mode: c.mode,
      issuer: c.iss,
      subject: c.sub,
      name: c.name,
      groups: c.groups,
      // By the rules of now: a role that was taken away in the configuration is gone at once.
      role: roleOf(this.options.roles, c.sub, c.groups),
      csrf: createHmac('sha256', c.sid).update('csrf').digest('base64url'),
      session: { id: c.sid, birth: c.birth, expiresAt: c.issuedAt + this.options.absoluteMs },
    };
  }

  private seal(content: Content): string | undefined {
    const { cookie, sealer, absoluteMs, now } = this.options;
    const value = sealer.seal(cookie.name, content);
    if (cookie.name.length + value.length > MAX_COOKIE) return undefined;
    return setCookie(cookie, value, (content.issuedAt + absoluteMs - now()) / 1000);
  }
}
