import * as z from 'zod';
import { Instant } from './scalars';
import { SourceState } from './source';

/**
 * A request for a window of a list: the server filters, sorts and counts over the whole set.
 *
 * A place is an `offset`, or a row: with `around` the window is cut so that this row stands `before` rows behind its start,
 * wherever the row is now. So a list keeps its place while data moves, and a link to a row finds it. A row that is gone, or
 * does not pass the filter, leaves the place to `offset`.
 */
export const ListQuery = z.strictObject({
  /** Words and `key:value` terms; see docs/filter.md. */
  q: z.string().max(512).default(''),
  /** Columns to sort by, `-` in front for descending: `status,-size`. */
  sort: z.string().max(128).default(''),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** Id of a row. */
  around: z.string().min(1).max(512).optional(),
  /** Rows wanted ahead of it; half of `limit` when not said. */
  before: z.coerce.number().int().min(0).max(500).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const Facet = z.record(z.string(), z.int());

/** The answer to a ListQuery. */
export const windowOf = <T extends z.ZodType>(row: T) =>
  z.object({
    rows: z.array(row),
    /** Of the first row. */
    offset: z.int(),
    /** Rows that match the filter. */
    matched: z.int(),
    /** Rows in the whole set; null while it has never been read. */
    total: z.int().nullable(),
    /** Where the row asked for by `around` stands among those that match; null: not asked for, gone, or filtered out. */
    anchor: z.object({ id: z.string(), index: z.int() }).nullable(),
    /** Per facet (status, node, ...) the number of rows of the whole set by value; the most frequent 200 values. */
    facets: z.record(z.string(), Facet),
    revision: z.int(),
    observedAt: Instant.nullable(),
    /** Upstreams that do not answer now, so that this list may be incomplete or old. */
    failing: z.array(SourceState),
  });

/**
 * A request for a whole filtered list as a file: `export/volumes?format=csv&columns=name,status&q=...&sort=...`. The columns of
 * each list are in contract/lists.ts; none named means all of them.
 */
export const ExportQuery = ListQuery.pick({ q: true, sort: true }).extend({
  format: z.enum(['csv', 'json']).default('csv'),
  columns: z.string().max(1024).default(''),
});
export type ExportQuery = z.infer<typeof ExportQuery>;
