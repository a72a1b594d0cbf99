import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestRuntime, testRuntime } from '../auth/fakes.test-support';
import { SignIn } from '../auth/sign-in';
import { Networks } from './client-address';
import { namesOf } from './guard';
import { testHealth } from './health.test-support';
import { answersIn, bodyOf, RawClient, status } from './raw-client.test-support';
import { makeServer } from './server';

let server: Server;
let port = 0;
/** What reached Next, one `METHOD url` each. */
let reached: string[] = [];
const runtime: TestRuntime = testRuntime(new Map());
const raw = new RawClient(() => port);
const { auth, audit, traffic } = runtime;
const signIn = new SignIn({
  way: { mode: 'trusted-proxy', signOutUrl: undefined },
  auth,
  audit,
  traffic,
  farewell: undefined,
});

beforeAll(async () => {
  server = makeServer({
    runtime,
    health: testHealth(),
    rules: () => ({ ...namesOf('127.0.0.1', port), maxBodyBytes: 64 * 1024 }),
    signIn: () => signIn,
    proxies: new Networks([]),
    isHttps: false,
    isDev: false,
    isProxied: false,
    next: async (req, res) => {
      reached.push(`${req.method} ${req.url}`);
      const seen = ['x-forwarded-for', 'x-middleware-subrequest', 'next-action', 'impersonate-user', 'x-nonce'];
      res.end(`next ${seen.map((name) => req.headers[name] ?? '-').join(' ')}`);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ADMIN = 'X-Test-Who: admin\r\n';
const request = (line: string, headers = '', body = '') =>
  raw.sendToEnd(`${line}\r\nHost: ${raw.host}\r\n${headers}\r\n${body}`);

describe('the request line', () => {
  it.each<[string, number]>([
    ['/', 200],
    ['/?q=a%20b', 200],
    ['/%', 400],
    ['/%ff', 400],
    ['/%c0%af', 400],
    ['/%zz', 400],
    ['/%u0041', 400],
    ['//evil.example/x', 400],
    ['/a//b', 400],
    ['/../etc/passwd', 400],
    ['/%2e%2e/x', 400],
    ['/a/%2E/b', 400],
    ['/a%2fb', 400],
    ['/a%5cb', 400],
    ['/a%252fb', 400],
    ['/a%00b', 400],
    ['/a%0d%0aSet-Cookie:x', 400],
    ['/a%e2%80%aeb', 400],
    ['/a\\b', 400],
    ['/a#b', 400],
    [`/${'a'.repeat(2_047)}`, 200],
    [`/${'a'.repeat(2_048)}`, 400],
    ['http://evil.example/', 400],
    ['http://169.254.169.254/latest/meta-data/', 400],
    ['*', 400],
    ['x', 400],
    ['/_next/image?url=%2Fx', 404],
    ['/_next/data/x.json', 404],
    ['/_next/webpack-hmr', 404],
    ['/_next/mcp', 404],
    ['/__nextjs_original-stack-frame', 404],
  ])('GET %s answers %i', async (path, want) => {
    reached = [];
    expect(status(await raw.get(path, ADMIN))).toBe(want);
    expect(reached.length).toBe(want === 200 ? 1 : 0);
  });

  it.each(['PATCH', 'TRACE', 'PROPFIND', 'LINK', 'MKCOL'])(
    'refuses the method %s, and says which it takes',
    async (method) => {
      const text = await request(`${method} / HTTP/1.1`, ADMIN);
      expect(status(text)).toBe(405);
      expect(text).toMatch(/^allow: GET, HEAD, POST/im);
    },
  );
  it.each(['FOO', 'get', 'G\x01T'])('refuses what is no method (%j) and echoes nothing', async (method) => {
    const text = await request(`${method} / HTTP/1.1`, ADMIN);
    expect(status(text)).toBe(400);
    expect(bodyOf(text)).toBe('');
  });
  it('refuses CONNECT and every upgrade', async () => {
    expect(status(await request('CONNECT evil.example:443 HTTP/1.1'))).toBe(405);
    const upgrade = await request(
      'GET / HTTP/1.1',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n',
    );
    expect(status(upgrade)).toBe(426);
  });
  it.each(['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9'])('speaks no %s', async (version) => {
    expect([400, 505]).toContain(status(await request(`GET / ${version}`, ADMIN)));
  });
  it('answers OPTIONS without opening anything to other sites', async () => {
    const text = await raw.send(
      `OPTIONS /api/v1/x HTTP/1.1\r\nHost: ${raw.host}\r\nOrigin: http://evil.example\r\n\r\n`,
      (s) => s.includes('\r\n\r\n'),
    );
    expect(status(text)).toBe(204);
    expect(text).not.toMatch(/access-control/i);
  });
  it('answers bytes that are not HTTP with 400 and lives on', async () => {
    expect(status(await raw.sendToEnd('\x16\x03\x01 nonsense\r\n\r\n'))).toBe(400);
    expect(status(await raw.get('/', ADMIN))).toBe(200);
  });
});

describe('hosts', () => {
  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    '0.0.0.0:PORT',
    'localhost.evil.example:PORT',
    '127.0.0.1:PORT.evil.example',
    '127.0.0.1:PORT@evil.example',
  ])('does not serve %s', async (host) => {
    const text = await raw.get('/', ADMIN, host.replace('PORT', String(port)));
    expect(status(text)).toBe(421);
    expect(text).toMatch(/application\/problem\+json/);
  });
  it.each(['LOCALHOST:PORT', '[::1]:PORT'])('serves its other name %s', async (host) => {
    expect(status(await raw.get('/', ADMIN, host.replace('PORT', String(port))))).toBe(200);
  });
  it('refuses none and two', async () => {
    expect([400, 421]).toContain(status(await raw.get('/', `${ADMIN}Host: evil.example\r\n`)));
    expect([400, 421]).toContain(status(await raw.sendToEnd('GET / HTTP/1.1\r\n\r\n')));
  });
});

describe('headers', () => {
  it('takes away those that only a framework or this server may set', async () => {
    const forged =
      'X-Forwarded-For: 1.2.3.4\r\nX-Middleware-Subrequest: proxy:proxy\r\nNext-Action: a\r\nImpersonate-User: system:admin\r\nX-Nonce: "><script>\r\n';
    expect(await raw.get('/x', ADMIN + forged)).toMatch(/next - - - - -/);
  });
  it('accepts 100 lines and no more, 16 KiB and no more, and 8 KiB of cookies', async () => {
    const lines = (n: number) => Array.from({ length: n }, (_, i) => `X-${i}: a\r\n`).join('');
    expect(status(await raw.get('/', ADMIN + lines(98)))).toBe(200);
    expect(status(await raw.get('/', ADMIN + lines(99)))).toBe(431);
    expect(status(await raw.get('/', ADMIN + lines(2_000)))).toBe(431);
    expect(status(await raw.get('/', `${ADMIN}X-Long: ${'a'.repeat(20_000)}\r\n`))).toBe(431);
    expect(status(await raw.get('/', `${ADMIN}Cookie: a=${'b'.repeat(8_000)}\r\n`))).toBe(200);
    expect(status(await raw.get('/', `${ADMIN}Cookie: a=${'b'.repeat(9_000)}\r\n`))).toBe(431);
  });
  it.each([' folded\r\n', 'X-Bad\r\n', 'X Y: z\r\n', 'X-Nul: a\x00b\r\n'])('refuses a header line %j', async (line) => {
    expect(status(await request('GET / HTTP/1.1', `X-A: b\r\n${line}`))).toBe(400);
  });
  it('meets no expectation but 100-continue, and that only for a request that it would take', async () => {
    expect(status(await request('POST /api/v1/x HTTP/1.1', 'Expect: 200-maybe\r\nContent-Length: 2\r\n'))).toBe(417);
    const refused = await request('POST /api/v1/x HTTP/1.1', 'Expect: 100-continue\r\nContent-Length: 2\r\n');
    expect(status(refused)).toBe(403);
    expect(refused).not.toContain('100 Continue');
    const headers = `${ADMIN}Origin: http://${raw.host}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n`;
    const taken = await raw.send(`POST /api/v1/x HTTP/1.1\r\nHost: ${raw.host}\r\n${headers}\r\n{}`, (s) =>
      s.includes('next'),
    );
    expect(taken).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
  });
  it('sends security headers with answers, refusals and redirects, and names no software', async () => {
    const texts = [
      await raw.get('/', ADMIN),
      await raw.get('/'),
      await raw.get('/%'),
      await raw.get('/api/v1/x', ADMIN),
      await raw.get('/healthz'),
      await request('CONNECT x:1 HTTP/1.1'),
      await raw.sendToEnd('nonsense\r\n\r\n'),
    ];
    for (const text of texts) {
      for (const header of [
        'x-content-type-options: nosniff',
        'x-frame-options: DENY',
        'cross-origin-opener-policy: same-origin',
        'cross-origin-resource-policy: same-origin',
        'referrer-policy: no-referrer',
        'permissions-policy: ',
        'content-security-policy: ',
      ]) {
        expect(text.toLowerCase(), text.slice(0, 40)).toContain(header.toLowerCase());
      }
      expect(text).not.toMatch(/^(server|x-powered-by):/im);
    }
  });
  it('gives each page a policy with a nonce of its own', async () => {
    const nonce = async () => /'nonce-([^']+)'/.exec(await raw.get('/', ADMIN))?.[1] ?? '';
    const [a, b] = [await nonce(), await nonce()];
    expect(Buffer.from(a, 'base64')).toHaveLength(16);
    expect(a).not.toBe(b);
  });
});

describe('bodies', () => {
  const post = (headers: string, body = '') =>
    request('POST /api/v1/x HTTP/1.1', `${ADMIN}Origin: http://${raw.host}\r\n${headers}`, body);
  it.each<[string, number]>([
    ['', 411],
    ['Transfer-Encoding: chunked\r\n', 411],
    ['Transfer-Encoding: xchunked\r\n', 400],
    ['Transfer-Encoding : chunked\r\n', 400],
    ['Transfer-Encoding: chunked\r\nContent-Length: 2\r\n', 400],
    ['Content-Length: 2\r\nContent-Length: 3\r\n', 400],
    ['Content-Length: +2\r\n', 400],
    ['Content-Length: -1\r\n', 400],
    ['Content-Length: 0x2\r\n', 400],
    ['Content-Length: 2\r\nContent-Encoding: gzip\r\n', 415],
    ['Content-Length: 2\r\nContent-Encoding: identity, gzip\r\n', 415],
    ['Content-Length: 65537\r\n', 413],
    ['Content-Length: 10000000000\r\n', 413],
  ])('refuses %j with %i', async (headers, want) => {
    reached = [];
    const text = await post(headers, 'ab');
    expect([want, want === 400 ? 411 : want]).toContain(status(text));
    expect(answersIn(text)).toBe(1);
    expect(reached).toEqual([]);
  });
  it('never takes what follows a refusal for a request', async () => {
    const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${raw.host}\r\n${ADMIN}\r\n`;
    for (const headers of [
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 70000\r\n',
      'Transfer-Encoding: xchunked\r\n',
    ]) {
      reached = [];
      const text = await post(headers, `0\r\n\r\n${smuggled}${smuggled}`);
      expect(answersIn(text)).toBe(1);
      expect(reached).toEqual([]);
    }
  });
  it('refuses a body with GET', async () => {
    expect(status(await raw.get('/', `${ADMIN}Content-Length: 3\r\n\r\nabc`))).toBe(400);
  });
  it('takes no more than 16 KiB to sign in and 8 KiB of a report', async () => {
    expect(status(await raw.post('/auth/logout', '', 'x'.repeat(16 * 1024 + 1)))).toBe(413);
    expect(status(await raw.post('/api/v1/csp-report', '', 'x'.repeat(8 * 1024 + 1)))).toBe(413);
  });
  it('lets no page take anything but GET', async () => {
    reached = [];
    for (const path of ['/', '/c/default/volumes', '/login'])
      expect(status(await raw.post(path, `${ADMIN}Next-Action: abc\r\n`, '["$@1"]'))).toBe(405);
    expect(reached).toEqual([]);
  });
});

describe('other sites', () => {
  it.each<[string, string, number]>([
    ['/api/v1/clusters', 'Sec-Fetch-Site: cross-site\r\n', 403],
    ['/api/v1/clusters', 'Sec-Fetch-Site: same-site\r\n', 403],
    ['/api/v1/clusters', 'Sec-Fetch-Site: same-origin\r\n', 200],
    ['/', 'Sec-Fetch-Site: cross-site\r\n', 200],
  ])('GET %s with %j answers %i', async (path, headers, want) => {
    expect(status(await raw.get(path, ADMIN + headers))).toBe(want);
  });
  it.each<[string, number]>([
    ['', 403],
    ['Origin: http://evil.example\r\n', 403],
    ['Origin: null\r\n', 403],
    ['Origin: https://HOST\r\n', 403],
    ['Origin: http://127.0.0.1:1\r\n', 403],
    ['Origin: http://HOST.evil.example\r\n', 403],
    ['Origin: http://HOST\r\nOrigin: http://HOST\r\n', 403],
    ['Origin: http://HOST\r\nSec-Fetch-Site: cross-site\r\n', 403],
    ['Origin: http://HOST\r\nSec-Fetch-Site: same-site\r\n', 403],
    ['Origin: http://HOST\r\nSec-Fetch-Site: none\r\n', 403],
    ['Origin: http://HOST\r\nSec-Fetch-Site: same-origin\r\n', 200],
    ['Origin: http://HOST\r\n', 200],
  ])('a change with %j answers %i', async (headers, want) => {
    const lines = `${ADMIN}Content-Length: 0\r\n${headers.replaceAll('HOST', raw.host)}`;
    expect(status(await raw.send(`POST /api/v1/x HTTP/1.1\r\nHost: ${raw.host}\r\n${lines}\r\n`))).toBe(want);
  });
});

describe('who is not signed in', () => {
  it('is led from a page to where one can, and back afterwards', async () => {
    const text = await raw.send(`GET /c/default/volumes?q=a HTTP/1.1\r\nHost: ${raw.host}\r\n\r\n`, (s) =>
      s.includes('\r\n\r\n'),
    );
    expect(status(text)).toBe(303);
    expect(text).toContain(`location: /login?to=${encodeURIComponent('/c/default/volumes?q=a')}`);
  });
  it.each(['/c/default.rsc', '/c/default.segments/_tree.segment.rsc', '/c/default?_rsc=1', '/c/default'])(
    'gets nothing of %s, however a framework would spell it',
    async (path) => {
      reached = [];
      const headers = 'RSC: 1\r\nNext-Router-Prefetch: 1\r\nX-Middleware-Subrequest: proxy:proxy:proxy:proxy:proxy\r\n';
      const text = await raw.send(`GET ${path} HTTP/1.1\r\nHost: ${raw.host}\r\n${headers}\r\n`, (s) =>
        s.includes('\r\n\r\n'),
      );
      expect(status(text)).toBe(303);
      expect(reached).toEqual([]);
    },
  );
  it('reads the sign-in page and the files of the build', async () => {
    for (const path of ['/login', '/_next/static/chunks/a.js', '/boot.js', '/icon.svg'])
      expect(status(await raw.get(path)), path).toBe(200);
  });
});

/** Of an answer that has no body. */
const statusOf = async (path: string, header: string) =>
  status(
    await raw.send(`GET ${path} HTTP/1.1\r\nHost: ${raw.host}\r\n${header}\r\n\r\n`, (s) => s.includes('\r\n\r\n')),
  );

describe('health', () => {
  const isAlive = async () => status(await raw.get('/healthz', '', '10.1.2.3:4200'));
  it('says that the process lives to whoever asks by address, while it starts and while it stops', async () => {
    expect(await isAlive()).toBe(200);
    runtime.isDraining = true;
    expect(await isAlive()).toBe(200);
    runtime.isDraining = false;
  });
  it('tells a starting and a stopping console from one to which people are sent', async () => {
    expect(await raw.get('/readyz', '', '10.1.2.3:4200')).toMatch(/^HTTP\/1\.1 503 [\s\S]*starting\n$/);
    runtime.isDraining = true;
    expect(await raw.get('/readyz', '', '10.1.2.3:4200')).toMatch(/^HTTP\/1\.1 503 [\s\S]*stopping\n$/);
    runtime.isDraining = false;
  });
  it('opens nothing but its two paths to other hosts', async () => {
    for (const path of ['/healthz?x', '/healthz/', '/healthz/../', '/readyz?verbose', '/metrics'])
      expect(status(await raw.get(path, '', 'evil.example')), path).toBe(421);
    expect(status(await raw.send('POST /healthz HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n'))).toBe(
      421,
    );
  });
  it('shows its metrics to programs of this machine, and to no page of another site or proxy', async () => {
    const text = await raw.get('/metrics');
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toContain('x-content-type-options: nosniff');
    reached = [];
    for (const header of [
      'Sec-Fetch-Site: same-site',
      'Sec-Fetch-Site: cross-site',
      'X-Forwarded-For: 10.0.0.1',
      'Via: 1.1 p',
    ])
      expect(await statusOf('/metrics', header), header).toBe(303);
    expect(reached).toEqual([]);
  });
});

describe('slow clients', () => {
  it('have the time limits that close them, and the places they may take', () => {
    expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([10_000, 30_000, 5_000]);
    expect(server.maxConnections).toBe(2_048);
  });
  it('are closed while their headers trickle in', async () => {
    // The same server with a shorter patience; the limits themselves are the ones above.
    server.headersTimeout = 300;
    const socket = connect(port, '127.0.0.1');
    let seen = '';
    socket.on('data', (d) => (seen += d));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write('GET / HTTP/1.1\r\nHost:');
    await closed;
    server.headersTimeout = 10_000;
    expect(seen).toMatch(/^HTTP\/1\.1 408 /);
  });
});

it('tells of each kind of refusal once a second', async () => {
  runtime.lines.length = 0;
  await Promise.all(Array.from({ length: 20 }, () => raw.get('/', ADMIN, 'evil.example')));
  const records = runtime.lines.map((l) => JSON.parse(l)).filter((r) => r.error === 'misdirected');
  expect(records.length).toBeLessThanOrEqual(2);
});
