import { describe, expect, it } from 'vitest';
import { holds } from '../support/bad-input';
import { create, named, withDoor } from '../support/door';
import { eventually } from '../support/eventually';
import { request, sendRaw } from '../support/wire';

// Rows of docs/standing.md, "Bad input", about who sends a request, in what form, and what is told of it.

const door = withDoor();
const { key, post } = door;
const BASE = door.base;
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant as text
const JNDI = '${jndi:ldap://x}';

describe('bad input', () => {
  it.concurrent('is no JSON by its type: row 24', () =>
    door.refuses(
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
    const { port } = new URL(door.app.url);
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
      const bytes = request(door.app, `POST ${BASE}/volumes`, { lines: key(), body: create({}) }).replace(
        /origin: .*\r\n/,
        origin === undefined ? '' : `origin: ${origin}\r\n`,
      );
      holds(await sendRaw(door.app, bytes, 200), 403, `row 25, ${origin}`);
    }
    holds(
      await sendRaw(
        door.app,
        request(door.app, `POST ${BASE}/volumes`, { lines: `${key()}origin: ${door.app.url}\r\n`, body: create({}) }),
        200,
      ),
      [400, 403],
      'row 25, two',
    );
    for (const site of ['cross-site', 'same-site', 'none', 'x'])
      holds(
        await sendRaw(
          door.app,
          request(door.app, `POST ${BASE}/volumes`, { lines: `${key()}sec-fetch-site: ${site}\r\n`, body: create({}) }),
          200,
        ),
        403,
        `row 25, ${site}`,
      );
  });

  it.concurrent('has no token of this session: row 27', async () => {
    const own = door.app.headers['x-mc-csrf'] ?? '';
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
      const bytes = request(door.app, `POST ${BASE}/volumes`, { lines: key(), body: create({}) }).replace(
        /x-mc-csrf: .*\r\n/,
        token === undefined ? '' : `x-mc-csrf: ${token}\r\n`,
      );
      holds(await sendRaw(door.app, bytes, 200), [400, 401, 403], `row 27, ${token?.slice(0, 20)}`);
    }
  });

  it.concurrent('has a cookie in which one bit is another: row 32', async () => {
    const [name = '', value = ''] = (door.app.headers.cookie ?? '').split(/=(.*)/s);
    for (let i = 0; i < value.length; i += 11) {
      const flipped = value.slice(0, i) + (value[i] === 'A' ? 'B' : 'A') + value.slice(i + 1);
      const answer = await door.app.fetch(`${BASE}/summary`, {
        headers: { ...door.app.headers, cookie: `${name}=${flipped}` },
      });
      // The last character of base64 may stand for the same bytes.
      expect(i === value.length - 1 ? [200, 401] : [401], `row 32, ${i}`).toContain(answer.status);
      await answer.arrayBuffer();
    }
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
          door.app,
          request(door.app, 'POST /api/v1/csp-report', {
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
        await sendRaw(door.app, request(door.app, 'POST /api/v1/csp-report', { body, session: false }), 200),
        204,
        `row 100, ${body}`,
      );
    holds(
      await sendRaw(
        door.app,
        request(door.app, 'POST /api/v1/csp-report', { body: 'x'.repeat(8_193), session: false }),
        200,
      ),
      413,
      'row 100, 8,193 bytes',
    );
    for (const agent of ['\u001b[31m', '","level":"fatal', JNDI, 'x'.repeat(7_000)])
      holds(
        await sendRaw(
          door.app,
          request(door.app, `GET ${BASE}/nope`, { lines: `user-agent: ${agent}\r\nreferer: ${agent}\r\n` }),
          200,
        ),
        [400, 404],
        `row 101, ${agent.slice(0, 10)}`,
      );
    await eventually(() =>
      expect(door.app.stderr.match(/csp-report/g)?.length ?? 0).toBeGreaterThanOrEqual(words.length),
    );
    for (const line of door.app.stderr.split('\n').filter((l) => l.includes('csp-report'))) {
      expect(JSON.parse(line)).toMatchObject({ level: 'warn' });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      expect(line).not.toMatch(/[\x00-\x1f\u2028\u202e]/);
    }
  });
});

describe('after all of that', () => {
  it('no change was tried, nothing was left uncaught, and everything still works', () => door.stands());
});
