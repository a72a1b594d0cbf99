import { durationUs, type FilterOperator, type FilterTerm } from './filter';
import { parseSize } from './size';

/** What a row has under a key: `''` says that there is none and that this is known (`node:""`). Undefined: unknown. */
export type FieldValue = string | bigint | number | boolean | readonly string[] | undefined;

/** What a row offers to the filter: words for bare terms, and values by key. */
export interface Filterable {
  words: readonly string[];
  value(key: string): FieldValue;
}

type Test = (row: Filterable) => boolean;

/**
 * Whether a row passes all terms, as a function made once for many rows. What is unknown passes no term, and so passes its
 * negation. The kinds of values must be those that `parseFilter` has checked.
 */
export function compileFilter(terms: readonly FilterTerm[]): Test {
  const tests = terms.map(testOf);
  return (row) => tests.every((test) => test(row));
}

function testOf(term: FilterTerm): Test {
  const { key, negated } = term;
  if (key === undefined) {
    const like = pattern(`*${term.values[0]?.text ?? ''}*`);
    return (row) => row.words.some(like) !== negated;
  }
  const tests = term.values.map((value) => valueTest(value.text, term.operator));
  return (row) => {
    const value = row.value(key);
    return (value !== undefined && tests.some((test) => test(value))) !== negated;
  };
}

function valueTest(text: string, operator: FilterOperator): (value: NonNullable<FieldValue>) => boolean {
  const like = pattern(text);
  const wanted = /^(true|yes)$/i.test(text);
  const size = parseSize(text);
  const bytes = size.ok ? size.bytes : text === '0' ? 0n : undefined;
  const number = durationUs(text) ?? Number(text);
  return (value) => {
    switch (typeof value) {
      case 'boolean':
        return value === wanted;
      case 'bigint':
        return bytes !== undefined && compare(value, bytes, operator);
      case 'number':
        return compare(value, number, operator);
      case 'string':
        return like(value);
      default:
        return value.some(like);
    }
  };
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
function pattern(text: string): (value: string) => boolean {
  const parts = text.toLowerCase().split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return (value) => value.toLowerCase() === first;
  const last = parts[parts.length - 1] ?? '';
  const middle = parts.slice(1, -1);
  return (value) => {
    // "None" is no value that a pattern could mean: `node:*` is any node.
    if (value === '') return false;
    const t = value.toLowerCase();
    if (!t.startsWith(first) || !t.endsWith(last) || t.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of middle) {
      const found = t.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= t.length - last.length;
  };
}
