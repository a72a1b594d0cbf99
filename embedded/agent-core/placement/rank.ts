import { FILTERS, type PlacementRequest, type PoolCandidate } from './candidates';

interface Weights {
  readonly replicas: number;
  readonly group: number;
  readonly free: number;
  readonly overCommit: number;
}

const THIN: Weights = { replicas: 25, group: 0, free: 40, overCommit: 35 };
const THICK: Weights = { replicas: 40, group: 0, free: 60, overCommit: 0 };
const GROUP_THIN: Weights = { replicas: 15, group: 10, free: 40, overCommit: 35 };
const GROUP_THICK: Weights = { replicas: 25, group: 15, free: 60, overCommit: 0 };

const STATUS_ORDER = { Unknown: 0, Faulted: 0, Degraded: 1, Online: 2 } as const;

/** `value`'s share of both, as whole percent; 50 when both are 0. */
function share(value: number, other: number): number {
  return value + other === 0 ? 50 : Math.floor((value * 100) / (value + other));
}

/** Where less is better each gets the other's share. Both are cut to whole percent: they need not add up to 100. */
const lower = (value: number, other: number) => share(other, value);

const overCommitted = (pool: PoolCandidate) => Math.max(0, pool.committed - pool.capacity);

function weightsFor(a: PoolCandidate, b: PoolCandidate, request: PlacementRequest): Weights {
  const grouped = request.inGroup && request.numReplicas > 1 && (a.groupReplicas > 0 || b.groupReplicas > 0);
  if (grouped) return request.asThin ? GROUP_THIN : GROUP_THICK;
  return request.asThin ? THIN : THICK;
}

/** How `a` scores against `b`: the sum of its weighted shares, cut to a whole number (behaviour facts, 3.3). */
export function score(a: PoolCandidate, b: PoolCandidate, request: PlacementRequest): number {
  const weights = weightsFor(a, b, request);
  const sum =
    weights.replicas * lower(a.replicas, b.replicas) +
    weights.group * lower(a.groupReplicas, b.groupReplicas) +
    weights.free * share(a.free, b.free) +
    weights.overCommit * lower(overCommitted(a), overCommitted(b));
  return Math.floor(sum / 100);
}

/** Pools that may take a replica, the best first; ties by name so that the answer is the same each time. */
export function rank(pools: readonly PoolCandidate[], request: PlacementRequest): PoolCandidate[] {
  return pools
    .filter((pool) => FILTERS.every(([, filter]) => filter(pool, request)))
    .sort(
      (a, b) =>
        STATUS_ORDER[a.status] - STATUS_ORDER[b.status] ||
        score(b, a, request) - score(a, b, request) ||
        (a.pool < b.pool ? -1 : 1),
    );
}

/** Why each pool is ruled out, or that it is not: for the text of errors. */
export function refusals(pools: readonly PoolCandidate[], request: PlacementRequest): string {
  return pools
    .map((pool) => [pool.pool, FILTERS.find(([, filter]) => !filter(pool, request))?.[0]] as const)
    .filter(([, rule]) => rule !== undefined)
    .map(([pool, rule]) => `${pool} fails '${rule}'`)
    .join(', ');
}

/** Values of the spread keys must differ between the nodes of one volume. */
export function spreadClash(
  candidate: PoolCandidate,
  chosenNodeLabels: ReadonlyArray<Record<string, string>>,
  request: PlacementRequest,
): boolean {
  if (request.node === undefined || !('labelled' in request.node)) return false;
  const keys = Object.keys(request.node.labelled.exclusion);
  return chosenNodeLabels.some((labels) => keys.some((key) => labels[key] === candidate.nodeLabels[key]));
}
