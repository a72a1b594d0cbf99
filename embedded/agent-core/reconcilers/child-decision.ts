import { type Child, ChildState, ChildStateReason } from '@/gen/mayastor/v1/common';
import { FREE_WATERMARK } from '../placement/candidates';
import { fromTimestamp } from '../wire/common';

export type ChildDecision = 'keep' | 'wait' | 'online' | 'replace' | 'move';

export interface ChildFacts {
  readonly child: Child;
  readonly partialRebuild: boolean;
  /** Its replica is listed by its node. */
  readonly replicaOnline: boolean;
  readonly nowMs: number;
  readonly waitMs: number;
  /** Free bytes of its pool; what the fullest replica holds; what this one holds. */
  readonly poolFree: number;
  readonly largestAllocated: number;
  readonly allocated: number;
}

/**
 * Free bytes that a thin replica needs to be rebuilt up to what the fullest one holds, and a little for what is written
 * meanwhile (behaviour facts, 4.5).
 */
export const rebuildNeed = (largestAllocated: number, allocated: number): number =>
  Math.max(0, largestAllocated - allocated) + FREE_WATERMARK;

/** What to do about one child of a degraded target (behaviour facts, 4.3 and 4.5). */
export function decideChild(facts: ChildFacts): ChildDecision {
  const { child } = facts;
  const isFull =
    child.state === ChildState.CHILD_STATE_DEGRADED &&
    child.stateReason === ChildStateReason.CHILD_STATE_REASON_NO_SPACE;
  if (isFull) {
    const need = rebuildNeed(facts.largestAllocated, facts.allocated);
    return facts.replicaOnline && facts.poolFree >= need ? 'online' : 'move';
  }
  if (child.state !== ChildState.CHILD_STATE_FAULTED) return 'keep';
  if (!facts.partialRebuild || child.faultTimestamp === undefined || !child.hasIoLog) return 'replace';
  const isOver = facts.nowMs - fromTimestamp(child.faultTimestamp) >= facts.waitMs;
  if (isOver) return 'replace';
  return facts.replicaOnline ? 'online' : 'wait';
}
