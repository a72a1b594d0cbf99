import { z } from 'zod';
import { MetricsQuery } from '@/contract/io';
import { ListQuery } from '@/contract/list';
import { Name, Uuid, VolumeId } from '@/contract/scalars';
import { type Answer, fail, parseQuery } from '../http/route';
import type { Cluster } from '../runtime';
import * as read from './reads';

interface TopicRule {
  query: z.ZodType;
  /** `parts` are the decoded path segments, `query` the output of the rule's schema. */
  read(cluster: Cluster, parts: readonly string[], query: never): Answer<unknown>;
}

const rule = <Q extends z.ZodType>(
  query: Q,
  readIt: (cluster: Cluster, parts: readonly string[], query: z.output<Q>) => Answer<unknown>,
): TopicRule => ({ query, read: readIt });

const Nothing = z.strictObject({});

/** The reads that can be followed live, by path below the cluster; `*` is one id or name. */
const RULES: Readonly<Record<string, TopicRule>> = {
  summary: rule(Nothing, (c) => read.summary(c)),
  overview: rule(Nothing, (c) => read.overview(c)),
  volumes: rule(ListQuery, (c, _, q) => read.volumes(c, q)),
  'volumes/*': rule(Nothing, (c, [, id]) => withId(VolumeId, id, (v) => read.volume(c, v))),
  'volumes/*/metrics': rule(MetricsQuery, (c, [, id], q) =>
    withId(VolumeId, id, (v) => read.volumeMetrics(c, v, q.minutes)),
  ),
  pools: rule(ListQuery, (c, _, q) => read.pools(c, q)),
  'pools/*': rule(Nothing, (c, [, id]) => withId(Name, id, (p) => read.pool(c, p))),
  'pools/*/metrics': rule(MetricsQuery, (c, [, id], q) => withId(Name, id, (p) => read.poolMetrics(c, p, q.minutes))),
  nodes: rule(ListQuery, (c, _, q) => read.nodes(c, q)),
  'nodes/*': rule(Nothing, (c, [, id]) => withId(Name, id, (n) => read.node(c, n))),
  'nodes/*/metrics': rule(MetricsQuery, (c, [, id], q) => withId(Name, id, (n) => read.nodeMetrics(c, n, q.minutes))),
  rebuilds: rule(ListQuery, (c, _, q) => read.rebuilds(c, q)),
  snapshots: rule(ListQuery, (c, _, q) => read.snapshots(c, q)),
  choices: rule(Nothing, (c) => read.choices(c)),
  operations: rule(Nothing, (c) => read.operations(c)),
  'operations/*': rule(Nothing, (c, [, id]) => withId(Uuid, id, (o) => read.operation(c, o))),
};

function withId<S extends z.ZodType>(
  schema: S,
  id: string | undefined,
  use: (id: z.output<S>) => Answer<unknown>,
): Answer<unknown> {
  const parsed = schema.safeParse(id);
  return parsed.success ? use(parsed.data) : fail({ code: 'invalid_path', detail: 'That is not an id.' });
}

/** What a GET of this path and query below the cluster answers. */
export function readTopic(cluster: Cluster, topic: string): Answer<unknown> {
  if (topic.length > 1024) return fail({ code: 'invalid_query', detail: 'A topic is at most 1,024 characters long.' });
  const [path = '', search = ''] = topic.split('?', 2);
  let parts: string[];
  try {
    parts = path.split('/').map(decodeURIComponent);
  } catch {
    return fail({ code: 'invalid_path', detail: 'The topic is not valid percent-encoded UTF-8.' });
  }
  const key = parts.map((p, i) => (i === 1 ? '*' : p)).join('/');
  const found = Object.hasOwn(RULES, key) ? RULES[key] : undefined;
  if (!found) return fail({ code: 'not_found', detail: 'There is no such topic.' });
  const query = parseQuery(new URLSearchParams(search), found.query);
  if ('failure' in query) return fail(query.failure);
  return found.read(cluster, parts, query.value as never); // parsed by the schema that stands beside `read`
}

/** The topic's value for the hub. */
export function topicView(cluster: Cluster, topic: string) {
  const result = readTopic(cluster, topic);
  return result.ok ? ({ ok: true, value: result.value } as const) : ({ ok: false, failure: result.failure } as const);
}
