import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changesTried, holds, linesAreWhole, type Wanted } from '../support/bad-input';
import { ConsoleProcess } from '../support/console';
import { eventually } from '../support/eventually';
import { type FaultyCluster, startFaultyCluster } from '../support/upstreams';
import { request, sendRaw } from '../support/wire';

// Rows of docs/standing.md, "Bad input", that are about requests before anybody reads their body. `%` stands for the
// console's host and port, `^` for a port of this machine at which nobody may knock.

let cluster: FaultyCluster;
let app: ConsoleProcess;
let canary: Server;
let canaryPort = 0;
let knocks = 0;

beforeAll(async () => {
  canary = createServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  const address = canary.address();
  canaryPort = typeof address === 'object' && address ? address.port : 0;
  cluster = await startFaultyCluster(1, 10);
  app = await ConsoleProcess.start({ clusters: { c: cluster.core.endpoint } });
  await eventually(async () => expect((await app.fetch('/readyz')).status).toBe(200));
});
afterAll(async () => {
  await app?.kill();
  await cluster?.stop();
  canary.close();
});

const filled = (text: string) =>
  text.replaceAll('%%', '%').replaceAll('§', new URL(app.url).host).replaceAll('^', String(canaryPort));
const V = '/api/v1/clusters/c/volumes';
const ID = `${V}/11111111-2222-4333-8444-555555555555`;

type Row = readonly [number: number, what: string, line: string, lines: string, wanted: Wanted, body?: string];

const MIDDLEWARE = ['proxy:proxy:proxy:proxy:proxy', 'middleware:middleware', 'src/middleware:src/middleware'];

/** Without a session. */
const STRANGER: readonly Row[] = [
  [1, 'no cookie, API', `GET ${V}`, '', 401],
  [1, 'no cookie, page', 'GET /c/c/volumes', '', 303],
  [1, 'no cookie, stream', 'GET /api/v1/clusters/c/events', '', 401],
  [1, 'no cookie, OpenAPI', 'GET /api/v1/openapi.json', '', 401],
  [1, 'no cookie, session', 'GET /api/v1/session', '', 401],
  [1, 'health', 'GET /healthz', '', 200],
  [1, 'readiness', 'GET /readyz', '', 200],
  ...MIDDLEWARE.flatMap((value): Row[] => [
    [2, value, `GET ${V}`, `x-middleware-subrequest: ${value}\r\n`, 401],
    [2, value, 'GET /c/c', `x-middleware-subrequest: ${value}\r\n`, 303],
  ]),
  [5, 'flight formats', 'GET /c/c.rsc', 'rsc: 1\r\nnext-router-prefetch: 1\r\n', 303],
  ...[
    'x-forwarded-user: admin',
    'x-remote-user: admin',
    'x-auth-request-email: a@b',
    'impersonate-user: system:admin',
    'x-webauthn-user: admin',
    'x-webauth-user: admin',
    'authorization: Bearer x',
    'authorization: Basic YTpi',
  ].map((line): Row => [44, line, `GET ${V}`, `${line}\r\n`, 401]),
  [48, 'a token nobody asked for', 'POST /auth/token', 'origin: http://§\r\n', [401, 404], '{"token":"x"}'],
  [43, 'a wrong token', 'POST /auth/local', 'origin: http://§\r\n', 401, JSON.stringify({ token: 'a'.repeat(43) })],
  [43, 'a token in the query', 'GET /auth/local?t=aaaa', '', 405],
];

