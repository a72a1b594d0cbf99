import { parseSize } from './size';

/**
 * The filter language of every list: `status:degraded node:io-2 size>10GiB pvc:shop/* -thin:true "two words"`.
 * Terms are joined by "and"; a leading `-` negates; `*` matches any run of characters; values with spaces stand in quotes.
 * A bare word matches the name, the id or a label. docs/filter.md has the keys by list.
 */
export type FilterOperator = ':' | '>' | '<' | '>=' | '<=';

export interface FilterTerm {
  /** Undefined for a bare word. */
  key?: string;
  operator: FilterOperator;
  value: string;
  negated: boolean;
  /** Where the term stands in the text. */
  start: number;
  end: number;
}

export interface FilterError {
  /** Index of the offending character. */
  at: number;
  message: string;
}

export type ParsedFilter = { ok: true; terms: FilterTerm[] } | { ok: false; error: FilterError };

/** What a list lets one filter by. */
export type FilterKeys = Record<string, 'text' | 'size' | 'number' | 'flag'>;

const KEY = /[a-z][a-z-]*/y;
const OPERATOR = />=|<=|:|>|</y;

/** Parses `text`; with `keys`, unknown keys and values of the wrong kind are errors at their character. */
export function parseFilter(text: string, keys?: FilterKeys): ParsedFilter {
  const terms: FilterTerm[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const term = readTerm(text, at);
    if ('message' in term) return { ok: false, error: term };
    const wrong = keys && checkTerm(term, keys);
    if (wrong) return { ok: false, error: wrong };
    terms.push(term);
    at = term.end;
  }
  return { ok: true, terms };
}

function readTerm(text: string, start: number): FilterTerm | FilterError {
  const negated = text[start] === '-';
  let at = negated ? start + 1 : start;
  let key: string | undefined;
  let operator: FilterOperator = ':';
  KEY.lastIndex = at;
  const keyMatch = KEY.exec(text);
  if (keyMatch) {
    OPERATOR.lastIndex = KEY.lastIndex;
    const op = OPERATOR.exec(text);
    if (op) {
      key = keyMatch[0];
      operator = op[0] as FilterOperator; // OPERATOR matches nothing else
      at = OPERATOR.lastIndex;
    }
  }
  const value = readValue(text, at);
  if ('message' in value) return value;
  if (value.text === '')
    return { at, message: key ? `${key}${operator} needs a value` : 'a word is missing after “-”' };
  return { key, operator, value: value.text, negated, start, end: value.end };
}

function readValue(text: string, at: number): { text: string; end: number } | FilterError {
  if (text[at] === '"') {
    const close = text.indexOf('"', at + 1);
    if (close < 0) return { at, message: 'this quote is not closed' };
    return { text: text.slice(at + 1, close), end: close + 1 };
  }
  let end = at;
  while (end < text.length && !/[\s"]/.test(text[end] ?? '')) end += 1;
  return { text: text.slice(at, end), end };
}

function checkTerm(term: FilterTerm, keys: FilterKeys): FilterError | undefined {
  if (term.key === undefined) return undefined;
  const at = term.start + (term.negated ? 1 : 0);
  const valueAt = at + term.key.length + term.operator.length;
  if (!Object.hasOwn(keys, term.key)) {
    return { at, message: `“${term.key}” is not a filter here; try ${Object.keys(keys).join(', ')}` };
  }
  const kind = keys[term.key];
  if ((kind === 'text' || kind === 'flag') && term.operator !== ':') {
    return { at: at + term.key.length, message: `${term.key} takes “:”` };
  }
  if (kind === 'size' && !parseSize(term.value).ok) return { at: valueAt, message: `“${term.value}” is not a size` };
  if (kind === 'number' && !/^\d+(\.\d+)?$/.test(term.value))
    return { at: valueAt, message: `“${term.value}” is not a number` };
  if (kind === 'flag' && !/^(true|false|yes|no)$/i.test(term.value))
    return { at: valueAt, message: `${term.key} is true or false` };
  return undefined;
}

/** What a row offers to the filter: words for bare terms, and values by key. Undefined: unknown, matches nothing. */
export interface Filterable {
  words: readonly string[];
  value(key: string): string | bigint | number | boolean | readonly string[] | undefined;
}

/** Whether a row passes all terms. */
export function matches(terms: readonly FilterTerm[], row: Filterable): boolean {
  return terms.every((t) => matchTerm(t, row) !== t.negated);
}

function matchTerm(term: FilterTerm, row: Filterable): boolean {
  if (term.key === undefined) return row.words.some((w) => likeText(w, `*${term.value}*`));
  const value = row.value(term.key);
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value === /^(true|yes)$/i.test(term.value);
  if (typeof value === 'bigint') {
    const size = parseSize(term.value);
    return size.ok && compare(value, size.bytes, term.operator);
  }
  if (typeof value === 'number') return compare(value, Number(term.value), term.operator);
  if (typeof value === 'string') return likeText(value, term.value);
  return value.some((v) => likeText(v, term.value));
}

function compare<T extends bigint | number>(a: T, b: T, operator: FilterOperator): boolean {
  switch (operator) {
    case ':':
      return a === b;
    case '>':
      return a > b;
    case '<':
      return a < b;
    case '>=':
      return a >= b;
    case '<=':
      return a <= b;
  }
}

/** Case-blind match with `*`; a linear scan, because a user's text never becomes a regular expression. */
function likeText(text: string, pattern: string): boolean {
  const t = text.toLowerCase();
  const parts = pattern.toLowerCase().split('*');
  if (parts.length === 1) return t === parts[0];
  const first = parts[0] ?? '';
  const last = parts[parts.length - 1] ?? '';
  if (!t.startsWith(first) || !t.endsWith(last) || t.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = t.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= t.length - last.length;
}

/** The text of a list of terms, as the field shows it; `parseFilter` of it gives the same terms. */
export function printFilter(terms: ReadonlyArray<Pick<FilterTerm, 'key' | 'operator' | 'value' | 'negated'>>): string {
  return terms
    .map((t) => {
      const plain =
        /^[^\s"]+$/.test(t.value) && (t.key !== undefined || !/^-|^[a-z][a-z-]*(>=|<=|:|>|<)/.test(t.value));
      return `${t.negated ? '-' : ''}${t.key === undefined ? '' : `${t.key}${t.operator}`}${plain ? t.value : `"${t.value}"`}`;
    })
    .join(' ');
}
