/** Time as the collector sees it, so that tests turn it by hand. Milliseconds throughout. */
export interface Clock {
  now(): number;
  /** Calls `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's own time. Timers do not keep the process alive: the HTTP server does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
