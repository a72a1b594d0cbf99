import type { Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TOKEN, testPrincipal, testRuntime } from '../auth/fakes.test-support';
import { SignIn } from '../auth/sign-in';
import { LiveHub } from '../live/hub';
import type { Cluster } from '../runtime';
import { setRuntime } from '../runtime';
import { Networks } from './client-address';
import { namesOf } from './guard';
import { testHealth } from './health.test-support';
import { RawClient, status } from './raw-client.test-support';
import { answer, route } from './route';
import { makeServer } from './server';

let server: Server;
let port = 0;
let value = { n: 1 };
const hub = new LiveHub({
  view: () => ({ ok: true, value }),
  version: 'test',
  minIntervalMs: 5,
  heartbeatMs: 50,
  now: Date.now,
});
// Only the hub is used by the server itself, and routes here use no cluster.
const clusters = new Map([['c1', { id: 'c1', hub } as Cluster]]);
const runtime = testRuntime(clusters, { limits: { streamsPerSession: 3, streams: 4 } });
const { auth, audit, traffic } = runtime;
const raw = new RawClient(() => port);
const ADMIN = 'X-Test-Who: admin\r\n';

const handler = route(
  {
    summary: '',
    permission: 'volumes:resize',
    query: z.strictObject({ a: z.string().optional() }),
    body: z.strictObject({ size: z.string(), more: z.unknown().optional() }),
    answer: z.unknown(),
    ifMatch: true,
  },
  ({ body }) => answer(body, { etag: '"e"' }),
);

