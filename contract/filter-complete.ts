import { headOf, parseFilter, printTerm, printValue } from './filter';
import type { FilterKey, FilterKeys } from './lists';

/** One thing that can stand at the cursor. */
export interface Completion {
  kind: 'key' | 'value' | 'term';
  /** What is shown. */
  label: string;
  /** What takes the place of `from` to `to`. */
  insert: string;
  /** A few words on it. */
  detail?: string;
  /** Rows of the whole set that have it. */
  count?: number;
  /** After it, a further value or word can follow at once: no space is wanted behind it yet. */
  open?: boolean;
}

export interface Completions {
  /** The part of the text that a choice replaces. */
  from: number;
  to: number;
  options: Completion[];
}

/** As a list's answer has them. */
export type Facets = Readonly<Record<string, Readonly<Record<string, number>>>>;

const MOST = 12;

/**
 * What can stand at `cursor` of a filter that is being typed: keys, values that occur (from `facets`) or that there are, and
 * whole terms for a word that is the value of some facet. Pure; never throws, whatever the text.
 */
export function completeFilter(text: string, cursor: number, keys: FilterKeys, facets: Facets = {}): Completions {
  const at = Math.max(0, Math.min(cursor, text.length));
  const token = tokenAt(text, at);
  const head = headOf(text, token.start);
  if (head.key === undefined || at < head.at) return completeKey(text, token, at, keys, facets);
  const key = Object.hasOwn(keys, head.key) ? keys[head.key] : undefined;
  if (!key) return { from: at, to: at, options: [] };
  const item = itemAt(text, head.at, token.end, at);
  const typed = unquoted(text.slice(item.start, at));
  const others = valuesBut(text.slice(head.at, item.start), text.slice(item.end, token.end));
  const options = valuesOf(head.key, key, facets)
    .filter(({ label }) => !others.has(label.toLowerCase()))
    .map((option) => ({ ...option, insert: printValue({ text: option.label }) }));
  return { from: item.start, to: item.end, options: ranked(options, typed) };
}

/** Applies a choice; the cursor stands behind it, and behind a space when the term is complete and the text ends here. */
export function applyCompletion(
  text: string,
  { from, to }: Completions,
  option: Completion,
): { text: string; cursor: number } {
  const rest = text.slice(to);
  const space = option.open || rest !== '' ? '' : ' ';
  return {
    text: text.slice(0, from) + option.insert + space + rest,
    cursor: from + option.insert.length + space.length,
  };
}

interface Span {
  start: number;
  end: number;
}

/** The run without spaces, outside of quotes, that holds the cursor. */
function tokenAt(text: string, cursor: number): Span {
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (isQuoted && char === '\\') i += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && /\s/.test(char)) {
      if (i >= cursor) return { start, end: i };
      start = i + 1;
    }
  }
  return { start: Math.min(start, text.length), end: text.length };
}

/** The value of a list of them that holds the cursor: between commas outside of quotes. */
function itemAt(text: string, from: number, to: number, cursor: number): Span {
  let start = from;
  let isQuoted = false;
  for (let i = from; i < to; i += 1) {
    const char = text[i] ?? '';
    if (isQuoted && char === '\\') i += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && char === ',') {
      if (i >= cursor) return { start, end: i };
      start = i + 1;
    }
  }
  return { start, end: to };
}

/** What has been typed of a value, its quote perhaps not closed yet. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text
    .slice(1)
    .replace(/"$/, '')
    .replace(/\\(["\\])/g, '$1');
}

function valuesBut(before: string, after: string): Set<string> {
  const rest = `${before.replace(/,$/, '')}${after && before ? after : after.replace(/^,/, '')}`;
  const parsed = rest === '' ? undefined : parseFilter(`k:${rest}`);
  return new Set(parsed?.ok ? parsed.terms.flatMap((t) => t.values.map((v) => v.text.toLowerCase())) : []);
}

type Value = Omit<Completion, 'insert'>;

/** Values of a key: those that occur first, then the others that there are. */
function valuesOf(name: string, key: FilterKey, facets: Facets): Value[] {
  const facet = facets[key.facet ?? name] ?? {};
  const occurring = Object.entries(facet)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([label, count]): Value => ({ kind: 'value', label, count, ...(label === '' ? { detail: 'none' } : {}) }));
  const fixed = key.kind === 'flag' ? ['true', 'false'] : (key.values ?? []);
  const others = fixed
    .filter((v) => !Object.hasOwn(facet, v))
    .map(
      (label): Value => ({ kind: 'value', label, ...(Object.hasOwn(facets, key.facet ?? name) ? { count: 0 } : {}) }),
    );
  return [...occurring, ...others];
}

function completeKey(
  text: string,
  { start, end }: Span,
  cursor: number,
  keys: FilterKeys,
  facets: Facets,
): Completions {
  const negated = text[start] === '-';
  const from = negated ? start + 1 : start;
  if (cursor < from || text[from] === '"') return { from: cursor, to: cursor, options: [] };
  const typed = text.slice(from, cursor);
  // The rest of the word goes, too, but of a term that has a value only the key and its operator do.
  const head = headOf(text, start);
  const to = head.key === undefined ? end : head.at;
  const names = Object.entries(keys).map(([name, { kind, what }]): Completion => {
    const operator = kind === 'text' || kind === 'flag' ? ':' : '>';
    return { kind: 'key', label: `${name}${operator}`, insert: `${name}${operator}`, detail: what, open: true };
  });
  const terms = typed.length < 2 || head.key !== undefined ? [] : termsFor(typed, keys, facets);
  return { from, to, options: [...ranked(names, typed), ...terms].slice(0, MOST) };
}

/** Whole terms for a word that begins a value of a text key's facet: `deg` offers `status:degraded`. */
function termsFor(typed: string, keys: FilterKeys, facets: Facets): Completion[] {
  return Object.entries(keys)
    .filter(([, key]) => key.kind === 'text')
    .flatMap(([name, key]) =>
      ranked(
        valuesOf(name, key, facets)
          .filter((v) => v.label !== '' && v.count !== 0)
          .map((v): Completion => {
            const term = printTerm({ key: name, operator: ':', values: [{ text: v.label }], negated: false });
            return { ...v, kind: 'term', label: v.label, insert: term, detail: term };
          }),
        typed,
      ),
    );
}

/** Those that begin with what was typed, then those that hold it; the order within each stays. */
function ranked(options: readonly Completion[], typed: string): Completion[] {
  const wanted = typed.toLowerCase();
  const rank = ({ label }: Completion) => {
    const at = label.toLowerCase().indexOf(wanted);
    return at === 0 ? 0 : at > 0 ? 1 : 2;
  };
  return [0, 1].flatMap((r) => options.filter((o) => rank(o) === r)).slice(0, MOST);
}
