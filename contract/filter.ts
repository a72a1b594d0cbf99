import type { FilterKeys } from './lists';
import { parseSize } from './size';

/**
 * The filter language of every list: `status:degraded,faulted node:io-2 size>10GiB pvc:shop/* -thin:true "two words"`.
 * Terms are joined by "and", the values of one term by "or"; a leading `-` negates; `*` matches any run of characters; in
 * quotes stand spaces, commas and quotes (`\"`). A bare word matches the name, the id or a label. docs/filter.md has it all.
 */
export const OPERATORS = [':', '>=', '<=', '>', '<'] as const;
export type FilterOperator = (typeof OPERATORS)[number];

export interface FilterValue {
  /** Without quotes and escapes. */
  text: string;
  /** It stands in quotes. Printing quotes a value that needs it, whatever this says. */
  quoted?: boolean;
}

/** One condition; what a chip shows. */
export interface FilterTerm {
  /** Undefined for a bare word, which has one value. */
  key?: string | undefined;
  operator: FilterOperator;
  /** One at least; a row passes when one of them fits. */
  values: readonly FilterValue[];
  negated: boolean;
}

/** A term and where it stands in the text: half-open, in UTF-16 units as a text field counts. */
export interface PlacedTerm extends FilterTerm {
  start: number;
  end: number;
}

export interface FilterError {
  /** Index of the offending character; the length of the text when something is missing at its end. */
  at: number;
  message: string;
}

export type ParsedFilter = { ok: true; terms: PlacedTerm[] } | { ok: false; error: FilterError };

interface PlacedValue {
  text: string;
  quoted: boolean;
  start: number;
  end: number;
}

const KEY = /[a-z][a-z-]*/y;
const OPERATOR = />=|<=|:|>|</y;
const SPACE = /\s/;

const isError = (got: object): got is FilterError => 'message' in got;

/** Parses `text`; with `keys`, unknown keys and values of the wrong kind are errors at their character. Never throws. */
export function parseFilter(text: string, keys?: FilterKeys): ParsedFilter {
  const terms: PlacedTerm[] = [];
  let at = 0;
  while (at < text.length) {
    if (SPACE.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const term = readTerm(text, at);
    if (isError(term)) return { ok: false, error: term };
    const wrong = keys && checkTerm(term, keys);
    if (wrong) return { ok: false, error: wrong };
    const { places, ...plain } = term;
    terms.push({ ...plain, values: places.map(({ text, quoted }) => (quoted ? { text, quoted } : { text })) });
    at = term.end;
  }
  return { ok: true, terms };
}

type ReadTerm = Omit<PlacedTerm, 'values'> & { places: PlacedValue[] };

/** Where the parts of a term begin, however it goes on: used by completion, too. */
export function headOf(text: string, start: number): { key?: string; operator: FilterOperator; at: number } {
  const at = text[start] === '-' ? start + 1 : start;
  KEY.lastIndex = at;
  const key = KEY.exec(text);
  if (key) {
    OPERATOR.lastIndex = KEY.lastIndex;
    const operator = OPERATOR.exec(text);
    // OPERATOR matches nothing else.
    if (operator) return { key: key[0], operator: operator[0] as FilterOperator, at: OPERATOR.lastIndex };
  }
  return { operator: ':', at };
}

function readTerm(text: string, start: number): ReadTerm | FilterError {
  const negated = text[start] === '-';
  const { key, operator, at } = headOf(text, start);
  const places: PlacedValue[] = [];
  for (let from = at; ; ) {
    const value = readValue(text, from, key !== undefined);
    if (isError(value)) return value;
    if (value.text === '' && !(value.quoted && key !== undefined)) return { at: from, message: missing(key, operator) };
    places.push(value);
    if (key === undefined || text[value.end] !== ',') {
      return { key, operator, places, negated, start, end: value.end };
    }
    if (operator !== ':') return { at: value.end, message: `${key}${operator} takes one value` };
    from = value.end + 1;
  }
}

const missing = (key: string | undefined, operator: FilterOperator): string =>
  key === undefined ? 'a word is missing here' : `a value is missing after “${key}${operator}”`;

/** A value of a term with a key ends at a comma; a bare word may hold one. */
function readValue(text: string, start: number, keyed: boolean): PlacedValue | FilterError {
  if (text[start] === '"') return readQuoted(text, start, keyed);
  let end = start;
  while (end < text.length && !SPACE.test(text[end] ?? '') && !(keyed && text[end] === ',')) {
    if (text[end] === '"') return { at: end, message: 'a quote may stand only where a value begins' };
    end += 1;
  }
  return { text: text.slice(start, end), quoted: false, start, end };
}

function readQuoted(text: string, start: number, keyed: boolean): PlacedValue | FilterError {
  let out = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\') {
      const next = text[at + 1];
      if (next !== '"' && next !== '\\')
        return { at, message: 'in quotes, “\\” stands before a quote or another “\\”' };
      out += next;
      at += 1;
    } else if (char === '"') {
      const end = at + 1;
      if (end < text.length && !SPACE.test(text[end] ?? '') && !(keyed && text[end] === ','))
        return { at: end, message: 'a space is missing behind the quote' };
      return { text: out, quoted: true, start, end };
    } else out += char;
  }
  return { at: start, message: 'this quote is not closed' };
}

