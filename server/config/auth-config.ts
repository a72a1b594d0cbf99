import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { Role } from '@/contract/permission';
import type { OidcConfig } from '../auth/oidc';
import type { RoleRules } from '../auth/roles';
import type { TrustedProxyConfig } from '../auth/trusted-proxy';

interface CookieAuth {
  /** First one seals. Empty: a key of this process alone, so that a restart ends all sessions. */
  sessionSecrets: readonly string[];
  /** Keeps which sessions have ended early. Undefined: sessions do not outlive the process, and so need none. */
  endedFile: string | undefined;
  idleMs: number;
  absoluteMs: number;
}

/** How people sign in. There is no mode without authentication. */
export type AuthConfig =
  | ({ mode: 'local'; role: Role } & CookieAuth)
  | ({ mode: 'oidc'; oidc: OidcConfig; roles: RoleRules } & CookieAuth)
  | { mode: 'trusted-proxy'; proxy: TrustedProxyConfig; roles: RoleRules };

const Names = z.array(z.string().min(1).max(256)).max(200).default([]);
const ByRole = z.strictObject({ viewer: Names, operator: Names, admin: Names, breakglass: Names });
const Header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a header name')
  .transform((name) => name.toLowerCase())
  .refine((name) => !/^(cookie|host|origin|content-.*|transfer-encoding|connection|x-mc-.*)$/.test(name), {
    error: 'must be a header that has no other meaning here',
  });
const Minutes = z
  .number()
  .min(1)
  .max(60 * 24 * 31);

export const Cidr = z.string().refine((text) => {
  const [address = '', bits = '', more] = text.split('/');
  const family = isIP(address);
  if (more !== undefined || family === 0 || !/^\d{1,3}$/.test(bits)) return false;
  // Half of everything is no network to trust, and nor are all IPv4 addresses in the form of IPv6.
  const [least, most] = family === 4 ? [8, 32] : [16, 128];
  if (Number(bits) < least || Number(bits) > most) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return family === 4 || !list.check('::ffff:198.51.100.1', 'ipv6');
}, 'must be a network such as 10.0.0.0/8, and not half of everything');

const Issuer = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url !== undefined &&
    url.hash === '' &&
    url.search === '' &&
    url.username === '' &&
    url.password === '' &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
  );
}, 'must be an https:// address, without a name or password in it');

const session = {
  sessionKeyFile: z.string().min(1).optional(),
  previousSessionKeyFile: z.string().min(1).optional(),
  endedSessionsFile: z.string().min(1).optional(),
};

/** `auth` of the configuration file. */
export const AuthFile = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('local'),
    role: Role.default('admin'),
    ...session,
    idleMinutes: Minutes.default(12 * 60),
    absoluteMinutes: Minutes.default(24 * 60),
  }),
  z.strictObject({
    mode: z.literal('oidc'),
    issuer: Issuer,
    clientId: z.string().min(1).max(256),
    clientSecretFile: z.string().min(1).optional(),
    scopes: z
      .string()
      .max(500)
      .refine((text) => text.split(' ').includes('openid'), 'must have openid among them')
      .default('openid profile'),
    groupsClaim: z.string().min(1).max(256).default('groups'),
    nameClaim: z.string().min(1).max(256).default('name'),
    groups: ByRole.optional(),
    subjects: ByRole.optional(),
    everyone: Role.optional(),
    ...session,
    idleMinutes: Minutes.default(30),
    absoluteMinutes: Minutes.default(8 * 60),
  }),
  z.strictObject({
    mode: z.literal('trusted-proxy'),
    cidrs: z.array(Cidr).min(1, 'must name the networks of the proxy').max(50),
    secretFile: z.string().min(1),
    secretHeader: Header.default('x-console-proxy-secret'),
    userHeader: Header.default('x-forwarded-user'),
    groupsHeader: Header.default('x-forwarded-groups'),
    signOutUrl: z
      .string()
      .regex(/^(\/[^/\\]|https:\/\/)\S*$/, 'must be a path or an https:// address')
      .optional(),
    groups: ByRole.optional(),
    subjects: ByRole.optional(),
    everyone: Role.optional(),
  }),
]);
export type AuthFile = z.output<typeof AuthFile>;

/** What a configuration without `auth` means. */
export const LOCAL: AuthFile = AuthFile.parse({ mode: 'local' });

const NOBODY = { viewer: [], operator: [], admin: [], breakglass: [] };
const MINUTE = 60_000;

/**
 * The sign-in of a parsed file, with its secrets read by `secret` (which trims the text and throws when it is missing).
 * `isKubernetes`: some cluster's Kubernetes decides, so that nobody has to have a role. Throws what `wrong` makes of a sentence.
 */
