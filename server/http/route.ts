import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ClusterId } from '@/contract/cluster';
import type { Cluster, Runtime } from '../runtime';
import { runtime } from '../runtime';
import { type Failure, problemResponse } from './problem';

const MAX_BODY_BYTES = 64 * 1024;

/** What a handler returns: an answer, or a failure for the edge to turn into a problem document. */
export type Answer<T> = { ok: true; value: T; status?: number; etag?: string } | { ok: false; failure: Failure };

export const answer = <T>(value: T, extra: { status?: number; etag?: string } = {}): Answer<T> => ({
  ok: true,
  value,
  ...extra,
});
export const fail = (failure: Failure): { ok: false; failure: Failure } => ({ ok: false, failure });

export interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  summary: string;
  /** What one must be allowed to do; every route names it. */
  permission: string;
  /** Path parameters beside `cluster`. */
  params?: P;
  query?: Q;
  body?: B;
  /** Without it the answer is not described further (the OpenAPI document itself). */
  answer: A;
  /** False for routes outside a cluster. */
  inCluster?: boolean;
  /** `If-Match` must be sent. */
  ifMatch?: boolean;
  /** `Idempotency-Key` (a UUID) must be sent. */
  idempotent?: boolean;
  /** It answers 202 with an operation. */
  accepted?: boolean;
}

export interface RouteInput<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  runtime: Runtime;
  ifMatch: string | undefined;
  idempotencyKey: string | undefined;
  requestId: string;
}

type Context = { params: Promise<Record<string, string | string[] | undefined> | undefined> };

/** A Next route handler, and its definition for the OpenAPI document and for tests that walk all routes. */
export type RouteHandler = ((req: Request, context: Context) => Promise<Response>) & {
  definition: RouteDefinition<z.ZodType, z.ZodType, z.ZodType, z.ZodType>;
};

const Nothing = z.strictObject({});

/** Route inside a cluster: `handler` gets the cluster beside parsed parameters, query and body. */
export function route<
  P extends z.ZodType = typeof Nothing,
  Q extends z.ZodType = typeof Nothing,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodType,
>(
  definition: RouteDefinition<P, Q, B, A>,
  handler: (
    input: RouteInput<z.output<P>, z.output<Q>, z.output<B>> & { cluster: Cluster },
  ) => Answer<z.input<A>> | Promise<Answer<z.input<A>>>,
): RouteHandler {
  return wrap({ ...definition, inCluster: true }, async (input, clusterName) => {
    const id = ClusterId.safeParse(clusterName);
    const cluster = id.success ? input.runtime.clusters.get(id.data) : undefined;
    if (!cluster) {
      return fail({
        code: 'unknown_cluster',
        detail: 'This console has no cluster of that name.',
        nextStep: 'Choose one of the configured clusters.',
      });
    }
    return handler({ ...input, cluster });
  });
}

/** Route outside any cluster. */
export function globalRoute<A extends z.ZodType>(
  definition: RouteDefinition<typeof Nothing, typeof Nothing, z.ZodUndefined, A>,
  handler: (input: { runtime: Runtime; requestId: string }) => Answer<z.input<A>> | Promise<Answer<z.input<A>>>,
): RouteHandler {
  return wrap({ ...definition, inCluster: false }, (input) => handler(input));
}

