/**
 * Mayastor's clocks (behaviour facts, 4.1), all in milliseconds. The demo and the tests divide every one of them by one
 * factor, so that a failure plays in minutes instead of a quarter of an hour and the order of events stays as it is.
 */
export interface Timings {
  registrationIntervalMs: number;
  nodeDeadlineMs: number;
  livenessProbeMs: number;
  cachePeriodMs: number;
  reconcileMs: number;
  reconcileIdleMs: number;
  faultedChildWaitMs: number;
  drainShutdownTargetsMs: number;
  nvmeIoTimeoutMs: number;
  guardRetryMs: number;
  importTimeoutMs: number;
  createWaitMs: number;
  storeTimeoutMs: number;
  nexusInfoTimeoutMs: number;
}

const MAYASTOR: Timings = {
  registrationIntervalMs: 5_000,
  nodeDeadlineMs: 10_000,
  livenessProbeMs: 1_000,
  cachePeriodMs: 30_000,
  reconcileMs: 10_000,
  reconcileIdleMs: 30_000,
  faultedChildWaitMs: 600_000,
  drainShutdownTargetsMs: 120_000,
  nvmeIoTimeoutMs: 110_000,
  guardRetryMs: 200,
  importTimeoutMs: 60_000,
  createWaitMs: 10_000,
  storeTimeoutMs: 5_000,
  nexusInfoTimeoutMs: 10_000,
};

/** A busy machine keeps a node or a store that lives from being heard for so long, however fast the clocks go. */
const LEAST: Partial<Timings> = {
  nodeDeadlineMs: 1_000,
  storeTimeoutMs: 1_000,
  nexusInfoTimeoutMs: 2_000,
  // What others wait for does not get faster by the factor.
  guardRetryMs: 50,
};

/**
 * Mayastor's clocks, `factor` times as fast; 1 is Mayastor itself. At more than 5 and 10 a node, agent-core's store and that
 * of a target are still given a second or two to be heard.
 */
export function timings(factor = 1): Timings {
  const clocks = { ...MAYASTOR };
  for (const key of Object.keys(MAYASTOR) as Array<keyof Timings>)
    clocks[key] = Math.max(LEAST[key] ?? 1, MAYASTOR[key] / factor);
  return clocks;
}
