import type { Timings } from '@/embedded/timing';
import type { Core } from '../core';

/** One concern of the reconcile loop. Resolves true when it had work, so that the next pass comes sooner. */
export type ReconcileStep = (core: Core, pass: number) => Promise<boolean>;

/** Passes go through so many at most, so that in a very large cluster they take a part of the time and not all of it. */
const SPECS_PER_SECOND = 20_000;

export class Reconciler {
  #core: Core | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pass: Promise<void> | undefined;
  #again = false;
  #count = 0;
  #stopped = false;

  constructor(
    private readonly timings: Timings,
    private readonly steps: readonly ReconcileStep[] = [],
  ) {}

  start(core: Core): void {
    this.#core = core;
    this.wake();
  }

  /** Passes begun since start; a pass begins when the one before has ended. */
  get passes(): number {
    return this.#count;
  }

  /** Runs a pass now, or one more after the pass under way. */
  wake(): void {
    if (this.#core === undefined || this.#stopped) return;
    if (this.#pass !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    const core = this.#core;
    this.#pass = this.#run(core).finally(() => {
      this.#pass = undefined;
      if (this.#again) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.abandon();
    await this.#pass;
  }

  abandon(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #run(core: Core): Promise<void> {
    let worked = false;
    do {
      this.#again = false;
      this.#count++;
      for (const step of this.steps) {
        if (this.#stopped) return;
        // A step that fails comes again in the next pass; the others go on.
        worked = (await step(core, this.#count).catch(() => true)) || worked;
      }
    } while (this.#again && !this.#stopped);
    if (this.#stopped) return;
    const { volumes, replicas, nexuses } = core.specs;
    const least = ((volumes.size + replicas.size + nexuses.size) / SPECS_PER_SECOND) * 1000;
    const pause = worked ? this.timings.reconcileMs : this.timings.reconcileIdleMs;
    this.#timer = setTimeout(() => this.wake(), Math.max(pause, least));
  }
}
