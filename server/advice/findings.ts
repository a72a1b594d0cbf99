import type { Finding } from '@/contract/overview';
import type { ClusterSnapshot } from '../model/snapshot';
import { NOT_AGENT_CORE } from '../upstream/explain';
import { about, agentCoreSource, digits, instantOrNull, nameOf, plural, stateWords } from '../views/facts';
import { healthOf } from '../views/health';
import { type Joined, type JoinedVolume, join } from '../views/join';
import { placeCopies } from './replica-count';

const ORDER = { critical: 0, warning: 1, info: 2 } as const;
/** From here on a pool is worth a word: thin copies on a full pool fail with NO_SPACE. */
const FULL_PERCENT = 90n;
/** Volumes that a place is looked for; where hundreds lack copies, a node or pool is what is wrong. */
const LOOKS = 50;
/** Pools named in a sentence; more would not be read. */
const NAMED = 4;

/** All that is wrong or soon will be, worst first. */
export function findingsOf(s: ClusterSnapshot): Finding[] {
  const j = join(s);
  let looks = LOOKS;
  const whyNoPlace = (v: JoinedVolume) => (looks-- > 0 ? noPlace(s, v) : undefined);
  const all = [
    ...sourceFindings(s),
    ...nodeFindings(j),
    ...poolFindings(j),
    ...[...j.volumes.values()].flatMap((v) => (isUntold(j, v) ? [] : (volumeFinding(s, v, whyNoPlace) ?? []))),
  ];
  return all.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}

function sourceFindings(s: ClusterSnapshot): Finding[] {
  const core = agentCoreSource(s);
  if (core?.status !== 'failing' && core?.status !== 'refused') return [];
  const isOther = core.error?.code === NOT_AGENT_CORE;
  return [
    {
      id: 'source:agent-core',
      severity: 'critical',
      title: isOther
        ? `What answers at ${core.endpoint} is not agent-core`
        : 'The control plane (agent-core) does not answer',
      why: core.error ? `${core.endpoint}: ${core.error.message}` : `Nothing answers at ${core.endpoint}.`,
      since: core.since,
      next: isOther
        ? 'Set AGENT_CORE, or the cluster’s agentCore in the config file, to the right address and restart the console.'
        : 'Volumes go on serving I/O; nothing can be changed or healed until it is back. The console keeps trying.',
      object: { kind: 'source', id: 'agent-core', name: 'agent-core' },
    },
  ];
}

/** A volume of which nothing can be told because a node is silent: that node's finding speaks for it. */
const isUntold = (j: Joined, v: JoinedVolume): boolean =>
  healthOf(v).status === 'unknown' && [...j.silences.keys()].some((node) => touches(v, node));

const touches = (v: JoinedVolume, node: string): boolean =>
  v.model.target?.node === node || v.copies.some((c) => c.replica.node === node);

function nodeFindings(j: Joined): Finding[] {
  const out: Finding[] = [];
  for (const node of j.snapshot.nodes?.items.values() ?? []) {
    const silence = j.silences.get(node.id);
    if (silence) {
      const touched = [...j.volumes.values()].filter((v) => v.copies.some((c) => c.replica.node === node.id)).length;
      const untold = [...j.volumes.values()].filter((v) => isUntold(j, v) && touches(v, node.id)).length;
      out.push({
        id: `node:${node.id}`,
        severity: 'critical',
        title: `Node ${node.id} does not answer`,
        why:
          node.status === 'offline'
            ? 'The control plane has lost it too.'
            : 'The control plane still counts it as online.',
        since: silence.since,
        next: `${plural(touched, 'volume has', 'volumes have')} a copy there${untold === 0 ? '' : `, and of ${plural(untold, 'volume')} nothing can be told meanwhile`}. If it is not back within the control plane’s waiting time, published volumes get new copies on other nodes.`,
        object: { kind: 'node', id: node.id, name: node.id },
      });
    } else if (node.cordon.state !== 'none') {
      out.push({
        id: `node:${node.id}:cordon`,
        severity: 'info',
        title: `Node ${node.id} is ${node.cordon.state}`,
        why:
          node.cordon.cordonLabels.length + node.cordon.drainLabels.length > 0
            ? `Labels: ${[...node.cordon.cordonLabels, ...node.cordon.drainLabels].join(', ')}.`
            : null,
        since: null,
        next: 'It takes no new copies until it is uncordoned.',
        object: { kind: 'node', id: node.id, name: node.id },
      });
    }
  }
  return out;
}

