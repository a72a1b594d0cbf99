import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../audit/audit';
import type { Config } from '../config/config';
import { Networks } from '../http/client-address';
import { namesOf } from '../http/guard';
import { testHealth } from '../http/health.test-support';
import { makeServer } from '../http/server';
import { DEFAULT_LIMITS } from '../limits/limits';
import { Traffic } from '../limits/traffic';
import type { Runtime } from '../runtime';
import { Browser, CLIENT, sign, TestProvider, type Token } from './identity-provider.test-support';
import { type MadeAuth, makeAuth } from './make-auth';
import type { SignIn } from './sign-in';

let url = '';
const provider = new TestProvider(() => url);
let server: Server;
let made: MadeAuth;
let signIn: SignIn;
let lines: string[] = [];
const write = async (line: string) => void lines.push(line);
const audit = new AuditLog({ instance: 'i', write, now: Date.now, capacity: 100, patienceMs: 1_000 });
const traffic = new Traffic({ ...DEFAULT_LIMITS, signInsPerMinute: 1_000, anonymousPerSecond: 1_000 }, Date.now);
const log = console.error;
let logged: string[] = [];

function config(): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    publicUrl: url,
    clusters: [],
    readOnly: false,
    limits: DEFAULT_LIMITS,
    trustedProxies: [],
    auth: {
      mode: 'oidc',
      oidc: {
        issuer: provider.issuer,
        clientId: CLIENT.id,
        clientSecret: CLIENT.secret,
        scopes: 'openid profile groups',
        groupsClaim: 'groups',
        nameClaim: 'name',
      },
      roles: {
        groups: { viewer: ['staff'], operator: [], admin: ['storage-admins'], breakglass: [] },
        subjects: { viewer: [], operator: [], admin: [], breakglass: [] },
        everyone: undefined,
      },
      sessionSecrets: [],
      endedFile: undefined,
      idleMs: 60_000,
      absoluteMs: 600_000,
    },
  };
}

