import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes, type RouteEntry } from '@/app/api/v1/all-routes';
import type { VolumeWindow } from '@/contract/volume';
import { ConsoleProcess } from './support/console';
import { eventually, tell } from './support/eventually';
import { HOSTILE_TEXTS, hostileText } from './support/hostile';
import { FIRST_SEED, seedsOr } from './support/seeds';
import { type FaultyCluster, startFaultyCluster } from './support/upstreams';
import { inputsOf } from './support/zod-arbitrary';

// Every route, from its zod schemas, at the production build over HTTP. Any answer will do but one of ours that failed: what
// is 500 is a bug, and other 5xx must come from the cluster, which makes no change and says so.

const SEEDS = seedsOr(60);
/** Codes of problems that are the cluster's or say that it is away. */
const OF_THE_CLUSTER = /^(upstream_|unsupported_by_upstream|outcome_unknown|insufficient_storage|stale_data|busy)/;

let cluster: FaultyCluster;
let app: ConsoleProcess;
let ids: { uuid: string; etag: string };
const seen = new Map<number, number>();

beforeAll(async () => {
  cluster = await startFaultyCluster(3, 20);
  app = await ConsoleProcess.start({ clusters: { c: cluster.core.endpoint }, config: {} });
  const row = await eventually(async () => {
    const [first] = (await app.json<VolumeWindow>('c', '/volumes')).rows;
    if (!first) throw new Error('no volume yet');
    return first;
  });
  ids = { uuid: row.id, etag: (await app.get('c', `/volumes/${row.id}`)).headers.get('etag') ?? '' };
});
afterAll(async () => {
  await app?.kill();
  await cluster?.stop();
});

const USUAL: Record<string, readonly string[]> = { node: ['io-1', 'io-2'], pool: ['pool-io-1-0'], id: [randomUUID()] };

/** A path segment: one that exists, or text as an attacker would write it. */
const segment = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...(name === 'uuid' ? [ids.uuid] : (USUAL[name] ?? ['x']))) },
    { weight: 1, arbitrary: hostileText().map(wellFormed).map(encodeURIComponent) },
  );

const wellFormed = (text: string): string => Buffer.from(text.slice(0, 300), 'utf8').toString('utf8');

const queryOf = (route: RouteEntry): fc.Arbitrary<string> => {
  const { query } = route.handler.definition;
  const values = query ? inputsOf(query) : fc.constant({});
  const extra = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Array<[string, string]>>([]) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...HOSTILE_TEXTS, 'dryRun'), hostileText()).map((pair) => [pair]),
    },
  );
  return fc.tuple(values, extra, fc.boolean()).map(([value, more, isDry]) => {
    const pairs = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
    const all = [...pairs.map(([k, v]) => [k, typeof v === 'object' ? JSON.stringify(v) : String(v)]), ...more];
    if (isDry && route.handler.definition.accepted) all.push(['dryRun', 'true']);
    return new URLSearchParams(all.map(([k, v]) => [wellFormed(k ?? ''), wellFormed(v ?? '')]))
      .toString()
      .slice(0, 1_800);
  });
};

interface Input {
  path: string;
  query: string;
  body: string | undefined;
  ifMatch: string | undefined;
}

function inputs(route: RouteEntry): fc.Arbitrary<Input> {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '');
  const { body } = route.handler.definition;
  const texts = body
    ? fc.oneof(
        { weight: 20, arbitrary: inputsOf(body).map((v) => JSON.stringify(v)) },
        { weight: 1, arbitrary: hostileText() },
      )
    : fc.constant(undefined);
  return fc.record({
    path: fc
      .tuple(...names.map((name) => (name === 'cluster' ? fc.constant('c') : segment(name))))
      .map((values) => names.reduce((at, name, i) => at.replace(`{${name}}`, () => values[i] ?? ''), route.path)),
    query: queryOf(route),
    body: texts,
    ifMatch: fc.constantFrom(ids.etag, ids.etag, ids.etag, '"x"', '*', undefined),
  });
}

