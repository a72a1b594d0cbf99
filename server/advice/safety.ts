import type { Overview } from '@/contract/overview';
import type { ClusterSnapshot } from '../model/snapshot';
import { NOT_AGENT_CORE } from '../upstream/explain';
import { about, agentCoreSource, clock, listOf, plural } from '../views/facts';
import { healthOf } from '../views/health';
import { join } from '../views/join';

/** One sentence of truth about data safety. It never says more than is known. */
export function safetyOf(s: ClusterSnapshot): Overview['safety'] {
  const core = agentCoreSource(s);
  if (!s.volumes) {
    const why =
      core?.status === 'failing' || core?.status === 'refused'
        ? core.error?.code === NOT_AGENT_CORE
          ? `what answers at ${core.endpoint} is not the control plane`
          : `the control plane does not answer at ${core.endpoint}`
        : 'the control plane has not answered yet';
    return { sentence: `Nothing can be told about the volumes: ${why}.`, level: 'unknown' };
  }
  const j = join(s);
  const all = [...j.volumes.values()].map((v) => ({ v, health: healthOf(v) }));
  const total = all.length;
  const isUnknown = (x: (typeof all)[number]) =>
    x.health.status === 'unknown' || x.health.status.startsWith('unrecognized:');
  const isFaulted = (x: (typeof all)[number]) => x.health.status === 'faulted' || x.health.healthy === 0;
  const unknown = all.filter(isUnknown);
  const known = all.filter((x) => !isUnknown(x));
  const faulted = known.filter(isFaulted);
  const lost = known.filter((x) => x.health.lost > 0 && !isFaulted(x));
  const parts: string[] = [];
  if (faulted.length > 0)
    parts.push(
      `${faulted.length} of ${plural(total, 'volume')} ${faulted.length === 1 ? 'has' : 'have'} no usable copy now`,
    );
  if (lost.length > 0)
    parts.push(
      `${lost.length} of ${plural(total, 'volume')} ${lost.length === 1 ? 'has' : 'have'} lost a copy${rebuildClause(lost.map((x) => x.v.rebuilds))}`,
    );
  if (unknown.length > 0)
    parts.push(
      `cannot tell for ${plural(unknown.length, 'volume')}: ${whyUnknown(
        s,
        unknown.map((x) => x.health.reason),
      )}`,
    );
  const stale =
    core && core.status !== 'ok'
      ? `the control plane does not answer since ${clock(core.lastOkAt ?? core.since)}, so this is how it was then`
      : undefined;
  const level =
    faulted.length > 0 ? 'data-lost' : lost.length > 0 ? 'at-risk' : unknown.length > 0 || stale ? 'unknown' : 'safe';
  if (parts.length === 0) parts.push(allWell(total));
  if (stale) parts.push(stale);
  return { sentence: sentence(parts), level };
}

function allWell(total: number): string {
  if (total === 0) return 'there are no volumes yet';
  if (total === 1) return 'the only volume has all its copies';
  return `all ${total.toLocaleString('en-US')} volumes have all their copies`;
}

function rebuildClause(rebuilds: ReadonlyArray<ReadonlyArray<{ secondsLeft?: number }>>): string {
  const running = rebuilds.filter((r) => r.length > 0);
  if (running.length === 0) return '; none is rebuilding';
  const left = running.flat().map((r) => r.secondsLeft);
  const time = left.every((x) => x !== undefined) ? `, ${about(Math.max(...left.map((x) => x ?? 0)))} left` : '';
  return `; ${running.length} ${running.length === 1 ? 'is' : 'are'} rebuilding${time}`;
}

function whyUnknown(s: ClusterSnapshot, reasons: ReadonlyArray<string | null>): string {
  const silences = [...join(s).silences.values()];
  if (silences.length === 1) return silences[0]?.sentence ?? '';
  if (silences.length > 1 && silences.length <= 3) return listOf(silences.map((x) => x.sentence));
  if (silences.length > 3) return `${silences.length} nodes do not answer`;
  return reasons.find((r) => r !== null) ?? 'their targets are not listed';
}

function sentence(parts: readonly string[]): string {
  const text = parts.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
