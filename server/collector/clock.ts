/** Time as the collector sees it, so that tests turn it by hand. Milliseconds throughout. */
export interface Clock {
  now(): number;
  /** Calls `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** How much faster or slower than real time the steady clock goes while it is apart from the wall clock. */
const SLEW = 0.01;

/**
 * Milliseconds since the epoch that never jump: monotonic time, led towards the wall clock by at most a hundredth. Ages,
 * schedules and rates are differences of two moments, and the wall clock may be set between them; moments that people read
 * should be near the wall clock all the same. `wall` and `monotonic` are the machine's clocks, or a test's.
 */
export function steadyTime(wall: () => number, monotonic: () => number): () => number {
  let at = monotonic();
  let now = wall();
  return () => {
    const passed = Math.max(0, monotonic() - at);
    at += passed;
    const apart = wall() - (now + passed);
    now += passed + Math.max(-passed * SLEW, Math.min(passed * SLEW, apart));
    return Math.round(now);
  };
}

/** The process' own steady time. */
export const steadyNow = steadyTime(
  () => Date.now(),
  () => performance.now(),
);

/** The machine's own time. Timers do not keep the process alive: the HTTP server does. */
export const systemClock: Clock = {
  now: steadyNow,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
