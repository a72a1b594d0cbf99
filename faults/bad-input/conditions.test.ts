import { randomUUID } from 'node:crypto';
import { describe, it } from 'vitest';
import { create, withDoor } from '../support/door';

// Rows of docs/standing.md, "Bad input", about what is confirmed, what was seen, and what a list is asked for.

const door = withDoor();
const { at, get, remove, resize } = door;
const BASE = door.base;

describe('bad input', () => {
  it.concurrent('confirms something else, or not as it is written: row 68', async () => {
    const { name } = door.volume;
    const wrong = [
      name.toUpperCase(),
      ` ${name}`,
      `${name} `,
      `${name}\u200d`,
      name.replace('a', 'а'),
      door.volume.id.slice(0, 8),
      '',
      'x',
      `${name.normalize('NFD')}\u0301`,
    ];
    await door.refuses(
      wrong.map((confirm) => [`row 68, ${JSON.stringify(confirm)}`, remove(JSON.stringify({ confirm }))] as const),
      [409, 422],
    );
    await door.refuses(
      ['["x"]', '{"toString":"x"}', '1', 'true', 'null', `"${'x'.repeat(4_096)}"`].map(
        (confirm) => [`row 68, ${confirm.slice(0, 20)}`, remove(`{"confirm":${confirm}}`)] as const,
      ),
      [400, 422],
    );
    await door.refuses([['row 68, a megabyte', remove(JSON.stringify({ confirm: 'x'.repeat(1_000_000) }))]], 413);
  });

  it.concurrent('says nothing of what was seen, or something that was not: row 71', async () => {
    const body = JSON.stringify({ confirm: door.volume.name });
    await door.refuses([['row 71, none', remove(body, '')]], 428);
    await door.refuses(
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
    await door.refuses(
      [
        ['row 71, old', remove(body, 'if-match: "0123456789abcdef"\r\n')],
        ['row 71, old', resize('{"sizeBytes":"107374182400"}', 'if-match: "0123456789abcdef"\r\n')],
      ],
      412,
    );
    await door.refuses(
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
    await door.refuses([['row 73, none', { line: `POST ${BASE}/volumes`, body: create({}) }]], 428);
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
      await door.refuses(
        QUERIES.map((q) => [`row 81, ${list} ${q.slice(0, 30)}`, get(`${BASE}/${list}?${q}`)] as const),
        [400],
      );
    // Next itself drops this one, so that nobody sees it.
    await door.refuses([['row 81, __proto__', get(`${BASE}/volumes?__proto__=1`)]], [200, 400]);
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
      await door.refuses([[`row 81, ${q.slice(0, 20)}`, get(`${BASE}/volumes?q=${q}`)]], [200, 400]);
    await door.refuses(
      ['minutes=0', 'minutes=-1', 'minutes=1e9', 'minutes=x', 'step=0', 'range=100y'].map(
        (q) => [`row 88, ${q}`, get(`${at()}/metrics?${q}`)] as const,
      ),
      400,
    );
  });
});

describe('after all of that', () => {
  it('no change was tried, nothing was left uncaught, and everything still works', () => door.stands());
});