function poolFindings(j: Joined): Finding[] {
  const out: Finding[] = [];
  for (const pool of j.snapshot.pools?.items.values() ?? []) {
    if (j.silences.has(pool.node)) continue;
    const object = { kind: 'pool' as const, id: pool.id, name: pool.id };
    const state = pool.state;
    const since = instantOrNull(j.snapshot.since.get(`pool:${pool.id}`)?.since);
    if (!state || (state.status !== 'online' && state.status !== 'degraded')) {
      out.push({
        id: `pool:${pool.id}`,
        severity: 'critical',
        title: `Pool ${pool.id} on ${pool.node} cannot be used`,
        why: state
          ? `Its io-engine says ${stateWords(state.status)}.`
          : 'Its node answers, but has not imported it: the disk may be gone.',
        since,
        next: 'Check the disk. Copies on it are made anew on other pools where self-heal is on and there is room.',
        object,
      });
    } else if (state.capacityBytes > 0n && state.usedBytes * 100n >= FULL_PERCENT * state.capacityBytes) {
      const percent = digits((state.usedBytes * 100n) / state.capacityBytes);
      out.push({
        id: `pool:${pool.id}:full`,
        severity: 'warning',
        title: `Pool ${pool.id} is ${percent} % full`,
        why: null,
        since: null,
        next: 'Thin copies on it fail when it is full. Add a pool, or move or delete copies.',
        object,
      });
    }
  }
  return out;
}

function volumeFinding(
  s: ClusterSnapshot,
  v: JoinedVolume,
  whyNoPlace: (v: JoinedVolume) => string | undefined,
): Finding | undefined {
  const health = healthOf(v);
  if (health.status === 'online') return undefined;
  const name = nameOf(v.model);
  const since = s.since.get(`volume:${v.model.id}`);
  const left = v.rebuilds.map((r) => r.secondsLeft).filter((x) => x !== undefined);
  const healing =
    v.rebuilds.length > 0
      ? `${plural(v.rebuilds.length, 'rebuild is', 'rebuilds are')} running${left.length === v.rebuilds.length ? `, ${about(Math.max(...left))} left` : ''}.`
      : undefined;
  return {
    id: `volume:${v.model.id}`,
    severity: health.status === 'faulted' || health.healthy === 0 ? 'critical' : 'warning',
    title:
      health.status === 'unknown'
        ? `Volume ${name}: its state cannot be told`
        : health.status === 'faulted'
          ? `Volume ${name} cannot be used`
          : health.healthy === null
            ? `Volume ${name} is ${health.status}`
            : `Volume ${name} has ${health.healthy} of ${v.model.replicas} healthy copies`,
    why: health.reason === null ? null : `${health.reason.charAt(0).toUpperCase()}${health.reason.slice(1)}.`,
    since: since?.status === health.status ? instantOrNull(since.since) : null,
    next:
      healing ??
      (!v.model.selfHeal
        ? 'Self-heal is off for this volume: nothing repairs it by itself.'
        : health.status === 'degraded'
          ? (whyNoPlace(v) ??
            'The control plane repairs it by itself as soon as the copy is back or there is room for a new one.')
          : null),
    object: { kind: 'volume', id: v.model.id, name },
  };
}

/**
 * Why no pool takes the copy that a published volume lacks, judged as the control plane does. Undefined when one would take
 * it, or when the copy is there and only broken.
 */
function noPlace(s: ClusterSnapshot, v: JoinedVolume): string | undefined {
  if (v.target.kind !== 'known' || v.copies.length >= v.model.replicas) return undefined;
  const { chosen, rejected } = placeCopies(s, v, v.model.replicas, 1);
  if (chosen.length > 0 || rejected.length === 0) return undefined;
  const holders = new Set(v.copies.map((c) => c.replica.node));
  const others = rejected.filter((r) => !holders.has(r.node));
  if (others.length === 0) return 'Every node has a copy already: another one needs one more node with a pool.';
  const named = others.slice(0, NAMED).map((r) => `${r.pool}: ${r.reason}`);
  if (others.length > NAMED) named.push(`and ${plural(others.length - NAMED, 'more pool', 'more pools')}`);
  return `No pool can take the missing copy (${named.join('; ')}). As soon as one can, the control plane makes it by itself.`;
}
