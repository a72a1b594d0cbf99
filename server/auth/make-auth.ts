import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { AuditLog } from '../audit/audit';
import { steadyNow } from '../collector/clock';
import { type Config, ConfigError } from '../config/config';
import type { Traffic } from '../limits/traffic';
import { Auth } from './auth';
import { type CookieRules, cookieName } from './cookies';
import { EndedFile } from './ended-file';
import { CookieIdentifier, type Identifier } from './identifier';
import { LocalLink } from './local-link';
import { OidcSignIn } from './oidc';
import { Revocations } from './revocations';
import type { RoleRules } from './roles';
import { Sealer } from './seal';
import { Sessions } from './sessions';
import { SignIn, type Way } from './sign-in';
import { TrustedProxy } from './trusted-proxy';

export interface MadeAuth {
  auth: Auth;
  signIn: (traffic: Traffic, audit: AuditLog) => SignIn;
  /** In the local mode: the token of a new link; undefined when one was made a moment ago. */
  newLink: (() => string | undefined) | undefined;
}

const NOBODY = { viewer: [], operator: [], admin: [], breakglass: [] };

/**
 * Builds what decides who asks, as the configuration says. `port` is the one that is listened on. Throws ConfigError when
 * the file of ended sessions cannot be written.
 */
export function makeAuth(config: Config, port: number, print: (token: string) => void): MadeAuth {
  const { auth: how, publicUrl } = config;
  const now = Date.now;
  const endedFile = how.mode === 'trusted-proxy' || !how.endedFile ? undefined : openEndedFile(how.endedFile);
  const revocations = new Revocations(now, undefined, endedFile);
  const made = (identifier: Identifier, way: Way, farewell: string | undefined, link?: LocalLink): MadeAuth => {
    const auth = new Auth({ identifier, revocations, readOnly: config.readOnly });
    return {
      auth,
      signIn: (traffic, audit) => new SignIn({ way, auth, audit, traffic, farewell }),
      newLink: link && (() => link.renew()),
    };
  };
  if (how.mode === 'trusted-proxy') {
    return made(
      new TrustedProxy(how.proxy, how.roles),
      { mode: how.mode, signOutUrl: how.proxy.signOutUrl },
      undefined,
    );
  }
  const sealer = new Sealer(secretsOf(how.sessionSecrets));
  const isSecure = publicUrl?.startsWith('https:') ?? false;
  // Browsers share the cookies of a host among its ports, so the port is part of a local console's name for its own.
  const name = how.mode === 'local' ? `mc_${port}` : cookieName('mc_session', isSecure);
  // Lax, not Strict: people come back from the identity provider, or from a link in a message, with their session.
  const cookie: CookieRules = { name, isSecure: isSecure && how.mode === 'oidc', sameSite: 'Lax' };
  const roles: RoleRules = how.mode === 'local' ? { groups: NOBODY, subjects: NOBODY, everyone: how.role } : how.roles;
  const sessions = new Sessions({
    mode: how.mode,
    sealer,
    cookie,
    roles,
    keepAllGroups: config.clusters.some((c) => c.kubernetes !== undefined),
    revocations,
    idleMs: how.idleMs,
    absoluteMs: how.absoluteMs,
    now,
  });
  const identifier = new CookieIdentifier(how.mode, sessions, how.absoluteMs);
  if (how.mode === 'local') {
    // A clock that is set makes a link neither too old nor good for a day.
    const link = new LocalLink(steadyNow);
    return made(identifier, { mode: 'local', link, sessions, user: operatorName(), print }, sessions.farewell, link);
  }
  const oidc = new OidcSignIn({
    config: how.oidc,
    publicUrl: publicUrl ?? `http://127.0.0.1:${port}`, // the configuration has refused one without
    sealer,
    cookie: { ...cookie, name: cookieName('mc_tx', isSecure) },
    now,
  });
  return made(identifier, { mode: 'oidc', oidc, sessions }, sessions.farewell);
}

function openEndedFile(path: string): EndedFile {
  try {
    return EndedFile.open(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError(
      `auth.endedSessionsFile: ${path}: cannot be written (${code}): sessions that outlive a restart need it, to stay ended once they are`,
    );
  }
}

/** Without a configured key, one that dies with the process: a restart then signs everybody out. */
function secretsOf(configured: readonly string[]): Uint8Array[] {
  return configured.length > 0 ? configured.map((text) => Buffer.from(text, 'utf8')) : [randomBytes(32)];
}

function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'operator'; // a user id without a name
  }
}
