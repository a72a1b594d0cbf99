import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VolumeWindow } from '@/contract/volume';
import { changesTried, holds, linesAreWhole, type Wanted } from '../support/bad-input';
import { ConsoleProcess } from '../support/console';
import { eventually } from '../support/eventually';
import { type FaultyCluster, startFaultyCluster } from '../support/upstreams';
import { request, sendRaw } from '../support/wire';

// Rows of docs/standing.md, "Bad input", about what is inside a request. The fleet behind it makes no change and counts those
// that are tried: none may be.

let cluster: FaultyCluster;
let app: ConsoleProcess;
let volume: { id: string; name: string; etag: string };

beforeAll(async () => {
  cluster = await startFaultyCluster(3, 10);
  app = await ConsoleProcess.start({ clusters: { c: cluster.core.endpoint } });
  const row = await eventually(async () => {
    const [first] = (await app.json<VolumeWindow>('c', '/volumes')).rows;
    if (!first) throw new Error('no volume yet');
    return first;
  });
  const etag = (await app.get('c', `/volumes/${row.id}`)).headers.get('etag') ?? '';
  volume = { id: row.id, name: row.name ?? '', etag };
});
afterAll(async () => {
  await app?.kill();
  await cluster?.stop();
});

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant as text
const JNDI = '${jndi:ldap://x}';
const BASE = '/api/v1/clusters/c';
const at = () => `${BASE}/volumes/${volume.id}`;
const key = () => `idempotency-key: ${randomUUID()}\r\n`;
const match = () => `if-match: ${volume.etag}\r\n`;

/** One change, with what it needs beside what is bad about it. */
type Sent = { line: string; lines?: string; body?: string };
const post = (body: string, lines = ''): Sent => ({ line: `POST ${BASE}/volumes`, lines: `${key()}${lines}`, body });
const resize = (body: string, lines = match()): Sent => ({ line: `PUT ${at()}/size`, lines, body });
const count = (body: string): Sent => ({ line: `PUT ${at()}/replica-count`, lines: match(), body });
const remove = (body: string, lines = match()): Sent => ({ line: `DELETE ${at()}`, lines, body });
const get = (path: string): Sent => ({ line: `GET ${path}` });

const create = (over: Record<string, unknown>) =>
  JSON.stringify({ sizeBytes: '1073741824', replicas: 1, thin: true, ...over });
/** JSON with a value that JSON.stringify would not write. */
const raw = (field: string, value: string) => create({ [field]: '@' }).replace('"@"', value);

async function all(rows: ReadonlyArray<readonly [what: string, sent: Sent]>, wanted: Wanted): Promise<void> {
  for (const [what, { line, ...rest }] of rows) holds(await sendRaw(app, request(app, line, rest), 200), wanted, what);
}
const named = (row: number, values: readonly string[], sent: (value: string) => Sent) =>
  values.map((value): readonly [string, Sent] => [`row ${row}, ${JSON.stringify(value).slice(0, 80)}`, sent(value)]);

