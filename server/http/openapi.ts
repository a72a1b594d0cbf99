import { z } from 'zod';
import { Problem } from '@/contract/problem';
import type { RouteHandler } from './route';

interface Entry {
  path: string;
  method: string;
  handler: RouteHandler;
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
  return json;
};

/** OpenAPI 3.1 from the definitions by which the routes parse and answer, so that it cannot differ from them. */
export function openApiDocument(routes: readonly Entry[], version: string): Record<string, unknown> {
  const paths = new Map<string, Record<string, unknown>>();
  for (const { path, method, handler } of routes) {
    const operations = paths.get(path) ?? {};
    operations[method.toLowerCase()] = operationOf(path, method, handler.definition);
    paths.set(path, operations);
  }
  paths.set('/api/v1/clusters/{cluster}/events', { get: eventsOperation() });
  paths.set('/api/v1/openapi.json', { get: ownOperation() });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mayastor Console',
      version,
      description: 'Everything the console shows and does. 64-bit numbers are decimal strings.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries(paths),
    components: { schemas: { Problem: schemaOf(Problem, 'output') } },
  };
}

type Definition = RouteHandler['definition'];

const PROBLEM = {
  description: 'A problem document (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const DRY_RUN = {
  name: 'dryRun',
  in: 'query',
  required: false,
  description: 'true: everything is checked and the consequences are told; nothing is done',
  schema: { type: 'boolean' },
};
const TOKEN = {
  name: 'X-MC-CSRF',
  in: 'header',
  required: true,
  description: 'The token of the session, `csrf` of GET /api/v1/session; in the local mode it goes with reads, too',
  schema: { type: 'string' },
};

function operationOf(path: string, method: string, d: Definition): Record<string, unknown> {
  const parameters = [
    ...pathParameters(path, d),
    ...queryParameters(d),
    ...(d.accepted ? [DRY_RUN] : []),
    ...headerParameters(d),
    ...(method === 'GET' ? [] : [TOKEN]),
  ];
  const content = Object.fromEntries(
    (d.file ?? ['application/json']).map((type) => [type, { schema: schemaOf(d.answer, 'output') }]),
  );
  return {
    operationId: `${method.toLowerCase()}${path.replace(/^\/api\/v1/, '').replace(/[/{}.-]+(\w?)/g, (_, c: string) => c.toUpperCase())}`,
    summary: d.summary,
    'x-permission': d.permission,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(d.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(d.body, 'input') } } } }
      : {}),
    responses: {
      ...(d.accepted
        ? {
            '200': { description: 'What would happen, to a dry run', content },
            '202': { description: 'Started; follow the operation', content },
          }
        : { '200': { description: 'The answer', content } }),
      default: PROBLEM,
    },
  };
}

function pathParameters(path: string, d: Definition): unknown[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '');
  const properties: Record<string, unknown> = d.params ? (schemaOf(d.params, 'input').properties ?? {}) : {};
  return names.map((name) => ({ name, in: 'path', required: true, schema: properties[name] ?? { type: 'string' } }));
}

function queryParameters(d: Definition): unknown[] {
  if (!d.query) return [];
  const schema = schemaOf(d.query, 'input');
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, s]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: s,
  }));
}

function headerParameters(d: Definition): unknown[] {
  const header = (name: string, description: string) => ({
    name,
    in: 'header',
    required: true,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(d.ifMatch ? [header('If-Match', 'The object’s ETag as it was read')] : []),
    ...(d.idempotent ? [header('Idempotency-Key', 'A UUID; a repeat with it gets the first request’s operation')] : []),
  ];
}

/** The document itself, whose route cannot be among those that it is made from. */
function ownOperation(): Record<string, unknown> {
  return {
    operationId: 'getOpenapiJson',
    summary: 'This description',
    'x-permission': 'openapi:read',
    responses: {
      '200': { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
      default: PROBLEM,
    },
  };
}

function eventsOperation(): Record<string, unknown> {
  return {
    operationId: 'getClustersClusterEvents',
    summary: 'Live stream (SSE): the answers of up to 16 GETs and what changes in them',
    'x-permission': 'clusters:read',
    parameters: [
      { name: 'cluster', in: 'path', required: true, schema: { type: 'string' } },
      {
        name: 'topic',
        in: 'query',
        required: false,
        description: 'Path and query of a GET below the cluster',
        schema: { type: 'array', items: { type: 'string' } },
      },
    ],
    responses: {
      '200': {
        description: 'Events hello, topic, patch, ping, closing',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
    },
  };
}
