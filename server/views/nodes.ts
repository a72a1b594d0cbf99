import type { ListQuery } from '@/contract/list';
import type { NodeRow, NodeWindow } from '@/contract/node';
import type { NodeModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { capacityOf } from './capacity';
import {
  agentCoreSource,
  coarse,
  engineSource,
  fromAgentCore,
  fromEngine,
  instant,
  instantOrNull,
  labelsOf,
  sumRates,
} from './facts';
import { type Joined, join } from './join';
import { staleOf } from './volume-replica';
import { rateOf } from './volume-row';
import { type ListRules, type Outcome, windowOver } from './window';

export const poolsOfNode = (s: ClusterSnapshot, node: string) =>
  [...(s.pools?.items.values() ?? [])].filter((p) => p.node === node);

export function nodeRowOf(j: Joined, m: NodeModel): NodeRow {
  const s = j.snapshot;
  const silence = j.silences.get(m.id);
  const pools = poolsOfNode(s, m.id);
  const engine = silence ? undefined : s.engines.get(m.id);
  const capacity = capacityOf(pools.map((pool) => ({ pool, silent: silence !== undefined })));
  const targets = j.targetsOn.get(m.id) ?? [];
  const said = m.status ?? 'unknown';
  // The io-engine fell silent, and agent-core has not noticed yet: neither online nor known to be offline.
  const status = silence && said === 'online' ? 'unknown' : said;
  const since = s.since.get(`node:${m.id}`);
  const poolRates = pools.flatMap((p) => rateOf(s, `pool:${p.id}`) ?? []);
  return {
    id: m.id,
    status,
    statusReason: silence?.sentence ?? (status === 'online' ? null : `the control plane says ${status}`),
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
    io: silence ? null : (rateOf(s, `node:${m.id}`) ?? sumRates(poolRates)),
    engine: engineSource(s, m.id) ?? {
      source: 'io-engine',
      node: m.id,
      endpoint: m.endpoint,
      status: 'waiting',
      since: instant(agentCoreSource(s) ? Date.parse(agentCoreSource(s)?.since ?? '') || s.at : s.at),
      lastOkAt: null,
      nextTryAt: null,
      error: null,
    },
    observed: silence
      ? staleOf(j, m.id)
      : coarse(engine ? fromEngine(s, m.id, engine.at) : fromAgentCore(s, s.nodes?.at)),
  };
}

const GRAVITY: Record<string, number> = { offline: 0, unknown: 1, online: 3 };

const rules: ListRules<NodeRow> = {
  keys: {
    status: 'text',
    name: 'text',
    cordon: 'text',
    label: 'text',
    version: 'text',
    pools: 'number',
    targets: 'number',
    replicas: 'number',
  },
  words: (r) => [r.id, r.grpcEndpoint, ...Object.values(r.labels)],
  value: (r, key) => {
    switch (key) {
      case 'status':
        return r.status;
      case 'name':
        return r.id;
      case 'cordon':
        return r.cordon;
      case 'label':
        return Object.entries(r.labels).flatMap(([k, v]) => [k, `${k}=${v}`]);
      case 'version':
        return r.version ?? undefined;
      case 'pools':
        return r.pools;
      case 'targets':
        return r.targets;
      case 'replicas':
        return r.replicas;
      default:
        return undefined;
    }
  },
  columns: {
    name: (r) => r.id,
    id: (r) => r.id,
    status: (r) => GRAVITY[r.status] ?? 2,
    cordon: (r) => r.cordon,
    version: (r) => r.version,
    pools: (r) => r.pools,
    replicas: (r) => r.replicas,
    targets: (r) => r.targets,
    rebuilds: (r) => r.rebuilds,
    capacity: (r) => (r.capacity.capacityBytes === null ? null : BigInt(r.capacity.capacityBytes)),
    used: (r) => (r.capacity.usedBytes === null ? null : BigInt(r.capacity.usedBytes)),
    iops: (r) => (r.io ? r.io.readIops + r.io.writeIops : null),
    throughput: (r) => (r.io ? r.io.readBytesPerSecond + r.io.writeBytesPerSecond : null),
    since: (r) => r.since,
  },
  defaultSort: 'name',
  facets: { status: (r) => r.status, cordon: (r) => r.cordon },
  id: (r) => r.id,
};

/** A window of the nodes. */
export function nodesView(s: ClusterSnapshot, query: ListQuery): Outcome<NodeWindow> {
  const j = join(s);
  const all = s.nodes && [...s.nodes.items.values()].map((m) => nodeRowOf(j, m));
  return windowOver(s, all, s.nodes?.at, query, rules);
}
