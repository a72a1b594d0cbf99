import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { parseEndpoint } from '@/server/upstream/endpoint';

export interface ClusterConfig {
  id: string;
  name: string;
  /** host:port */
  agentCore: string;
}

export interface Config {
  host: string;
  port: number;
  clusters: ClusterConfig[];
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
  clusters: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and -'),
        name: z.string().min(1).max(253).optional(),
        agentCore: Address,
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
 * Reads the configuration from the environment: `PORT` (4200; 0 takes a free one), `HOST` (127.0.0.1), and either `CONFIG`
 * (a YAML file with `clusters`) or `AGENT_CORE` (host:port of the only cluster). `read` reads a file as text. Throws
 * ConfigError.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, read: (path: string) => string): Config {
  return { host: hostOf(env.HOST), port: portOf(env.PORT), clusters: clustersOf(env, read) };
}

function clustersOf(
  env: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string,
): ClusterConfig[] {
  if (env.CONFIG && env.AGENT_CORE) {
    throw new ConfigError('CONFIG and AGENT_CORE are both set: keep one of them');
  }
  if (env.CONFIG) return clustersOfFile(env.CONFIG, read);
  if (!env.AGENT_CORE) {
    throw new ConfigError(
      'no cluster to show: set AGENT_CORE=host:port or CONFIG=/path/to/config.yaml, or run "npm run demo" for a cluster of its own',
    );
  }
  const endpoint = parseEndpoint(env.AGENT_CORE);
  if (!endpoint.ok) throw new ConfigError(`AGENT_CORE: must be host:port (${endpoint.reason}): ${env.AGENT_CORE}`);
  return [{ id: 'default', name: 'Mayastor', agentCore: endpoint.target }];
}

function clustersOfFile(path: string, read: (path: string) => string): ClusterConfig[] {
  const parsed = ConfigFile.safeParse(yamlOf(path, read));
  if (parsed.success)
    return parsed.data.clusters.map((c) => ({ id: c.id, name: c.name ?? c.id, agentCore: c.agentCore }));
  const issue = parsed.error.issues[0];
  if (!issue) throw new ConfigError(`CONFIG ${path}: not a configuration`);
  const at = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])];
  const what = issue.code === 'unrecognized_keys' ? 'unknown key' : issue.message;
  throw new ConfigError(oneLine(`CONFIG ${path}: ${keyPath(at) || 'the file'}: ${what}`));
}

function yamlOf(path: string, read: (path: string) => string): unknown {
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError(`CONFIG ${path}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`);
  }
  try {
    return parse(text, { maxAliasCount: 10 });
  } catch (error) {
    const why = error instanceof YAMLParseError || error instanceof Error ? error.message : String(error);
    throw new ConfigError(oneLine(`CONFIG ${path}: not YAML: ${why}`));
  }
}

function portOf(text: string | undefined): number {
  if (text === undefined || text === '') return 4200;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new ConfigError(`PORT: must be a number from 0 to 65535: ${oneLine(text)}`);
  return port;
}

function hostOf(text: string | undefined): string {
  if (text === undefined || text === '') return '127.0.0.1';
  if (!/^[A-Za-z0-9.:-]{1,253}$/.test(text))
    throw new ConfigError(`HOST: must be a host name or address: ${oneLine(text)}`);
  return text;
}

const keyPath = (path: readonly PropertyKey[]): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`)).join('');

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 500);
