import type { z } from 'zod';

/** What is wrong with a value, in words that say what it should be; a schema's own words come before these. */
function words(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing: ${kindOf(issue.expected)} is needed`
        : `must be ${kindOf(issue.expected)}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `must be ${listOf(issue.values.map(String))}`;
    case 'unrecognized_keys':
      return `${issue.keys.map((k) => `“${k}”`).join(', ')} is not known here`;
    default:
      return undefined;
  }
}

const kindOf = (expected: string): string =>
  ({ number: 'a number', int: 'a whole number', string: 'a text', boolean: 'true or false', array: 'a list' })[
    expected
  ] ?? `of the kind ${expected}`;
const unitOf = (origin: string): string =>
  origin === 'string' ? ' characters long' : origin === 'array' || origin === 'set' ? ' long' : '';
const listOf = (values: readonly string[]): string =>
  values.length < 2 ? (values[0] ?? 'nothing') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;

/** Reads what a client sent; what is wrong with it is told in our words, of all fields at once. */
export const parsed = <S extends z.ZodType>(schema: S, value: unknown): z.ZodSafeParseResult<z.output<S>> =>
  schema.safeParse(value, { error: words });

/** Errors by field, for a form: the path in dots. */
export function fieldErrorsOf(error: z.ZodError): Array<{ path: string; message: string }> {
  return error.issues
    .slice(0, 32)
    .map((i) => ({ path: shown(i.path.map(String).join('.')), message: shown(i.message) }));
}

/** The first thing that is wrong, as a sentence. */
export function sentenceOf(error: z.ZodError): string {
  // A name that is not known is told first: what is missing is often what it was meant for.
  const first = error.issues.find((i) => i.code === 'unrecognized_keys') ?? error.issues[0];
  if (!first) return 'The request is not valid.';
  const path = first.path.map(String).join('.');
  return path ? `${shown(path)}: ${shown(first.message)}` : `${shown(first.message)}.`;
}

/** What a client sent, made fit for a sentence: short and without control characters. */
export const shown = (text: string) => text.replace(/\p{C}/gu, '\ufffd').slice(0, 200);
