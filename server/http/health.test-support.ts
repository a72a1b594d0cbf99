import { Metrics } from '../metrics/metrics';
import { type Health, LoopWatch } from './health';

/** Health of a server under test that has no clusters to measure. */
export const testHealth = (): Health => ({
  loop: new LoopWatch(),
  metrics: new Metrics({ version: 't', clusters: () => [], auditLost: () => 0, requests: () => 0 }),
});