const LONG = 'x'.repeat(2_100);
/** With a session of an admin. */
const SIGNED_IN: readonly Row[] = [
  ...[
    ['["$@1"]', 'text/plain;charset=UTF-8'],
    [
      '--x\r\ncontent-disposition: form-data; name="0"\r\n\r\n"$1:__proto__:then"\r\n--x--',
      'multipart/form-data; boundary=x',
    ],
  ].flatMap(([body = '', type]): Row[] =>
    ['/', '/c/c/volumes'].map(
      (at): Row => [
        5,
        'a server action',
        `POST ${at}`,
        `next-action: ${'a'.repeat(40)}\r\ncontent-type: ${type}\r\n`,
        405,
        body,
      ],
    ),
  ),
  ...['TRACE', 'PROPFIND', 'FOO', 'PATCH', 'get', 'GE T', 'SEARCH'].map(
    (m): Row => [6, m, `${m} ${V}`, '', [400, 405]],
  ),
  [6, 'CONNECT', 'CONNECT 169.254.169.254:80', '', [400, 405]],
  [7, 'another method by header', `POST ${ID}`, 'x-http-method-override: DELETE\r\n', 405, '{"confirm":"x"}'],
  [7, 'another method by query', `POST ${ID}?_method=DELETE`, '', 405, '{"confirm":"x"}'],
  ...['%ff', '%c0%af', '%', '%zz', '%u0041', '%2', '%e2%28%a1', '%ed%a0%80'].map(
    (x): Row => [8, x, `GET ${V}/${x}`, '', 400],
  ),
  [10, 'upper case', 'GET /API/v1/clusters/c/volumes', '', [404, 405]],
  [10, 'a slash at the end', `GET ${V}/`, '', [308, 404]],
  [10, 'an encoded slash', `GET ${V}%2f`, '', [400, 404]],
  [10, 'two slashes', 'GET //api/v1/clusters/c/volumes', '', 400],
  [10, 'dot segments', 'GET /api/v1/clusters/c/../c/volumes', '', 400],
  [10, 'encoded dot segments', 'GET /api/v1/clusters/%2e%2e/c/volumes', '', 400],
  [10, 'a backslash', 'GET /api\\v1', '', 400],
  [11, 'an address of another host', 'GET http://127.0.0.1:^/latest/meta-data/', '', 400],
  [11, 'an address of this host', 'GET http://§/api/v1/session', '', 400],
  [11, 'nothing but a star', 'GET *', '', 400],
  [19, 'headers of 20 KiB', `GET ${V}`, `x-a: ${'y'.repeat(20_480)}\r\n`, 431],
  [19, '2,001 headers', `GET ${V}`, Array.from({ length: 2_001 }, (_, i) => `x${i}: y\r\n`).join(''), [400, 431]],
  [19, 'cookies of 9 KiB', `GET ${V}`, `cookie: a=${'y'.repeat(9_216)}\r\n`, 431],
  [
    19,
    '600 cookies',
    `GET ${V}`,
    `cookie: ${Array.from({ length: 600 }, (_, i) => `c${i}=0123456789`).join('; ')}\r\n`,
    [400, 431],
  ],
  [19, 'an address of 2,100 characters', `GET ${V}?q=${LONG}`, '', 400],
  [53, 'a long path', `GET /api/v1/clusters/${LONG}/volumes`, '', 400],
  [86, 'accept event stream', `GET ${V}?limit=1`, 'accept: text/event-stream\r\n', [200, 406]],
  [86, 'accept nothing', `GET ${V}?limit=1`, 'accept: */*;q=0\r\n', [200, 406]],
  [86, 'accept XML', `GET ${V}?limit=1`, 'accept: application/xml\r\n', [200, 406]],
  [86, 'a long language', `GET ${V}?limit=1`, `accept-language: ${'xx,'.repeat(1_700)}\r\n`, 200],
  ...[
    '/_next/image?url=http%3A%2F%2F127.0.0.1%3A^%2F&w=640&q=75',
    '/_next/image?url=%2Fa.png&w=640&q=75',
    '/_next/data/x/index.json',
    '/_next/webpack-hmr',
    '/__nextjs_original-stack-frame?x',
    '/_next/mcp',
    '/.env',
    '/.git/config',
    '/package.json',
    '/server.js',
    '/dist/server.mjs',
    '/boot.js.map',
    '/_next/static/chunks/main.js.map',
    '/_next/static/..%2f..%2fBUILD_ID',
  ].map((at): Row => [104, at, `GET ${at}`, '', [400, 404, 405]]),
  [29, 'signing out by an image', 'GET /auth/logout', 'sec-fetch-site: cross-site\r\nsec-fetch-dest: image\r\n', 405],
  [
    31,
    'the stream from another origin',
    'GET /api/v1/clusters/c/events',
    'sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\n',
    403,
  ],
  [31, 'the stream from another port', 'GET /api/v1/clusters/c/events', 'sec-fetch-site: same-site\r\n', 403],
  ...['-1', '18446744073709551616', 'text', 'x'.repeat(10_240), '../../x'].map(
    (id): Row => [
      83,
      `Last-Event-ID ${id.slice(0, 20)}`,
      'GET /api/v1/clusters/c/events?topic=a&x=1',
      `last-event-id: ${id}\r\n`,
      400,
    ],
  ),
  [84, 'too many topics', `GET /api/v1/clusters/c/events?${'topic=summary&'.repeat(17)}`, '', 400],
  ...['nxtPuuid', 'nxtPcluster', '__nextDataReq', '_rsc'].map(
    (k): Row => [2, `${k} in the query`, `GET ${ID}?${k}=other`, '', [400, 404]],
  ),
];

