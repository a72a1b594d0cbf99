import {
  ChildState as EngineChildState,
  ChildStateReason as EngineReason,
  type Nexus,
  NexusState,
} from '@/gen/mayastor/v1/common';
import { ChildState, ChildStateReason, NexusStatus } from '@/gen/v1/nexus/nexus';
import { PoolStatus } from '@/gen/v1/pool/pool';
import { ReplicaStatus } from '@/gen/v1/replica/replica';
import type { EmbeddedCluster } from './embedded-cluster';

const EVERY_MS = 15;

/**
 * Writes down what something looks like over time, each state once. A test walks through them in order with `next`, so it
 * neither depends on how long a state lasts nor on what else is seen in between.
 */
export class StateRecorder {
  readonly states: string[] = [];
  private cursor = 0;
  private isEnded = false;
  private following: Promise<void> | undefined;

  /** Asks again and again, one at a time; what rejects shows as 'no answer'. */
  follow(probe: () => Promise<string>): this {
    this.following = this.ask(probe);
    return this;
  }

  note(state: string): void {
    if (state !== this.states.at(-1)) this.states.push(state);
  }

  /** Resolves with the first state from here on that matches; the next call begins after it. Rejects when none comes. */
  async next(pattern: RegExp, withinMs = 45_000): Promise<string> {
    const end = performance.now() + withinMs;
    for (;;) {
      while (this.cursor < this.states.length) {
        const state = this.states[this.cursor] ?? '';
        // The last one is not passed over: it may still be so for the step after this one.
        if (pattern.test(state)) return state;
        if (this.cursor === this.states.length - 1) break;
        this.cursor += 1;
      }
      if (performance.now() > end) throw new Error(`never ${pattern}; seen: ${this.states.join(' → ')}`);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  async stop(): Promise<void> {
    this.isEnded = true;
    await this.following;
  }

  private async ask(probe: () => Promise<string>): Promise<void> {
    while (!this.isEnded) {
      this.note(await probe().catch(() => 'no answer'));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}

const word = (names: Record<number, string>, value: number, prefix = '') =>
  (names[value] ?? `#${value}`).toLowerCase().replace(prefix, '');

/**
 * A volume as agent-core tells it: `degraded: io-1 online, io-2 faulted(io_failure)`. A copy that is rebuilt is
 * `rebuilding`, one in no target `out`; an io-engine that does not tell of its copy is marked `?`.
 */
export const volumeState = (on: EmbeddedCluster, uuid: string) => async (): Promise<string> => {
  const { state } = await on.control.volume(uuid);
  const copies = Object.values(state?.replicaTopology ?? {}).map((copy) => {
    const isUnknown = copy.status === ReplicaStatus.Unknown ? '?' : '';
    if (copy.rebuildProgress !== undefined) return `${copy.node}${isUnknown} rebuilding`;
    if (copy.childStatus === undefined) return `${copy.node}${isUnknown} out`;
    const reason = copy.childStatusReason ?? ChildStateReason.CHILD_STATE_REASON_NONE;
    const why =
      reason === ChildStateReason.CHILD_STATE_REASON_NONE
        ? ''
        : `(${word(ChildStateReason, reason, 'child_state_reason_')})`;
    return `${copy.node}${isUnknown} ${word(ChildState, copy.childStatus, 'child')}${why}`;
  });
  return `${word(NexusStatus, state?.status ?? -1)}: ${copies.sort().join(', ')}`;
};

/**
 * A target as its io-engine tells it at each of its changes, in the same words: nothing is missed, however short it is. The
 * console reads targets there too. `nodeOf`: node behind a child's URI.
 */
export function targetState({ state, children }: Nexus, nodeOf: (uri: string) => string): string {
  const copies = children.map((child) => {
    if (child.stateReason === EngineReason.CHILD_STATE_REASON_OUT_OF_SYNC) return `${nodeOf(child.uri)} rebuilding`;
    const isPlain = child.stateReason === EngineReason.CHILD_STATE_REASON_NONE;
    const why = isPlain ? '' : `(${word(EngineReason, child.stateReason, 'child_state_reason_')})`;
    return `${nodeOf(child.uri)} ${word(EngineChildState, child.state, 'child_state_')}${why}`;
  });
  return `${word(NexusState, state, 'nexus_')}: ${copies.sort().join(', ')}`;
}

/** A pool as agent-core tells it: its status, or `no state`. */
export const poolState = (on: EmbeddedCluster, id: string) => async (): Promise<string> => {
  const pool = (await on.control.listPools()).find((p) => p.definition?.spec?.poolId === id);
  return pool?.state ? word(PoolStatus, pool.state.status) : 'no state';
};
