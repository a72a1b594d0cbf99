import type { Capability, ReplicaCountPlan } from '@/contract/volume';
import type { ClusterSnapshot } from '../model/snapshot';
import { agentCoreSource, digits, plural } from '../views/facts';
import { copyIsHealthy, healthOf, placeOf } from '../views/health';
import { type Copy, type JoinedVolume, join } from '../views/join';
import { volumeEtag } from '../views/volume';
import { canDecreaseReplicas, canIncreaseReplicas } from './capabilities';
import { consequenceHash, ofReplicaCount } from './consequences';
import { type Placement, place } from './placement';

/** The plan without the hash of what it loses. */
export type ReplicaCountChange = Omit<ReplicaCountPlan, 'consequence'>;

/** What going to `to` copies would do, in steps of one as on the wire. */
export function planReplicaCount(s: ClusterSnapshot, v: JoinedVolume, to: number): ReplicaCountChange {
  const from = v.model.replicas;
  const healthy = healthOf(v).healthy;
  const base = {
    from,
    to,
    adds: [],
    estimatedBytes: null,
    estimatedSeconds: null,
    removes: [],
    healthyAfter: healthy,
    warnings: warningsOf(s, v),
    rejected: [],
    etag: volumeEtag(v.model),
  };
  if (to === from) {
    return {
      ...base,
      allowed: { allowed: false, reason: `It has ${plural(from, 'copy', 'copies')} already.` },
      protection: protectionOf(healthy),
    };
  }
  return to > from ? increase(s, v, to, base) : decrease(s, v, to, base);
}

type Base = Omit<ReplicaCountChange, 'allowed' | 'protection'>;

function increase(s: ClusterSnapshot, v: JoinedVolume, to: number, base: Base): ReplicaCountChange {
  const m = v.model;
  const allocated = allocationOf(v);
  const count = to - m.replicas;
  const { chosen, rejected } = placeCopies(s, v, to, count);
  // Only what is allocated is copied; of a thick copy that is its whole size.
  const perCopy = allocated ?? (m.thin ? undefined : m.sizeBytes);
  const bytes = m.target && perCopy !== undefined ? perCopy * BigInt(chosen.length) : undefined;
  const rate = observedRate(s);
  const able = canIncreaseReplicas(s, v);
  const short: Capability | undefined =
    chosen.length < count
      ? {
          allowed: false,
          reason: `There is room for ${chosen.length === 0 ? 'no' : chosen.length} more ${chosen.length === 1 ? 'copy' : 'copies'}, and ${count} ${count === 1 ? 'is' : 'are'} wanted.`,
        }
      : undefined;
  const healthyAfter = base.healthyAfter === null ? null : base.healthyAfter + chosen.length;
  const warnings = [...base.warnings];
  if (!m.target)
    warnings.push('It is not published: nothing is copied until it is, and the new copies are filled then.');
  else if (rate === undefined)
    warnings.push('No rebuild has been measured on this cluster yet, so the time cannot be told.');
  return {
    ...base,
    adds: chosen.map((c) => ({ pool: c.pool.id, node: c.pool.node })),
    rejected,
    estimatedBytes: bytes === undefined ? null : digits(bytes),
    estimatedSeconds: bytes === undefined || rate === undefined ? null : Math.ceil(Number(bytes) / rate),
    healthyAfter,
    allowed: able.allowed && short ? short : able,
    protection: protectionOf(healthyAfter),
    warnings,
  };
}

/** Where `count` more copies of a volume would go, when it is to have `total`. */
export function placeCopies(s: ClusterSnapshot, v: JoinedVolume, total: number, count: number): Placement {
  const m = v.model;
  const wish = {
    sizeBytes: m.sizeBytes,
    thin: m.asThin || m.thin,
    topology: m.topology,
    affinityGroup: m.affinityGroup,
    totalReplicas: total,
    existing: m,
    allocatedBytes: allocationOf(v),
  };
  return place(s, wish, count);
}

function decrease(s: ClusterSnapshot, v: JoinedVolume, to: number, base: Base): ReplicaCountChange {
  const count = v.model.replicas - to;
  const order = removalOrder(v);
  const removes = order.slice(0, Math.max(0, Math.min(count, v.copies.length - to)));
  const lostHealthy = removes.filter((c) => copyIsHealthy(v, c) === true).length;
  const healthyAfter = base.healthyAfter === null ? null : base.healthyAfter - lostHealthy;
  const warnings = [...base.warnings];
  if (removes.length < count)
    warnings.push('It has fewer copies than wanted already, so part of this only lowers the number wanted.');
  if (healthyAfter === 1) warnings.push('One copy remains: the next failure of its disk or node loses the data.');
  return {
    ...base,
    removes: removes.map((c) => ({
      replica: c.replica.id,
      pool: c.replica.pool ?? null,
      node: c.replica.node ?? null,
      why: whyRemoved(v, c, asGood(v, c, removes)),
    })),
    healthyAfter,
    allowed: allowDecrease(s, v, to, healthyAfter),
    protection: protectionOf(healthyAfter),
    warnings,
  };
}

