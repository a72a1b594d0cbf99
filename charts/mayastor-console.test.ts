import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '@/server/config/config';
import { chartRoles } from '../scripts/chart-roles.mjs';

// What is not templated; the templates themselves are for helm to check.
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
const Chart = z.object({ version: z.string(), appVersion: z.string() });
const Values = z.looseObject({
  clusters: z.array(z.record(z.string(), z.string())),
  auth: z.record(z.string(), z.unknown()),
  networkPolicy: z.looseObject({ from: z.array(z.unknown()) }),
});
const values = Values.parse(parse(read('mayastor-console/values.yaml')));
const schema = z.fromJSONSchema(JSON.parse(read('mayastor-console/values.schema.json')));
const accepted = (change: Record<string, unknown>) => schema.safeParse({ ...values, ...change }).success;

describe('the Helm chart', () => {
  it('has defaults that its own schema accepts', () => {
    expect(schema.safeParse(values).error).toBeUndefined();
  });
  it('names every value in its schema', () => {
    const known = z.object({ properties: z.record(z.string(), z.unknown()) });
    const { properties } = known.parse(JSON.parse(read('mayastor-console/values.schema.json')));
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(values)));
  });
  it.each<[string, Record<string, unknown>]>([
    ['an unknown value', { replicaCount: 2 }],
    ['no cluster', { clusters: [] }],
    ['a cluster without an address', { clusters: [{ id: 'a' }] }],
    ['an unknown key in a cluster', { clusters: [{ id: 'a', agentCore: 'a:1', tls: true }] }],
    ['an id unfit for a URL', { clusters: [{ id: 'A/b', agentCore: 'a:1' }] }],
    ['a public URL with a path', { publicUrl: 'https://h/x' }],
    ['a public URL over http', { publicUrl: 'http://h' }],
    ['no sign-in', { auth: { mode: 'none' } }],
    ['a sign-in that is not said', { auth: {} }],
    ['a role that there is none of', { auth: { mode: 'oidc', groups: { root: ['ops'] } } }],
  ])('refuses %s before anything is installed', (_what, change) => {
    expect(accepted(change)).toBe(false);
  });
  it('writes a configuration that the console takes', () => {
    const { clusters, auth } = loadConfig({ CONFIG: 'config.yaml' }, () =>
      stringify({ clusters: values.clusters, auth: values.auth, readOnly: values.readOnly }),
    );
    expect(clusters).toEqual(values.clusters);
    expect(auth.mode).toBe('local');
  });
  it('lets nobody in until somebody says whom', () => {
    expect(values.networkPolicy.from).toEqual([]);
  });
  it('has ClusterRoles of exactly the permissions that there are, and no wildcard', () => {
    const roles = parse(read('mayastor-console/roles.yaml'));
    expect(roles).toEqual(chartRoles());
    expect(JSON.stringify(roles)).not.toContain('*');
  });
  it('lets the console ask Kubernetes one thing, and no more', () => {
    const text = read('mayastor-console/templates/rbac.yaml');
    expect(text.match(/^ {4}(resources|verbs): .*$/gm)).toEqual([
      '    resources: [subjectaccessreviews]',
      '    verbs: [create]',
    ]);
  });
  it('has the version of the console', () => {
    const { version } = Chart.pick({ version: true }).parse(JSON.parse(read('../package.json')));
    expect(Chart.parse(parse(read('mayastor-console/Chart.yaml'))).appVersion).toBe(version);
  });
});
