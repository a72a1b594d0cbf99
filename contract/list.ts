import { z } from 'zod';
import { Instant } from './scalars';
import { SourceState } from './source';

/** A request for a window of a list: the server filters, sorts and counts over the whole set. */
export const ListQuery = z.strictObject({
  /** Words and `key:value` terms; see docs/filter.md. */
  q: z.string().max(512).default(''),
  /** Column to sort by, `-` in front for descending. */
  sort: z.string().max(64).default(''),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const Facet = z.record(z.string(), z.int());

/** The answer to a ListQuery. */
export const windowOf = <T extends z.ZodType>(row: T) =>
  z.object({
    rows: z.array(row),
    offset: z.int(),
    /** Rows that match the filter. */
    matched: z.int(),
    /** Rows in the whole set; null while it has never been read. */
    total: z.int().nullable(),
    /** Per facet (status, node, ...) the number of rows of the whole set by value. */
    facets: z.record(z.string(), Facet),
    revision: z.int(),
    observedAt: Instant.nullable(),
    /** Upstreams that do not answer now, so that this list may be incomplete or old. */
    failing: z.array(SourceState),
  });
