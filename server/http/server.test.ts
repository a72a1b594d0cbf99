import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LiveHub } from '../live/hub';
import type { Cluster, Runtime } from '../runtime';
import { setRuntime } from '../runtime';
import { namesOf } from './guard';
import { answer, route } from './route';
import { makeServer } from './server';

let server: Server;
let port = 0;
let value = { n: 1 };
const hub = new LiveHub({
  view: () => ({ ok: true, value }),
  version: 'test',
  minIntervalMs: 5,
  heartbeatMs: 1_000,
  now: Date.now,
});
// Only the hub is used by the server itself, and routes here use no cluster.
const runtime: Runtime = { version: 'test', instance: 'i', clusters: new Map([['c1', { id: 'c1', hub } as Cluster]]) };

const handler = route(
  {
    summary: '',
    permission: 'x',
    query: z.strictObject({ a: z.string().optional() }),
    body: z.strictObject({ size: z.string() }),
    answer: z.unknown(),
    ifMatch: true,
  },
  ({ body }) => answer(body, { etag: '"e"' }),
);

beforeAll(async () => {
  setRuntime(runtime);
  server = makeServer({
    runtime,
    rules: () => ({ ...namesOf('127.0.0.1', port), maxBodyBytes: 64 * 1024 }),
    next: async (req, res) => {
      res.end(
        `next ${req.url} ${req.headers['x-forwarded-for'] ?? '-'} ${req.headers['x-middleware-subrequest'] ?? '-'}`,
      );
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

/** Sends bytes as they are and reads until the server closes or falls quiet behind a full answer. */
function raw(text: string, until = (seen: string) => /\r\n\r\n[\s\S]/.test(seen)): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let seen = '';
    const timer = setTimeout(() => reject(new Error(`no answer: ${seen}`)), 5_000);
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    socket.on('data', (d) => {
      seen += d;
      if (until(seen)) done();
    });
    socket.on('end', done);
    socket.on('error', done);
  });
}
const get = (path: string, headers = '', host = `127.0.0.1:${port}`) =>
  raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`);
const status = (text: string) => Number(text.slice(9, 12));

describe('guard', () => {
  it.each<[string, number, string]>([
    ['/', 200, ''],
    ['/c/demo/volumes?q=a%20b', 200, ''],
    ['/%', 400, ''],
    ['/%ff', 400, ''],
    ['//evil.example/x', 400, ''],
    ['/a//b', 400, ''],
    ['/../etc/passwd', 400, ''],
    ['/%2e%2e/x', 400, ''],
    ['/a%2fb', 400, ''],
    ['/a%00b', 400, ''],
    ['/a\\b', 400, ''],
    [`/${'a'.repeat(2100)}`, 400, ''],
    ['http://evil.example/', 400, ''],
    ['/api/v1/clusters', 403, 'Sec-Fetch-Site: cross-site\r\n'],
    ['/api/v1/clusters', 403, 'Sec-Fetch-Site: same-site\r\n'],
    ['/api/v1/clusters', 200, 'Sec-Fetch-Site: same-origin\r\n'],
    ['/', 200, 'Sec-Fetch-Site: cross-site\r\n'],
    ['/', 400, 'Content-Length: 3\r\n\r\nabc'],
  ])('GET %s answers %i %s', async (path, want, headers) => {
    expect(status(await get(path, headers))).toBe(want);
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example'])(
    'does not serve host %s',
    async (host) => {
      const text = await get('/', '', host);
      expect(status(text)).toBe(421);
      expect(text).toMatch(/application\/problem\+json/);
    },
  );
  it('serves its other loopback names, and refuses a second Host', async () => {
    expect(status(await get('/', '', `LOCALHOST:${port}`))).toBe(200);
    expect([400, 421]).toContain(status(await get('/', 'Host: evil.example\r\n')));
  });
  it.each<[string, number]>([
    ['', 200],
    ['Origin: http://evil.example\r\n', 403],
    ['Origin: null\r\n', 403],
    ['Sec-Fetch-Site: cross-site\r\n', 403],
    ['Transfer-Encoding: chunked\r\n', 411],
    ['Content-Encoding: gzip\r\n', 415],
    ['Content-Length: 70000\r\n', 413],
  ])('a change with %j answers %i', async (headers, want) => {
    expect(status(await raw(`POST /api/v1/x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}\r\n`))).toBe(want);
  });
  it('accepts a change from its own pages', async () => {
    expect(
      status(
        await raw(
          `POST /api/v1/x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\r\n`,
        ),
      ),
    ).toBe(200);
  });
  it.each(['PATCH', 'TRACE', 'PROPFIND'])('refuses %s', async (method) => {
    const text = await raw(`${method} / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    expect(status(text)).toBe(405);
    expect(text).toMatch(/^allow: /im);
  });
  it('takes away headers that only a framework may set', async () => {
    expect(await get('/x', 'X-Forwarded-For: 1.2.3.4\r\nX-Middleware-Subrequest: a\r\n')).toMatch(/next \/x - -/);
  });
  it('sends security headers with answers and refusals', async () => {
    for (const path of ['/', '/%']) {
      const text = await get(path);
      for (const h of [
        'x-content-type-options: nosniff',
        'x-frame-options: DENY',
        'cross-origin-opener-policy: same-origin',
        'cross-origin-resource-policy: same-origin',
        'referrer-policy: no-referrer',
      ]) {
        expect(text.toLowerCase()).toContain(h.toLowerCase());
      }
    }
  });
  it('answers bytes that are not HTTP with 400 and lives on', async () => {
    expect(status(await raw('\x16\x03\x01 nonsense\r\n\r\n', (s) => s.includes('\r\n\r\n')))).toBe(400);
    expect(status(await get('/'))).toBe(200);
  });
});

