import { performance } from 'node:perf_hooks';

/** Share of the process' one thread that may be busy before many readers are read less often. */
const BUSY_SHARE = 0.2;
/** How far back the share looks, and how much one look may change. */
const WINDOW_MS = 2_000;
const MOST_STEP = 1.25;
const MOST_FACTOR = 30;

export interface StrainOptions {
  now: () => number;
  /** Milliseconds that the thread has been busy so far. */
  busyMs?: () => number;
}

const ownBusyMs = () => performance.eventLoopUtilization().active;

/**
 * By how much the intervals of many readers are stretched so that reading does not keep this process busy: 1 while the
 * thread has time, more the longer it has little. It moves slowly, so that one big request is not felt.
 */
export class Strain {
  #factor = 1;
  #at: number;
  #busyMs: number;

  constructor(private readonly options: StrainOptions) {
    this.#at = options.now();
    this.#busyMs = this.#busy();
  }

  get factor(): number {
    const passed = this.options.now() - this.#at;
    if (passed < WINDOW_MS) return this.#factor;
    const busy = this.#busy();
    const share = (busy - this.#busyMs) / passed;
    this.#at += passed;
    this.#busyMs = busy;
    const step = Math.min(MOST_STEP, Math.max(1 / MOST_STEP, share / BUSY_SHARE));
    this.#factor = Math.min(MOST_FACTOR, Math.max(1, this.#factor * step));
    return this.#factor;
  }

  #busy(): number {
    return (this.options.busyMs ?? ownBusyMs)();
  }
}
