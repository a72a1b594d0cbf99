import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EndedFile } from './ended-file';
import { personOf } from './principal';
import { Revocations } from './revocations';

const ANA = personOf({ issuer: 'https://idp', subject: 'ana' });
const BO = personOf({ issuer: 'https://idp', subject: 'bo' });
const HOUR = 3_600_000;

let folder: string;
let at: string;
let now = 0;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mayastor-ended-'));
  at = path.join(folder, 'ended');
  now = Date.parse('2026-11-26T07:00:00Z');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** A console that begins to run: what it knows is what the file says. */
const started = (capacity?: number) => new Revocations(() => now, capacity, EndedFile.open(at));
const begun = (r: Revocations, id: string, person = ANA) => ({
  id,
  person,
  birth: r.birthOf(person),
  expiresAt: now + HOUR,
});

describe('sessions that ended early', () => {
  it('stay ended over a restart, and the others go on', async () => {
    const before = started();
    const [gone, stays, bo] = [begun(before, 'a'), begun(before, 'b'), begun(before, 'c', BO)];
    await before.end(gone);
    await before.endPerson(BO, HOUR);
    const after = started();
    expect([gone, stays, bo].map((s) => after.isEnded(s))).toEqual([true, false, true]);
    // One that Bo begins now is none of those.
    expect(after.isEnded(begun(after, 'd', BO))).toBe(false);
    const stillBo = begun(after, 'd', BO);
    expect(started().isEnded(stillBo)).toBe(false);
  });
  it('are everybody’s, over a restart, too', async () => {
    const before = started();
    const session = begun(before, 'a');
    await before.endAll();
    expect(started().isEnded(session)).toBe(true);
    expect(started().isEnded(begun(before, 'b'))).toBe(false);
  });
  it.each([
    ['is missing', () => rmSync(at)],
    ['is cut off', () => writeFileSync(at, readFileSync(at, 'utf8').slice(0, -20))],
    ['is empty', () => writeFileSync(at, '')],
    ['is something else', () => writeFileSync(at, '{"generation":1,"__proto__":{}}')],
  ])('are all there were when the file %s', async (_, harm) => {
    const before = started();
    const session = begun(before, 'a');
    harm();
    const after = started();
    expect(after.isEnded(session)).toBe(true);
    expect(after.isEnded(begun(after, 'b'))).toBe(false);
  });
  it('stay ended when the clock is set back, and new ones can begin', async () => {
    const before = started();
    const [session, all] = [begun(before, 'a'), begun(before, 'b', BO)];
    await before.endPerson(ANA, HOUR);
    now -= 24 * HOUR;
    expect(before.isEnded(session)).toBe(true);
    expect(before.isEnded(begun(before, 'c'))).toBe(false);
    await before.endAll();
    now -= 24 * HOUR;
    expect(before.isEnded(all)).toBe(true);
    expect(started().isEnded(begun(before, 'd', BO))).toBe(false);
  });
  it('are forgotten when they would have ended anyway, so that the file stays small', async () => {
    const before = started(100);
    for (let n = 0; n < 90; n += 1) void before.end(begun(before, `old-${n}`));
    now += 2 * HOUR;
    const late = begun(before, 'late');
    await before.end(late);
    expect(readFileSync(at, 'utf8').length).toBeLessThan(300);
    expect(started(100).isEnded(late)).toBe(true);
    for (let n = 0; n < 200; n += 1) await before.end(begun(before, `new-${n}`));
    expect(readFileSync(at, 'utf8').length).toBeLessThan(100 * 64);
  });
  it('are told by nothing that stands in the file: no id, no name; and only we may read it', async () => {
    const it = started();
    await it.end(begun(it, 'secret-session-id'));
    await it.endPerson(ANA, HOUR);
    const text = readFileSync(at, 'utf8');
    expect(text).not.toMatch(/secret|ana|idp/);
    expect(statSync(at).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['ended']);
  });
  it('that end at the same moment are all kept once each has been told so', async () => {
    const it = started();
    const many = Array.from({ length: 50 }, (_, n) => begun(it, `s${n}`));
    await Promise.all(many.map((s) => it.end(s)));
    const after = started();
    expect(many.every((s) => after.isEnded(s))).toBe(true);
  });
  it('are ended all the same when they cannot be kept, which is said, and kept when they can be', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const it = started();
      const session = begun(it, 'a');
      rmSync(folder, { recursive: true });
      await it.end(session);
      expect(it.isEnded(session)).toBe(true);
      expect(JSON.parse(String(said.mock.calls[0]?.[0]))).toMatchObject({ event: 'ended sessions cannot be kept' });
      mkdirSync(folder);
      vi.advanceTimersByTime(5_000);
      // Behind the one that was tried again.
      await it.end(begun(it, 'b'));
      expect(started().isEnded(session)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a file of ended sessions that cannot be written', () => {
  it('is told of at the start', () => {
    expect(() => EndedFile.open(path.join(folder, 'none', 'ended'))).toThrow(/ENOENT/);
    mkdirSync(at);
    expect(() => EndedFile.open(at)).toThrow(/EISDIR/);
    if (process.getuid?.() === 0) return; // root writes everywhere
    rmSync(at, { recursive: true });
    chmodSync(folder, 0o500);
    expect(() => EndedFile.open(at)).toThrow(/EACCES/);
    chmodSync(folder, 0o700);
  });
});
