import type { Core } from './core';
import type { EngineNode } from './registry/node';

/**
 * What is read of all nodes together, in pools, replicas, targets and snapshots: less than a tenth of a processor. A
 * thousand volumes stay below with every clock ten times as fast; so do ten times as many while little changes.
 */
const ENTRIES_PER_SECOND = 4_000;

/** So many are read side by side; of more, each takes this long. */
const AT_ONCE = 2_000;
const MS_PER_ENTRY = 0.02;

/** Polls every node's inventory each cache period, side by side, and watches over their keep-alives. */
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
      this.#poll(nodes);
    }, cachePeriodMs);
  }

  /**
   * Side by side, so that what one node says of another's end is not acted on before that end is noticed; but where nodes
   * have very much to tell, that would keep everything else waiting.
   */
  #poll(nodes: readonly EngineNode[]): void {
    const entries = nodes.reduce((sum, node) => sum + node.entries, 0);
    if (entries <= AT_ONCE) {
      for (const node of nodes) if (node.online) void node.poll();
      return;
    }
    for (const [i, node] of nodes.entries()) {
      const turn = setTimeout(
        () => {
          this.#turns.delete(turn);
          if (node.online) void node.poll();
        },
        (i * entries * MS_PER_ENTRY) / nodes.length,
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
