import type { Choices, ClusterSummary } from '@/contract/cluster';
import type { ClusterSnapshot } from '../model/snapshot';
import { agentCoreSource, instant, labelsOf, openSources, quietly, quietSource } from './facts';
import { join } from './join';

/** What the wizards offer to choose from. */
export function choicesView(s: ClusterSnapshot): Choices {
  const j = join(s);
  const nodes = [...(s.nodes?.items.values() ?? [])].map((n) => {
    const silence = j.silences.get(n.id);
    const reason =
      silence?.sentence ??
      (n.cordon.state !== 'none'
        ? `it is ${n.cordon.state}`
        : n.status === 'online'
          ? null
          : `it is ${n.status ?? 'unknown'}`);
    return { id: n.id, labels: labelsOf(n.labels), schedulable: reason === null, reason };
  });
  const groups = new Set<string>();
  for (const v of j.volumes.values()) if (v.model.affinityGroup !== undefined) groups.add(v.model.affinityGroup);
  const pools = [...(s.pools?.items.values() ?? [])].map((p) => ({
    id: p.id,
    node: p.node,
    labels: labelsOf(p.spec?.labels ?? new Map()),
  }));
  const withPools = new Set(pools.map((p) => p.node));
  return {
    nodes,
    pools,
    affinityGroups: [...groups].sort(),
    // Every copy needs a node of its own that has a pool.
    maxReplicas: Math.max(1, withPools.size),
  };
}

/** A cluster in the list of clusters and in the page's header. */
export function summaryView(s: ClusterSnapshot, endpoint: string): ClusterSummary {
  const core = agentCoreSource(s);
  return {
    id: s.cluster.id,
    name: s.cluster.name,
    agentCore: (core && quietSource(core)) ?? {
      source: 'agent-core',
      endpoint,
      status: 'waiting',
      since: instant(s.at),
      lastOkAt: null,
      nextTryAt: null,
      error: null,
    },
    sources: openSources(s),
    observedAt: s.volumes || s.nodes ? instant(quietly(s.at)) : null,
  };
}
