import { describe, expect, it } from 'vitest';
import { agentCoreOptions } from './cli/agent-core-command';
import { optionsOf } from './options';
import { type Timings, timings } from './timing';

describe('clocks', () => {
  it('are Mayastor’s by default in agent-core, each of them (behaviour facts, 1.2, 4.1 and 10.2)', () => {
    const { timings: clocks } = agentCoreOptions(['--data', '/nowhere']);
    expect(clocks).toEqual({
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
    });
  });

  it('take one flag each, under Mayastor’s names', () => {
    const given = ['--data', '/nowhere', '--deadline', '3s', '--store-timeout', '2s', '--cache-period', '1m'];
    expect(agentCoreOptions(given).timings).toMatchObject({
      nodeDeadlineMs: 3_000,
      storeTimeoutMs: 2_000,
      cachePeriodMs: 60_000,
      reconcileMs: 10_000,
    });
  });

  it('are all divided by the one factor of the demo, but for how short a busy machine may be given', () => {
    const { timeFactor } = optionsOf([]);
    expect(timeFactor).toBe(10);
    const [real, fast] = [timings(1), timings(timeFactor)];
    for (const key of Object.keys(real) as Array<keyof Timings>) {
      if (key === 'storeTimeoutMs' || key === 'nexusInfoTimeoutMs') expect(fast[key]).toBeGreaterThanOrEqual(1_000);
      else if (key === 'guardRetryMs') expect(fast[key]).toBe(50);
      else expect(fast[key] * timeFactor, key).toBe(real[key]);
    }
  });
});
