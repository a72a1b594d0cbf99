import { describe, it } from 'vitest';
import { each, withDoor } from '../support/door';
import { request, sessionLines } from '../support/wire';

// Further inputs of the kinds of docs/standing.md, "Bad input", about requests, by somebody who had not built what they are for.
// The number is that of the row they are akin to.

const door = withDoor();
const { get, key, post } = door;
const BASE = door.base;
const GOOD = '{"sizeBytes":"1073741824","replicas":1,"thin":true}';
const port = () => new URL(door.app.url).port;
const nobody = (path: string, lines = '') => ({ line: `GET ${path}`, lines, session: false });
/** A head that the test writes itself, with a session. */
const head = (line: string, lines: string) => `${line}\r\nhost: ${door.host}\r\n${sessionLines(door.app)}${lines}\r\n`;
/** The request that would be right, as text. */
const good = (lines = '') => request(door.app, `POST ${BASE}/volumes`, { lines: `${door.key()}${lines}`, body: GOOD });

describe('further bad input', () => {
  it.concurrent('of paths that some would read as others', async () => {
    const paths = [
      '/api%2fv1',
      `${BASE}/volumes;a=b`,
      `${BASE}/volumes%3flimit=1`,
      `${BASE}/volumes%00`,
      '/api/v1/./clusters',
      '/api/v1/%2e/clusters',
      '/%2561pi/v1',
      '/c/c/volumes/%252e%252e',
      '/_next/static/%2e%2e/x',
      '/_next/static/chunks/../../BUILD_ID',
      `${BASE}/nodes/%e2%81%a6x`,
      `${BASE}/nodes/%f3%a0%80%81x`,
      `${BASE}/nodes/%c2%85`,
      `${BASE}/volumes?limit=1#frag`,
      `${BASE}/volumes%20`,
      `${BASE}/volumes.json`,
      '/api/v1/openapi.json?x=1',
      '/api/v1/clusters?x',
      '/METRICS',
      '/.well-known/security.txt',
      '/_next/static/development/x',
    ];
    await door.all(each(10, paths, get, [400, 404]));
    // With the letters of a path encoded it is no address of the API, and a page for nobody.
    await door.all([
      ['encoded letters', get('/%61pi/v1/clusters/c/volumes'), [400, 401, 404]],
      ['encoded letters, nobody', nobody('/%61pi/v1/clusters/c/volumes'), [303, 400, 401]],
      ['a stream by encoded letters', get(`${BASE}/%65vents?topic=summary`), [400, 404]],
    ]);
  });

  it.concurrent('of methods and versions that there are none of', async () => {
    const methods = [
      'BREW',
      'PRI',
      'M-SEARCH',
      'LOCK',
      'QUERY',
      'PURGE',
      'post',
      'Get',
      'LINK',
      'REPORT',
      'ACL',
      'BIND',
    ];
    await door.all(each(6, methods, (m) => request(door.app, `${m} ${BASE}/volumes`), [400, 405]));
    const versions = ['HTTP/1.0', 'HTTP/0.9', 'HTTP/1.2', 'HTTP/2', 'HTTP/3.0', 'http/1.1', 'HTTP/1.1.1', 'XTTP/1.1'];
    await door.all(each(6, versions, (v) => head(`GET ${BASE}/volumes ${v}`, ''), [400, 505]));
    await door.all([
      ['no version', `GET ${BASE}/volumes\r\n\r\n`, [400, 505]],
      ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
      ['TLS', Buffer.from('1603010200010001fc0303', 'hex'), 400],
      ['a proxy’s greeting', `PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n${head('GET / HTTP/1.1', '')}`, 400],
      ['a tab', head(`GET\t${BASE}/volumes HTTP/1.1`, ''), 400],
      ['line feeds', head(`GET ${BASE}/volumes HTTP/1.1`, '').replaceAll('\r\n', '\n'), 400],
      ['carriage returns', head(`GET ${BASE}/volumes HTTP/1.1`, '').replaceAll('\r\n', '\r'), 400],
    ]);
  });

  it.concurrent('under names that resolve to this machine', async () => {
    const names = [
      `${door.host},${door.host}`,
      `http://${door.host}`,
      `${door.host}/`,
      `${door.host}?`,
      `[::ffff:127.0.0.1]:${port()}`,
      `127.1:${port()}`,
      `2130706433:${port()}`,
      `0x7f000001:${port()}`,
      `localhost:0${port()}`,
      `foo.localhost:${port()}`,
      `127.0.0.1:${Number(port()) + 1}`,
    ];
    const sent = (name: string) =>
      request(door.app, `GET ${BASE}/volumes`).replace(`host: ${door.host}`, `host: ${name}`);
    await door.all(each(13, names, sent, [400, 421]));
  });

  it.concurrent('that are framed as few would', async () => {
    const framings = [
      'transfer-encoding: chunked',
      'transfer-encoding: identity',
      'transfer-encoding: gzip, chunked',
      'transfer-encoding: "chunked"',
      'content-length: 0\r\ncontent-length: 0',
      'content-length: 5;x',
      'content-length: 1e1',
      'content-length:',
      'content-length : 5',
      'content_length: 5',
      'expect: 200-ok',
      'trailer: host\r\ntransfer-encoding: chunked',
      'upgrade: h2c\r\nhttp2-settings: x',
      'content-encoding: identity\r\ncontent-length: 2',
    ];
    const smuggled = head(`DELETE ${BASE}/volumes/${door.volume.id} HTTP/1.1`, 'content-length: 0\r\n');
    const sent = (f: string) =>
      `${head(`POST ${BASE}/volumes HTTP/1.1`, `content-type: application/json\r\n${f}\r\n`)}0\r\n\r\n${smuggled}`;
    await door.all(each(17, framings, sent, [400, 411, 415, 417, 426]));
    const health = (f: string) => `GET /healthz HTTP/1.1\r\nhost: ${door.host}\r\n${f}\r\n\r\n12345${smuggled}`;
    await door.all(each(17, ['content-length: 5', 'transfer-encoding: chunked'], health, 400));
    const lines = ['x a: b', 'x-é: b', '"x": b', 'x: \u0001', ' x: b', 'x\t: b', ':', 'x'];
    await door.all(each(17, lines, (line) => get(`${BASE}/volumes`, `${line}\r\n`), 400));
  });

  it.concurrent('that say a thing twice', async () => {
    const types = (a: string, b: string) => post(GOOD, `content-type: ${a}\r\ncontent-type: ${b}\r\n`);
    const json = 'application/json';
    const match = `if-match: ${door.volume.etag}\r\n`;
    const resize = (lines: string) =>
      request(door.app, `PUT ${BASE}/volumes/${door.volume.id}/size`, { lines, body: '{}' });
    await door.all([
      ['JSON and text', types(json, 'text/plain'), 400],
      ['text and JSON', types('text/plain', json), 400],
      ['If-Match', resize(`${match}${match}`), 400],
      ['If-Match of two', resize(`${match}if-match: "x"\r\n`), 400],
      ['Idempotency-Key', post(GOOD, key()), 400],
      ['Last-Event-ID', get(`${BASE}/events?topic=summary`, 'last-event-id: a\r\nlast-event-id: b\r\n'), 400],
      ['Sec-Fetch-Site', post(GOOD, 'sec-fetch-site: same-origin\r\nsec-fetch-site: cross-site\r\n'), [400, 403]],
      [
        'short cookies',
        get(`${BASE}/volumes`, `cookie: ${Array.from({ length: 600 }, (_, i) => `a${i}=1`).join(';')}\r\n`),
        431,
      ],
      ['a name of a query, escaped', get(`${BASE}/volumes?limit=1&%6cimit=2`), 400],
      ['__proto__ in a query', get(`${BASE}/volumes?%5f_proto__=1`), 400],
    ]);
  });

  it.concurrent('whose type is nearly JSON, or whose origin is nearly ours', async () => {
    const types = [
      'application/json ; charset=utf-8',
      'application/json; charset="utf-8"',
      'application/json; charset=utf8',
      'application/json; charset=latin1',
      'application/json; boundary=x',
      'application/json;',
      'application/vnd.api+json',
      'application/problem+json',
      'application/json, */*',
      'json',
      'text/x-json',
      'application/merge-patch+json',
      'text/javascript',
      'application/octet-stream',
    ];
    await door.all(each(24, types, (t) => post(GOOD, `content-type: ${t}\r\n`), 415));
    const origins = [
      'http://127.0.0.1',
      `http://127.0.0.1:${port()}#`,
      `HTTP://127.0.0.1:${port()}`,
      `http://evil http://127.0.0.1:${port()}`,
      `http://127.0.0.1:${port()},http://evil`,
      `http://127.1:${port()}`,
      'file://',
      'about:blank',
      `http://localhost.:${port()}`,
      `ws://127.0.0.1:${port()}`,
      `127.0.0.1:${port()}`,
      'undefined',
    ];
    const from = (origin: string) => good().replace(/origin: .*\r\n/, `origin: ${origin}\r\n`);
    await door.all(each(25, origins, from, 403));
    await door.all(
      each(
        25,
        ['Same-Origin', 'same-origin, cross-site', 'same-origin;x'],
        (s) => post(GOOD, `sec-fetch-site: ${s}\r\n`),
        403,
      ),
    );
  });

  it.concurrent('whose token stands somewhere else, or in another form', async () => {
    const own = door.app.headers['x-mc-csrf'] ?? '';
    const forms = [`"${own}"`, `${own}, ${own}`, `${own}=`, own.toUpperCase(), `Bearer ${own}`, own.slice(0, -1)];
    const sent = (t: string) => good().replace(/x-mc-csrf: .*\r\n/, `x-mc-csrf: ${t}\r\n`);
    await door.all(each(27, forms, sent, [401, 403]));
    const without = (bytes: string) => bytes.replace(/x-mc-csrf: .*\r\n/, '');
    await door.all([
      ['in a cookie', without(good(`cookie: x-mc-csrf=${own}\r\n`)), [401, 403]],
      ['with underscores', without(good(`x_mc_csrf: ${own}\r\n`)), [401, 403]],
      [
        'in the query',
        without(request(door.app, `POST ${BASE}/volumes?x-mc-csrf=${own}`, { lines: key(), body: GOOD })),
        [400, 401, 403],
      ],
    ]);
    const [name = '', value = ''] = (door.app.headers.cookie ?? '').split(/=(.*)/s);
    const cookies = [
      `${name}="${value}"`,
      `${name.toUpperCase()}=${value}`,
      `${`${name}=x; `.repeat(4)}${name}=${value}`,
      `${name}=${value}x`,
      `${name}=${value.replace('.', '%2e')}`,
      `${name}=${value.slice(0, -4)}`,
      `${name}=${value.replace('v1', 'v0')}`,
      `${name}=${value.split('.').reverse().join('.')}`,
      `${name}=eyJhbGciOiJub25lIn0.e30.`,
      `__Host-mc_session=${value}`,
      `${name}=`,
    ];
    await door.all(
      each(
        32,
        cookies,
        (c) => request(door.app, `GET ${BASE}/summary`).replace(/cookie: .*\r\n/, `cookie: ${c}\r\n`),
        401,
      ),
    );
  });

  it.concurrent('that speak to a framework behind the console', async () => {
    const lines = [
      'rsc: 1',
      'next-router-state-tree: %5B',
      'next-router-segment-prefetch: /_tree',
      'next-url: /evil',
      'x-nextjs-data: 1',
      'x-now-route-matches: 1=evil',
      'x-prerender-revalidate: x',
      'x-matched-path: /login',
    ];
    await door.all(each(86, lines, (l) => get(`${BASE}/volumes?limit=1`, `${l}\r\n`), 200));
    await door.all(each(2, lines, (l) => nobody(`${BASE}/volumes?limit=1`, `${l}\r\n`), 401));
    await door.all(each(2, lines, (l) => nobody('/c/c', `${l}\r\n`), 303));
  });

  it.concurrent('that would sign somebody in or out', async () => {
    const at = (path: string, body: string, lines = '') =>
      request(door.app, `POST ${path}`, { session: false, lines: `origin: ${door.app.url}\r\n${lines}`, body });
    const tokens = [
      '""',
      'null',
      '["x"]',
      '{"length":43}',
      '"\\u0000"',
      JSON.stringify(new URL(door.app.link).hash.slice(3)),
    ];
    await door.all(each(43, tokens, (t) => at('/auth/local', `{"token":${t}}`), [400, 401, 422]));
    await door.all([
      ['a role', at('/auth/local', '{"token":"x","role":"admin"}'), 400],
      ['text', at('/auth/local', '{"token":"x"}', 'content-type: text/plain\r\n'), 415],
      ['a form for a link', at('/auth/link', 'a=b', 'content-type: application/x-www-form-urlencoded\r\n'), 415],
      ['more for a link', at('/auth/link', '{"print":"evil"}'), 400],
      ['no origin', request(door.app, 'POST /auth/local', { session: false, body: '{"token":"x"}' }), 403],
      ['nowhere', at('/auth/__proto__', '{}'), 404],
      ['in capitals', at('/AUTH/logout', '{}'), 405],
      ['signing out, nobody', at('/auth/logout', '{}'), 401],
    ]);
    const bodies = ['{"everywhere":"true"}', '{"everywhere":1}', '{"everywhere":false,"sid":"x"}', '[]'];
    await door.all(each(29, bodies, (b) => request(door.app, 'POST /auth/logout', { body: b }), [400, 422]));
    const ends = ['{"x":1}', '[]', '{"__proto__":{}}'];
    await door.all(each(29, ends, (b) => request(door.app, 'POST /api/v1/sessions/end', { body: b }), 400));
  });

  it.concurrent('of a stream', async () => {
    const queries = [
      'x',
      'Topic=summary',
      'topic[]=summary',
      `topic=${'a'.repeat(1_025)}`,
      'topic=summary&__proto__=1',
    ];
    await door.all(each(83, queries, (q) => get(`${BASE}/events?${q}`), 400));
    await door.all([
      ['HEAD', request(door.app, `HEAD ${BASE}/events?topic=summary`), 405],
      ['POST', request(door.app, `POST ${BASE}/events?topic=summary`, { body: '{}' }), 405],
      ['a body', `${head(`GET ${BASE}/events?topic=summary HTTP/1.1`, 'content-length: 5\r\n')}hello`, 400],
    ]);
  });
});

describe('after all of that', () => {
  it('no change was tried, nothing was left uncaught, and everything still works', () => door.stands());
});
