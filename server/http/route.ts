import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ClusterId } from '@/contract/cluster';
import { isChange, PERMISSIONS, type Permission } from '@/contract/permission';
import { limitKeyOf, type Principal } from '../auth/principal';
import type { Cluster, Runtime } from '../runtime';
import { runtime } from '../runtime';
import type { Answer } from './answer';
import { audited } from './audited';
import { readBody } from './body';
import { fileResponse } from './file-answer';
import { type Failure, problemResponse } from './problem';
import { parseQuery, readPreconditions } from './query';
import { parsed, sentenceOf } from './zod-words';

export { answer } from './answer';

export interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  summary: string;
  /** What one must be allowed to do; every route names it. A change is guarded and audited by it. */
  permission: Permission;
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
  /** It answers a file of one of these types. */
  file?: readonly string[];
  /** It answers 202 with an operation, or to `?dryRun=true` with what would happen. */
  accepted?: boolean;
}

export interface RouteInput<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  runtime: Runtime;
  principal: Principal;
  ifMatch: string | undefined;
  idempotencyKey: string | undefined;
  requestId: string;
  /** Only the consequences are wanted. */
  dryRun: boolean;
  /** Whether whoever asks holds a further permission, for changes whose kind depends on their body. */
  refuseAlso(permission: Permission): Promise<Failure | undefined>;
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
  return wrap({ ...definition, inCluster: true }, (input, cluster) => {
    if (!cluster) throw new Error('a route of a cluster without one'); // `wrap` has found it before
    return handler({ ...input, cluster });
  });
}

/** Route outside any cluster. */
export function globalRoute<B extends z.ZodType = z.ZodUndefined, A extends z.ZodType = z.ZodType>(
  definition: RouteDefinition<typeof Nothing, typeof Nothing, B, A>,
  handler: (
    input: RouteInput<z.output<typeof Nothing>, z.output<typeof Nothing>, z.output<B>>,
  ) => Answer<z.input<A>> | Promise<Answer<z.input<A>>>,
): RouteHandler {
  return wrap({ ...definition, inCluster: false }, (input) => handler(input));
}

