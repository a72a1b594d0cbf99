import * as z from 'zod';
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

/**
 * The same for a row of a list. `at` is null while its source answers: the row is then as current as the list, whose own
 * moment moves on, so that a row which says the same costs nothing on the stream.
 */
export const RowObserved = Observed.extend({ at: Instant.nullable() });
export type RowObserved = z.infer<typeof RowObserved>;

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
