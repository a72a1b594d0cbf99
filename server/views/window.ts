import { type FilterKeys, matches, parseFilter } from '@/contract/filter';
import type { ListQuery } from '@/contract/list';
import type { SourceState } from '@/contract/source';
import type { Failure } from '../http/problem';
import type { ReadAt } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { failingSources, instant } from './facts';

type Sortable = string | number | bigint | boolean | null;

/** How rows of one kind are found, ordered and counted. */
export interface ListRules<R> {
  keys: FilterKeys;
  words(row: R): readonly string[];
  /** Value of a filter key; undefined: unknown, which matches nothing. */
  value(row: R, key: string): string | bigint | number | boolean | readonly string[] | undefined;
  columns: Record<string, (row: R) => Sortable>;
  defaultSort: string;
  facets: Record<string, (row: R) => string>;
  id(row: R): string;
}

export interface RowWindow<R> {
  rows: R[];
  offset: number;
  matched: number;
  total: number | null;
  facets: Record<string, Record<string, number>>;
  revision: number;
  observedAt: string | null;
  failing: SourceState[];
}

export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Filters, sorts and cuts; `rows` undefined: the collection was never read. */
export function windowOver<R>(
  s: ClusterSnapshot,
  all: readonly R[] | undefined,
  readAt: ReadAt | undefined,
  query: ListQuery,
  rules: ListRules<R>,
): Outcome<RowWindow<R>> {
  const filter = parseFilter(query.q, rules.keys);
  if (!filter.ok) {
    const message = `${filter.error.message} (at character ${filter.error.at + 1})`;
    return {
      ok: false,
      failure: {
        code: 'invalid_query',
        detail: `The filter cannot be read: ${message}.`,
        fields: [{ path: 'q', message }],
      },
    };
  }
  const order = orderBy(query.sort || rules.defaultSort, rules);
  if (!order) {
    const known = Object.keys(rules.columns).join(', ');
    return {
      ok: false,
      failure: {
        code: 'invalid_query',
        detail: `This list can be sorted by ${known}.`,
        fields: [{ path: 'sort', message: `one of ${known}` }],
      },
    };
  }
  const rows = all ?? [];
  const found =
    filter.terms.length === 0
      ? [...rows]
      : rows.filter((row) => matches(filter.terms, { words: rules.words(row), value: (key) => rules.value(row, key) }));
  found.sort(order);
  return {
    ok: true,
    value: {
      rows: found.slice(query.offset, query.offset + query.limit),
      offset: query.offset,
      matched: found.length,
      total: all ? all.length : null,
      facets: countFacets(rows, rules),
      revision: s.revision,
      observedAt: readAt === undefined ? null : instant(readAt),
      failing: failingSources(s),
    },
  };
}

function orderBy<R>(sort: string, rules: ListRules<R>): ((a: R, b: R) => number) | undefined {
  const descending = sort.startsWith('-');
  const name = descending ? sort.slice(1) : sort;
  const column = Object.hasOwn(rules.columns, name) ? rules.columns[name] : undefined;
  if (!column) return undefined;
  return (a, b) => {
    const [x, y] = [column(a), column(b)];
    // Unknown values stand last in both directions: they are neither small nor large.
    if (x === null || y === null) return x === y ? compare(rules.id(a), rules.id(b)) : x === null ? 1 : -1;
    return (descending ? -compare(x, y) : compare(x, y)) || compare(rules.id(a), rules.id(b));
  };
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compare(a: Exclude<Sortable, null>, b: Exclude<Sortable, null>): number {
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function countFacets<R>(rows: readonly R[], rules: ListRules<R>): Record<string, Record<string, number>> {
  return Object.fromEntries(
    Object.entries(rules.facets).map(([name, facetOf]) => {
      const counts = new Map<string, number>();
      for (const row of rows) {
        const value = facetOf(row);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      return [name, Object.fromEntries(counts)];
    }),
  );
}