function wrap<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  definition: RouteDefinition<P, Q, B, A>,
  handler: (
    input: RouteInput<z.output<P>, z.output<Q>, z.output<B>>,
    cluster: Cluster | undefined,
  ) => Answer<z.input<A>> | Promise<Answer<z.input<A>>>,
): RouteHandler {
  const handle = async (req: Request, context: Context): Promise<Response> => {
    const requestId = randomUUID();
    try {
      const path = (await context.params) ?? {}; // absent where the path has no parameters
      const door = await enter(req, definition, path, requestId);
      if ('failure' in door) return problemResponse(door.failure, requestId);
      const { cluster: _, ...rest } = path;
      const params = parsed(definition.params ?? Nothing, rest);
      if (!params.success)
        return problemResponse({ code: 'invalid_path', detail: sentenceOf(params.error) }, requestId);
      const search = new URL(req.url).searchParams;
      const dry = definition.accepted ? takeDryRun(search) : { value: false };
      if ('failure' in dry) return problemResponse(dry.failure, requestId);
      const query = parseQuery(search, definition.query ?? Nothing);
      if ('failure' in query) return problemResponse(query.failure, requestId);
      const preconditions = readPreconditions(req, definition);
      if ('failure' in preconditions) return problemResponse(preconditions.failure, requestId);
      const body = await readBody(req, definition.body);
      if ('failure' in body) return problemResponse(body.failure, requestId);
      const { principal, cluster } = door;
      const input = {
        // The parsers above are those of the definition, so the values have its types.
        params: params.data as z.output<P>,
        query: query.value as z.output<Q>,
        body: body.value as z.output<B>,
        runtime: runtime(),
        principal,
        requestId,
        dryRun: dry.value,
        refuseAlso: (permission: Permission) => refuseMore(principal, permission, cluster, path, dry.value),
        ...preconditions,
      };
      if (!isChange(definition.permission)) return respond(req, await handler(input, cluster), requestId);
      const slowDown = tooDestructive(principal, definition.permission, dry.value);
      if (slowDown) return problemResponse(slowDown, requestId);
      const subject = {
        principal,
        address: runtime().auth.address,
        requestId,
        action: definition.permission,
        summary: definition.summary,
        object: objectOf(path),
        body: body.value,
        dryRun: dry.value,
      };
      return respond(req, await audited(runtime().audit, subject, () => handler(input, cluster)), requestId);
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

type Path = Record<string, string | string[] | undefined>;

/** Whoever asks, and the cluster: once it is certain that they may. Nothing of the request is looked at before. */
async function enter(
  req: Request,
  { permission, inCluster, summary }: { permission: Permission; inCluster?: boolean; summary: string },
  path: Path,
  requestId: string,
): Promise<{ principal: Principal; cluster: Cluster | undefined } | { failure: Failure }> {
  const { auth, audit, clusters, isDraining } = runtime();
  const principal = auth.current;
  const subject = {
    principal,
    address: auth.address,
    requestId,
    action: permission,
    summary,
    object: objectOf(path),
  };
  const notOurs = auth.refuseRequest(req.method, req.headers);
  if (notOurs || !principal) {
    const failure: Failure = notOurs ?? { code: 'unauthenticated', detail: 'Nobody is signed in.' };
    // Whoever is not signed in asks for much before they are; what they would change is of interest.
    if (isChange(permission)) audit.refusal(subject, failure.code);
    return { failure };
  }
  const id = ClusterId.safeParse(path.cluster);
  const cluster = inCluster && id.success ? clusters.get(id.data) : undefined;
  if (inCluster && !cluster) {
    return {
      failure: {
        code: 'unknown_cluster',
        detail: 'This console has no cluster of that name.',
        nextStep: 'Choose one of the configured clusters.',
      },
    };
  }
  const change = isChange(permission);
  const refusal = await auth.refuse(principal, permission, {
    authorizer: cluster?.authorizer,
    object: firstOf(path),
    fresh: change,
  });
  if (refusal) {
    if (change) audit.event(subject, 'refused', refusal.code);
    else audit.refusal(subject, refusal.code);
    return { failure: refusal };
  }
  if (change && isDraining)
    return {
      failure: { code: 'draining', detail: 'The console is being stopped; nothing was done.', retryAfterSeconds: 5 },
    };
  return { principal, cluster };
}

async function refuseMore(
  principal: Principal,
  permission: Permission,
  cluster: Cluster | undefined,
  path: Path,
  dryRun: boolean,
): Promise<Failure | undefined> {
  const place = { authorizer: cluster?.authorizer, object: firstOf(path), fresh: true };
  return (await runtime().auth.refuse(principal, permission, place)) ?? tooDestructive(principal, permission, dryRun);
}

function tooDestructive(principal: Principal, permission: Permission, dryRun: boolean): Failure | undefined {
  if (dryRun || PERMISSIONS[permission].kind !== 'destroy') return undefined;
  return runtime().traffic.destroy(limitKeyOf(principal));
}

const objectOf = (path: Path): Record<string, string> =>
  Object.fromEntries(Object.entries(path).map(([key, value]) => [key, String(value)]));

/** The object that a path names: its first parameter behind the cluster. */
const firstOf = ({ cluster: _, ...rest }: Path): string | undefined => {
  const [value] = Object.values(rest);
  return typeof value === 'string' ? value : undefined;
};

/** Takes `dryRun` out of the query of a change. */
function takeDryRun(search: URLSearchParams): { value: boolean } | { failure: Failure } {
  const values = search.getAll('dryRun');
  search.delete('dryRun');
  if (values.length === 0) return { value: false };
  if (values.length === 1 && (values[0] === 'true' || values[0] === 'false')) return { value: values[0] === 'true' };
  return { failure: { code: 'invalid_query', detail: 'dryRun is true or false.' } };
}

function respond<T>(req: Request, result: Answer<T>, requestId: string): Response {
  if (!result.ok) return problemResponse(result.failure, requestId);
  const headers: Record<string, string> = { 'cache-control': 'no-store', 'x-request-id': requestId };
  if (result.file) return fileResponse(result.file, headers);
  if (result.etag) headers.etag = result.etag;
  if (result.etag && isKnown(req.headers.get('if-none-match'), result.etag))
    return new Response(null, { status: 304, headers });
  return new Response(JSON.stringify(result.value), {
    status: result.status ?? 200,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
  });
}

/** Whether the client has this answer. A proxy that compresses makes the tag a weak one. */
const isKnown = (ifNoneMatch: string | null, etag: string): boolean =>
  (ifNoneMatch ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