export function authConfigOf(
  file: AuthFile,
  env: SessionEnv,
  secret: (key: string, path: string) => string,
  wrong: (sentence: string) => Error,
  isKubernetes: boolean,
): AuthConfig {
  if (file.mode === 'trusted-proxy') {
    const shared = secret('auth.secretFile', file.secretFile);
    if (shared.length < 16) throw wrong('auth.secretFile: the secret must be at least 16 characters long');
    // Else the secret would be somebody's name, on the screen and in the log.
    if (new Set([file.secretHeader, file.userHeader, file.groupsHeader]).size < 3)
      throw wrong('auth.secretHeader: secretHeader, userHeader and groupsHeader must be three different headers');
    return {
      mode: file.mode,
      proxy: {
        cidrs: file.cidrs,
        secret: shared,
        secretHeader: file.secretHeader,
        userHeader: file.userHeader,
        groupsHeader: file.groupsHeader,
        signOutUrl: file.signOutUrl,
      },
      roles: rolesOf(file, isKubernetes, wrong),
    };
  }
  const sessionSecrets = [
    ...(env.SESSION_KEY_FILE
      ? [strong('SESSION_KEY_FILE', secret('SESSION_KEY_FILE', env.SESSION_KEY_FILE), wrong)]
      : []),
    ...(['sessionKeyFile', 'previousSessionKeyFile'] as const).flatMap((name) => {
      const path = file[name];
      return path === undefined ? [] : [strong(`auth.${name}`, secret(`auth.${name}`, path), wrong)];
    }),
  ];
  const times = {
    sessionSecrets,
    endedFile: endedFileOf(file, env, wrong),
    idleMs: file.idleMinutes * MINUTE,
    absoluteMs: file.absoluteMinutes * MINUTE,
  };
  if (file.mode === 'local') return { mode: file.mode, role: file.role, ...times };
  return {
    mode: file.mode,
    oidc: {
      issuer: file.issuer,
      clientId: file.clientId,
      clientSecret:
        file.clientSecretFile === undefined ? undefined : secret('auth.clientSecretFile', file.clientSecretFile),
      scopes: file.scopes,
      groupsClaim: file.groupsClaim,
      nameClaim: file.nameClaim,
    },
    roles: rolesOf(file, isKubernetes, wrong),
    ...times,
  };
}

/** Settings of the environment that stand for keys of `auth`. */
export interface SessionEnv {
  readonly SESSION_KEY_FILE?: string | undefined;
  readonly ENDED_SESSIONS_FILE?: string | undefined;
}

/** Beside the key where nothing else is said: sessions that outlive a restart need one. */
function endedFileOf(
  file: Exclude<AuthFile, { mode: 'trusted-proxy' }>,
  env: SessionEnv,
  wrong: (sentence: string) => Error,
): string | undefined {
  const key = env.SESSION_KEY_FILE || file.sessionKeyFile || file.previousSessionKeyFile;
  const named = file.endedSessionsFile ?? (env.ENDED_SESSIONS_FILE || undefined);
  if (key !== undefined && key !== '') return named ?? `${key}.ended`;
  if (named !== undefined)
    throw wrong('auth.endedSessionsFile: takes a session key: without one a restart ends all sessions');
  return undefined;
}

function rolesOf(
  file: Exclude<AuthFile, { mode: 'local' }>,
  isKubernetes: boolean,
  wrong: (sentence: string) => Error,
): RoleRules {
  const groups = file.groups ?? NOBODY;
  const subjects = file.subjects ?? NOBODY;
  for (const [key, names] of [['auth.groups', groups] as const, ['auth.subjects', subjects] as const]) {
    const all = Object.values(names).flat();
    const twice = all.find((name, i) => all.indexOf(name) !== i);
    if (twice !== undefined) throw wrong(`${key}: “${twice}” is there twice: give it one role`);
  }
  if (
    !isKubernetes &&
    file.everyone === undefined &&
    [...Object.values(groups), ...Object.values(subjects)].every((l) => l.length === 0)
  )
    throw wrong('auth.groups: nobody has a role: name groups for viewer, operator or admin');
  return { groups, subjects, everyone: file.everyone };
}

/** 32 random bytes are 43 characters in base64. */
function strong(key: string, text: string, wrong: (sentence: string) => Error): string {
  if (text.length < 43 || new Set(text).size < 12)
    throw wrong(`${key}: the session key must be 32 random bytes in base64 (openssl rand -base64 32)`);
  return text;
}

/** 127.0.0.0/8, ::1 and localhost. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** What would let in whom it should not, as one sentence; undefined when it is sound. */
export function unsafe(
  config: { host: string; publicUrl?: string | undefined; auth: AuthConfig },
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { auth, host, publicUrl } = config;
  const url = publicUrl === undefined ? undefined : new URL(publicUrl);
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    return 'NODE_TLS_REJECT_UNAUTHORIZED=0: certificates would not be checked; name your authority in NODE_EXTRA_CA_CERTS instead';
  if (auth.mode === 'local' && !isLoopback(host))
    return `HOST: the local sign-in is for this machine only, not for ${host}: set auth in CONFIG (oidc or trusted-proxy), or leave HOST at 127.0.0.1`;
  if (auth.mode === 'local' && url && !isLoopback(url.hostname))
    return `PUBLIC_URL: the local sign-in is for this machine only, not for ${url.host}: set auth in CONFIG (oidc or trusted-proxy)`;
  if (url && url.protocol !== 'https:' && !isLoopback(url.hostname))
    return `PUBLIC_URL: must be https://, because sessions would cross the network readable: ${url.origin}`;
  if (auth.mode === 'oidc' && !url)
    return 'PUBLIC_URL: needed with oidc, because the identity provider sends people back to it';
  if (env.KUBERNETES_SERVICE_HOST && env.CONSOLE_UID === '0')
    return 'the console runs as root in a pod: set runAsNonRoot, as the chart does';
  return undefined;
}
