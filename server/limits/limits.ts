import { z } from 'zod';

const rate = (most: number) => z.number().min(0.1).max(most);
const count = (most: number) => z.int().min(1).max(most);

/** What one client, or all together, may ask for. `limits` of the configuration file; the defaults suit people, not programs. */
export const Limits = z.strictObject({
  /** Of one session, with bursts of 3 seconds' worth. */
  readsPerSecond: rate(10_000).default(20),
  /** Of one session, with bursts of 2 seconds' worth. */
  writesPerSecond: rate(1_000).default(5),
  /** Of one address without a session, with bursts of 3 seconds' worth. */
  anonymousPerSecond: rate(10_000).default(10),
  /** Changes of one session by which data, access or protection is lost. */
  destructivePerMinute: rate(10_000).default(10),
  /** Sign-ins begun by one address; three times as many by all together, with bursts of two minutes' worth. */
  signInsPerMinute: rate(10_000).default(10),
  /** Requests that are being answered at the same time, streams aside. */
  requests: count(10_000).default(256),
  streamsPerSession: count(10_000).default(6),
  streams: count(10_000).default(600),
});
export type Limits = z.output<typeof Limits>;

export const DEFAULT_LIMITS: Limits = Limits.parse({});
