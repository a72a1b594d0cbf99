import { beforeEach, describe, expect, it } from 'vitest';
import { LocalLink } from './local-link';
import { personOf } from './principal';
import { Revocations } from './revocations';
import type { RoleRules } from './roles';
import { roleOf } from './roles';
import { Sealer } from './seal';
import { type SessionOptions, Sessions } from './sessions';

const MINUTE = 60_000;
const KEY = Buffer.alloc(32, 'a');
const OTHER_KEY = Buffer.alloc(32, 'b');
const roles: RoleRules = {
  groups: { viewer: ['staff'], operator: ['ops'], admin: ['storage'], breakglass: ['night'] },
  subjects: { viewer: [], operator: ['u-9'], admin: [], breakglass: [] },
  everyone: undefined,
};
const ana = { issuer: 'https://idp', subject: 'u-1', name: 'Ana', groups: ['staff', 'storage', 'choir'] };

let now = 0;
let revocations: Revocations;
const sessions = (change: Partial<SessionOptions> = {}) =>
  new Sessions({
    mode: 'oidc',
    sealer: new Sealer([KEY]),
    cookie: { name: '__Host-mc_session', isSecure: true, sameSite: 'Lax' },
    roles,
    keepAllGroups: false,
    revocations,
    idleMs: 30 * MINUTE,
    absoluteMs: 8 * 60 * MINUTE,
    now: () => now,
    ...change,
  });
beforeEach(() => {
  now = Date.parse('2026-11-26T07:00:00Z');
  revocations = new Revocations(() => now);
});

const cookieOf = (set: string | undefined) => (set ?? '').split(';', 1)[0] ?? '';
const started = (s: Sessions, person = ana) => cookieOf(s.start(person)?.setCookie);

