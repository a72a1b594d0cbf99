import type { ExportQuery } from '@/contract/list';
import type { ListCatalogue } from '@/contract/lists';
import type { ReadAt } from '../model/model';
import { instantOrNull } from './facts';
import { type Cell, type ListRules, type Outcome, select } from './window';

/** A list as a file: its text in pieces, so that 100,000 rows are never one string. */
export interface ListFile {
  mediaType: string;
  extension: 'csv' | 'json';
  chunks: Iterable<string>;
}

const ROWS_PER_CHUNK = 500;

/** The whole filtered set in order. `rows` undefined: never read, which is no empty file. */
export function exportOver<R, C extends ListCatalogue>(
  rows: readonly R[],
  readAt: ReadAt | undefined,
  query: ExportQuery,
  rules: ListRules<R, C>,
): Outcome<ListFile> {
  const columns = columnsOf(query.columns, rules.list.columns);
  if (!columns.ok) return columns;
  const found = select(rows, query, rules);
  if (!found.ok) return found;
  const known: Readonly<Record<string, (row: R) => Cell>> = rules.columns;
  // A row without a moment of its own is as current as its list.
  const observedAt = instantOrNull(readAt);
  const cells = (row: R): Cell[] =>
    columns.value.map((name) => known[name]?.(row) ?? (name === 'observed_at' ? observedAt : null));
  const { format } = query;
  const chunks = format === 'csv' ? csv(found.value, columns.value, cells) : json(found.value, columns.value, cells);
  return {
    ok: true,
    value: {
      mediaType: format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8',
      extension: format,
      chunks,
    },
  };
}

function columnsOf(text: string, known: readonly string[]): Outcome<readonly string[]> {
  if (text === '') return { ok: true, value: known };
  const names = text.split(',');
  const wrong = names.find((name, i) => !known.includes(name) || names.indexOf(name) !== i);
  if (wrong === undefined) return { ok: true, value: names };
  const message = known.includes(wrong)
    ? `“${wrong}” stands here twice`
    : `“${wrong.slice(0, 64)}” is not one of ${known.join(', ')}`;
  return {
    ok: false,
    failure: {
      code: 'invalid_query',
      detail: `The columns cannot be read: ${message}.`,
      fields: [{ path: 'columns', message }],
    },
  };
}

/** RFC 4180: a header, lines that end with CR LF. */
function* csv<R>(rows: readonly R[], columns: readonly string[], cells: (row: R) => Cell[]): Generator<string> {
  yield `${columns.map(csvCell).join(',')}\r\n`;
  for (let at = 0; at < rows.length; at += ROWS_PER_CHUNK) {
    const chunk = rows.slice(at, at + ROWS_PER_CHUNK);
    yield chunk.map((row) => `${cells(row).map(csvCell).join(',')}\r\n`).join('');
  }
}

/** One array of objects, a row a line. */
function* json<R>(rows: readonly R[], columns: readonly string[], cells: (row: R) => Cell[]): Generator<string> {
  let before = '[\n';
  for (let at = 0; at < rows.length; at += ROWS_PER_CHUNK) {
    const lines = rows.slice(at, at + ROWS_PER_CHUNK).map((row) => {
      const values = cells(row);
      return JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, values[i] ?? null])));
    });
    yield before + lines.join(',\n');
    before = ',\n';
  }
  yield rows.length === 0 ? '[]\n' : '\n]\n';
}

/** What a spreadsheet takes for the beginning of a formula, also in full width, behind blanks and in front of them. */
const FORMULA = /^[\s\u00a0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/**
 * A cell of a CSV file. Names and labels come from whoever may write them, and a spreadsheet would run `=HYPERLINK(...)`: a text
 * that looks like a formula gets an apostrophe in front, by which spreadsheets know a text. Numbers are numbers.
 */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}
