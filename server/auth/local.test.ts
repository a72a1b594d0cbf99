import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOCAL, TestConsole } from './console.test-support';

let app: TestConsole;
beforeEach(async () => {
  app = await new TestConsole(LOCAL).start();
});
afterEach(() => app.stop());

const openLink = (token: string) => app.ask('/auth/local', { method: 'POST', body: JSON.stringify({ token }) });

interface Session {
  cookie: string;
  csrf: string;
}
async function signIn(): Promise<Session> {
  const response = await openLink(app.made?.newLink?.() ?? '');
  const { csrf } = await response.json();
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '', csrf };
}
const headers = ({ cookie, csrf }: Session) => ({ cookie, 'x-mc-csrf': csrf });

describe('the local mode', () => {
  it('lets in whoever has the link, once', async () => {
    const token = app.made?.newLink?.() ?? '';
    const first = await openLink(token);
    expect(first.status).toBe(200);
    expect(first.headers.get('set-cookie')).toMatch(
      new RegExp(`^mc_${app.port}=v1\\..*; Path=/; HttpOnly; SameSite=Lax; Max-Age=(7200|7199|719\\d)$`),
    );
    const second = await openLink(token);
    expect(second.status).toBe(401);
    expect((await second.json()).detail).toBe('This link was used before, or is too old.');
    expect(second.headers.get('set-cookie')).toBeNull();
  });
  it('counts the life of a link by time that passes, not by a clock that is set', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const own = await new TestConsole(LOCAL).start();
    try {
      const body = JSON.stringify({ token: own.made?.newLink?.() });
      vi.setSystemTime(Date.now() + 24 * 3_600_000);
      expect((await own.ask('/auth/local', { method: 'POST', body })).status).toBe(200);
    } finally {
      await own.stop();
      vi.useRealTimers();
    }
  });
  it.each(['', 'x', '\u0000', 'a'.repeat(128)])('lets nobody in with %j', async (token) => {
    app.made?.newLink?.();
    expect([400, 401]).toContain((await openLink(token)).status);
  });
  it('takes the token in the body alone', async () => {
    const token = app.made?.newLink?.() ?? '';
    expect((await app.ask(`/auth/local?t=${token}`)).status).toBe(405);
    expect((await app.ask(`/login?t=${token}`)).headers.get('set-cookie')).toBeNull();
    expect((await openLink(token)).status).toBe(200);
  });
  it('shows the session and its token to pages of the session', async () => {
    const session = await signIn();
    const answer = await app.ask('/api/v1/x', { headers: headers(session) });
    expect(await answer.json()).toMatchObject({ role: 'admin' });
  });
  it('prints a new link where it runs, never to who asks', async () => {
    const answer = await app.ask('/auth/link', { method: 'POST', body: '{}' });
    expect(await answer.json()).toEqual({ printed: true });
    expect(app.printed).toHaveLength(1);
    expect((await openLink(app.printed[0] ?? '')).status).toBe(200);
  });
  it('takes away a cookie that is not of its making, and says so in the log once', async () => {
    const session = await signIn();
    const forged = { ...headers(session), cookie: `${session.cookie.slice(0, -6)}AAAAAA` };
    for (const path of ['/api/v1/x', '/c/c1', '/api/v1/x']) {
      const answer = await app.ask(path, { headers: forged });
      expect([401, 303]).toContain(answer.status);
      expect(answer.headers.get('set-cookie')).toMatch(new RegExp(`^mc_${app.port}=; Path=/; HttpOnly; .*Max-Age=0`));
    }
    const told = app.lines.map((l) => JSON.parse(l)).filter((r) => r.error === 'invalid_session');
    expect(told).toMatchObject([{ action: 'session.refused', result: 'refused' }]);
    // One of our own is left alone, whatever else is missing.
    const bare = await app.ask('/api/v1/x', { headers: { cookie: `${session.cookie}; a=b` } });
    expect([bare.status, bare.headers.get('set-cookie')]).toEqual([401, null]);
  });
  it('signs out, and a copy of the session is of no more use', async () => {
    const session = await signIn();
    const out = await app.ask('/auth/logout', { method: 'POST', body: '{}', headers: headers(session) });
    expect(await out.json()).toEqual({ location: '/login?reason=signed-out' });
    expect((await app.ask('/api/v1/x', { headers: headers(session) })).status).toBe(401);
  });
  it('cannot be signed out of by another site', async () => {
    const session = await signIn();
    for (const init of [
      { method: 'GET' },
      { method: 'POST', body: '{}', headers: { cookie: session.cookie } },
      { method: 'POST', body: '{}', headers: { ...headers(session), origin: 'http://evil.example' } },
    ])
      expect([403, 401, 405]).toContain((await app.ask('/auth/logout', init)).status);
    expect((await app.ask('/api/v1/x', { headers: headers(session) })).status).toBe(200);
  });
  it('has no other door', async () => {
    for (const path of ['/auth/login', '/auth/callback?code=a&state=b', '/auth/token', '/auth/', '/auth/__proto__'])
      expect((await app.ask(path)).status).toBe(404);
  });
  it('writes who came, and keeps the secrets out of it', async () => {
    const token = app.made?.newLink?.() ?? '';
    const { csrf } = await (await openLink(token)).json();
    await openLink(token);
    expect(app.lines.map((l) => JSON.parse(l)).map((r) => [r.action, r.result])).toEqual([
      ['session.start', 'ok'],
      ['session.refused', 'refused'],
    ]);
    for (const secret of [token, csrf]) expect(app.lines.join()).not.toContain(secret);
  });
});

