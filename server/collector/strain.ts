/** Share of a processor that this process may use before many nodes are read less often. */
const BUSY_SHARE = 0.3;
/** How far back the share looks, and how much one look may change. */
const WINDOW_MS = 2_000;
const MOST_STEP = 1.25;
const MOST_FACTOR = 30;

export interface StrainOptions {
  now: () => number;
  /** Processor time that this process has used so far, ms. */
  busyMs?: () => number;
}

/** Not how long its thread was busy: on a machine that others keep busy, that is mostly waiting for them. */
function ownBusyMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * By how much the intervals of many readers are stretched so that reading does not keep this process busy: 1 while it
 * has time, more the longer it has little. It moves slowly, so that one big request is not felt.
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