describe('bad input', () => {
  it.concurrent('is no JSON by its type: row 24', () =>
    all(
      named(
        24,
        [
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          '',
          'application/json; charset=utf-16',
          'application/jsonp',
          'application/json,text/plain',
          'application/json; x',
          'text/json',
          '*/*',
        ],
        (type) => post(create({}), `content-type: ${type}\r\n`),
      ),
      415,
    ));

  it.concurrent('comes from another origin: row 25', async () => {
    const { port } = new URL(app.url);
    for (const origin of [
      'null',
      `http://127.0.0.1:${port}.evil.test`,
      `https://127.0.0.1:${port}`,
      'http://127.0.0.1:1',
      `http://127.0.0.1:${port}/`,
      `http://evil@127.0.0.1:${port}`,
      '',
      undefined,
    ]) {
      const bytes = request(app, `POST ${BASE}/volumes`, { lines: key(), body: create({}) }).replace(
        /origin: .*\r\n/,
        origin === undefined ? '' : `origin: ${origin}\r\n`,
      );
      holds(await sendRaw(app, bytes, 200), 403, `row 25, ${origin}`);
    }
    holds(
      await sendRaw(
        app,
        request(app, `POST ${BASE}/volumes`, { lines: `${key()}origin: ${app.url}\r\n`, body: create({}) }),
        200,
      ),
      [400, 403],
      'row 25, two',
    );
    for (const site of ['cross-site', 'same-site', 'none', 'x'])
      holds(
        await sendRaw(
          app,
          request(app, `POST ${BASE}/volumes`, { lines: `${key()}sec-fetch-site: ${site}\r\n`, body: create({}) }),
          200,
        ),
        403,
        `row 25, ${site}`,
      );
  });

  it.concurrent('has no token of this session: row 27', async () => {
    const own = app.headers['x-mc-csrf'] ?? '';
    const off = `${own.startsWith('A') ? 'B' : 'A'}${own.slice(1)}`;
    for (const token of [
      undefined,
      '',
      off,
      own.slice(1),
      own.toLowerCase(),
      'null',
      `${own}\r\nx-mc-csrf: ${own}`,
      'x'.repeat(4_000),
    ]) {
      const bytes = request(app, `POST ${BASE}/volumes`, { lines: key(), body: create({}) }).replace(
        /x-mc-csrf: .*\r\n/,
        token === undefined ? '' : `x-mc-csrf: ${token}\r\n`,
      );
      holds(await sendRaw(app, bytes, 200), [400, 401, 403], `row 27, ${token?.slice(0, 20)}`);
    }
  });

  it.concurrent('has a cookie in which one bit is another: row 32', async () => {
    const [name = '', value = ''] = (app.headers.cookie ?? '').split(/=(.*)/s);
    for (let i = 0; i < value.length; i += 11) {
      const flipped = value.slice(0, i) + (value[i] === 'A' ? 'B' : 'A') + value.slice(i + 1);
      const answer = await app.fetch(`${BASE}/summary`, {
        headers: { ...app.headers, cookie: `${name}=${flipped}` },
      });
      // The last character of base64 may stand for the same bytes.
      expect(i === value.length - 1 ? [200, 401] : [401], `row 32, ${i}`).toContain(answer.status);
      await answer.arrayBuffer();
    }
  });

  it.concurrent('names what cannot be: rows 53 and 54', async () => {
    const ids = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '*',
      'null',
      '0'.repeat(36),
      '00000000-0000-0000-0000-000000000000',
      '%7B11111111-2222-4333-8444-555555555555%7D',
      '11111111-2222-4333-8444-555555555555%20',
      'urn:uuid:11111111-2222-4333-8444-555555555555',
      '11111111-2222-4333-8444-55555555555',
      "1'%20OR%201=1",
    ];
    const names = ['a%00', 'a%0d%0aSet-Cookie:x', 'a%252fb', 'a%e2%80%aeb', 'a%e2%80%8db', `a%5cb`];
    await all(
      ids.flatMap(
        (id) =>
          [
            [`row 53, ${id}`, get(`${BASE}/volumes/${id}`)],
            [`row 53, ${id}`, { line: `DELETE ${BASE}/volumes/${id}`, lines: match(), body: '{"confirm":"x"}' }],
            [`row 53, ${id}`, get(`${BASE}/volumes/${id}/metrics?minutes=10`)],
          ] as const,
      ),
      [400, 404],
    );
    await all(
      ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '*', 'null'].flatMap((id) =>
        ['nodes', 'pools', 'snapshots', 'operations'].map(
          (list) => [`row 53, ${list} ${id}`, get(`${BASE}/${list}/${id}`)] as const,
        ),
      ),
      [400, 404, 405],
    );
    await all(
      names.flatMap((id) =>
        ['volumes', 'nodes', 'pools'].map((list) => [`row 54, ${list} ${id}`, get(`${BASE}/${list}/${id}`)] as const),
      ),
      400,
    );
    await all(
      [
        ['row 54, emoji', get(`${BASE}/nodes/%f0%9f%98%80`)],
        ['row 54, 2,000 characters', get(`${BASE}/nodes/${'n'.repeat(1_900)}`)],
      ],
      [400, 404],
    );
    await all(
      ['__proto__', 'constructor', 'c%2f..', 'C', 'toString'].map(
        (id) => [`row 53, cluster ${id}`, get(`/api/v1/clusters/${id}/volumes`)] as const,
      ),
      [400, 404],
    );
    expect((await app.get('c', `/volumes/${volume.id.toUpperCase()}`)).status).toBeLessThan(500);
  });

  const BROKEN_JSON = [
    '{"a":1',
    '{"a":1,}',
    '/* a */{}',
    "{'a':1}",
    '\ufeff{}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '',
    'null',
    '[]',
    '"x"',
    '1',
    'true',
    '{}{}',
    '{"a":"\u0000"}',
    '{"a":\t}',
    `${'['.repeat(20_000)}`,
  ];
  it.concurrent('is no JSON, or no object: row 55', async () => {
    for (const sent of [post, resize, count, remove])
      await all(
        named(55, BROKEN_JSON, (body) => sent(body)),
        [400, 415],
      );
    for (const bytes of [Buffer.from('{"name":"\xff\xfe"}', 'latin1'), Buffer.from('{"a":1}', 'utf16le')]) {
      const head = request(app, `POST ${BASE}/volumes`, { lines: key(), body: 'x'.repeat(bytes.length) });
      holds(
        await sendRaw(app, Buffer.concat([Buffer.from(head.slice(0, -bytes.length)), bytes]), 200),
        400,
        'row 55, other bytes',
      );
    }
    await all(
      [
        ['row 55, half a pair', post('{"name":"\\ud800"}')],
        ['row 55, NUL', post('{"name":"a\\u0000"}')],
      ],
      [400],
    );
  });

  it.concurrent('would change what all objects have, or has fields that there are none of: rows 57 and 58', async () => {
    await all(
      [
        ['row 57', post('{"__proto__":{"admin":true},"sizeBytes":"1073741824","replicas":1,"thin":true}')],
        [
          'row 57, constructor',
          post('{"constructor":{"prototype":{"x":1}},"sizeBytes":"1073741824","replicas":1,"thin":true}'),
        ],
        ['row 57, labels', post(raw('labels', '{"__proto__":"x"}'))],
        ['row 57, labels', post(raw('labels', '{"constructor":"x"}'))],
        ['row 57, inclusion', post(raw('nodeInclusion', '{"__proto__":{"a":"b"}}'))],
        ['row 57, deep', remove('{"confirm":"x","consequence":{"__proto__":{"y":1}}}')],
      ],
      [400, 422],
    );
    for (const extra of [
      'role',
      'uuid',
      'isAdmin',
      'dryRun',
      'Force',
      'force ',
      'sizebytes',
      'toString',
      'hasOwnProperty',
    ])
      await all(
        [
          [`row 58, ${extra}`, post(create({ [extra]: true }))],
          [`row 58, ${extra}`, resize(`{"sizeBytes":"10737418240","${extra}":1}`)],
        ],
        400,
      );
  });

  const SIZES = [
    '0',
    '-1',
    '1',
    '0.5',
    '1e3',
    '"10"',
    '"10GiB"',
    '1e400',
    '9007199254740993',
    '18446744073709551615',
    '"18446744073709551616"',
    '"18446744073709551615"',
    '"-1"',
    '"1e9"',
    '"0x10"',
    '" 1073741824"',
    '"1073741824 "',
    '"01073741824"',
    '"१०७३७४१८२४"',
    '"1_000_000"',
    'null',
    'true',
    '[1]',
    '{}',
    '""',
    `"${'9'.repeat(4_000)}"`,
  ];
  it.concurrent('is no size: rows 59 and 60', async () => {
    await all(
      named(59, SIZES, (size) => post(raw('sizeBytes', size))),
      [400, 409, 422, 507],
    );
    await all(
      named(59, SIZES, (size) => resize(`{"sizeBytes":${size}}`)),
      [400, 409, 422, 507],
    );
    await all(
      named(60, ['"1048576"', '"4096"'], (size) => resize(`{"sizeBytes":${size}}`)),
      [409, 422],
    );
  });

  const COUNTS = [
    '0',
    '-1',
    '1.5',
    '4294967296',
    '256',
    '"3"',
    '"3 "',
    'null',
    'true',
    '[]',
    '{}',
    '1e2',
    '-0',
    '9007199254740993',
    '1e400',
  ];
  it.concurrent('is no count of copies: row 61', async () => {
    await all(
      named(61, COUNTS, (n) => post(raw('replicas', n))),
      [400, 409, 422, 507],
    );
    await all(
      named(61, COUNTS, (n) => count(`{"to":${n},"confirm":"x"}`)),
      [400, 409, 422, 507],
    );
    await all(
      [
        ['row 61, more than nodes', count('{"to":200}')],
        ['row 61, more than nodes', post(create({ replicas: 255 }))],
      ],
      [409, 422, 507],
    );
  });

  const many = Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`k${i}`, 'v']));
  const LABELS = [
    many,
    { ['k'.repeat(318)]: 'v' },
    { 'a/b/c': 'v' },
    { a: 'v\nw' },
    { '': 'v' },
    { a: 1 },
    { a: null },
    { a: 'v'.repeat(64) },
    { ключ: 'v' },
    { 'a b': 'v' },
    { '-a': 'v' },
    { prototype: 'v' },
    [],
  ];
  const NAMES = [
    '-oProxyCommand',
    '$(id)',
    '`id`',
    ';rm',
    '%s%n',
    '{{7*7}}',
    JNDI,
    '<script>alert(1)</script>',
    'a\u202eb',
    'é',
    '../x',
    'a'.repeat(64),
    ' a',
    'a ',
    'a\nb',
    '',
    '\u200d',
  ];
  it.concurrent('is no label and no name: rows 63 and 64', async () => {
    await all(
      LABELS.map((labels) => [`row 63, ${JSON.stringify(labels).slice(0, 40)}`, post(create({ labels }))] as const),
      [400, 422],
    );
    await all(
      named(64, NAMES, (name) => post(create({ name }))),
      [400, 422],
    );
  });

  it.concurrent('confirms something else, or not as it is written: row 68', async () => {
    const { name } = volume;
    const wrong = [
      name.toUpperCase(),
      ` ${name}`,
      `${name} `,
      `${name}\u200d`,
      name.replace('a', 'а'),
      volume.id.slice(0, 8),
      '',
      'x',
      `${name.normalize('NFD')}\u0301`,
    ];
    await all(
      wrong.map((confirm) => [`row 68, ${JSON.stringify(confirm)}`, remove(JSON.stringify({ confirm }))] as const),
      [409, 422],
    );
    await all(
      ['["x"]', '{"toString":"x"}', '1', 'true', 'null', `"${'x'.repeat(4_096)}"`].map(
        (confirm) => [`row 68, ${confirm.slice(0, 20)}`, remove(`{"confirm":${confirm}}`)] as const,
      ),
      [400, 422],
    );
    await all([['row 68, a megabyte', remove(JSON.stringify({ confirm: 'x'.repeat(1_000_000) }))]], 413);
  });

  it.concurrent('says nothing of what was seen, or something that was not: row 71', async () => {
    const body = JSON.stringify({ confirm: volume.name });
    await all([['row 71, none', remove(body, '')]], 428);
    await all(
      [
        '*',
        'W/"x"',
        '"a", "b"',
        'x',
        '""',
        `"${'y'.repeat(10_240)}"`,
        Array.from({ length: 100 }, (_, i) => `"${i}"`).join(', '),
        '"\u00ff"',
      ].map((v) => [`row 71, ${v.slice(0, 20)}`, remove(body, `if-match: ${v}\r\n`)] as const),
      [400, 412],
    );
    await all(
      [
        ['row 71, old', remove(body, 'if-match: "0123456789abcdef"\r\n')],
        ['row 71, old', resize('{"sizeBytes":"107374182400"}', 'if-match: "0123456789abcdef"\r\n')],
      ],
      412,
    );
    await all(
      [
        '',
        'x',
        `${'a'.repeat(10_240)}`,
        '11111111-2222-4333-8444-55555555555Z',
        `${randomUUID()}, ${randomUUID()}`,
      ].map(
        (v) =>
          [
            `row 73, ${v.slice(0, 20)}`,
            { line: `POST ${BASE}/volumes`, lines: `idempotency-key: ${v}\r\n`, body: create({}) },
          ] as const,
      ),
      [400, 428],
    );
    await all([['row 73, none', { line: `POST ${BASE}/volumes`, body: create({}) }]], 428);
  });

  const QUERIES = [
    'limit=0',
    'limit=-1',
    'limit=1e9',
    'limit=abc',
    'limit=1.5',
    'limit=10&limit=1000',
    'page=-1',
    'offset=18446744073709551616',
    'offset=-1',
    'sort=__proto__',
    'sort=name;drop',
    'sort=-',
    `q=${'a'.repeat(600)}`,
    'filter=x',
    'constructor=1',
    'limit[]=1',
    'limit=NaN',
    'limit=',
    'sort=constructor',
    'sort=toString',
    'limit=0x10&x',
  ];
  it.concurrent('asks for a list that there cannot be: row 81', async () => {
    for (const list of ['volumes', 'pools', 'nodes', 'snapshots'])
      await all(
        QUERIES.map((q) => [`row 81, ${list} ${q.slice(0, 30)}`, get(`${BASE}/${list}?${q}`)] as const),
        [400],
      );
    // Next itself drops this one, so that nobody sees it.
    await all([['row 81, __proto__', get(`${BASE}/volumes?__proto__=1`)]], [200, 400]);
    for (const q of [
      '(a%2b)%2b$',
      '.*',
      'status:__proto__',
      'constructor:x',
      '%22',
      '(((((((((',
      'label:__proto__=x',
      '-'.repeat(300),
      'or%20'.repeat(90),
    ])
      await all([[`row 81, ${q.slice(0, 20)}`, get(`${BASE}/volumes?q=${q}`)]], [200, 400]);
    await all(
      ['minutes=0', 'minutes=-1', 'minutes=1e9', 'minutes=x', 'step=0', 'range=100y'].map(
        (q) => [`row 88, ${q}`, get(`${at()}/metrics?${q}`)] as const,
      ),
      400,
    );
  });

  it.concurrent('is told of in one line that says no more than it should: rows 100 and 101', async () => {
    const words = ['\r\n{"level":"fatal"}', '\u001b[31mred', '","level":"fatal', JNDI, '\u2028', '\u202e'];
    for (const w of words) {
      const report = JSON.stringify([
        {
          body: {
            documentURL: w,
            blockedURL: `<script>${w}`,
            effectiveDirective: { toString: 1 },
            lineNumber: { valueOf: 2 },
          },
        },
      ]);
      holds(
        await sendRaw(
          app,
          request(app, 'POST /api/v1/csp-report', {
            body: report,
            session: false,
            lines: 'content-type: application/reports+json\r\n',
          }),
          200,
        ),
        204,
        `row 100, ${w}`,
      );
    }
    for (const body of [
      'null',
      '[]',
      '1',
      '"x"',
      '{"csp-report":null}',
      '[[[[]]]]',
      '{"body":[1]}',
      '{"body":{"documentURL":{"toString":null}}}',
      '[null,1,"x",{"body":null}]',
    ])
      holds(
        await sendRaw(app, request(app, 'POST /api/v1/csp-report', { body, session: false }), 200),
        204,
        `row 100, ${body}`,
      );
    holds(
      await sendRaw(app, request(app, 'POST /api/v1/csp-report', { body: 'x'.repeat(8_193), session: false }), 200),
      413,
      'row 100, 8,193 bytes',
    );
    for (const agent of ['\u001b[31m', '","level":"fatal', JNDI, 'x'.repeat(7_000)])
      holds(
        await sendRaw(
          app,
          request(app, `GET ${BASE}/nope`, { lines: `user-agent: ${agent}\r\nreferer: ${agent}\r\n` }),
          200,
        ),
        [400, 404],
        `row 101, ${agent.slice(0, 10)}`,
      );
    await eventually(() => expect(app.stderr.match(/csp-report/g)?.length ?? 0).toBeGreaterThanOrEqual(words.length));
    for (const line of app.stderr.split('\n').filter((l) => l.includes('csp-report'))) {
      expect(JSON.parse(line)).toMatchObject({ level: 'warn' });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      expect(line).not.toMatch(/[\x00-\x1f\u2028\u202e]/);
    }
  });
});

describe('after all of that', () => {
  it('no change was tried, nothing was left uncaught, and everything still works', async () => {
    expect(await changesTried(app)).toBe(0);
    linesAreWhole(app);
    expect(app.uncaught).toEqual([]);
    expect((await app.json<VolumeWindow>('c', '/volumes')).total).toBe(10);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });
});
