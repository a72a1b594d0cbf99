import type { Core } from './core';
import type { EngineNode } from './registry/node';

/**
 * What is read of all nodes together, in pools, replicas, targets and snapshots: less than a tenth of a processor. A
 * thousand volumes stay below with every clock ten times as fast; so do ten times as many while little changes.
 */
const ENTRIES_PER_SECOND = 4_000;

/** Polls every node's inventory each cache period, one after the other within it, and watches over their keep-alives. */
export class NodeWatch {
  #watchTimer: NodeJS.Timeout | undefined;
  #pollTimer: NodeJS.Timeout | undefined;
  #pace = new PollPace(ENTRIES_PER_SECOND);
  readonly #turns = new Set<NodeJS.Timeout>();

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
      this.#pollInTurn(nodes, cachePeriodMs / 2);
    }, cachePeriodMs);
  }

  /** All at once would keep everything else waiting where nodes have much to tell. */
  #pollInTurn(nodes: readonly EngineNode[], withinMs: number): void {
    for (const [i, node] of nodes.entries()) {
      const turn = setTimeout(
        () => {
          this.#turns.delete(turn);
          if (node.online) void node.poll();
        },
        (i * withinMs) / nodes.length,
      );
      this.#turns.add(turn);
    }
  }

  stop(): void {
    clearInterval(this.#watchTimer);
    clearInterval(this.#pollTimer);
    for (const turn of this.#turns) clearTimeout(turn);
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
