import type { Labels, LabelTopology } from '../specs';

/** Thin candidates need more than this free, in bytes (behaviour facts, 3.3). */
export const FREE_WATERMARK = 16 * 1024 * 1024;
export const POOL_COMMITMENT_PERCENT = 250;
export const VOLUME_COMMITMENT_PERCENT = 40;

/** A pool as placement sees it; sizes in bytes. */
export interface PoolCandidate {
  readonly pool: string;
  readonly node: string;
  readonly nodeOnline: boolean;
  readonly nodeCordoned: boolean;
  readonly poolCordoned: boolean;
  readonly nodeLabels: Labels;
  readonly poolLabels: Labels;
  readonly status: 'Unknown' | 'Online' | 'Degraded' | 'Faulted';
  readonly capacity: number;
  readonly free: number;
  readonly committed: number;
  readonly replicas: number;
  /** Replicas of the same affinity group on this pool. */
  readonly groupReplicas: number;
  /** The node holds a replica of another volume of the group. */
  readonly groupOnNode: boolean;
}

export interface PlacementRequest {
  readonly size: number;
  readonly numReplicas: number;
  /** Thin, or ever snapshotted. */
  readonly asThin: boolean;
  /** Largest allocation among the volume's replicas; 0: a new volume; undefined: not known. */
  readonly allocated: number | undefined;
  readonly node?: { labelled: LabelTopology } | { explicit: { allowed: string[]; preferred: string[] } } | undefined;
  readonly pool?: LabelTopology | undefined;
  readonly inGroup: boolean;
  readonly usedNodes: ReadonlySet<string>;
  readonly usedPools: ReadonlySet<string>;
  /** A move may use another pool of the node that it leaves. */
  readonly movingFrom?: { node: string; pool: string } | undefined;
}

export type Filter = (candidate: PoolCandidate, request: PlacementRequest) => boolean;

const carries = (labels: Labels, wanted: Labels) =>
  Object.entries(wanted).every(([key, value]) => key in labels && (value === '' || labels[key] === value));

/** The rules in the order in which Mayastor applies them, by name: the name says what ruled a pool out. */
export const FILTERS: ReadonlyArray<readonly [name: string, filter: Filter]> = [
  ['node is not cordoned', (c) => !c.nodeCordoned],
  ['node is online', (c) => c.nodeOnline],
  [
    'node is allowed',
    (c, r) =>
      r.node === undefined ||
      !('explicit' in r.node) ||
      r.node.explicit.allowed.length === 0 ||
      r.node.explicit.allowed.includes(c.node),
  ],
  [
    'node has no replica of the volume',
    (c, r) => !r.usedPools.has(c.pool) && (!r.usedNodes.has(c.node) || r.movingFrom?.node === c.node),
  ],
  [
    'node labels fit',
    (c, r) =>
      r.node === undefined ||
      !('labelled' in r.node) ||
      (carries(c.nodeLabels, r.node.labelled.inclusion) && carries(c.nodeLabels, r.node.labelled.exclusion)),
  ],
  ['pool is not cordoned', (c) => !c.poolCordoned],
  ['pool is usable', (c) => c.status === 'Online' || c.status === 'Degraded'],
  ['pool is large enough', (c, r) => c.capacity > r.size],
  ['pool has free space', (c, r) => c.free > (r.asThin ? FREE_WATERMARK : r.size)],
  ['pool labels fit', (c, r) => r.pool === undefined || carries(c.poolLabels, r.pool.inclusion)],
  ['node is free of the affinity group', (c, r) => !r.inGroup || r.numReplicas > 1 || !c.groupOnNode],
  ['pool has room for the data', (c, r) => !r.asThin || c.free > thinNeed(r.size, r.allocated)],
  ['pool is not over-committed', (c, r) => !r.asThin || withinCommitment(c, r.size)],
];

/** Free bytes that a thin replica asks for: what the volume holds and 40 % of its size, at most its size. */
export function thinNeed(size: number, allocated: number | undefined): number {
  if (allocated === undefined) return size;
  return Math.min(allocated + Math.floor((size * VOLUME_COMMITMENT_PERCENT) / 100), size);
}

/** Thin pools may promise up to 250 % of their capacity, strictly less. */
export function withinCommitment(pool: { committed: number; capacity: number }, size: number): boolean {
  return (size + pool.committed) * 100 < POOL_COMMITMENT_PERCENT * pool.capacity;
}
