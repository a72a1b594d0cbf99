import { describe, expect, it } from 'vitest';
import { holds } from '../support/bad-input';
import { create, named, raw, withDoor } from '../support/door';
import { request, sendRaw } from '../support/wire';

// Rows of docs/standing.md, "Bad input", about what stands in a body, and of names and ids in addresses.

const door = withDoor();
const { count, get, key, match, post, remove, resize } = door;
const BASE = door.base;
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant as text
const JNDI = '${jndi:ldap://x}';

describe('bad input', () => {
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
    await door.refuses(
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
    await door.refuses(
      ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '*', 'null'].flatMap((id) =>
        ['nodes', 'pools', 'snapshots', 'operations'].map(
          (list) => [`row 53, ${list} ${id}`, get(`${BASE}/${list}/${id}`)] as const,
        ),
      ),
      [400, 404, 405],
    );
    await door.refuses(
      names.flatMap((id) =>
        ['volumes', 'nodes', 'pools'].map((list) => [`row 54, ${list} ${id}`, get(`${BASE}/${list}/${id}`)] as const),
      ),
      400,
    );
    await door.refuses(
      [
        ['row 54, emoji', get(`${BASE}/nodes/%f0%9f%98%80`)],
        ['row 54, 2,000 characters', get(`${BASE}/nodes/${'n'.repeat(1_900)}`)],
      ],
      [400, 404],
    );
    await door.refuses(
      ['__proto__', 'constructor', 'c%2f..', 'C', 'toString'].map(
        (id) => [`row 53, cluster ${id}`, get(`/api/v1/clusters/${id}/volumes`)] as const,
      ),
      [400, 404],
    );
    expect((await door.app.get('c', `/volumes/${door.volume.id.toUpperCase()}`)).status).toBeLessThan(500);
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
      await door.refuses(
        named(55, BROKEN_JSON, (body) => sent(body)),
        [400, 415],
      );
    for (const bytes of [Buffer.from('{"name":"\xff\xfe"}', 'latin1'), Buffer.from('{"a":1}', 'utf16le')]) {
      const head = request(door.app, `POST ${BASE}/volumes`, { lines: key(), body: 'x'.repeat(bytes.length) });
      holds(
        await sendRaw(door.app, Buffer.concat([Buffer.from(head.slice(0, -bytes.length)), bytes]), 200),
        400,
        'row 55, other bytes',
      );
    }
    await door.refuses(
      [
        ['row 55, half a pair', post('{"name":"\\ud800"}')],
        ['row 55, NUL', post('{"name":"a\\u0000"}')],
      ],
      [400],
    );
  });

  it.concurrent('would change what all objects have, or has fields that there are none of: rows 57 and 58', async () => {
    await door.refuses(
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
      await door.refuses(
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
    await door.refuses(
      named(59, SIZES, (size) => post(raw('sizeBytes', size))),
      [400, 409, 422, 507],
    );
    await door.refuses(
      named(59, SIZES, (size) => resize(`{"sizeBytes":${size}}`)),
      [400, 409, 422, 507],
    );
    await door.refuses(
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
    await door.refuses(
      named(61, COUNTS, (n) => post(raw('replicas', n))),
      [400, 409, 422, 507],
    );
    await door.refuses(
      named(61, COUNTS, (n) => count(`{"to":${n},"confirm":"x"}`)),
      [400, 409, 422, 507],
    );
    await door.refuses(
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
    await door.refuses(
      LABELS.map((labels) => [`row 63, ${JSON.stringify(labels).slice(0, 40)}`, post(create({ labels }))] as const),
      [400, 422],
    );
    await door.refuses(
      named(64, NAMES, (name) => post(create({ name }))),
      [400, 422],
    );
  });
});

describe('after all of that', () => {
  it('no change was tried, nothing was left uncaught, and everything still works', () => door.stands());
});