function checkTerm(term: ReadTerm, keys: FilterKeys): FilterError | undefined {
  const at = term.start + (term.negated ? 1 : 0);
  if (term.key === undefined) return checkWord(term.places[0], at, keys);
  const key = Object.hasOwn(keys, term.key) ? keys[term.key] : undefined;
  if (!key) return { at, message: `“${term.key}” is not a filter here; try ${Object.keys(keys).join(', ')}` };
  if ((key.kind === 'text' || key.kind === 'flag') && term.operator !== ':')
    return { at: at + term.key.length, message: `${term.key} takes “:”` };
  for (const value of term.places) {
    const message = checkValue(term.key, key, value.text);
    if (message) return { at: value.start, message };
  }
  return undefined;
}

/** `Status:degraded` would be looked for as a word, and nothing would say so. */
function checkWord(word: PlacedValue | undefined, at: number, keys: FilterKeys): FilterError | undefined {
  if (!word || word.quoted) return undefined;
  const name = /^([A-Za-z-]+)(?:[<>]=?|:)/.exec(word.text)?.[1]?.toLowerCase();
  if (name === undefined || !Object.hasOwn(keys, name)) return undefined;
  return { at, message: `keys are written in lower case: ${name}` };
}

function checkValue(name: string, key: FilterKeys[string], text: string): string | undefined {
  switch (key.kind) {
    case 'size':
      return parseSize(text).ok || text === '0' ? undefined : `“${text}” is not a size: 10, 10GiB, 512MiB`;
    case 'number':
      return NUMBER.test(text) ? undefined : `“${text}” is not a number`;
    case 'duration':
      return durationUs(text) === undefined ? `“${text}” is not a time: 300us, 5ms, 1.5s` : undefined;
    case 'flag':
      return FLAG.test(text) ? undefined : `${name} is true or false`;
    case 'text': {
      if (!key.values || text.includes('*') || /^unrecognized:\d+$/.test(text)) return undefined;
      return key.values.includes(text.toLowerCase())
        ? undefined
        : `“${text}” is no ${name}; there is ${key.values.join(', ')}`;
    }
  }
}

const NUMBER = /^\d{1,15}(\.\d{1,6})?$/;
const FLAG = /^(true|false|yes|no)$/i;
const DURATION = /^(\d{1,12}(?:\.\d{1,6})?)(us|µs|ms|s)$/i;
const MICROS: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1_000, s: 1_000_000 };

/** Microseconds of `300us`, `5ms`, `1.5s`; undefined when it is none. */
export function durationUs(text: string): number | undefined {
  const match = DURATION.exec(text);
  const unit = MICROS[(match?.[2] ?? '').toLowerCase()];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}

/** The text of terms, as the field shows it. `parseFilter` of it gives the same terms, and of a parsed text it is that text. */
export function printFilter(terms: readonly FilterTerm[]): string {
  return terms.map(printTerm).join(' ');
}

/** The text of one term. */
export function printTerm({ key, operator, values, negated }: FilterTerm): string {
  const head = `${negated ? '-' : ''}${key === undefined ? '' : `${key}${operator}`}`;
  // Bare, it must not read as a negation or a key; behind `>`, a leading `=` would join the operator.
  const isMisread = (text: string) =>
    key === undefined
      ? (!negated && text.startsWith('-')) || /^[a-z][a-z-]*(>=|<=|:|>|<)/.test(text)
      : text.includes(',') || (/^[<>]$/.test(operator) && text.startsWith('='));
  return head + values.map((v) => printValue({ text: v.text, quoted: v.quoted || isMisread(v.text) })).join(',');
}

/** A value as it stands behind `key:`, in quotes when it needs them. */
export function printValue({ text, quoted }: FilterValue): string {
  const needed = text === '' || /[\s"]/.test(text);
  return quoted || needed ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}
