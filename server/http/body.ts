import type { z } from 'zod';
import { duplicateKey } from './duplicate-key';
import type { Failure } from './problem';
import { fieldErrorsOf, parsed, sentenceOf, shown } from './zod-words';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_DEPTH = 16;
const MAX_KEYS = 1_000;
const MAX_STRING = 4 * 1024;
const JSON_TYPES = new Set(['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8']);

type Body = { value: unknown } | { failure: Failure };

/** The body of a request by schema; without one there must be none. */
export async function readBody(req: Request, schema: z.ZodType | undefined): Promise<Body> {
  if (!schema) {
    const isEmpty = req.method === 'GET' || req.method === 'HEAD' || (await req.arrayBuffer()).byteLength === 0;
    if (isEmpty) return { value: undefined };
    return { failure: { code: 'invalid_body', status: 400, detail: 'This takes no body.' } };
  }
  if (!isJson(req.headers.get('content-type')))
    return { failure: { code: 'unsupported_media_type', detail: 'Send the body as application/json.' } };
  return parseBody(new Uint8Array(await req.arrayBuffer()), schema);
}

/** Exactly JSON in UTF-8: anything else may be sent by a form of another site without being asked first. */
export const isJson = (type: string | null | undefined): boolean => JSON_TYPES.has((type ?? '').trim().toLowerCase());

/** Bytes as JSON by schema. */
export function parseBody<S extends z.ZodType>(
  bytes: Uint8Array,
  schema: S,
): { value: z.output<S> } | { failure: Failure } {
  if (bytes.byteLength > MAX_BODY_BYTES)
    return { failure: { code: 'payload_too_large', detail: 'At most 64 KiB are accepted.' } };
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch {
    return { failure: { code: 'invalid_json', detail: 'The body is not valid JSON in UTF-8.' } };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return { failure: { code: 'invalid_body', status: 400, detail: 'The body must be a JSON object.' } };
  const misshapen = shapeError(json);
  if (misshapen) return { failure: { code: 'invalid_body', status: 400, detail: misshapen } };
  const twice = duplicateKey(text);
  if (twice !== undefined)
    return { failure: { code: 'invalid_body', status: 400, detail: `“${shown(twice)}” is there twice.` } };
  const result = parsed(schema, json);
  if (result.success) return { value: result.data };
  const unknown = result.error.issues.some((i) => i.code === 'unrecognized_keys');
  return {
    failure: {
      code: unknown ? 'unknown_field' : 'invalid_body',
      detail: sentenceOf(result.error),
      fields: fieldErrorsOf(result.error),
    },
  };
}

/** What no schema should have to see: too deep, too many keys, too long, or names that mean something to JavaScript. */
function shapeError(root: object): string | undefined {
  let keys = 0;
  const open: Array<{ value: unknown; depth: number }> = [{ value: root, depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string') {
      if (value.length > MAX_STRING) return `A text is longer than ${MAX_STRING} characters.`;
      if (/[\p{Cs}\0]/u.test(value)) return 'A text has characters that are none.';
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_DEPTH) return `The body is nested more than ${MAX_DEPTH} deep.`;
    for (const [key, child] of Object.entries(value)) {
      keys += 1;
      if (keys > MAX_KEYS) return `The body has more than ${MAX_KEYS} fields.`;
      if (key.length > MAX_STRING) return `A name is longer than ${MAX_STRING} characters.`;
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') return `“${key}” is no name of a field.`;
      open.push({ value: child, depth: depth + 1 });
    }
  }
  return undefined;
}
