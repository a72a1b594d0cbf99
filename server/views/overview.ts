import type { IoSeries } from '@/contract/io';
import type { Overview } from '@/contract/overview';
import { findingsOf } from '../advice/findings';
import { safetyOf } from '../advice/safety';
import type { ClusterSnapshot } from '../model/snapshot';
import { capacityOf } from './capacity';
import { instant, openSources, quietly, sumRates } from './facts';
import { join } from './join';
import { nodeRows } from './nodes';
import { rebuildOf, unique } from './rebuilds';
import { rateOf, volumeRows } from './volume-row';

const SHOWN = 20;

/** The first page: is data at risk, what is wrong, what heals, how full and how busy. */
export function overviewView(s: ClusterSnapshot, series: IoSeries): Overview {
  const j = join(s);
  const rows = volumeRows(s) ?? [];
  const byStatus = new Map<string, number>();
  for (const row of rows) byStatus.set(row.status, (byStatus.get(row.status) ?? 0) + 1);
  const findings = findingsOf(s);
  const pools = [...(s.pools?.items.values() ?? [])].map((pool) => ({ pool, silent: j.silences.has(pool.node) }));
  const capacity = capacityOf(pools, s.pools !== undefined);
  const nodes = nodeRows(s) ?? [];
  return {
    safety: safetyOf(s),
    volumes: {
      total: s.volumes ? rows.length : null,
      byStatus: Object.fromEntries(byStatus),
      rebuilding: rows.filter((r) => r.rebuild !== null).length,
    },
    findings: findings.slice(0, SHOWN),
    findingsTotal: findings.length,
    rebuilds: unique(s.running.slice(0, SHOWN).map((r) => rebuildOf(j, r))),
    capacity: {
      capacityBytes: capacity.capacityBytes,
      usedBytes: capacity.usedBytes,
      committedBytes: capacity.committedBytes,
      pools: pools.length,
      unknownPools: capacity.unknown,
    },
    io: rateOf(s, 'cluster') ?? sumRates(nodes.flatMap((n) => n.io ?? [])),
    series,
    nodes: nodes.map((n) => ({
      id: n.id,
      status: n.status,
      cordon: n.cordon,
      pools: n.pools,
      targets: n.targets,
      capacity: n.capacity,
      io: n.io,
    })),
    sources: openSources(s),
    observedAt: s.volumes || s.nodes ? instant(quietly(s.at)) : null,
  };
}
