/** One key of an order: a column, from small to large unless `descending`. */
export interface SortKey {
  column: string;
  descending: boolean;
}

/** So many columns decide at most; ties beyond them fall to the id. */
export const MAX_SORT_KEYS = 4;

export type ParsedSort = { ok: true; keys: SortKey[] } | { ok: false; error: { at: number; message: string } };

/** Parses `status,-size`: by status, and within one status the largest first. Empty: no keys. Never throws. */
export function parseSort(text: string, columns?: readonly string[]): ParsedSort {
  if (text === '') return { ok: true, keys: [] };
  const keys: SortKey[] = [];
  let at = 0;
  for (const part of text.split(',')) {
    const descending = part.startsWith('-');
    const column = descending ? part.slice(1) : part;
    const fail = (message: string): ParsedSort => ({ ok: false, error: { at: at + (descending ? 1 : 0), message } });
    if (column === '') return fail('a column is missing here');
    if (columns && !columns.includes(column)) return fail(`“${column}” is not one of ${columns.join(', ')}`);
    if (keys.some((key) => key.column === column)) return fail(`“${column}” stands here twice`);
    if (keys.length === MAX_SORT_KEYS) return fail(`at most ${MAX_SORT_KEYS} columns`);
    keys.push({ column, descending });
    at += part.length + 1;
  }
  return { ok: true, keys };
}

/** The text of an order; `parseSort` of it gives the same keys. */
export const printSort = (keys: readonly SortKey[]): string =>
  keys.map((key) => `${key.descending ? '-' : ''}${key.column}`).join(',');

/**
 * The order after a press on a column's title: ascending, descending, ascending again. `more` (with Shift) keeps the other
 * keys and adds or turns this one; else it becomes the only key.
 */
export function pressSort(text: string, column: string, more: boolean): string {
  const parsed = parseSort(text);
  const keys = parsed.ok ? parsed.keys : [];
  const at = keys.findIndex((key) => key.column === column);
  const turned = { column, descending: at >= 0 && !keys[at]?.descending };
  if (!more) return printSort([turned]);
  if (at >= 0) return printSort(keys.map((key, i) => (i === at ? turned : key)));
  return printSort([...keys.slice(0, MAX_SORT_KEYS - 1), turned]);
}
