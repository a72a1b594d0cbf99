import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isChange, PERMISSIONS } from '@/contract/permission';
import { openApiDocument } from '@/server/http/openapi';
import { allRoutes } from './all-routes';

const routes = allRoutes();

describe('the routes of the API', () => {
  it('are all listed', () => {
    const files = readdirSync(fileURLToPath(new URL('.', import.meta.url)), { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('/route.ts') && f !== 'openapi.json/route.ts')
      .map((f) => `/api/v1/${f.replace(/\/route\.ts$/, '').replace(/\[(\w+)\]/g, '{$1}')}`);
    expect([...new Set(routes.map((r) => r.path))].sort()).toEqual(files.sort());
  });
  it.each(routes.map((r) => [r.method, r.path, r.handler.definition] as const))(
    '%s %s names its permission; changes are guarded',
    (method, path, d) => {
      expect(d.permission).toMatch(/^[a-z]+:[a-z]+$/);
      expect(PERMISSIONS).toHaveProperty([d.permission]);
      if (method === 'GET') {
        expect(d.body).toBeUndefined();
        expect(isChange(d.permission)).toBe(false);
      } else if (isChange(d.permission) && d.inCluster) {
        expect(d.ifMatch === true || d.idempotent === true).toBe(true);
        expect(d.accepted).toBe(true);
      } else
        expect([path, d.permission]).toEqual(expect.arrayContaining([expect.stringMatching(/plan$|^sessions:end$/)]));
    },
  );
  it('are described as OpenAPI 3.1 with unique operation ids', () => {
    const document = openApiDocument(routes, '0');
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
      (p) => Object.values(p),
    );
    expect(new Set(operations.map((o) => o.operationId)).size).toBe(operations.length);
    expect(JSON.stringify(document)).not.toContain('undefined');
    const del = document.paths as Record<string, Record<string, { parameters: Array<{ name: string }> }>>;
    expect(del['/api/v1/clusters/{cluster}/volumes/{uuid}']?.delete?.parameters.map((p) => p.name)).toEqual([
      'cluster',
      'uuid',
      'dryRun',
      'If-Match',
      'X-MC-CSRF',
    ]);
  });
});
