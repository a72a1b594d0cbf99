import { validate } from '@readme/openapi-parser';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '@/server/http/openapi';
import { allRoutes } from './all-routes';

interface Described {
  operationId: string;
  summary: string;
  parameters?: Array<{ name: string; in: string; schema: Schema }>;
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
type Schema = { type?: unknown; properties?: object; [key: string]: unknown };

const routes = allRoutes();
const document = openApiDocument(routes, '0');
const paths = document.paths as Record<string, Record<string, Described>>; // made above as OpenAPI wants it
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, o]) => [`${method.toUpperCase()} ${path}`, o] as const),
);

/** Whether a schema says anything: a type, a choice, or a reference. */
const saysMuch = (s: Schema | undefined): boolean =>
  s !== undefined && ['type', 'anyOf', 'oneOf', 'allOf', 'enum', 'const', '$ref'].some((key) => key in s);

describe('the OpenAPI document', () => {
  it('is valid by the specification', async () => {
    // The validator resolves references in place; ours stays as it is.
    const result = await validate(structuredClone(document) as never); // its types ask for more than JSON
    expect(result).toMatchObject({ valid: true, warnings: [] });
  });

  it('is refused by the same validator when it is not', async () => {
    const broken = structuredClone(document) as { paths: Record<string, unknown> };
    broken.paths['/api/v1/broken/{id}'] = { get: { responses: {} } };
    expect(await validate(broken as never)).toMatchObject({ valid: false });
  });

  it('holds every route, the stream and itself', () => {
    const described = operations.map(([name]) => name).sort();
    const served = routes.map((r) => `${r.method} ${r.path}`);
    const apart = ['GET /api/v1/clusters/{cluster}/events', 'GET /api/v1/openapi.json'];
    expect(described).toEqual([...served, ...apart].sort());
  });

  it.each(operations)('%s says what it takes and what it answers', (_, o) => {
    for (const p of o.parameters ?? []) expect(saysMuch(p.schema), p.name).toBe(true);
    for (const { schema } of Object.values(o.requestBody?.content ?? {})) {
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(saysMuch(schema)).toBe(true);
    }
    for (const [status, { content }] of Object.entries(o.responses)) {
      const [type, media] = Object.entries(content ?? {})[0] ?? [];
      expect(type, status).toMatch(/^(application\/json|application\/problem\+json|text\/event-stream|text\/csv)/);
      expect(saysMuch(media?.schema), status).toBe(true);
    }
    expect(Object.keys(o.responses)).toContain('200');
  });

  it('describes the fields of an answer down to their last level', () => {
    const empty: string[] = [];
    const walk = (schema: unknown, at: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const s = schema as Schema; // an object by the line before
      for (const [name, p] of Object.entries(s.properties ?? {})) {
        if (Object.keys(p as object).length === 0) empty.push(`${at}.${name}`);
        walk(p, `${at}.${name}`);
      }
      for (const key of ['items', 'additionalProperties']) walk(s[key], `${at}[]`);
      for (const key of ['anyOf', 'oneOf', 'allOf'])
        for (const x of (s[key] as unknown[] | undefined) ?? []) walk(x, at);
    };
    for (const [name, o] of operations) walk(o.responses['200']?.content?.['application/json']?.schema, name);
    // What upstream said word for word has no shape of ours.
    expect(empty.filter((e) => !/\.raw\.|\/raw\./.test(e))).toEqual([]);
  });
});
