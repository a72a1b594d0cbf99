import type { Core } from './core';

/** What is read of all nodes together, in pools, replicas, targets and snapshots; a cluster of 10,000 volumes stays below. */
const ENTRIES_PER_SECOND = 10_000;

/** Polls every node's inventory each cache period, side by side, and watches over their keep-alives. */
export class NodeWatch {
  #watchTimer: NodeJS.Timeout | undefined;
  #pollTimer: NodeJS.Timeout | undefined;
  #pace = new PollPace(ENTRIES_PER_SECOND);

  constructor(private readonly core: Core) {}

  start(): void {
    const { nodeDeadlineMs, cachePeriodMs } = this.core.timings;
    const watchMs = Math.max(20, Math.min(1_000, nodeDeadlineMs / 10));
    this.#watchTimer = setInterval(() => {
      for (const node of this.core.registry.nodes) void node.watch(nodeDeadlineMs);
    }, watchMs);
    this.#pollTimer = setInterval(() => {
      const { nodes } = this.core.registry;
      const read = nodes.reduce((sum, node) => sum + node.entriesRead, 0);
      if (!this.#pace.mayRead(cachePeriodMs, read)) return;
      for (const node of nodes) if (node.online) void node.poll();
    }, cachePeriodMs);
  }

  stop(): void {
    clearInterval(this.#watchTimer);
    clearInterval(this.#pollTimer);
  }
}

/** Lets polls that read very much come less often, so that they take a part of the time and not all of it. */
export class PollPace {
  #debt = 0;
  #read = 0;

  constructor(private readonly entriesPerSecond: number) {}

  /** Whether to poll now, `periodMs` after the last question. `read`: entries that were read since the beginning. */
  mayRead(periodMs: number, read: number): boolean {
    this.#debt = Math.max(0, this.#debt + (read - this.#read) - (periodMs / 1000) * this.entriesPerSecond);
    this.#read = read;
    return this.#debt === 0;
  }
}
