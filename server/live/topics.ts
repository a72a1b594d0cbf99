import { z } from 'zod';
import { MetricsQuery } from '@/contract/io';
import { ListQuery } from '@/contract/list';
import type { Permission } from '@/contract/permission';
import { Name, Uuid, VolumeId } from '@/contract/scalars';
import { type Answer, fail } from '../http/answer';
import type { Failure } from '../http/problem';
import { parseQuery } from '../http/query';
import type { Cluster } from '../runtime';
import * as read from './reads';

interface TopicRule {
  /** The same as that of its GET. */
  permission: Permission;
  query: z.ZodType;
  /** `parts` are the decoded path segments, `query` the output of the rule's schema. */
  read(cluster: Cluster, parts: readonly string[], query: never): Answer<unknown>;
}

const rule = <Q extends z.ZodType>(
  permission: Permission,
  query: Q,
  readIt: (cluster: Cluster, parts: readonly string[], query: z.output<Q>) => Answer<unknown>,
): TopicRule => ({ permission, query, read: readIt });

const Nothing = z.strictObject({});

/** The reads that can be followed live, by path below the cluster; `*` is one id or name. */
const RULES: Readonly<Record<string, TopicRule>> = {
  summary: rule('clusters:read', Nothing, (c) => read.summary(c)),
  overview: rule('clusters:read', Nothing, (c) => read.overview(c)),
  volumes: rule('volumes:list', ListQuery, (c, _, q) => read.volumes(c, q)),
  'volumes/*': rule('volumes:read', Nothing, (c, [, id]) => withId(VolumeId, id, (v) => read.volume(c, v))),
  'volumes/*/metrics': rule('volumes:read', MetricsQuery, (c, [, id], q) =>
    withId(VolumeId, id, (v) => read.volumeMetrics(c, v, q.minutes)),
  ),
  pools: rule('pools:list', ListQuery, (c, _, q) => read.pools(c, q)),
  'pools/*': rule('pools:read', Nothing, (c, [, id]) => withId(Name, id, (p) => read.pool(c, p))),
  'pools/*/metrics': rule('pools:read', MetricsQuery, (c, [, id], q) =>
    withId(Name, id, (p) => read.poolMetrics(c, p, q.minutes)),
  ),
  nodes: rule('nodes:list', ListQuery, (c, _, q) => read.nodes(c, q)),
  'nodes/*': rule('nodes:read', Nothing, (c, [, id]) => withId(Name, id, (n) => read.node(c, n))),
  'nodes/*/metrics': rule('nodes:read', MetricsQuery, (c, [, id], q) =>
    withId(Name, id, (n) => read.nodeMetrics(c, n, q.minutes)),
  ),
  replicas: rule('replicas:list', ListQuery, (c, _, q) => read.replicas(c, q)),
  rebuilds: rule('rebuilds:list', ListQuery, (c, _, q) => read.rebuilds(c, q)),
  snapshots: rule('snapshots:list', ListQuery, (c, _, q) => read.snapshots(c, q)),
  choices: rule('clusters:read', Nothing, (c) => read.choices(c)),
  operations: rule('operations:list', Nothing, (c) => read.operations(c)),
  'operations/*': rule('operations:read', Nothing, (c, [, id]) => withId(Uuid, id, (o) => read.operation(c, o))),
};

function withId<S extends z.ZodType>(
  schema: S,
  id: string | undefined,
  use: (id: z.output<S>) => Answer<unknown>,
): Answer<unknown> {
  const parsed = schema.safeParse(id);
  return parsed.success ? use(parsed.data) : fail({ code: 'invalid_path', detail: 'That is not an id.' });
}

interface Parsed {
  rule: TopicRule;
  parts: string[];
  search: string;
}

function parseTopic(topic: string): Parsed | { failure: Failure } {
  const failed = (failure: Failure) => ({ failure });
  if (topic.length > 1024)
    return failed({ code: 'invalid_query', detail: 'A topic is at most 1,024 characters long.' });
  const [path = '', search = ''] = topic.split('?', 2);
  let parts: string[];
  try {
    parts = path.split('/').map(decodeURIComponent);
  } catch {
    return failed({ code: 'invalid_path', detail: 'The topic is not valid percent-encoded UTF-8.' });
  }
  const key = parts.map((p, i) => (i === 1 ? '*' : p)).join('/');
  const found = Object.hasOwn(RULES, key) ? RULES[key] : undefined;
  return found ? { rule: found, parts, search } : failed({ code: 'not_found', detail: 'There is no such topic.' });
}

/** What one must be allowed to do to follow a topic; undefined for what is none, and is answered as such. */
export function topicPermission(topic: string): Permission | undefined {
  const parsed = parseTopic(topic);
  return 'failure' in parsed ? undefined : parsed.rule.permission;
}

/** Every rule with its permission, for tests that walk all of them. */
export const topicRules = (): Array<readonly [path: string, permission: Permission]> =>
  Object.entries(RULES).map(([path, { permission }]) => [path, permission] as const);

/** What a GET of this path and query below the cluster answers. */
export function readTopic(cluster: Cluster, topic: string): Answer<unknown> {
  const parsed = parseTopic(topic);
  if ('failure' in parsed) return fail(parsed.failure);
  const query = parseQuery(new URLSearchParams(parsed.search), parsed.rule.query);
  if ('failure' in query) return fail(query.failure);
  return parsed.rule.read(cluster, parsed.parts, query.value as never); // parsed by the schema that stands beside `read`
}

/** The topic's value for the hub. */
export function topicView(cluster: Cluster, topic: string) {
  const result = readTopic(cluster, topic);
  return result.ok ? ({ ok: true, value: result.value } as const) : ({ ok: false, failure: result.failure } as const);
}
