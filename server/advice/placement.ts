import { formatBytes } from '@/contract/size';
import type { CreateVolume, PlacementPlan } from '@/contract/volume';
import type { NodeModel, PoolModel, TopologyModel, VolumeModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { coreSilence, digits, instantOrNull, listOf, plural } from '../views/facts';
import { type Joined, join } from '../views/join';

const MIN_FREE = 16n << 20n;
/** The smallest volume there is: of it, a copy finds a place wherever one may go at all. */
const SMALLEST = 1n << 20n;
/** agent-core's default; the console cannot read another setting (behaviour facts, 2.3). */
const COMMITMENT_PERCENT = 250n;

/** What is looked for a place: a new volume, or one more copy of an existing one. */
export interface PlacementWish {
  sizeBytes: bigint;
  thin: boolean;
  topology: TopologyModel;
  affinityGroup: string | undefined;
  /** Replicas of the volume once placed: a single one in a group must not share its node. */
  totalReplicas: number;
  /** The existing volume, whose nodes are taken. */
  existing: VolumeModel | undefined;
  /** Largest allocation of present copies; undefined: not known. */
  allocatedBytes: bigint | undefined;
}

export interface Candidate {
  pool: PoolModel & { state: NonNullable<PoolModel['state']> };
  freeBytes: bigint;
  replicas: number;
  groupReplicas: number;
}

export interface Placement {
  chosen: Candidate[];
  spare: Candidate[];
  rejected: Array<{ pool: string; node: string; reason: string }>;
}

/** Chooses pools by agent-core's filters and weights (behaviour facts, 3.3). Advice only: agent-core decides. */
export function place(s: ClusterSnapshot, wish: PlacementWish, count: number): Placement {
  const j = join(s);
  const rejected: Placement['rejected'] = [];
  const candidates: Candidate[] = [];
  for (const pool of s.pools?.items.values() ?? []) {
    const reason = reasonAgainst(j, wish, pool);
    if (reason !== undefined || !pool.state)
      rejected.push({ pool: pool.id, node: pool.node, reason: reason ?? 'its state is not known' });
    else {
      candidates.push({
        pool: { ...pool, state: pool.state },
        freeBytes: pool.state.capacityBytes - pool.state.usedBytes,
        replicas: j.byPool.get(pool.id)?.length ?? 0,
        groupReplicas:
          wish.affinityGroup === undefined
            ? 0
            : (j.byPool.get(pool.id) ?? []).filter((c) => c.volume.model.affinityGroup === wish.affinityGroup).length,
      });
    }
  }
  candidates.sort((a, b) => score(b, a, wish) - score(a, b, wish) || a.pool.id.localeCompare(b.pool.id));
  return walk(s, wish, candidates, count, rejected);
}

function walk(
  s: ClusterSnapshot,
  wish: PlacementWish,
  sorted: readonly Candidate[],
  count: number,
  rejected: Placement['rejected'],
): Placement {
  const chosen: Candidate[] = [];
  const spare: Candidate[] = [];
  const spreadKeys = wish.topology.node?.kind === 'labelled' ? [...wish.topology.node.exclusion.keys()] : [];
  const present = (wish.existing?.replicaTopology ?? []).flatMap((r) => (r.node === undefined ? [] : [r.node]));
  const label = (node: string, key: string) => s.nodes?.items.get(node)?.labels.get(key);
  for (const c of sorted) {
    const clash = chosen.find((x) => x.pool.node === c.pool.node);
    const taken = [...present, ...chosen.map((x) => x.pool.node)];
    const spread = spreadKeys.find((key) =>
      taken.some((node) => label(node, key) !== undefined && label(node, key) === label(c.pool.node, key)),
    );
    if (clash) {
      spare.push(c);
    } else if (spread !== undefined) {
      rejected.push({
        pool: c.pool.id,
        node: c.pool.node,
        reason: `another copy is where ${spread} is “${label(c.pool.node, spread)}” too`,
      });
    } else if (chosen.length < count) chosen.push(c);
    else spare.push(c);
  }
  return { chosen, spare, rejected };
}

/** Why a pool cannot take a replica; undefined when it can. */
function reasonAgainst(j: Joined, wish: PlacementWish, pool: PoolModel): string | undefined {
  const node = j.snapshot.nodes?.items.get(pool.node);
  return reasonOfNode(j, wish, pool.node, node) ?? reasonOfPool(wish, pool);
}

function reasonOfNode(j: Joined, wish: PlacementWish, id: string, node: NodeModel | undefined): string | undefined {
  if (!node) return `node ${id} is not known to the control plane`;
  if (node.cordon.state === 'cordoned') return `node ${id} is cordoned`;
  if (node.cordon.state !== 'none') return `node ${id} is ${node.cordon.state}`;
  const silence = j.silences.get(id);
  if (silence) return silence.sentence;
  if (node.status !== 'online') return `node ${id} is ${node.status ?? 'unknown'}`;
  const topology = wish.topology.node;
  if (topology?.kind === 'explicit' && topology.allowed.length > 0 && !topology.allowed.includes(id))
    return `node ${id} is not among the allowed nodes`;
  if (wish.existing?.replicaTopology.some((r) => r.node === id)) return `node ${id} has a copy of this volume already`;
  if (topology?.kind === 'labelled') {
    for (const [key, value] of topology.inclusion) {
      const has = node.labels.get(key);
      if (has === undefined) return `node ${id} has no label ${key}`;
      if (value !== '' && has !== value) return `node ${id} has ${key}=${has}, not ${value}`;
    }
    for (const [key, value] of topology.exclusion) {
      const has = node.labels.get(key);
      if (has === undefined) return `node ${id} has no label ${key}, by which the copies are spread`;
      if (value !== '' && has !== value) return `node ${id} has ${key}=${has}, not ${value}`;
    }
  }
  if (wish.affinityGroup !== undefined && wish.totalReplicas === 1) {
    const other = [...j.volumes.values()].find(
      (v) =>
        v.model.affinityGroup === wish.affinityGroup &&
        v.model.id !== wish.existing?.id &&
        v.copies.some((c) => c.replica.node === id),
    );
    if (other) return `node ${id} holds another volume of the group ${wish.affinityGroup}`;
  }
  return undefined;
}

function reasonOfPool(wish: PlacementWish, pool: PoolModel): string | undefined {
  const state = pool.state;
  if (!state) return 'its state is not known';
  if (pool.spec?.cordoned) return 'the pool is cordoned';
  if (pool.spec && pool.spec.status !== 'created') return `the pool is ${pool.spec.status}`;
  if (state.status !== 'online' && state.status !== 'degraded') return `the pool is ${state.status}`;
  if (state.capacityBytes <= wish.sizeBytes) {
    return `its capacity of ${formatBytes(state.capacityBytes)} is not larger than the volume`;
  }
  const free = state.capacityBytes - state.usedBytes;
  if (!wish.thin && free <= wish.sizeBytes)
    return `only ${formatBytes(free)} are free, and ${formatBytes(wish.sizeBytes)} are needed`;
  const labels = pool.spec?.labels ?? new Map<string, string>();
  for (const [key, value] of wish.topology.pool?.inclusion ?? []) {
    const has = labels.get(key);
    if (has === undefined) return `it has no label ${key}`;
    if (value !== '' && has !== value) return `it has ${key}=${has}, not ${value}`;
  }
  return wish.thin ? reasonAgainstThin(wish, state, free) : undefined;
}

function reasonAgainstThin(
  wish: PlacementWish,
  state: NonNullable<PoolModel['state']>,
  free: bigint,
): string | undefined {
  if (free <= MIN_FREE)
    return `only ${formatBytes(free)} are free; a thin copy needs more than ${formatBytes(MIN_FREE)} to start`;
  const reserve = (wish.sizeBytes * 40n) / 100n;
  const wanted =
    wish.existing && wish.allocatedBytes === undefined ? wish.sizeBytes : (wish.allocatedBytes ?? 0n) + reserve;
  const needed = wanted < wish.sizeBytes ? wanted : wish.sizeBytes;
  if (free <= needed)
    return `only ${formatBytes(free)} are free, and more than ${formatBytes(needed)} are needed to start with`;
  const committed = state.committedBytes;
  if (committed !== undefined && (wish.sizeBytes + committed) * 100n >= COMMITMENT_PERCENT * state.capacityBytes) {
    return `${formatBytes(committed)} are promised already; with this copy it would be ${COMMITMENT_PERCENT} % of its capacity or more`;
  }
  return undefined;
}

/** agent-core's pairwise score of `a` against `b`, percent. */
function score(a: Candidate, b: Candidate, wish: PlacementWish): number {
  const grouped = wish.affinityGroup !== undefined && wish.totalReplicas > 1 && a.groupReplicas + b.groupReplicas > 0;
  const low = (x: bigint, y: bigint) => 100 - share(x, y);
  const over = (c: Candidate) => {
    const committed = c.pool.state.committedBytes ?? 0n;
    return committed > c.pool.state.capacityBytes ? committed - c.pool.state.capacityBytes : 0n;
  };
  const replicas = low(BigInt(a.replicas), BigInt(b.replicas));
  const group = low(BigInt(a.groupReplicas), BigInt(b.groupReplicas));
  const free = share(a.freeBytes, b.freeBytes);
  const w = wish.thin ? (grouped ? [15, 10, 40, 35] : [25, 0, 40, 35]) : grouped ? [25, 15, 60, 0] : [40, 0, 60, 0];
  return (
    (replicas * (w[0] ?? 0) + group * (w[1] ?? 0) + free * (w[2] ?? 0) + low(over(a), over(b)) * (w[3] ?? 0)) / 100
  );
}

const share = (a: bigint, b: bigint): number => (a + b === 0n ? 50 : Number((a * 100n) / (a + b)));

/** Topology of a wizard's request, as agent-core would keep it. */
export function topologyOfRequest(w: CreateVolume): TopologyModel {
  const node: TopologyModel['node'] =
    w.allowedNodes.length > 0
      ? { kind: 'explicit', allowed: w.allowedNodes, preferred: [] }
      : Object.keys(w.nodeInclusion).length > 0 || w.nodeSpread.length > 0
        ? {
            kind: 'labelled',
            inclusion: new Map(Object.entries(w.nodeInclusion)),
            exclusion: new Map(w.nodeSpread.map((k) => [k, ''])),
          }
        : undefined;
  const pool =
    Object.keys(w.poolInclusion).length > 0
      ? { inclusion: new Map(Object.entries(w.poolInclusion)), exclusion: new Map<string, string>() }
      : undefined;
  return { node, pool };
}

/** Where the replicas of a new volume would go, why other pools cannot take one, and what is wrong with single fields. */
export function planVolume(s: ClusterSnapshot, wanted: CreateVolume): PlacementPlan {
  const size = BigInt(wanted.sizeBytes);
  const wish: PlacementWish = {
    sizeBytes: size,
    thin: wanted.thin,
    topology: topologyOfRequest(wanted),
    affinityGroup: wanted.affinityGroup,
    totalReplicas: wanted.replicas,
    existing: undefined,
    allocatedBytes: 0n,
  };
  const { chosen, spare, rejected } = place(s, wish, wanted.replicas);
  return {
    chosen: chosen.map((c) => ({
      pool: c.pool.id,
      node: c.pool.node,
      freeBytes: digits(c.freeBytes),
      committedAfterPercent:
        c.pool.state.committedBytes === undefined || c.pool.state.capacityBytes === 0n
          ? null
          : Number(((c.pool.state.committedBytes + size) * 1000n) / c.pool.state.capacityBytes) / 10,
    })),
    rejected,
    spare: spare.map((c) => ({ pool: c.pool.id, node: c.pool.node })),
    wanted: wanted.replicas,
    shortfall: shortfallOf(s, chosen.length, wanted.replicas, rejected.length),
    shortfallField: chosen.length < wanted.replicas ? blameOf(s, wish, wanted, chosen.length) : null,
    fields: fieldsOf(s, wanted),
    observedAt: instantOrNull(s.pools?.at),
  };
}

function shortfallOf(s: ClusterSnapshot, found: number, wanted: number, rejected: number): string | null {
  if (!s.pools) return 'The pools of this cluster have not been read yet.';
  const silence = coreSilence(s);
  if (silence) return `${silence} Nothing can be made until it is back; below is how the pools were then.`;
  if (found >= wanted) return null;
  if (s.pools.items.size === 0) return 'The cluster has no pool yet: make one on a disk of each node first.';
  const why =
    rejected > 0
      ? ` ${plural(rejected, 'pool')} cannot take one, for the reasons below.`
      : ' Every copy needs a node of its own.';
  return `${plural(wanted, 'copy', 'copies')} on different nodes ${wanted === 1 ? 'is' : 'are'} wanted, and there is room for ${found === 0 ? 'none' : found}.${why}`;
}

/** Which wish is too much: the size, when smaller copies would all find a place; else the nodes that were named, or the count. */
function blameOf(
  s: ClusterSnapshot,
  wish: PlacementWish,
  wanted: CreateVolume,
  found: number,
): PlacementPlan['shortfallField'] {
  if (!s.pools || s.pools.items.size === 0) return null;
  const room = found === 0 ? 'no copy' : found === 1 ? 'one copy only' : `${found} copies only`;
  const small = place(s, { ...wish, sizeBytes: SMALLEST }, wanted.replicas).chosen.length;
  if (small >= wanted.replicas)
    return {
      path: 'sizeBytes',
      message: `There is room for ${room} of this size; ${plural(wanted.replicas, 'copy', 'copies')} ${wanted.replicas === 1 ? 'is' : 'are'} wanted.`,
    };
  const closed = wanted.allowedNodes.flatMap((id) => {
    const cordon = s.nodes?.items.get(id)?.cordon.state ?? 'none';
    return cordon === 'none' ? [] : [`${id} is ${cordon}`];
  });
  if (closed.length > 0) return { path: 'allowedNodes', message: `${listOf(closed)}, and takes no new copy.` };
  const where = small === 0 ? 'no node can take one' : `only ${plural(small, 'node')} can take one`;
  return { path: 'replicas', message: `Every copy needs a node of its own, and ${where}; the reasons are below.` };
}

function fieldsOf(s: ClusterSnapshot, w: CreateVolume): Array<{ path: string; message: string }> {
  const fields: Array<{ path: string; message: string }> = [];
  if (w.id !== undefined && s.volumes?.items.has(w.id))
    fields.push({ path: 'id', message: 'a volume with this id exists' });
  const unknown = w.allowedNodes.filter((n) => s.nodes && !s.nodes.items.has(n));
  if (unknown.length > 0)
    fields.push({
      path: 'allowedNodes',
      message: `${listOf(unknown)} ${unknown.length === 1 ? 'is not a node' : 'are not nodes'} of this cluster`,
    });
  if (w.allowedNodes.length > 0 && w.allowedNodes.length < w.replicas) {
    fields.push({ path: 'allowedNodes', message: `${plural(w.replicas, 'copy', 'copies')} need as many nodes` });
  }
  if (w.allowedNodes.length > 0 && (Object.keys(w.nodeInclusion).length > 0 || w.nodeSpread.length > 0)) {
    fields.push({ path: 'allowedNodes', message: 'either named nodes or node labels, not both' });
  }
  if (w.name !== undefined && w.labels.name !== undefined && w.labels.name !== w.name) {
    fields.push({ path: 'labels.name', message: 'the label “name” holds the name; leave it out here' });
  }
  const target = w.publish?.node;
  if (target !== undefined && s.nodes) {
    const node = s.nodes.items.get(target);
    if (!node) fields.push({ path: 'publish.node', message: `${target} is not a node of this cluster` });
    else if (node.status !== 'online')
      fields.push({ path: 'publish.node', message: `${target} is ${node.status ?? 'unknown'}` });
    else if (node.cordon.state !== 'none')
      fields.push({ path: 'publish.node', message: `${target} is ${node.cordon.state}` });
  }
  return fields;
}