beforeAll(async () => {
  setRuntime(runtime);
  auth.onEnded(() => hub.sweep());
  server = makeServer({
    runtime,
    health: testHealth(),
    rules: () => ({ ...namesOf('127.0.0.1', port), maxBodyBytes: 64 * 1024 }),
    signIn: () =>
      new SignIn({ way: { mode: 'trusted-proxy', signOutUrl: undefined }, auth, audit, traffic, farewell: undefined }),
    proxies: new Networks([]),
    isHttps: false,
    isDev: false,
    isProxied: false,
    next: async (_, res) => {
      res.end(`next for ${auth.current?.name ?? 'nobody'}`);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  hub.close();
  setRuntime(undefined);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it('hands on to Next who asks', async () => {
  expect(await raw.get('/api/v1/x', ADMIN)).toMatch(/next for admin$/);
  expect(await raw.get('/api/v1/x')).toMatch(/next for nobody$/);
});

describe('routes', () => {
  const ask = (init: RequestInit, query = '', cluster = 'c1') =>
    auth.run(testPrincipal('admin'), '127.0.0.1', () =>
      handler(
        new Request(`http://x/api${query}`, {
          method: 'PUT',
          ...init,
          headers: { 'content-type': 'application/json', 'if-match': '"e"', 'x-mc-csrf': TOKEN, ...init.headers },
        }),
        { params: Promise.resolve({ cluster }) },
      ),
    );
  const send = async (body: string | undefined, headers: Record<string, string> = {}, query = '') => {
    const res = await ask({ ...(body === undefined ? {} : { body }), headers }, query);
    return { status: res.status, body: await res.json(), headers: res.headers };
  };
  const deep = (n: number): string => `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`;
  it.each<[string | undefined, Record<string, string>, string, number, string]>([
    ['{', {}, '', 400, 'invalid_json'],
    ['', {}, '', 400, 'invalid_json'],
    ['\ufeff{}', {}, '', 400, 'invalid_json'],
    ["{'size':'1'}", {}, '', 400, 'invalid_json'],
    ['{"size":NaN}', {}, '', 400, 'invalid_json'],
    ['[]', {}, '', 400, 'invalid_body'],
    ['null', {}, '', 400, 'invalid_body'],
    ['"x"', {}, '', 400, 'invalid_body'],
    ['{"size":1}', {}, '', 422, 'invalid_body'],
    ['{"size":"\\ud800"}', {}, '', 400, 'invalid_body'],
    ['{"size":"\\u0000"}', {}, '', 400, 'invalid_body'],
    ['{"size":"1","isAdmin":true}', {}, '', 400, 'unknown_field'],
    ['{"size":"1","__proto__":{"admin":true}}', {}, '', 400, 'invalid_body'],
    ['{"size":"1","more":{"constructor":{"prototype":{"x":1}}}}', {}, '', 400, 'invalid_body'],
    [`{"size":"1","more":${deep(14)}}`, {}, '', 200, ''],
    [`{"size":"1","more":${deep(16)}}`, {}, '', 400, 'invalid_body'],
    [`{"size":"${'x'.repeat(4_096)}"}`, {}, '', 200, ''],
    [`{"size":"${'x'.repeat(4_097)}"}`, {}, '', 400, 'invalid_body'],
    [
      `{"size":"1","more":{${Array.from({ length: 1_000 }, (_, i) => `"k${i}":1`).join()}}}`,
      {},
      '',
      400,
      'invalid_body',
    ],
    [`{"size":"${'x'.repeat(70_000)}"}`, {}, '', 413, 'payload_too_large'],
    ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp'].map(
      (type): [string, Record<string, string>, string, number, string] => [
        '{"size":"1"}',
        { 'content-type': type },
        '',
        415,
        'unsupported_media_type',
      ],
    ),
    ['{"size":"1"}', { 'content-type': 'application/json; charset=utf-16' }, '', 415, 'unsupported_media_type'],
    ['{"size":"1"}', { 'content-type': 'application/json,text/plain' }, '', 415, 'unsupported_media_type'],
    ['{"size":"1"}', {}, '?b=1', 400, 'invalid_query'],
    ['{"size":"1"}', {}, '?a=1&a=2', 400, 'invalid_query'],
    ['{"size":"1"}', { 'if-match': '*' }, '', 400, 'invalid_query'],
    ['{"size":"1"}', { 'if-match': 'e' }, '', 400, 'invalid_query'],
    ['{"size":"1"}', { 'if-match': '"a", "b"' }, '', 400, 'invalid_query'],
    ...['', 'other', `${TOKEN}x`, TOKEN.slice(1)].map(
      (token): [string, Record<string, string>, string, number, string] => [
        '{"size":"1"}',
        { 'x-mc-csrf': token },
        '',
        403,
        'csrf_mismatch',
      ],
    ),
  ])('%.60j %j %s answers %i %s', async (body, headers, query, want, code) => {
    const res = await send(body, headers, query);
    expect([res.status, res.body.code ?? '']).toEqual([want, code]);
    if (want !== 200) {
      expect(res.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(res.body.requestId).toBe(res.headers.get('x-request-id'));
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
  it('asks for If-Match with 428', async () => {
    const res = await auth.run(testPrincipal('admin'), '127.0.0.1', () =>
      handler(new Request('http://x/api', { method: 'PUT', body: '{}', headers: { 'x-mc-csrf': TOKEN } }), {
        params: Promise.resolve({ cluster: 'c1' }),
      }),
    );
    expect(res.status).toBe(428);
  });
  it.each(['nope', '__proto__', 'C1', '../c1'])('knows no cluster %s', async (cluster) => {
    const res = await ask({ body: '{"size":"1"}' }, '', cluster);
    expect([res.status, (await res.json()).code]).toEqual([404, 'unknown_cluster']);
  });
  it('answers 304 to the entity tag it gave', async () => {
    expect((await send('{"size":"1"}')).headers.get('etag')).toBe('"e"');
    expect((await ask({ body: '{"size":"1"}', headers: { 'if-none-match': '"e"' } })).status).toBe(304);
  });
  it('begins no change once it is being stopped', async () => {
    runtime.isDraining = true;
    const res = await send('{"size":"1"}');
    runtime.isDraining = false;
    expect([res.status, res.body.code, res.headers.get('retry-after')]).toEqual([503, 'draining', '5']);
  });
  it('writes who asked for what before it is done, and what became of it', async () => {
    runtime.lines.length = 0;
    await send('{"size":"1"}');
    expect(runtime.lines.map((l) => JSON.parse(l))).toMatchObject([
      { phase: 'intent', action: 'volumes:resize', actor: { name: 'admin' }, request: { size: '1' }, result: null },
      { phase: 'outcome', result: 'ok' },
    ]);
  });
});

describe('live stream', () => {
  const open = (until: (seen: string) => boolean, topics = 'topic=overview', who = ADMIN) =>
    raw.send(`GET /api/v1/clusters/c1/events?${topics} HTTP/1.1\r\nHost: ${raw.host}\r\n${who}\r\n`, until);

  it('sends the whole value, then what changed in it', async () => {
    value = { n: 1 };
    const text = await open((seen) => {
      if (seen.includes('event: topic') && value.n === 1) {
        value = { n: 2 };
        hub.changed();
      }
      return seen.includes('event: patch');
    });
    expect(text).toContain('event: hello');
    expect(text).toContain('"data":{"n":1}');
    expect(text).toContain('"from":1,"revision":2,"patch":["s",{"n":2}]');
  });
  it.each<[string, number]>([
    ['/api/v1/clusters/zz/events', 404],
    [`/api/v1/clusters/c1/events?${'topic=a&'.repeat(17)}`, 400],
    ['/api/v1/clusters/c1/events?x=1', 400],
    [`/api/v1/clusters/c1/events?topic=${'a'.repeat(1_025)}`, 400],
  ])('%.60s answers %i', async (path, want) => {
    expect(status(await raw.get(path, ADMIN))).toBe(want);
  });
  it('is for those who may see the cluster', async () => {
    const path = '/api/v1/clusters/c1/events?topic=overview';
    expect(status(await raw.get(path))).toBe(401);
    expect(status(await raw.get(path, 'X-Test-Who: none\r\n'))).toBe(403);
    expect(status(await raw.post(path, ADMIN))).toBe(405);
  });
  it('has no more of one session, nor of all, than the limits say, and gives places back', async () => {
    const held: Array<Promise<string>> = [];
    let isOver = false;
    const hold = async (who: string) => {
      const before = hub.size;
      held.push(open(() => isOver, 'topic=overview', who));
      await expect.poll(() => hub.size).toBe(before + 1);
    };
    await expect.poll(() => hub.size).toBe(0);
    for (let i = 0; i < 3; i += 1) await hold(ADMIN);
    const path = '/api/v1/clusters/c1/events?topic=overview';
    const fourth = await raw.get(path, ADMIN);
    expect(status(fourth)).toBe(429);
    expect(fourth).toMatch(/retry-after: 5/i);
    await hold('X-Test-Who: viewer\r\n');
    expect(status(await raw.get(path, 'X-Test-Who: operator\r\n'))).toBe(503);
    isOver = true;
    await Promise.all(held);
    await expect.poll(() => hub.size).toBe(0);
  });
  it('ends when its session does', async () => {
    const stream = open((seen) => seen.includes('event: closing'));
    await expect.poll(() => hub.size).toBe(1);
    runtime.identifier.ended.add('admin');
    runtime.revocations.endAll();
    expect(await stream).toContain('event: closing');
    runtime.identifier.ended.clear();
  });
  it('cuts a client that has stopped reading, and goes on for the others', async () => {
    let now = 0;
    const sent: string[] = [];
    const stuck = new LiveHub({
      view: () => ({ ok: true, value: { text: 'x'.repeat(200_000), now } }),
      version: 't',
      minIntervalMs: 0,
      heartbeatMs: 1e6,
      now: () => now,
    });
    const viewer = { key: 'a', isAlive: () => true, refuse: async () => undefined };
    const slow = new FakeResponse(300_000);
    const quick = new FakeResponse(0, sent);
    for (const res of [slow, quick]) stuck.open(res.asResponse, viewer, new Map([['overview', undefined]]));
    for (now = 0; now <= 6_000; now += 1_000) stuck.changed();
    expect([slow.isDestroyed, quick.isDestroyed]).toEqual([true, false]);
    expect(sent.filter((s) => s.includes('event: patch')).length).toBeGreaterThan(5);
    expect(stuck.size).toBe(1);
    stuck.close();
  });
});

it('cuts a tab at the other end of a real socket that has stopped reading, and holds no more for it than it may', async () => {
  let now = 0;
  let n = 0;
  const big = new LiveHub({
    view: () => ({ ok: true, value: { n, text: String(n).repeat(100_000) } }),
    version: 't',
    minIntervalMs: 0,
    heartbeatMs: 1e6,
    now: () => now,
  });
  clusters.set('big', { id: 'big', hub: big } as Cluster);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(
    `GET /api/v1/clusters/big/events?topic=overview HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Test-Who: breakglass\r\n\r\n`,
  );
  await expect.poll(() => big.size).toBe(1);
  // The system takes some megabytes for a socket that nobody reads; then they wait here.
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 200 && big.size > 0; i += 1) {
    n += 1;
    big.changed();
    now += i > 100 ? 1_000 : 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(big.size).toBe(0);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  socket.destroy();
  big.close();
  clusters.delete('big');
});

it('closes the connection of a client that does not read its answer', async () => {
  let isAnswered = false;
  const slow = makeServer({
    runtime,
    health: testHealth(),
    rules: () => ({ ...namesOf('127.0.0.1', (slow.address() as AddressInfo).port), maxBodyBytes: 1 }),
    signIn: () => {
      throw new Error('nobody signs in');
    },
    proxies: new Networks([]),
    isHttps: false,
    isDev: false,
    isProxied: false,
    stuckMs: 200,
    next: (_, res) =>
      new Promise((resolve) => {
        res.on('close', () => resolve());
        res.end(Buffer.alloc(64 * 1024 * 1024));
        isAnswered = true;
      }),
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const at = (slow.address() as AddressInfo).port;
  const socket = connect(at, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(`GET /api/v1/x HTTP/1.1\r\nHost: 127.0.0.1:${at}\r\nX-Test-Who: admin\r\n\r\n`);
  await expect.poll(() => isAnswered).toBe(true);
  expect(traffic.inProgress).toBe(1);
  await expect.poll(() => traffic.inProgress, { timeout: 10_000 }).toBe(0);
  socket.destroy();
  slow.close();
});

it.each([
  ['reads', false],
  ['has stopped reading', true],
])('ends the connection of a stream with its session, also of a tab that %s', async (_, isDeaf) => {
  let n = 0;
  const leaving = new LiveHub({
    view: () => ({ ok: true, value: { n, text: String(n).repeat(100_000) } }),
    version: 't',
    minIntervalMs: 0,
    heartbeatMs: 1e6,
    now: () => 0,
  });
  clusters.set('leaving', { id: 'leaving', hub: leaving } as Cluster);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  if (isDeaf) socket.pause();
  else socket.resume();
  socket.write(
    `GET /api/v1/clusters/leaving/events?topic=overview HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Test-Who: breakglass\r\n\r\n`,
  );
  await expect.poll(() => leaving.size).toBe(1);
  for (n = 1; isDeaf && n < 100; n += 1) {
    leaving.changed();
    await new Promise((resolve) => setImmediate(resolve));
  }
  runtime.identifier.ended.add('breakglass');
  leaving.sweep();
  const begun = performance.now();
  // A server that is idle would keep the connection for 5 s more, and one that waits for the tab to read for ever.
  await expect.poll(() => leaving.size, { timeout: 4_000 }).toBe(0);
  if (!isDeaf) await closed;
  expect(performance.now() - begun).toBeLessThan(4_000);
  runtime.identifier.ended.clear();
  socket.destroy();
  clusters.delete('leaving');
});

/** The side of a response that a stream sees; `writableLength` is what waits for a client that does not read. */
class FakeResponse {
  isDestroyed = false;
  private readonly closed: Array<() => void> = [];

  constructor(
    readonly writableLength: number,
    private readonly sent: string[] = [],
  ) {}

  get asResponse(): ServerResponse {
    return this as unknown as ServerResponse; // only what is below is used of it
  }

  writeHead(): void {}
  flushHeaders(): void {}
  write(text: string): void {
    this.sent.push(text);
  }
  end(): void {}
  on(_: string, listener: () => void): void {
    this.closed.push(listener);
  }
  destroy(): void {
    this.isDestroyed = true;
    for (const listener of this.closed) listener();
  }
}