function wrap<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  definition: RouteDefinition<P, Q, B, A>,
  handler: (
    input: RouteInput<z.output<P>, z.output<Q>, z.output<B>>,
    cluster: string | undefined,
  ) => Answer<z.input<A>> | Promise<Answer<z.input<A>>>,
): RouteHandler {
  const handle = async (req: Request, context: Context): Promise<Response> => {
    const requestId = randomUUID();
    try {
      const { cluster, ...rest } = (await context.params) ?? {}; // absent where the path has no parameters
      const params = (definition.params ?? Nothing).safeParse(rest);
      if (!params.success) return problemResponse({ code: 'invalid_path', detail: sentence(params.error) }, requestId);
      const query = parseQuery(new URL(req.url).searchParams, definition.query ?? Nothing);
      if ('failure' in query) return problemResponse(query.failure, requestId);
      const preconditions = readPreconditions(req, definition);
      if ('failure' in preconditions) return problemResponse(preconditions.failure, requestId);
      const body = await readBody(req, definition.body);
      if ('failure' in body) return problemResponse(body.failure, requestId);
      const result = await handler(
        {
          // The parsers above are those of the definition, so the values have its types.
          params: params.data as z.output<P>,
          query: query.value as z.output<Q>,
          body: body.value as z.output<B>,
          runtime: runtime(),
          requestId,
          ...preconditions,
        },
        typeof cluster === 'string' ? cluster : undefined,
      );
      return respond(req, result, requestId);
    } catch (error) {
      // Last resort: the cause goes to the log under the request id, never to the client.
      console.error(
        JSON.stringify({ level: 'error', requestId, error: error instanceof Error ? error.stack : String(error) }),
      );
      return problemResponse(
        { code: 'internal', detail: 'An unexpected error. The request id stands in the log of the console.' },
        requestId,
      );
    }
  };
  return Object.assign(handle, { definition: definition as unknown as RouteHandler['definition'] });
}

function respond<T>(req: Request, result: Answer<T>, requestId: string): Response {
  if (!result.ok) return problemResponse(result.failure, requestId);
  const headers: Record<string, string> = { 'cache-control': 'no-store', 'x-request-id': requestId };
  if (result.etag) headers.etag = result.etag;
  if (result.etag && req.headers.get('if-none-match') === result.etag)
    return new Response(null, { status: 304, headers });
  return new Response(JSON.stringify(result.value), {
    status: result.status ?? 200,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
  });
}

/** Query parameters by schema; unknown and repeated ones are refused, because a client that sends them expects an effect. */
export function parseQuery<Q extends z.ZodType>(
  search: URLSearchParams,
  schema: Q,
): { value: z.output<Q> } | { failure: Failure } {
  const seen = new Map<string, string>();
  for (const [key, value] of search) {
    if (seen.has(key))
      return { failure: { code: 'invalid_query', detail: `The parameter “${shown(key)}” is given twice.` } };
    seen.set(key, value);
  }
  const parsed = schema.safeParse(Object.fromEntries(seen));
  if (parsed.success) return { value: parsed.data };
  return { failure: { code: 'invalid_query', detail: sentence(parsed.error), fields: fieldsOf(parsed.error) } };
}

function readPreconditions(
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

async function readBody(
  req: Request,
  schema: z.ZodType | undefined,
): Promise<{ value: unknown } | { failure: Failure }> {
  if (!schema) return { value: undefined };
  const type = (req.headers.get('content-type') ?? '').trim().toLowerCase();
  if (
    type !== 'application/json' &&
    type !== 'application/json; charset=utf-8' &&
    type !== 'application/json;charset=utf-8'
  ) {
    return { failure: { code: 'unsupported_media_type', detail: 'Send the body as application/json.' } };
  }
  const bytes = new Uint8Array(await req.arrayBuffer());
  if (bytes.byteLength > MAX_BODY_BYTES)
    return { failure: { code: 'payload_too_large', detail: 'At most 64 KiB are accepted.' } };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return { failure: { code: 'invalid_json', detail: 'The body is not valid JSON in UTF-8.' } };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { failure: { code: 'invalid_body', status: 400, detail: 'The body must be a JSON object.' } };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const unknown = parsed.error.issues.some((i) => i.code === 'unrecognized_keys');
  return {
    failure: {
      code: unknown ? 'unknown_field' : 'invalid_body',
      detail: sentence(parsed.error),
      fields: fieldsOf(parsed.error),
    },
  };
}

function fieldsOf(error: z.ZodError): Array<{ path: string; message: string }> {
  return error.issues.slice(0, 32).map((i) => ({ path: i.path.map(String).join('.'), message: shown(i.message) }));
}

function sentence(error: z.ZodError): string {
  const first = error.issues[0];
  if (!first) return 'The request is not valid.';
  const path = first.path.map(String).join('.');
  return path ? `${shown(path)}: ${shown(first.message)}` : shown(first.message);
}

/** What a client sent, made fit for a sentence: short and without control characters. */
const shown = (text: string) => text.replace(/\p{C}/gu, '\ufffd').slice(0, 200);
