/** What is wrong with a disk. It belongs to the disk: an engine that starts anew finds it as it was. */
export interface DiskCondition {
  /** Every I/O errs. */
  isFailing: boolean;
  /** Every I/O takes so much longer, in milliseconds. */
  delayMs: number;
  /** The device is not there: nothing opens it, and what was open errs. */
  isGone: boolean;
}

/** What is wrong with a node as a whole, beyond its processes. */
export interface NodeCondition {
  /** How far the node's clock is ahead; below zero: behind. */
  clockSkewMs: number;
  /** Rebuilds of this node's targets err at their next copy. */
  failsRebuilds: boolean;
  /** No packet passes between this node and agent-core. */
  isCutFromCore: boolean;
  /** The engine is of a later release than its clients: values and fields that they do not know. */
  isNewer: boolean;
}

export const healthyDisk = (): DiskCondition => ({ isFailing: false, delayMs: 0, isGone: false });

export const healthyNode = (): NodeCondition => ({
  clockSkewMs: 0,
  failsRebuilds: false,
  isCutFromCore: false,
  isNewer: false,
});