describe('a session', () => {
  it('is a cookie that only this host gets back, and no script reads', () => {
    expect(sessions().start(ana)?.setCookie).toMatch(
      /^__Host-mc_session=v1\.[\w-]{8}\.[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=28800; Secure$/,
    );
  });
  it('says who it is, with the strongest role that the groups give', () => {
    const s = sessions();
    const { principal } = s.read(started(s)) ?? {};
    expect(principal).toMatchObject({ issuer: 'https://idp', subject: 'u-1', name: 'Ana', role: 'admin' });
    // Groups that decide nothing are not kept, where nobody else asks for them.
    expect(principal?.groups).toEqual(['staff', 'storage']);
  });
  it('has another id and token each time', () => {
    const s = sessions();
    const all = Array.from({ length: 1_000 }, () => s.start(ana)?.principal);
    expect(new Set(all.map((p) => p?.session?.id)).size).toBe(1_000);
    expect(new Set(all.map((p) => p?.csrf)).size).toBe(1_000);
  });
  it('is opened by nothing but what was sealed: no bit of it may differ', () => {
    const s = sessions();
    const [name = '', value = ''] = started(s).split('=');
    const [version = '', key = '', sealed = ''] = value.split('.');
    const bytes = Buffer.from(sealed, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8((forged[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      expect(s.read(`${name}=${version}.${key}.${forged.toString('base64url')}`)).toBeUndefined();
    }
    for (const other of [
      `v2.${key}.${sealed}`,
      `${version}.zzzzzzzz.${sealed}`,
      `${version}.${key}.`,
      `${value}.x`,
      '',
    ])
      expect(s.read(`${name}=${other}`)).toBeUndefined();
    expect(s.read(`${name}=${value}`)).toBeDefined();
  });
  it('of one kind of cookie is worth nothing as another', () => {
    const value = started(sessions()).split('=')[1];
    const s = sessions({ cookie: { name: 'mc_4200', isSecure: false, sameSite: 'Lax' } });
    expect(s.read(`mc_4200=${value}`)).toBeUndefined();
    expect(sessions({ mode: 'local' }).read(`__Host-mc_session=${value}`)).toBeUndefined();
  });
  it('goes on under a key that was replaced, and not under one that was taken away', () => {
    const cookie = started(sessions());
    expect(sessions({ sealer: new Sealer([OTHER_KEY, KEY]) }).read(cookie)).toBeDefined();
    expect(sessions({ sealer: new Sealer([OTHER_KEY]) }).read(cookie)).toBeUndefined();
  });
  it('is found among cookies of the same name that others have set', () => {
    const s = sessions();
    expect(s.read(`a=1; __Host-mc_session=forged; ${started(s)}; b=2`)?.principal.name).toBe('Ana');
  });
  it('ends after 30 minutes without a request, and lives on while there are some', () => {
    const s = sessions();
    let cookie = started(s);
    for (let minutes = 0; minutes < 120; minutes += 20) {
      now += 20 * MINUTE;
      const found = s.read(cookie);
      expect(found).toBeDefined();
      if (found?.renewal) cookie = cookieOf(found.renewal);
    }
    now += 31 * MINUTE;
    expect(s.read(cookie)).toBeUndefined();
  });
  it('ends after 8 hours however busy it is', () => {
    const s = sessions();
    let cookie = started(s);
    const end = now + 8 * 60 * MINUTE;
    for (; now < end; now += 10 * MINUTE) cookie = cookieOf(s.read(cookie)?.renewal) || cookie;
    expect(s.read(cookie)).toBeUndefined();
  });
  it('is written anew at most once a minute', () => {
    const s = sessions();
    const cookie = started(s);
    now += 59_000;
    expect(s.read(cookie)?.renewal).toBeUndefined();
    now += 2_000;
    expect(s.read(cookie)?.renewal).toBeDefined();
  });
  it('of the future is none: a clock was set back', () => {
    const s = sessions();
    const cookie = started(s);
    now -= 2 * MINUTE;
    expect(s.read(cookie)).toBeUndefined();
  });
  it('loses its role at once when the configuration takes it away', () => {
    const cookie = started(sessions());
    const none = { ...roles, groups: { ...roles.groups, admin: [], viewer: [] } };
    expect(sessions({ roles: none }).read(cookie)?.principal.role).toBeUndefined();
  });
  it('is not begun when what it must keep does not fit a cookie', () => {
    const groups = Array.from({ length: 40 }, (_, i) => `${i}`.padStart(256, 'g'));
    expect(sessions({ keepAllGroups: true }).start({ ...ana, groups })).toBeUndefined();
    expect(sessions().start({ ...ana, groups })).toBeDefined();
  });
});

describe('an ended session', () => {
  it('is one that somebody signed out of, whoever holds a copy of its cookie', () => {
    const s = sessions();
    const [mine, other] = [started(s), started(s)];
    const principal = s.read(mine)?.principal;
    if (!principal?.session) throw new Error('no session');
    revocations.end(principal.session);
    expect(s.read(mine)).toBeUndefined();
    expect(s.holds(principal)).toBe(false);
    expect(s.read(other)).toBeDefined();
  });
  it('is each of one person, when they sign out everywhere, and none begun later', () => {
    const s = sessions();
    const before = [started(s), started(s)];
    const bo = started(s, { ...ana, subject: 'u-2' });
    revocations.endPerson(personOf(ana), 8 * 60 * MINUTE);
    for (const cookie of before) expect(s.read(cookie)).toBeUndefined();
    expect(s.read(bo)).toBeDefined();
    now += 1;
    expect(s.read(started(s))).toBeDefined();
  });
  it('is everybody’s, when an administrator says so', () => {
    const s = sessions();
    const cookie = started(s);
    let told = 0;
    revocations.subscribe(() => (told += 1));
    revocations.endAll();
    expect(s.read(cookie)).toBeUndefined();
    expect(told).toBe(1);
  });
  it('is never forgotten while it could live: too many end them all', () => {
    const few = new Revocations(() => now, 3);
    const s = sessions({ revocations: few });
    const cookies = Array.from({ length: 5 }, () => started(s));
    for (const cookie of cookies.slice(0, 4)) {
      const session = s.read(cookie)?.principal.session;
      if (session) few.end(session);
    }
    for (const cookie of cookies) expect(s.read(cookie)).toBeUndefined();
  });
  it('ends the streams that it has open when it has been idle for too long', () => {
    const s = sessions();
    const principal = s.read(started(s))?.principal;
    if (!principal) throw new Error('no session');
    now += 29 * MINUTE;
    expect(s.holds(principal)).toBe(true);
    now += 2 * MINUTE;
    expect(s.holds(principal)).toBe(false);
  });
});

describe('roles', () => {
  it.each<[string[], string, string | undefined]>([
    [['staff'], 'u-1', 'viewer'],
    [['staff', 'ops'], 'u-1', 'operator'],
    [['storage', 'night'], 'u-1', 'breakglass'],
    [[], 'u-9', 'operator'],
    [['STAFF', 'staff ', 'sta'], 'u-1', undefined],
    [['__proto__', 'constructor'], '__proto__', undefined],
  ])('of groups %j and subject %s: %s', (groups, subject, want) => {
    expect(roleOf(roles, subject, groups)).toBe(want);
  });
});

describe('a link', () => {
  it('signs in once, within 15 minutes, and only as a whole', () => {
    const link = new LocalLink(() => now);
    const token = link.renew() ?? '';
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    for (const wrong of [
      '',
      token.slice(1),
      `${token}A`,
      token.toLowerCase(),
      token.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
    ])
      expect(link.take(wrong)).toBe(false);
    expect(link.take(token)).toBe(true);
    expect(link.take(token)).toBe(false);
    now += MINUTE;
    const old = link.renew() ?? '';
    now += 15 * MINUTE;
    expect(link.take(old)).toBe(false);
  });
  it('is followed at once by another when it was used', () => {
    const link = new LocalLink(() => now);
    expect(link.take(link.renew() ?? '')).toBe(true);
    expect(link.take(link.renew() ?? '')).toBe(true);
  });
  it('is replaced by the next one, which is not made every moment', () => {
    const link = new LocalLink(() => now);
    const first = link.renew() ?? '';
    expect(link.renew()).toBeUndefined();
    now += 5_000;
    const second = link.renew() ?? '';
    expect(link.take(first)).toBe(false);
    expect(link.take(second)).toBe(true);
  });
});
