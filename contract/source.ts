import { z } from 'zod';
import { Instant } from './scalars';

export const SourceName = z.enum(['agent-core', 'io-engine', 'kubernetes', 'prometheus', 'console']);
export type SourceName = z.infer<typeof SourceName>;

/** Where a group of data came from and when it was read. */
export const Observed = z.object({
  source: SourceName,
  /** The storage node, when the source is an io-engine. */
  node: z.string().optional(),
  at: Instant,
  /** True when it is older than the source's poll interval allows; the value is then the last known one. */
  stale: z.boolean(),
});
export type Observed = z.infer<typeof Observed>;

/** Health of one upstream as the collector sees it. */
export const SourceState = z.object({
  source: SourceName,
  node: z.string().optional(),
  endpoint: z.string(),
  /** `waiting`: not asked yet. `refused`: the endpoint was not dialled because it is not acceptable. */
  status: z.enum(['ok', 'failing', 'waiting', 'refused']),
  /** Since when it has this status. */
  since: Instant,
  lastOkAt: Instant.nullable(),
  nextTryAt: Instant.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type SourceState = z.infer<typeof SourceState>;
