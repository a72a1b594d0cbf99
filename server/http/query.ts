import { z } from 'zod';
import type { Failure } from './problem';
import { fieldErrorsOf, parsed, sentenceOf, shown } from './zod-words';

/** Query parameters by schema; unknown and repeated ones are refused, because a client that sends them expects an effect. */
export function parseQuery<Q extends z.ZodType>(
  search: URLSearchParams,
  schema: Q,
): { value: z.output<Q> } | { failure: Failure } {
  const seen = new Map<string, string>();
  for (const [key, value] of search) {
    if (seen.has(key))
      return { failure: { code: 'invalid_query', detail: `The parameter “${shown(key)}” is given twice.` } };
    // A schema does not see this one: it is no property that objects list.
    if (key === '__proto__') return { failure: { code: 'invalid_query', detail: '“__proto__” is no parameter.' } };
    seen.set(key, value);
  }
  const result = parsed(schema, Object.fromEntries(seen));
  if (result.success) {
    const odd = oddNumber(seen, result.data);
    if (odd === undefined) return { value: result.data };
    return { failure: { code: 'invalid_query', detail: `“${shown(odd)}” must be a whole number in digits.` } };
  }
  return { failure: { code: 'invalid_query', detail: sentenceOf(result.error), fields: fieldErrorsOf(result.error) } };
}

/** The parameter that JavaScript took for a number although it is not written as one: empty, ` 1`, `0x10`, `1e3`. */
const oddNumber = (seen: ReadonlyMap<string, string>, data: unknown): string | undefined =>
  Object.entries(Object(data)).find(
    ([key, value]) => typeof value === 'number' && seen.has(key) && String(value) !== seen.get(key),
  )?.[0];

/** `If-Match` and `Idempotency-Key`, where a route asks for them. */
export function readPreconditions(
  req: Request,
  definition: { ifMatch?: boolean; idempotent?: boolean },
): { ifMatch: string | undefined; idempotencyKey: string | undefined } | { failure: Failure } {
  const ifMatch = req.headers.get('if-match') ?? undefined;
  const idempotencyKey = req.headers.get('idempotency-key') ?? undefined;
  if (definition.ifMatch) {
    if (ifMatch === undefined) {
      return {
        failure: {
          code: 'precondition_required',
          detail: 'Send the object’s ETag as If-Match, so that a change made meanwhile is not overwritten.',
        },
      };
    }
    if (!/^"[\w-]{1,128}"$/.test(ifMatch))
      return { failure: { code: 'invalid_query', detail: 'If-Match must be one quoted ETag.' } };
  }
  if (definition.idempotent) {
    if (idempotencyKey === undefined) {
      return {
        failure: {
          code: 'precondition_required',
          detail: 'Send an Idempotency-Key (a UUID), so that a repeat is not done twice.',
        },
      };
    }
    if (!z.uuid().safeParse(idempotencyKey).success)
      return { failure: { code: 'invalid_query', detail: 'Idempotency-Key must be a UUID.' } };
  }
  return { ifMatch, idempotencyKey };
}
