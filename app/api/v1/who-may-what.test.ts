import { afterAll, describe, expect, it } from 'vitest';
import { isChange, PERMISSIONS, Role } from '@/contract/permission';
import { KubernetesAuthorizer } from '@/server/auth/authorizer';
import { type TestRuntime, TOKEN, testPrincipal, testRuntime } from '@/server/auth/fakes.test-support';
import type { Principal } from '@/server/auth/principal';
import { topicRules } from '@/server/live/topics';
import { type Cluster, setRuntime } from '@/server/runtime';
import type { ReviewAnswer } from '@/server/upstream/kubernetes/access-review';
import { allRoutes } from './all-routes';

// Who may ask for what, as a table that is kept: a difference is a decision, and has to be looked at.

/** Cluster `c1` decides by roles, `k1` by Kubernetes. None has anything else: what gets past the door fails later. */
function clusters(answer: ReviewAnswer): Map<string, Cluster> {
  const authorizer = new KubernetesAuthorizer({
    review: async () => answer,
    userPrefix: '',
    groupsPrefix: '',
    now: Date.now,
  });
  return new Map([
    ['c1', { id: 'c1' } as Cluster],
    ['k1', { id: 'k1', authorizer } as unknown as Cluster], // nothing else of it is reached
  ]);
}

interface Asker {
  name: string;
  runtime: TestRuntime;
  principal: Principal | undefined;
  cluster: 'c1' | 'k1';
}

const usual = testRuntime(clusters({ kind: 'denied' }));
const readOnly = testRuntime(clusters({ kind: 'denied' }), { readOnly: true });
const asker = (name: string, principal: Principal | undefined, runtime = usual, cluster: Asker['cluster'] = 'c1') => ({
  name,
  principal,
  runtime,
  cluster,
});
const ASKERS: readonly Asker[] = [
  asker('nobody', undefined),
  asker('no role', testPrincipal('none')),
  ...Role.options.map((role) => asker(role, testPrincipal(role))),
  asker('read only', testPrincipal('breakglass'), readOnly),
  asker('k8s no', testPrincipal('breakglass'), usual, 'k1'),
  asker('k8s yes', testPrincipal('none'), testRuntime(clusters({ kind: 'allowed' })), 'k1'),
  asker('k8s away', testPrincipal('breakglass'), testRuntime(clusters({ kind: 'unavailable', reason: 'x' })), 'k1'),
  asker('no token', testPrincipal('breakglass', { csrf: 'of another page' })),
];

afterAll(() => setRuntime(undefined));

/** The status of a refusal at the door; `ok` for whatever got past it. */
const past = (status: number) => ([401, 403, 405].includes(status) || status === 503 ? String(status) : 'ok');

async function askRoute(who: Asker, route: ReturnType<typeof allRoutes>[number]): Promise<string> {
  setRuntime(who.runtime);
  const url = `http://console${route.path.replace('{cluster}', who.cluster)}`;
  const request = new Request(url, { method: route.method, headers: { 'x-mc-csrf': TOKEN } });
  // No id fits any schema, so that nothing is done behind the door.
  const params = {
    cluster: who.cluster,
    ...Object.fromEntries(
      [...route.path.matchAll(/\{(\w+)\}/g)].flatMap((m) => (m[1] === 'cluster' ? [] : [[m[1], '/']])),
    ),
  };
  const response = await who.runtime.auth.run(who.principal, '::1', () =>
    route.handler(request, { params: Promise.resolve(params) }),
  );
  return past(response.status);
}

describe('who may what', () => {
  it('stands in a table, route by route', async () => {
    const routes = allRoutes();
    const rows: string[] = [];
    // Some go on to a cluster that has nothing to answer with, and say so in the log.
    const log = console.error;
    console.error = () => undefined;
    for (const route of routes) {
      const cells: string[] = [];
      for (const who of ASKERS) cells.push((await askRoute(who, route)).padEnd(who.name.length));
      rows.push(`| ${`${route.method} ${route.path}`.padEnd(78)} | ${cells.join(' | ')} |`);
    }
    console.error = log;
    const head = `| ${'route'.padEnd(78)} | ${ASKERS.map((a) => a.name).join(' | ')} |`;
    await expect(`${[head, ...rows].join('\n')}\n`).toMatchFileSnapshot('who-may-what.txt');
  });

  it('lets nobody past without a session, and nothing be changed where the console is read only', async () => {
    const log = console.error;
    console.error = () => undefined;
    const [nobody, , , , , , locked] = ASKERS;
    for (const route of allRoutes()) {
      if (nobody) expect(await askRoute(nobody, route), route.path).toBe('401');
      const changes = isChange(route.handler.definition.permission) && route.handler.definition.inCluster;
      if (locked && changes) expect(await askRoute(locked, route), route.path).toBe('405');
    }
    console.error = log;
  });

  it('asks for the same permission by stream as by request', () => {
    const byPath = new Map(
      allRoutes()
        .filter((r) => r.method === 'GET')
        .map((r) => [
          r.path.replace('/api/v1/clusters/{cluster}/', '').replace(/\{\w+\}/g, '*'),
          r.handler.definition.permission,
        ]),
    );
    for (const [topic, permission] of topicRules()) expect([topic, byPath.get(topic)]).toEqual([topic, permission]);
  });

  it('gives each role all that the one below it has', async () => {
    const refused = await Promise.all(
      Role.options.map(async (role) => new Set(Object.keys(await usual.auth.refusals(testPrincipal(role), {})))),
    );
    for (let i = 1; i < refused.length; i += 1)
      for (const permission of refused[i] ?? []) expect(refused[i - 1]?.has(permission)).toBe(true);
    expect(refused.at(-1)?.size).toBe(0);
    expect(Object.keys(PERMISSIONS).length).toBeGreaterThan(refused[0]?.size ?? 0);
  });
});
