import { type FilterTerm, parseFilter, printTerm } from './filter';

/**
 * Chips and text are two views of one filter: these change the text as pressing a chip does, and leave what else stands in
 * it as it was typed. A text that cannot be parsed comes back unchanged.
 */

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const holds = (term: FilterTerm, key: string) => term.key === key && term.operator === ':' && !term.negated;

/** Whether the filter asks for this value of the key, among others perhaps. */
export function hasValue(text: string, key: string, value: string): boolean {
  const parsed = parseFilter(text);
  return parsed.ok && parsed.terms.some((t) => holds(t, key) && t.values.some((v) => same(v.text, value)));
}

/** Presses a chip: the value joins those already asked for of its key (`status:degraded,faulted`), or leaves them. */
export function toggleValue(text: string, key: string, value: string): string {
  const parsed = parseFilter(text);
  if (!parsed.ok) return text;
  const at = parsed.terms.findIndex((t) => holds(t, key) && t.values.some((v) => same(v.text, value)));
  if (at >= 0) {
    const rest = parsed.terms[at]?.values.filter((v) => !same(v.text, value)) ?? [];
    return rest.length === 0 ? removeTerm(text, at) : replaceTerm(text, at, { values: rest });
  }
  const open = parsed.terms.findIndex((t) => holds(t, key));
  const values = parsed.terms[open]?.values;
  if (values) return replaceTerm(text, open, { values: [...values, { text: value }] });
  return addTerm(text, { key, operator: ':', values: [{ text: value }], negated: false });
}

/** The filter with one more condition behind it. */
export function addTerm(text: string, term: FilterTerm): string {
  const before = text.trimEnd();
  return before === '' ? printTerm(term) : `${before} ${printTerm(term)}`;
}

/** The filter without its n-th term, as when a chip's cross is pressed. */
export function removeTerm(text: string, index: number): string {
  const parsed = parseFilter(text);
  const term = parsed.ok ? parsed.terms[index] : undefined;
  if (!term) return text;
  return `${text.slice(0, term.start).trimEnd()} ${text.slice(term.end).trimStart()}`.trim();
}

/** The filter with its n-th term changed. */
export function replaceTerm(text: string, index: number, change: Partial<FilterTerm>): string {
  const parsed = parseFilter(text);
  const term = parsed.ok ? parsed.terms[index] : undefined;
  if (!term) return text;
  return text.slice(0, term.start) + printTerm({ ...term, ...change }) + text.slice(term.end);
}
