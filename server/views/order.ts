import { parseSort, type SortKey } from '@/contract/sort';
import { naturalKey } from './natural';

/** What a row sorts by; null: unknown, which stands last in every order. */
export type Sortable = string | number | bigint | boolean | null;

type Column<R> = (row: R) => Sortable;
type Comparable = string | number | bigint | boolean;

/** One key for all rows, made once: comparing 10,000 rows asks 130,000 times. */
interface Keyed {
  values: Array<Comparable | null>;
  descending: boolean;
}

/**
 * The rows in the order that `sort` says (`status,-size`), ties by id. A new array; an error names the offending character.
 */
export function sorted<R>(
  rows: readonly R[],
  sort: string,
  columns: Readonly<Record<string, Column<R>>>,
  id: (row: R) => string,
): { ok: true; rows: R[] } | { ok: false; error: { at: number; message: string } } {
  const parsed = parseSort(sort, Object.keys(columns));
  if (!parsed.ok) return parsed;
  const keys = [...parsed.keys.map((key) => keyed(rows, key, columns)), ...tieBreak(rows, parsed.keys, id)];
  const places = rows.map((_, i) => i);
  places.sort((a, b) => {
    for (const { values, descending } of keys) {
      const order = compare(values[a] ?? null, values[b] ?? null, descending);
      if (order !== 0) return order;
    }
    return a - b;
  });
  return { ok: true, rows: places.flatMap((i) => rows[i] ?? []) };
}

function keyed<R>(rows: readonly R[], key: SortKey, columns: Readonly<Record<string, Column<R>>>): Keyed {
  const column = columns[key.column];
  const values = rows.map((row) => {
    const value = column?.(row) ?? null;
    return typeof value === 'string' ? naturalKey(value) : value;
  });
  return { values, descending: key.descending };
}

const tieBreak = <R>(rows: readonly R[], keys: readonly SortKey[], id: (row: R) => string): Keyed[] =>
  keys.some((key) => key.column === 'id') ? [] : [{ values: rows.map(id), descending: false }];

function compare(a: Comparable | null, b: Comparable | null, descending: boolean): number {
  if (a === b) return 0;
  // Unknown is neither small nor large.
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b === descending ? 1 : -1;
}