describe('routes', () => {
  const send = async (body: string | undefined, headers: Record<string, string> = {}, query = '') => {
    const res = await handler(
      new Request(`http://x/api${query}`, {
        method: 'PUT',
        ...(body === undefined ? {} : { body }),
        headers: { 'content-type': 'application/json', 'if-match': '"e"', ...headers },
      }),
      { params: Promise.resolve({ cluster: 'c1' }) },
    );
    return { status: res.status, body: await res.json(), headers: res.headers };
  };
  it.each<[string | undefined, Record<string, string>, string, number, string]>([
    ['{', {}, '', 400, 'invalid_json'],
    ['', {}, '', 400, 'invalid_json'],
    ['\ufeff{}', {}, '', 400, 'invalid_json'],
    ['[]', {}, '', 400, 'invalid_body'],
    ['null', {}, '', 400, 'invalid_body'],
    ['{"size":1}', {}, '', 422, 'invalid_body'],
    ['{"size":"1","isAdmin":true}', {}, '', 400, 'unknown_field'],
    ['{"size":"1"}', { 'content-type': 'text/plain' }, '', 415, 'unsupported_media_type'],
    [`{"size":"${'x'.repeat(70_000)}"}`, {}, '', 413, 'payload_too_large'],
    ['{"size":"1"}', {}, '?b=1', 400, 'invalid_query'],
    ['{"size":"1"}', {}, '?a=1&a=2', 400, 'invalid_query'],
    ['{"size":"1"}', { 'if-match': '*' }, '', 400, 'invalid_query'],
  ])('%.40j %j %s answers %i %s', async (body, headers, query, want, code) => {
    const res = await send(body, headers, query);
    expect([res.status, res.body.code]).toEqual([want, code]);
    expect(res.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(res.body.requestId).toBe(res.headers.get('x-request-id'));
  });
  it('asks for If-Match with 428', async () => {
    const res = await handler(new Request('http://x/api', { method: 'PUT', body: '{}' }), {
      params: Promise.resolve({ cluster: 'c1' }),
    });
    expect(res.status).toBe(428);
  });
  it.each(['nope', '__proto__', 'C1', '../c1'])('knows no cluster %s', async (cluster) => {
    const res = await handler(
      new Request('http://x/api', {
        method: 'PUT',
        body: '{"size":"1"}',
        headers: { 'content-type': 'application/json', 'if-match': '"e"' },
      }),
      {
        params: Promise.resolve({ cluster }),
      },
    );
    expect([res.status, (await res.json()).code]).toEqual([404, 'unknown_cluster']);
  });
  it('answers 304 to the entity tag it gave', async () => {
    expect((await send('{"size":"1"}')).headers.get('etag')).toBe('"e"');
    const res = await handler(
      new Request('http://x/api', {
        method: 'PUT',
        body: '{"size":"1"}',
        headers: { 'content-type': 'application/json', 'if-match': '"e"', 'if-none-match': '"e"' },
      }),
      { params: Promise.resolve({ cluster: 'c1' }) },
    );
    expect(res.status).toBe(304);
  });
});

describe('live stream', () => {
  it('sends the whole value, then what changed in it', async () => {
    value = { n: 1 };
    const seen = raw(
      `GET /api/v1/clusters/c1/events?topic=overview HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
      (text) => {
        if (text.includes('event: topic') && value.n === 1) {
          value = { n: 2 };
          hub.changed();
        }
        return text.includes('event: patch');
      },
    );
    const text = await seen;
    expect(text).toContain('event: hello');
    expect(text).toContain('"data":{"n":1}');
    expect(text).toContain('"from":1,"revision":2,"patch":["o",{"n":["=",2]}]');
  });
  it.each<[string, number]>([
    ['/api/v1/clusters/zz/events', 404],
    [`/api/v1/clusters/c1/events?${'topic=a&'.repeat(17)}`, 400],
    ['/api/v1/clusters/c1/events?x=1', 400],
  ])('%s answers %i', async (path, want) => {
    expect(status(await get(path))).toBe(want);
  });
});