describe('another program on another port of this machine', () => {
  /** What a page of the console would send to another port: browsers share cookies among the ports of a host. */
  async function stolen(session: Session): Promise<IncomingHttpHeaders> {
    let got: IncomingHttpHeaders = {};
    const thief = createServer((req, res) => {
      got = req.headers;
      res.end();
    });
    await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
    await fetch(`http://127.0.0.1:${(thief.address() as AddressInfo).port}/`, { headers: { cookie: session.cookie } });
    await new Promise((resolve) => thief.close(resolve));
    return got;
  }

  it('gets the cookie, and can neither read nor change anything with it', async () => {
    const session = await signIn();
    const { cookie = '' } = await stolen(session);
    expect(cookie).toBe(session.cookie);
    for (const path of ['/api/v1/x', '/api/v1/session', '/api/v1/clusters/c1/events'])
      expect((await app.ask(path, { headers: { cookie } })).status).toBe(401);
    const change = await app.ask('/api/v1/x', { method: 'PUT', body: '{"size":"1"}', headers: { cookie } });
    expect(change.status).toBe(401);
    expect(app.changes).toBe(0);
  });
  it('gets pages with it, and no page says the token', async () => {
    const session = await signIn();
    const page = await app.ask('/', { headers: { cookie: session.cookie } });
    expect(page.status).toBe(200);
    expect(`${await page.text()}${JSON.stringify([...page.headers])}`).not.toContain(session.csrf);
  });
  it('is another site to the console, although browsers call it the same', async () => {
    const session = await signIn();
    const read = await app.ask('/api/v1/x', { headers: { ...headers(session), 'sec-fetch-site': 'same-site' } });
    expect(read.status).toBe(403);
  });
});

describe('a change', () => {
  // Four layers, and each stops it while the three others are satisfied.
  it.each<[string, Record<string, string>, number]>([
    ['of another content type', { 'content-type': 'text/plain' }, 415],
    ['from another site, as the browser says', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from another origin', { origin: 'http://evil.example' }, 403],
    ['with another token', { 'x-mc-csrf': 'another' }, 401],
  ])('%s is not made', async (_what, change, want) => {
    const session = await signIn();
    const usual = { ...headers(session), 'sec-fetch-site': 'same-origin' };
    const send = (more: Record<string, string>) =>
      app.ask('/api/v1/x', { method: 'PUT', body: '{"size":"1"}', headers: { ...usual, ...more } });
    expect((await send(change)).status).toBe(want);
    expect(app.changes).toBe(0);
    expect((await send({})).status).toBe(200);
    expect(app.changes).toBe(1);
  });
  it('with the token of an earlier session is not made', async () => {
    const session = await signIn();
    await app.ask('/auth/logout', { method: 'POST', body: '{}', headers: headers(session) });
    expect(
      (await app.ask('/api/v1/x', { method: 'PUT', body: '{"size":"1"}', headers: headers(session) })).status,
    ).toBe(401);
    expect(app.changes).toBe(0);
  });
});
