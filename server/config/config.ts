import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { parseEndpoint } from '@/server/upstream/endpoint';
import { DEFAULT_LIMITS, Limits } from '../limits/limits';
import { type AuthConfig, AuthFile, authConfigOf, Cidr, LOCAL, unsafe } from './auth-config';

export interface ClusterConfig {
  id: string;
  name: string;
  /** host:port */
  agentCore: string;
  /** Decides what people may do here, instead of the roles. */
  kubernetes?: KubernetesConfig;
}

/** Where a cluster's Kubernetes API is, and how it names people. */
export interface KubernetesConfig {
  /** Undefined: as the pod that the console runs in. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
  userPrefix: string;
  groupsPrefix: string;
}

/** Where health and metrics are served apart from people. */
export interface MetricsConfig {
  host: string;
  port: number;
}

export interface Config {
  host: string;
  port: number;
  /** Where people open the console when a proxy stands before it: scheme, host and port. */
  publicUrl?: string;
  clusters: ClusterConfig[];
  /** The server makes no changes, whoever asks. */
  readOnly: boolean;
  auth: AuthConfig;
  limits: Limits;
  /** Networks of proxies whose X-Forwarded-For says whom to count requests against. */
  trustedProxies: string[];
  /** Undefined: metrics are for this machine, on the console's own port. */
  metrics?: MetricsConfig | undefined;
}

/** What is wrong with the configuration, in one line that names the key. The process exits with 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const Address = z.string().transform((text, context) => {
  const endpoint = parseEndpoint(text);
  if (endpoint.ok) return endpoint.target;
  context.addIssue({ code: 'custom', message: `must be host:port (${endpoint.reason})` });
  return z.NEVER;
});

const ConfigFile = z.strictObject({
  readOnly: z.boolean().default(false),
  auth: AuthFile.default(LOCAL),
  limits: Limits.default(DEFAULT_LIMITS),
  trustedProxies: z.array(Cidr).max(50).default([]),
  clusters: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and -'),
        name: z
          .string()
          .min(1)
          .max(253)
          .regex(/^\P{C}*$/u, 'must have no control or direction characters')
          .optional(),
        agentCore: Address,
        kubernetes: z
          .strictObject({
            kubeconfig: z.string().min(1).optional(),
            context: z.string().min(1).optional(),
            userPrefix: z.string().max(256).default(''),
            groupsPrefix: z.string().max(256).default(''),
          })
          .optional(),
      }),
    )
    .min(1, 'must name at least one cluster')
    .superRefine((clusters, context) => {
      clusters.forEach(({ id }, i) => {
        if (clusters.findIndex((other) => other.id === id) === i) return;
        context.addIssue({ code: 'custom', path: [i, 'id'], message: `"${id}" is there twice` });
      });
    }),
});

/**
 * Reads the configuration from the environment: `PORT` (4200; 0 takes a free one), `HOST` (127.0.0.1), `PUBLIC_URL` (none),
 * `READ_ONLY` (0), `SESSION_KEY_FILE` (none), `ENDED_SESSIONS_FILE` (beside that key), `METRICS_PORT` (none) and `METRICS_HOST` (127.0.0.1), and either `CONFIG` (a YAML file, docs/configuration.md) or
 * `AGENT_CORE` (host:port of the only cluster). `read` reads a file as text, `modeOf` tells its permissions. Throws ConfigError, also for what would be unsafe.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string,
  modeOf: (path: string) => number = () => 0o600,
): Config {
  const file = fileOf(env, read);
  const secret = (key: string, path: string) => {
    const what = `${key.startsWith('auth.') ? `CONFIG ${env.CONFIG}: ` : ''}${key}: ${path}`;
    const text = textOf(what, path, read).trim();
    // As ssh does it. A group may, because that is how a pod gets its secrets.
    if ((modeOf(path) & 0o007) !== 0)
      throw new ConfigError(`${what}: everybody on this machine may read it: chmod o-rwx it (mode 0440, 0400 or 0600)`);
    return text;
  };
  const config: Config = {
    host: hostOf('HOST', env.HOST),
    port: portOf('PORT', env.PORT) ?? 4200,
    publicUrl: publicUrlOf(env.PUBLIC_URL),
    clusters: file.clusters.map(({ kubernetes, ...c }) => ({
      ...c,
      name: c.name ?? c.id,
      ...(kubernetes ? { kubernetes } : {}),
    })),
    readOnly: file.readOnly || switchOf('READ_ONLY', env.READ_ONLY),
    auth: authConfigOf(
      file.auth,
      env,
      secret,
      (sentence) => new ConfigError(oneLine(sentence)),
      file.clusters.some((c) => c.kubernetes !== undefined),
    ),
    limits: file.limits,
    trustedProxies: file.trustedProxies,
    metrics: metricsOf(env),
  };
  const danger = unsafe(config, env);
  if (danger) throw new ConfigError(oneLine(danger));
  return config;
}

function fileOf(
  env: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string,
): z.output<typeof ConfigFile> {
  if (env.CONFIG && env.AGENT_CORE) {
    throw new ConfigError('CONFIG and AGENT_CORE are both set: keep one of them');
  }
  if (env.CONFIG) return parsedFile(env.CONFIG, read);
  if (!env.AGENT_CORE) {
    throw new ConfigError(
      'no cluster to show: set AGENT_CORE=host:port or CONFIG=/path/to/config.yaml, or run "npm run demo" for a cluster of its own',
    );
  }
  const endpoint = parseEndpoint(env.AGENT_CORE);
  if (!endpoint.ok)
    throw new ConfigError(`AGENT_CORE: must be host:port (${endpoint.reason}): ${withoutUser(env.AGENT_CORE)}`);
  return ConfigFile.parse({ clusters: [{ id: 'default', name: 'Mayastor', agentCore: endpoint.target }] });
}

function parsedFile(path: string, read: (path: string) => string): z.output<typeof ConfigFile> {
  const parsed = ConfigFile.safeParse(yamlOf(path, read));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (!issue) throw new ConfigError(`CONFIG ${path}: not a configuration`);
  const at = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])];
  const what = issue.code === 'unrecognized_keys' ? 'unknown key' : issue.message;
  throw new ConfigError(oneLine(`CONFIG ${path}: ${keyPath(at) || 'the file'}: ${what}`));
}

function switchOf(name: string, text: string | undefined): boolean {
  if (text === undefined || text === '' || text === '0' || text === 'false') return false;
  if (text === '1' || text === 'true') return true;
  throw new ConfigError(`${name}: must be 1 or 0: ${oneLine(text)}`);
}

function textOf(what: string, path: string, read: (path: string) => string): string {
  try {
    return read(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError(`${what}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`);
  }
}

function yamlOf(path: string, read: (path: string) => string): unknown {
  const text = textOf(`CONFIG ${path}`, path, read);
  try {
    return parse(text, { maxAliasCount: 10 });
  } catch (error) {
    const why = error instanceof YAMLParseError || error instanceof Error ? error.message : String(error);
    throw new ConfigError(oneLine(`CONFIG ${path}: not YAML: ${why}`));
  }
}

function metricsOf(env: Readonly<Record<string, string | undefined>>): MetricsConfig | undefined {
  const port = portOf('METRICS_PORT', env.METRICS_PORT);
  const host = hostOf('METRICS_HOST', env.METRICS_HOST);
  if (port !== undefined && port > 0) return { host, port };
  if (port === 0) throw new ConfigError('METRICS_PORT: must be a number from 1 to 65535: 0');
  if (env.METRICS_HOST) throw new ConfigError('METRICS_HOST: takes a METRICS_PORT');
  return undefined;
}

function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new ConfigError(`${name}: must be a number from 0 to 65535: ${oneLine(text)}`);
  return port;
}

function hostOf(name: string, text: string | undefined): string {
  if (text === undefined || text === '') return '127.0.0.1';
  if (!/^[A-Za-z0-9.:-]{1,253}$/.test(text))
    throw new ConfigError(`${name}: must be a host name or address: ${oneLine(text)}`);
  return text;
}

function publicUrlOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  // The console serves at the root of its host: with a path behind it no link of its pages would hold.
  if (!isOrigin)
    throw new ConfigError(
      `PUBLIC_URL: must be http:// or https:// with a host and no path: ${withoutUser(oneLine(text))}`,
    );
  return url.origin;
}

const keyPath = (path: readonly PropertyKey[]): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`)).join('');

/** An address as it may be shown: a name and a password in it are left out. */
const withoutUser = (text: string): string => text.replace(/^([a-z]+:\/\/)?.*@/is, '$1…@');

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 500);