async function send(
  route: RouteEntry,
  { path, query, body, ifMatch }: Input,
): Promise<{ status: number; text: string }> {
  const headers: Record<string, string> = { ...app.headers, 'idempotency-key': randomUUID() };
  if (ifMatch !== undefined) headers['if-match'] = ifMatch;
  if (route.method !== 'GET') headers['content-type'] = 'application/json';
  const response = await app.fetch(`${path}${query ? `?${query}` : ''}`, {
    method: route.method,
    headers,
    redirect: 'manual',
    ...(route.method === 'GET' ? {} : { body: body ?? '' }),
  });
  return { status: response.status, text: await response.text() };
}

/** Whether what a route said is what it may say to any input. */
function judge(what: string, { status, text }: { status: number; text: string }): void {
  seen.set(status, (seen.get(status) ?? 0) + 1);
  if (status < 500) return;
  const code = (JSON.parse(text) as { code?: string }).code ?? '';
  expect(code, `${what}: ${status} ${text.slice(0, 300)}`).toMatch(OF_THE_CLUSTER);
}

describe('a route, whatever it is given', () => {
  // Not those that would end the session of this test.
  const routes = allRoutes().filter((route) => !route.path.endsWith('/sessions/end'));
  it.concurrent.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    `%s answers something that is not our failure (${SEEDS} seeds)`,
    async (name, route) => {
      await fc.assert(
        fc.asyncProperty(inputs(route), async (input) =>
          judge(`${name} ${JSON.stringify(input).slice(0, 600)}`, await send(route, input)),
        ),
        { numRuns: SEEDS, seed: FIRST_SEED },
      );
    },
  );
});

describe('a stream, whatever topics it is asked for', () => {
  it(`opens or is refused (${SEEDS} seeds)`, async () => {
    const topic = fc.oneof(
      fc.constantFrom('summary', 'volumes?limit=5', `volumes/${ids.uuid}`, 'nodes/io-1'),
      hostileText().map(wellFormed),
      hostileText().map((t) => `volumes?q=${wellFormed(t)}`),
      hostileText().map((t) => `nodes/${wellFormed(t)}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(topic, { maxLength: 5 }), async (topics) => {
        const query = topics.map((t) => `topic=${encodeURIComponent(t.slice(0, 200))}`).join('&');
        const leave = new AbortController();
        const response = await app.fetch(`/api/v1/clusters/c/events?${query}`, {
          headers: app.headers,
          signal: leave.signal,
        });
        expect([200, 400], query).toContain(response.status);
        if (response.status === 200) {
          const first = await response.body?.getReader().read();
          expect(new TextDecoder().decode(first?.value)).toContain('event: hello');
        }
        leave.abort();
      }),
      { numRuns: SEEDS, seed: FIRST_SEED },
    );
  });
});

describe('after all of that', () => {
  it('nothing was left uncaught, and the console serves as before', async () => {
    const total = [...seen.values()].reduce((a, b) => a + b, 0);
    tell(
      `routes: ${total} requests, by status ${JSON.stringify(Object.fromEntries([...seen].sort((a, b) => a[0] - b[0])))}; memory ${app.rssMiB.toFixed(0)} MiB`,
    );
    expect(app.uncaught).toEqual([]);
    expect(app.isRunning).toBe(true);
    expect((await app.fetch('/readyz')).status).toBe(200);
    expect((await app.json<VolumeWindow>('c', '/volumes')).total).toBe(20);
    await eventually(async () => expect((await app.metrics()).get('mayastor_console_streams{cluster="c"}')).toBe(0));
    // Most of what is sent should get past the door, or this would test nothing but the door.
    expect((seen.get(200) ?? 0) + (seen.get(202) ?? 0)).toBeGreaterThan(total / 20);
  });
});
