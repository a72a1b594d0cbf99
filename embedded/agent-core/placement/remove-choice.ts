/** A replica that may be taken away from a volume. */
export interface RemovalCandidate {
  readonly uuid: string;
  readonly healthy: boolean;
  readonly online: boolean;
  /** State of its child in the target, lower is worse: 0 unknown, 1 faulted, 2 degraded, 3 online; undefined: not in it. */
  readonly childRank: number | undefined;
  readonly rebuildProgress: number | undefined;
  readonly local: boolean;
  readonly groupReplicasOnPool: number;
}

/**
 * The replica to remove when a volume has more than `desired`: an unhealthy one first; a healthy one only if more
 * healthy and online ones exist than wanted; undefined when none may go (behaviour facts, 3.8). Among equals it is the
 * first: the candidates are in the order in which they were made.
 */
export function chooseRemoval(candidates: readonly RemovalCandidate[], desired: number): string | undefined {
  const usable = candidates.filter((c) => c.healthy && c.online).length;
  const removable = candidates.filter((c) => !c.healthy || usable > desired);
  return [...removable].sort(compare)[0]?.uuid;
}

function compare(a: RemovalCandidate, b: RemovalCandidate): number {
  return (
    Number(a.healthy) - Number(b.healthy) ||
    (a.childRank ?? 4) - (b.childRank ?? 4) ||
    (a.rebuildProgress ?? 100) - (b.rebuildProgress ?? 100) ||
    Number(a.local) - Number(b.local) ||
    b.groupReplicasOnPool - a.groupReplicasOnPool
  );
}
