import type { Core } from './core';

/** Polls every node's inventory each cache period, side by side, and watches over their keep-alives. */
export class NodeWatch {
  #watchTimer: NodeJS.Timeout | undefined;
  #pollTimer: NodeJS.Timeout | undefined;

  constructor(private readonly core: Core) {}

  start(): void {
    const { nodeDeadlineMs, cachePeriodMs } = this.core.timings;
    const watchMs = Math.max(20, Math.min(1_000, nodeDeadlineMs / 10));
    this.#watchTimer = setInterval(() => {
      for (const node of this.core.registry.nodes) void node.watch(nodeDeadlineMs);
    }, watchMs);
    this.#pollTimer = setInterval(() => {
      for (const node of this.core.registry.nodes) if (node.online) void node.poll();
    }, cachePeriodMs);
  }

  stop(): void {
    clearInterval(this.#watchTimer);
    clearInterval(this.#pollTimer);
  }
}
