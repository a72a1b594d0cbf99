import type { Choices, ClusterSummary } from './cluster';
import type { IoSeries } from './io';
import type { BlockDevices, Node, NodeWindow } from './node';
import type { Operation, Operations } from './operation';
import type { Overview } from './overview';
import type { Pool, PoolWindow } from './pool';
import type { RebuildsAnswer } from './rebuild';
import type { ReplicaWindow } from './replica';
import type { SnapshotWindow } from './snapshot';
import type { ReplicaCountPlan, Volume, VolumeRaw, VolumeWindow } from './volume';

declare const answer: unique symbol;
/** The path and query of a GET below the cluster; `T` is what it answers. */
export type Topic<T> = string & { readonly [answer]?: T };
const topic = <T>(path: string) => path as Topic<T>; // a string with a type that only the compiler sees

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

/** Which rows of a list, and in which order. */
export interface ListParams {
  q?: string | undefined;
  sort?: string | undefined;
  offset?: number | undefined;
  limit?: number | undefined;
  /** Id of a row that the window is cut around, and how many rows stand ahead of it (contract/list.ts). */
  around?: string | undefined;
  before?: number | undefined;
}
const list =
  <T>(name: string) =>
  (p: ListParams) =>
    topic<T>(
      `${name}${query({ q: p.q, sort: p.sort, offset: p.offset, limit: p.limit, around: p.around, before: p.before })}`,
    );
const enc = encodeURIComponent;

/** Topics by name: what the server keeps current on the stream. */
export const topics = {
  overview: () => topic<Overview>('overview'),
  summary: () => topic<ClusterSummary>('summary'),
  volumes: list<VolumeWindow>('volumes'),
  volume: (id: string) => topic<Volume>(`volumes/${enc(id)}`),
  volumeMetrics: (id: string, minutes: number) => topic<IoSeries>(`volumes/${enc(id)}/metrics${query({ minutes })}`),
  pools: list<PoolWindow>('pools'),
  pool: (id: string) => topic<Pool>(`pools/${enc(id)}`),
  poolMetrics: (id: string, minutes: number) => topic<IoSeries>(`pools/${enc(id)}/metrics${query({ minutes })}`),
  nodes: list<NodeWindow>('nodes'),
  node: (id: string) => topic<Node>(`nodes/${enc(id)}`),
  nodeMetrics: (id: string, minutes: number) => topic<IoSeries>(`nodes/${enc(id)}/metrics${query({ minutes })}`),
  replicas: list<ReplicaWindow>('replicas'),
  rebuilds: list<RebuildsAnswer>('rebuilds'),
  snapshots: list<SnapshotWindow>('snapshots'),
  operations: () => topic<Operations>('operations'),
  operation: (id: string) => topic<Operation>(`operations/${enc(id)}`),
};

/** GETs that are asked once, when they are wanted. */
export const reads = {
  choices: () => topic<Choices>('choices'),
  volumeRaw: (id: string) => topic<VolumeRaw>(`volumes/${enc(id)}/raw`),
  replicaCount: (id: string, to: number) => topic<ReplicaCountPlan>(`volumes/${enc(id)}/replica-count${query({ to })}`),
  blockDevices: (node: string) => topic<BlockDevices>(`nodes/${enc(node)}/block-devices`),
};

/** Lists that can be saved as a file, by their name in URLs. */
export type ExportedList = 'volumes' | 'replicas' | 'pools' | 'nodes' | 'rebuilds' | 'snapshots';

interface ExportParams {
  format: 'csv' | 'json';
  q?: string | undefined;
  sort?: string | undefined;
  /** Of contract/lists.ts; none: all. */
  columns?: readonly string[] | undefined;
}

/** Address of a whole filtered list as a file. The local mode's header is wanted here, too, so it is fetched, not linked. */
export const exportUrl = (cluster: string, name: ExportedList, p: ExportParams): string =>
  topicUrl(
    cluster,
    `export/${name}${query({ format: p.format, q: p.q, sort: p.sort, columns: p.columns?.join(',') })}`,
  );