function allowDecrease(s: ClusterSnapshot, v: JoinedVolume, to: number, healthyAfter: number | null): Capability {
  if (to < 1) return { allowed: false, reason: 'A volume keeps at least one copy; delete the volume instead.' };
  const able = canDecreaseReplicas(s, v);
  if (!able.allowed) return able;
  if (healthyAfter !== null && healthyAfter < 1)
    return { allowed: false, reason: 'That would remove the last healthy copy.', needsForce: true };
  if (v.model.affinityGroup !== undefined && v.model.replicas >= 2 && to < 2) {
    return { allowed: false, reason: 'A volume of an affinity group keeps at least 2 copies.' };
  }
  return able;
}

/** agent-core's order of removal, first to go first (behaviour facts, 3.8). */
export function removalOrder(v: JoinedVolume): Copy[] {
  return [...v.copies].sort(
    (a, b) => compareRanks(removalRank(v, a), removalRank(v, b)) || a.replica.id.localeCompare(b.replica.id),
  );
}

function removalRank(v: JoinedVolume, c: Copy): number[] {
  const healthy = copyIsHealthy(v, c);
  const isLocal = v.target.kind === 'known' && c.replica.node === v.target.nexus.node;
  return [healthy === true ? 1 : 0, childRank(c), c.child?.rebuildProgress ?? 100, c.child ? 0 : 1, isLocal ? 1 : 0];
}

function compareRanks(x: readonly number[], y: readonly number[]): number {
  const at = x.findIndex((value, i) => value !== y[i]);
  return at < 0 ? 0 : (x[at] ?? 0) - (y[at] ?? 0);
}

/** Copies that stay by this plan and that agent-core might as well take: it goes by an order among equals that it tells nobody. */
const asGood = (v: JoinedVolume, c: Copy, removes: readonly Copy[]): Copy[] =>
  v.copies.filter((x) => !removes.includes(x) && compareRanks(removalRank(v, x), removalRank(v, c)) === 0);

const CHILD_RANK: Record<string, number> = { unknown: 0, faulted: 1, degraded: 2, online: 3 };
const childRank = (c: Copy): number => CHILD_RANK[c.child?.state ?? c.replica.childState ?? 'unknown'] ?? 0;

function whyRemoved(v: JoinedVolume, c: Copy, others: readonly Copy[]): string {
  const healthy = copyIsHealthy(v, c);
  if (healthy === false) return `the copy on ${placeOf(c)} is not complete, and such copies go first`;
  if (healthy === undefined) return `the copy on ${placeOf(c)} cannot be checked, and such copies go first`;
  const choice =
    others.length > 0
      ? `the control plane is free to take the one on ${others.map(placeOf).join(' or ')} in its place`
      : undefined;
  const targetNode = v.target.kind === 'known' ? v.target.nexus.node : undefined;
  if (targetNode !== c.replica.node && v.copies.some((other) => other.replica.node === targetNode))
    return `the target reaches it over the network; its local copy stays${choice ? `; ${choice}` : ''}`;
  return choice ? `the copies are equal, and ${choice}` : 'no other copy goes before it';
}

function protectionOf(healthy: number | null): string {
  if (healthy === null) return 'It cannot be told how many healthy copies there are now.';
  if (healthy <= 0) return 'No healthy copy would remain.';
  if (healthy === 1) return 'One healthy copy: no failure of its disk or node is survived.';
  return `${healthy} healthy copies: ${plural(healthy - 1, 'failure')} of a disk or node ${healthy === 2 ? 'is' : 'are'} survived.`;
}

/** Largest allocation among the copies; undefined when none is known. */
export function allocationOf(v: JoinedVolume): bigint | undefined {
  const known = v.copies.flatMap((c) => c.listed?.allocatedBytes ?? c.replica.usage?.allocatedBytes ?? []);
  let largest: bigint | undefined;
  for (const bytes of known) if (largest === undefined || bytes > largest) largest = bytes;
  return largest;
}

/** Bytes per second that rebuilds of this cluster really copied: those running, else the last that ended. */
export function observedRate(s: ClusterSnapshot): number | undefined {
  const running = s.running.flatMap((r) => (r.bytesPerSecond && r.bytesPerSecond > 0 ? [r.bytesPerSecond] : []));
  const ended = s.ended.flatMap(({ stats }) => {
    const ms = stats.endedAt !== undefined && stats.startedAt !== undefined ? stats.endedAt - stats.startedAt : 0;
    const bytes = Number(stats.blocksTransferred) * stats.blockSize;
    return stats.state === 'completed' && ms >= 1_000 && bytes > 0 ? [(bytes * 1_000) / ms] : [];
  });
  const rates = running.length > 0 ? running : ended.slice(0, 8);
  return rates.length === 0 ? undefined : rates.reduce((a, b) => a + b, 0) / rates.length;
}

function warningsOf(s: ClusterSnapshot, v: JoinedVolume): string[] {
  const warnings: string[] = [];
  if (v.rebuilds.length > 0) warnings.push('A rebuild of this volume is running.');
  if (!v.model.selfHeal) warnings.push('Self-heal is off: the control plane will not repair this volume by itself.');
  if (agentCoreSource(s)?.status !== 'ok')
    warnings.push('The control plane does not answer now; this plan is made from its last answer.');
  return warnings;
}

/** The plan for a volume of a snapshot; undefined when there is no such volume. */
export function replicaCountView(
  s: ClusterSnapshot,
  id: JoinedVolume['model']['id'],
  to: number,
): ReplicaCountPlan | undefined {
  const v = join(s).volumes.get(id);
  if (!v) return undefined;
  const plan = planReplicaCount(s, v, to);
  return { ...plan, consequence: consequenceHash(ofReplicaCount(plan)) };
}