beforeAll(async () => {
  const runtime: Runtime = {
    version: 't',
    instance: 'i',
    clusters: new Map(),
    audit,
    traffic,
    isDraining: false,
    get auth() {
      return made.auth;
    },
  };
  server = makeServer({
    runtime,
    health: testHealth(),
    rules: () => ({ ...namesOf('127.0.0.1', Number(new URL(url).port)), maxBodyBytes: 64 * 1024 }),
    signIn: () => signIn,
    proxies: new Networks([]),
    isHttps: false,
    isDev: false,
    isProxied: false,
    next: async (_, res) => {
      res.end(JSON.stringify(made.auth.current ?? null));
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await provider.start();
});
beforeEach(() => {
  made = makeAuth(config(), 1, () => undefined);
  signIn = made.signIn(traffic, audit);
  lines = [];
  logged = [];
  console.error = (line: string) => void logged.push(line);
  provider.account = { sub: 'u-1', name: 'Ana', groups: ['storage-admins'] };
});
afterEach(() => {
  provider.tamper = undefined;
  console.error = log;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await provider.stop();
});

const callback = (at: string) => at.startsWith(`${url}/auth/callback`);
const events = () => lines.map((l) => JSON.parse(l)).map((r) => `${r.action} ${r.result} ${r.error ?? r.actor?.name}`);

/** Signs in; the address that one ends at. */
async function enter(browser: Browser, to = '/c/default'): Promise<string> {
  const back = await browser.follow(`${url}/auth/login?to=${encodeURIComponent(to)}`, callback);
  const response = await browser.get(back.url);
  return response.headers.get('location') ?? `${response.status}`;
}
const whoIs = async (browser: Browser): Promise<unknown> => (await browser.get(`${url}/api/v1/x`)).json();

describe('signing in at a real provider', () => {
  it('leads back to where one came from, with the role of one’s group', async () => {
    const browser = new Browser();
    expect(await enter(browser, '/c/default/volumes?q=a')).toBe('/c/default/volumes?q=a');
    expect(await whoIs(browser)).toMatchObject({
      issuer: provider.issuer,
      subject: 'u-1',
      name: 'Ana',
      role: 'admin',
      mode: 'oidc',
    });
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('mc_'))).toEqual(['mc_session']);
    expect(events()).toEqual(['session.start ok Ana']);
  });
  it('sends PKCE with S256, and a state, nonce and verifier that are new each time', async () => {
    const [a, b] = await Promise.all(
      [1, 2].map(async () => new URL((await new Browser().get(`${url}/auth/login`)).headers.get('location') ?? '')),
    );
    expect(a?.searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(Buffer.from(a?.searchParams.get(name) ?? '', 'base64url').length).toBe(32);
      expect(a?.searchParams.get(name)).not.toBe(b?.searchParams.get(name));
    }
  });
  it('lets two tabs sign in side by side', async () => {
    const browser = new Browser();
    const begun: string[] = [];
    for (const to of ['/c/one', '/c/two'])
      begun.push((await browser.get(`${url}/auth/login?to=${encodeURIComponent(to)}`)).headers.get('location') ?? '');
    const ends: Array<string | null> = [];
    for (const at of begun) {
      const back = await browser.follow(at, callback);
      ends.push((await browser.get(back.url)).headers.get('location'));
    }
    expect(ends).toEqual(['/c/one', '/c/two']);
  });
  it('gives no role to whom no rule names', async () => {
    provider.account = { sub: 'u-2', name: 'Bo', groups: ['others'] };
    const browser = new Browser();
    await enter(browser);
    expect(await whoIs(browser)).not.toHaveProperty('role');
  });
  it('goes on after the provider has changed its keys, at once', async () => {
    await enter(new Browser());
    provider.rotateKeys();
    expect(await enter(new Browser())).toBe('/c/default');
  });
  it('keeps those who are in while the provider is down, and says so to those who come', async () => {
    const browser = new Browser();
    await enter(browser);
    const half = new Browser();
    const back = await half.follow(`${url}/auth/login`, callback);
    await provider.stop();
    try {
      expect(await whoIs(browser)).toMatchObject({ name: 'Ana' });
      expect((await half.get(back.url)).headers.get('location')).toBe('/login?reason=provider');
      made = makeAuth(config(), 1, () => undefined);
      signIn = made.signIn(traffic, audit);
      const began = await new Browser().get(`${url}/auth/login`);
      expect([began.status, began.headers.get('location')]).toEqual([303, '/login?reason=provider']);
    } finally {
      await provider.start();
    }
  });
  it('signs out here and at the provider', async () => {
    const browser = new Browser();
    await enter(browser);
    const who = await whoIs(browser);
    const csrf = typeof who === 'object' && who !== null && 'csrf' in who ? String(who.csrf) : '';
    const stolen = browser.cookies.get('mc_session') ?? '';
    const ask = (headers: Record<string, string>) =>
      fetch(`${url}/auth/logout`, {
        method: 'POST',
        body: '{}',
        headers: { cookie: `mc_session=${stolen}`, origin: url, 'content-type': 'application/json', ...headers },
      });
    expect((await ask({})).status).toBe(403);
    const out = await ask({ 'x-mc-csrf': csrf });
    const { location } = await out.json();
    expect(out.headers.get('clear-site-data')).toBe('"cache", "storage"');
    expect(out.headers.get('set-cookie')).toMatch(/^mc_session=; .*Max-Age=0/);
    const there = new URL(location);
    expect(there.origin).toBe(provider.issuer);
    expect(there.searchParams.get('post_logout_redirect_uri')).toBe(`${url}/login?reason=signed-out`);
    expect((await browser.get(location)).status).toBe(200);
    // A copy of the cookie is of no more use.
    expect(await whoIs(browser)).toBeNull();
  });
});

describe('the provider’s answer', () => {
  const hs256 = (token: Token, secret: string) => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ ...token.header, alg: 'HS256' })}.${part(token.claims)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const now = () => Math.floor(Date.now() / 1000);
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const claims = (change: Record<string, unknown>) => (t: Token, key: JsonWebKey) =>
    sign({ ...t, claims: { ...t.claims, ...change } }, key);
  it.each<[string, NonNullable<TestProvider['tamper']>]>([
    ['is for another client', claims({ aud: 'another' })],
    ['is for this client among others, and does not say for whom', claims({ aud: [CLIENT.id, 'another'] })],
    ['comes from another issuer', claims({ iss: 'https://evil.example' })],
    ['belongs to another sign-in', claims({ nonce: 'another' })],
    ['has expired', (t, key) => claims({ exp: now() - 31, iat: now() - 600 })(t, key)],
    ['is not valid yet', (t, key) => claims({ nbf: now() + 300 })(t, key)],
    ['never expires', claims({ exp: undefined })],
    ['names nobody', claims({ sub: '' })],
    ['names a number', claims({ sub: 7 })],
    ['names somebody at great length', claims({ sub: 's'.repeat(300) })],
    ['is not signed', (t) => sign({ ...t, header: { ...t.header, alg: 'none' } }, other).replace(/\.[^.]*$/, '.')],
    [
      'is signed with the public key as a secret',
      (t, key) => hs256(t, String(createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }))),
    ],
    ['is signed with the client’s secret', (t) => hs256(t, CLIENT.secret)],
    ['is signed with another key of the same name', (t) => sign(t, other)],
    ['brings its own key', (t) => sign({ ...t, header: { alg: 'RS256', jwk: other } }, other)],
    ['names where its key is', (t) => sign({ ...t, header: { alg: 'RS256', jku: 'http://127.0.0.1:1/' } }, other)],
    ['is no token', () => 'not.a.token'],
  ])('lets nobody in when its token %s', async (_what, tamper) => {
    provider.tamper = tamper;
    const browser = new Browser();
    expect(await enter(browser)).toBe('/login?reason=failed');
    expect(await whoIs(browser)).toBeNull();
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('mc_'))).toEqual([]);
    expect(events()).toEqual(['session.refused refused failed']);
  });
  it('lets somebody in whose clock is a little off', async () => {
    provider.tamper = (t, key) => claims({ exp: now() - 20, iat: now() - 600 })(t, key);
    expect(await enter(new Browser())).toBe('/c/default');
  });
  it.each<[string, unknown]>([
    ['more groups than anybody has', Array.from({ length: 201 }, (_, i) => `g${i}`)],
    ['a group that is none', ['storage-admins', { admin: true }]],
    ['a group of great length', ['g'.repeat(257)]],
  ])('lets nobody in with %s, and says why', async (_what, groups) => {
    provider.account = { sub: 'u-1', name: 'Ana', groups };
    expect(await enter(new Browser())).toBe('/login?reason=groups');
  });
  it('is refused when the groups are elsewhere because there are too many', async () => {
    provider.tamper = claims({ _claim_names: { groups: 'src1' }, groups: undefined });
    provider.account = { sub: 'u-1', name: 'Ana', groups: undefined };
    expect(await enter(new Browser())).toBe('/login?reason=groups');
  });

  const begun = async () => {
    const browser = new Browser();
    const back = await browser.follow(`${url}/auth/login`, callback);
    return { browser, back: new URL(back.url) };
  };
  it.each<[string, (back: URL, browser: Browser) => void]>([
    ['without the cookie of its sign-in', (_, browser) => browser.cookies.clear()],
    ['with another state', (back) => back.searchParams.set('state', 'x'.repeat(43))],
    ['with its state twice', (back) => back.searchParams.append('state', back.searchParams.get('state') ?? '')],
    ['without a code', (back) => back.searchParams.delete('code')],
  ])('is worth nothing %s', async (_what, change) => {
    const { browser, back } = await begun();
    change(back, browser);
    provider.requests.length = 0;
    const response = await browser.get(back.href);
    expect(response.status).toBe(400);
    expect(provider.requests).not.toContain('POST /token');
    expect(browser.cookies.has('mc_session')).toBe(false);
  });
  it('is worth nothing from another issuer, or a second time', async () => {
    const first = await begun();
    first.back.searchParams.set('iss', 'https://evil.example');
    expect((await first.browser.get(first.back.href)).headers.get('location')).toBe('/login?reason=failed');
    const second = await begun();
    expect((await second.browser.get(second.back.href)).headers.get('location')).toBe('/');
    expect((await second.browser.get(second.back.href)).status).toBe(400);
  });
  it('is a refusal, whatever words it puts it in', async () => {
    const { browser, back } = await begun();
    const state = back.searchParams.get('state') ?? '';
    const words = `<script>alert(1)</script>${'x'.repeat(1_000)}`;
    const denied = new URL(
      `${url}/auth/callback?${new URLSearchParams({ state, error: 'access_denied', error_description: words })}`,
    );
    const response = await browser.get(denied.href);
    expect(response.headers.get('location')).toBe('/login?reason=denied');
    expect(`${await response.text()}${logged.join()}${lines.join()}`).not.toContain('script');
  });
  it('is taken by GET alone', async () => {
    const { back } = await begun();
    const response = await fetch(back, { method: 'POST', headers: { origin: url }, body: '' });
    expect(response.status).toBe(405);
  });
});