describe('bad requests', () => {
  const ask = async (rows: readonly Row[], session: boolean) => {
    for (const [number, what, line, lines, wanted, body] of rows) {
      const bytes = request(app, filled(line), {
        lines: filled(lines),
        session,
        ...(body === undefined ? {} : { body }),
      });
      holds(await sendRaw(app, bytes, 250), wanted, `row ${number}, ${what}`);
    }
  };
  it.concurrent('without a session get nothing', () => ask(STRANGER, false));
  for (let part = 0; part < 4; part += 1)
    it.concurrent(`with one are refused (${part + 1} of 4)`, () =>
      ask(
        SIGNED_IN.filter((_, i) => i % 4 === part),
        true,
      ));

  it('under another name get nothing: row 13', async () => {
    const { host, port } = new URL(app.url);
    for (const name of [
      `evil.test:${port}`,
      '169.254.169.254',
      `127.0.0.1:${port}.evil.test`,
      `localhost.:${port}`,
      '127.0.0.1',
      `0.0.0.0:${port}`,
      `${host}@evil.test`,
      '',
    ]) {
      const answer = await sendRaw(app, request(app, `GET ${V}`).replace(`host: ${host}`, `host: ${name}`), 250);
      holds(answer, [400, 421], `row 13, ${name}`);
    }
    holds(
      await sendRaw(app, request(app, `GET ${V}`, { lines: `host: ${host}\r\n` }), 250),
      [400, 421],
      'row 13, two hosts',
    );
    holds(
      await sendRaw(app, request(app, `GET ${V}`).replace(`host: ${host}\r\n`, ''), 250),
      [400, 421],
      'row 13, no host',
    );
  });

  it('that are framed in two ways end the connection, and what follows is no request: row 17', async () => {
    const smuggled = request(app, `DELETE ${ID}`, { body: '{"confirm":"x"}' });
    const { host } = new URL(app.url);
    for (const framing of [
      'content-length: 5\r\ntransfer-encoding: chunked\r\n',
      'transfer-encoding: chunked\r\ncontent-length: 5\r\n',
      'transfer-encoding: xchunked\r\n',
      'transfer-encoding : chunked\r\n',
      'transfer-encoding: chunked, identity\r\n',
      'transfer-encoding:\x0bchunked\r\n',
      'content-length: 5\r\ncontent-length: 6\r\n',
      'content-length: 5, 5\r\n',
      'content-length: +2\r\n',
      'content-length: -1\r\n',
      'content-length: 0x2\r\n',
      'content-length: 2 2\r\n',
      'x: a\nb: c\r\n',
      'x: a\r\n folded\r\n',
      'x: a\0b\r\n',
      'x\0y: a\r\n',
      ': empty\r\n',
    ]) {
      const bytes = `POST ${V} HTTP/1.1\r\nhost: ${host}\r\norigin: ${app.url}\r\n${framing}\r\n0\r\n\r\n${smuggled}`;
      const answer = await sendRaw(app, bytes, 250);
      holds(answer, [400, 411, 415, 401, 403], `row 17, ${JSON.stringify(framing)}`);
    }
  });

  it('that declare or carry too much are refused before they are read: rows 21 and 23', async () => {
    const big = 'x'.repeat(65_537);
    holds(await sendRaw(app, request(app, `POST ${V}`, { body: big })), 413, 'row 21, 65,537 bytes');
    const { host } = new URL(app.url);
    const declared = (lines: string) =>
      `POST ${V} HTTP/1.1\r\nhost: ${host}\r\n${Object.entries(app.headers)
        .map(([n, v]) => `${n}: ${v}\r\n`)
        .join('')}content-type: application/json\r\n${lines}\r\n`;
    holds(await sendRaw(app, declared('content-length: 10737418240\r\n')), 413, 'row 21, ten gigabytes');
    holds(
      await sendRaw(app, declared('content-length: 99999999999999999999999\r\n')),
      [400, 413],
      'row 21, more than a number',
    );
    for (const encoding of ['gzip', 'br', 'identity, gzip', 'deflate', 'x'])
      holds(
        await sendRaw(app, declared(`content-length: 2\r\ncontent-encoding: ${encoding}\r\n`)),
        415,
        `row 23, ${encoding}`,
      );
  });

  it('change nothing, knock at no other door, and are each told of in one line at most', async () => {
    expect(await changesTried(app)).toBe(0);
    expect(knocks).toBe(0);
    linesAreWhole(app);
    expect(app.uncaught).toEqual([]);
    expect(app.isRunning).toBe(true);
  });
});
