import type { ListQuery } from '@/contract/list';
import { NODE_LIST } from '@/contract/lists';
import type { NodeRow, NodeWindow } from '@/contract/node';
import type { NodeModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { capacityOf } from './capacity';
import { ioColumns, iopsOf, labelsCell, labelValues, observedCell, sizeOrNull, throughputOf } from './cells';
import {
  agentCoreSource,
  engineSource,
  fromAgentCore,
  fromEngine,
  instant,
  instantOrNull,
  labelsOf,
  ofRow,
  quietSource,
  rowRate,
  staleOf,
  stateWords,
  sumRates,
} from './facts';
import { type Joined, join } from './join';
import { rateOf } from './volume-row';
import { type ListRules, type Outcome, windowOver } from './window';

export const poolsOfNode = (s: ClusterSnapshot, node: string) =>
  [...(s.pools?.items.values() ?? [])].filter((p) => p.node === node);

export function nodeRowOf(j: Joined, m: NodeModel): NodeRow {
  const s = j.snapshot;
  const silence = j.silences.get(m.id);
  const pools = poolsOfNode(s, m.id);
  const engine = silence ? undefined : s.engines.get(m.id);
  const capacity = capacityOf(
    pools.map((pool) => ({ pool, silent: silence !== undefined })),
    s.pools !== undefined,
  );
  const targets = j.targetsOn.get(m.id) ?? [];
  const said = m.status ?? 'unknown';
  // The io-engine fell silent, and agent-core has not noticed yet: neither online nor known to be offline.
  const status = silence && said === 'online' ? 'unknown' : said;
  const since = s.since.get(`node:${m.id}`);
  const known = engineSource(s, m.id);
  const source = known && quietSource(known);
  const poolRates = pools.flatMap((p) => rateOf(s, `pool:${p.id}`) ?? []);
  return {
    id: m.id,
    status,
    statusReason: silence?.sentence ?? (status === 'online' ? null : `the control plane says ${stateWords(status)}`),
    since: since?.status === status ? instantOrNull(since.since) : (silence?.since ?? null),
    cordon: m.cordon.state,
    cordonLabels: m.cordon.cordonLabels,
    drainLabels: m.cordon.drainLabels,
    grpcEndpoint: m.endpoint,
    version: m.version ?? engine?.info?.version ?? null,
    labels: labelsOf(m.labels),
    pools: pools.length,
    replicas: pools.reduce((n, p) => n + (j.byPool.get(p.id)?.length ?? 0), 0),
    targets: targets.length,
    rebuilds: silence || !engine ? null : s.running.filter((r) => r.node === m.id).length,
    capacity: {
      capacityBytes: capacity.capacityBytes,
      usedBytes: capacity.usedBytes,
      committedBytes: capacity.committedBytes,
    },
    io: silence ? null : rowRate(rateOf(s, `node:${m.id}`) ?? sumRates(poolRates)),
    engine: source ?? {
      source: 'io-engine',
      node: m.id,
      endpoint: m.endpoint,
      status: 'waiting',
      since: instant(agentCoreSource(s) ? Date.parse(agentCoreSource(s)?.since ?? '') || s.at : s.at),
      lastOkAt: null,
      nextTryAt: null,
      error: null,
    },
    observed: ofRow(
      silence ? staleOf(s, m.id) : engine ? fromEngine(s, m.id, engine.at) : fromAgentCore(s, s.nodes?.at),
    ),
  };
}

const GRAVITY: Record<string, number> = { offline: 0, unknown: 1, online: 3 };

export const nodeRules: ListRules<NodeRow, typeof NODE_LIST> = {
  list: NODE_LIST,
  words: (r) => [r.id, r.grpcEndpoint, ...Object.values(r.labels)],
  values: {
    status: (r) => r.status,
    name: (r) => r.id,
    cordon: (r) => r.cordon,
    label: (r) => labelValues(r.labels),
    version: (r) => r.version ?? undefined,
    pools: (r) => r.pools,
    targets: (r) => r.targets,
    replicas: (r) => r.replicas,
  },
  sorts: {
    name: (r) => r.id,
    id: (r) => r.id,
    status: (r) => GRAVITY[r.status] ?? 2,
    cordon: (r) => r.cordon,
    version: (r) => r.version,
    pools: (r) => r.pools,
    replicas: (r) => r.replicas,
    targets: (r) => r.targets,
    rebuilds: (r) => r.rebuilds,
    capacity: (r) => sizeOrNull(r.capacity.capacityBytes),
    used: (r) => sizeOrNull(r.capacity.usedBytes),
    iops: iopsOf,
    throughput: throughputOf,
    since: (r) => r.since,
  },
  facets: { status: (r) => r.status, cordon: (r) => r.cordon, version: (r) => r.version ?? '' },
  columns: {
    name: (r) => r.id,
    status: (r) => r.status,
    reason: (r) => r.statusReason,
    since: (r) => r.since,
    cordon: (r) => r.cordon,
    endpoint: (r) => r.grpcEndpoint,
    version: (r) => r.version,
    pools: (r) => r.pools,
    replicas: (r) => r.replicas,
    targets: (r) => r.targets,
    rebuilds: (r) => r.rebuilds,
    capacity_bytes: (r) => r.capacity.capacityBytes,
    used_bytes: (r) => r.capacity.usedBytes,
    committed_bytes: (r) => r.capacity.committedBytes,
    ...ioColumns<NodeRow>(),
    labels: (r) => labelsCell(r.labels),
    observed_at: (r) => observedCell(r.observed),
  },
  id: (r) => r.id,
};

/** All rows of the nodes, made once per snapshot; undefined while nodes were never read. */
export function nodeRows(s: ClusterSnapshot): NodeRow[] | undefined {
  if (!s.nodes) return undefined;
  const j = join(s);
  j.rows.nodes ??= [...s.nodes.items.values()].map((m) => nodeRowOf(j, m));
  return j.rows.nodes;
}

/** A window of the nodes. */
export function nodesView(s: ClusterSnapshot, query: ListQuery): Outcome<NodeWindow> {
  return windowOver(s, nodeRows(s), s.nodes?.at, query, nodeRules);
}
