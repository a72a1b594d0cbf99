import { parseFilter } from '@/contract/filter';
import { compileFilter, type FieldValue, type Filterable } from '@/contract/filter-match';
import type { ListQuery } from '@/contract/list';
import type { ListCatalogue } from '@/contract/lists';
import type { SourceState } from '@/contract/source';
import type { Failure } from '../http/problem';
import type { ReadAt } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { failingSources, instant } from './facts';
import { type Sortable, sorted } from './order';

/** A value of a cell in an export. */
export type Cell = string | number | boolean | null;

/** How rows of one kind are found, ordered, counted and exported: a rule for each name of the list's catalogue. */
export interface ListRules<R, C extends ListCatalogue = ListCatalogue> {
  list: C;
  words(row: R): readonly string[];
  /** By filter key; undefined: unknown, which matches nothing. */
  values: Readonly<Record<keyof C['keys'] & string, (row: R) => FieldValue>>;
  sorts: Readonly<Record<C['sorts'][number], (row: R) => Sortable>>;
  facets: Readonly<Record<C['facets'][number], (row: R) => string>>;
  columns: Readonly<Record<C['columns'][number], (row: R) => Cell>>;
  id(row: R): string;
}

export interface RowWindow<R> {
  rows: R[];
  offset: number;
  matched: number;
  total: number | null;
  anchor: { id: string; index: number } | null;
  facets: Record<string, Record<string, number>>;
  revision: number;
  observedAt: string | null;
  failing: SourceState[];
}

export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Filters, sorts and cuts; `rows` undefined: the collection was never read. */
export function windowOver<R, C extends ListCatalogue>(
  s: ClusterSnapshot,
  all: readonly R[] | undefined,
  readAt: ReadAt | undefined,
  query: ListQuery,
  rules: ListRules<R, C>,
): Outcome<RowWindow<R>> {
  const rows = all ?? NONE;
  const selected = select(rows, query, rules);
  if (!selected.ok) return selected;
  const found = selected.value;
  const index = query.around === undefined ? -1 : found.findIndex((row) => rules.id(row) === query.around);
  const offset = index < 0 ? query.offset : placeAround(index, found.length, query);
  return {
    ok: true,
    value: {
      rows: found.slice(offset, offset + query.limit),
      offset,
      matched: found.length,
      total: all ? all.length : null,
      anchor: index < 0 || query.around === undefined ? null : { id: query.around, index },
      facets: facetsOf(rows, rules),
      revision: s.revision,
      observedAt: readAt === undefined ? null : instant(readAt),
      failing: failingSources(s),
    },
  };
}

const NONE: readonly never[] = [];

/** Where a window begins in which the row at `index` stands `before` rows behind the start, as far as there are rows. */
function placeAround(index: number, length: number, { limit, before = Math.floor(limit / 2) }: ListQuery): number {
  return Math.max(0, Math.min(index - Math.min(before, limit - 1), length - limit));
}

interface Kept {
  selections: Map<string, readonly unknown[]>;
  facets?: Record<string, Record<string, number>>;
}

// Memory of pure results, dropped with the rows they were made of: many tabs show the same few lists.
const kept = new WeakMap<readonly unknown[], WeakMap<object, Kept>>();
const MOST_SELECTIONS = 16;

function keptOf(rows: readonly unknown[], rules: object): Kept {
  let byRules = kept.get(rows);
  if (!byRules) {
    byRules = new WeakMap();
    kept.set(rows, byRules);
  }
  let found = byRules.get(rules);
  if (!found) {
    found = { selections: new Map() };
    byRules.set(rules, found);
  }
  return found;
}

/** All rows that pass the filter, in order. The array is shared: it must not be changed. */
export function select<R, C extends ListCatalogue>(
  rows: readonly R[],
  { q, sort }: Pick<ListQuery, 'q' | 'sort'>,
  rules: ListRules<R, C>,
): Outcome<readonly R[]> {
  const { selections } = keptOf(rows, rules);
  const name = `${sort}\n${q}`;
  const known = selections.get(name) as readonly R[] | undefined; // made below, of the same rows and rules
  if (known) return { ok: true, value: known };
  const filtered = filter(rows, q, rules);
  if (!filtered.ok) return filtered;
  const ordered = sorted(filtered.value, sort || rules.list.defaultSort, rules.sorts, rules.id);
  if (!ordered.ok) return refused('sort', 'The order', ordered.error);
  if (selections.size >= MOST_SELECTIONS) selections.clear();
  selections.set(name, ordered.rows);
  return { ok: true, value: ordered.rows };
}

function filter<R, C extends ListCatalogue>(
  rows: readonly R[],
  q: string,
  rules: ListRules<R, C>,
): Outcome<readonly R[]> {
  const parsed = parseFilter(q, rules.list.keys);
  if (!parsed.ok) return refused('q', 'The filter', parsed.error);
  if (parsed.terms.length === 0) return { ok: true, value: rows };
  const passes = compileFilter(parsed.terms);
  const values: Readonly<Record<string, (row: R) => FieldValue>> = rules.values;
  return {
    ok: true,
    value: rows.filter((row) => {
      const view: Filterable = {
        get words() {
          return rules.words(row);
        },
        value: (key) => values[key]?.(row),
      };
      return passes(view);
    }),
  };
}

function refused(path: 'q' | 'sort', what: string, { at, message }: { at: number; message: string }): Outcome<never> {
  const placed = `${message} (at character ${at + 1})`;
  return {
    ok: false,
    failure: {
      code: 'invalid_query',
      detail: `${what} cannot be read: ${placed}.`,
      fields: [{ path, message: placed, at }],
    },
  };
}

/** A facet of more values than anybody reads would weigh down every answer. */
const MOST_VALUES = 200;

function facetsOf<R, C extends ListCatalogue>(
  rows: readonly R[],
  rules: ListRules<R, C>,
): Record<string, Record<string, number>> {
  const memory = keptOf(rows, rules);
  memory.facets ??= countFacets(rows, rules);
  return memory.facets;
}

function countFacets<R, C extends ListCatalogue>(
  rows: readonly R[],
  rules: ListRules<R, C>,
): Record<string, Record<string, number>> {
  const facets = Object.entries<(row: R) => string>(rules.facets);
  return Object.fromEntries(
    facets.map(([name, facetOf]) => {
      const counts = new Map<string, number>();
      for (const row of rows) {
        const value = facetOf(row);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const all = [...counts];
      const most = all.length > MOST_VALUES ? all.sort((a, b) => b[1] - a[1]).slice(0, MOST_VALUES) : all;
      return [name, Object.fromEntries(most)];
    }),
  );
}
