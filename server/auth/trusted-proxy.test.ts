import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthConfig } from '../config/auth-config';
import { RawClient, status } from '../http/raw-client.test-support';
import { TestConsole } from './console.test-support';

const SECRET = 'a-secret-that-only-the-proxy-has';
const none = { viewer: [], operator: [], admin: [], breakglass: [] };
const config = (cidrs: string[]): AuthConfig => ({
  mode: 'trusted-proxy',
  proxy: {
    cidrs,
    secret: SECRET,
    secretHeader: 'x-console-proxy-secret',
    userHeader: 'x-forwarded-user',
    groupsHeader: 'x-forwarded-groups',
    signOutUrl: '/oauth2/sign_out',
  },
  roles: { groups: { ...none, admin: ['ops'] }, subjects: none, everyone: undefined },
});

let app: TestConsole;
beforeEach(async () => {
  app = await new TestConsole(config(['127.0.0.0/8'])).start();
});
afterEach(() => app.stop());

const proxied = (more: Record<string, string> = {}) => ({
  'x-console-proxy-secret': SECRET,
  'x-forwarded-user': 'ana',
  'x-forwarded-groups': 'staff, ops',
  ...more,
});
const ask = (headers: Record<string, string>) => app.ask('/api/v1/x', { headers });

describe('a trusted proxy', () => {
  it('says who asks, with their groups', async () => {
    expect(await (await ask(proxied())).json()).toEqual({ name: 'ana', role: 'admin', groups: ['staff', 'ops'] });
  });
  it.each<[string, Record<string, string>]>([
    ['without the secret', { 'x-console-proxy-secret': '' }],
    ['with another secret', { 'x-console-proxy-secret': `${SECRET}x` }],
    ['without a user', { 'x-forwarded-user': '' }],
    ['with a user of great length', { 'x-forwarded-user': 'u'.repeat(257) }],
  ])('is not believed %s', async (_what, change) => {
    expect((await ask(proxied(change))).status).toBe(401);
  });
  it('is not believed from another address, whatever it knows', async () => {
    const elsewhere = await new TestConsole(config(['10.0.0.0/8'])).start();
    expect((await elsewhere.ask('/api/v1/x', { headers: proxied() })).status).toBe(401);
    await elsewhere.stop();
  });
  it('may say it once only', async () => {
    const raw = new RawClient(() => app.port);
    const lines = `X-Console-Proxy-Secret: ${SECRET}\r\nX-Forwarded-User: ana\r\nX-Forwarded-User: root\r\n`;
    expect(status(await raw.get('/api/v1/x', lines))).toBe(400);
  });
  it.each(['X-Remote-User', 'X-Auth-Request-Email', 'X-WEBAUTH-USER', 'Impersonate-User', 'X-Forwarded-Email'])(
    'does not speak by %s',
    async (name) => {
      expect((await ask({ 'x-console-proxy-secret': SECRET, [name]: 'admin' })).status).toBe(401);
    },
  );
  it('does not make changes believable that come from elsewhere: the page’s token counts here, too', async () => {
    const change = (headers: Record<string, string>) =>
      app.ask('/api/v1/x', { method: 'PUT', body: '{"size":"1"}', headers: proxied(headers) });
    expect((await change({})).status).toBe(403);
    expect((await change({ 'x-mc-csrf': 'guessed' })).status).toBe(403);
    expect(app.changes).toBe(0);
  });
  it('signs people out itself', async () => {
    const principal = app.made?.auth;
    expect(principal?.mode).toBe('trusted-proxy');
    expect((await app.ask('/auth/logout', { method: 'POST', body: '{}', headers: proxied() })).status).toBe(403);
  });
});
