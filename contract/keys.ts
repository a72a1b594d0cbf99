/**
 * Query keys of TanStack Query: the cluster, then the topic, which is the path and query of the GET below the cluster
 * and the name of the live topic. One name for the cache, the request and the stream.
 */
export const topicKey = (cluster: string, topic: string) => ['cluster', cluster, topic] as const;

/** URL of a topic's GET. */
export const topicUrl = (cluster: string, topic: string) => `/api/v1/clusters/${encodeURIComponent(cluster)}/${topic}`;

const query = (params: Record<string, string | number | undefined>): string => {
  const entries = Object.entries(params).filter(([, v]) => v !== undefined && v !== '');
  if (entries.length === 0) return '';
  return `?${new URLSearchParams(entries.map(([k, v]) => [k, String(v)]))}`;
};

interface ListParams {
  q?: string;
  sort?: string;
  offset?: number;
  limit?: number;
}
const list = (name: string) => (p: ListParams) =>
  `${name}${query({ q: p.q, sort: p.sort, offset: p.offset, limit: p.limit })}`;
const enc = encodeURIComponent;

/** Topics by name. */
export const topics = {
  overview: () => 'overview',
  summary: () => 'summary',
  volumes: list('volumes'),
  volume: (id: string) => `volumes/${enc(id)}`,
  volumeMetrics: (id: string, minutes: number) => `volumes/${enc(id)}/metrics${query({ minutes })}`,
  pools: list('pools'),
  pool: (id: string) => `pools/${enc(id)}`,
  poolMetrics: (id: string, minutes: number) => `pools/${enc(id)}/metrics${query({ minutes })}`,
  nodes: list('nodes'),
  node: (id: string) => `nodes/${enc(id)}`,
  nodeMetrics: (id: string, minutes: number) => `nodes/${enc(id)}/metrics${query({ minutes })}`,
  rebuilds: list('rebuilds'),
  snapshots: list('snapshots'),
  operations: () => 'operations',
  operation: (id: string) => `operations/${enc(id)}`,
};
