import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { AuditRecord } from '@/contract/audit';
import type { Operation } from '@/contract/operation';
import type { Principal } from '../auth/principal';
import { AuditLog, type AuditSubject } from './audit';
import { LineSink } from './line-sink';

const ana: Principal = {
  mode: 'oidc',
  issuer: 'https://idp',
  subject: 'u1',
  name: 'ana\nroot\u202e',
  groups: [],
  role: 'admin',
  csrf: 'canary-csrf',
  session: { id: 'canary-sid', birth: { generation: '', mark: '' }, expiresAt: 1 },
};
const subject: AuditSubject = {
  principal: ana,
  requestId: 'r1',
  action: 'volumes:delete',
  summary: 'DELETE /x',
  object: { cluster: 'c1', uuid: 'v1' },
  body: { confirm: 'shop-db', proxySecret: 'canary-secret', publish: { node: 'io-1' }, labels: ['a', 'b'] },
};
// Only these two fields are read.
const operation = (id: string, state: Operation['state']) => ({ id, state, problem: null }) as Operation;

let lines: string[];
let log: AuditLog;
beforeEach(() => {
  lines = [];
  let at = 0;
  log = new AuditLog({
    instance: 'i',
    write: async (l) => void lines.push(l),
    now: () => (at += 5),
    capacity: 4,
    patienceMs: 50,
  });
});
const records = () => lines.map((l) => AuditRecord.parse(JSON.parse(l)));

describe('the audit log', () => {
  it('writes the intent before, and the outcome under the same id', async () => {
    const intent = await log.intent(subject);
    expect(records()).toMatchObject([
      { phase: 'intent', action: 'volumes:delete', result: null, object: { uuid: 'v1' } },
    ]);
    intent.outcome('refused', { error: 'conflict' });
    const [first, second] = records();
    expect(second).toMatchObject({
      phase: 'outcome',
      id: first?.id,
      result: 'refused',
      error: 'conflict',
      durationMs: expect.any(Number),
    });
  });

  it('is one printable line each, without secrets, whatever people call themselves', async () => {
    (await log.intent(subject)).outcome('ok');
    for (const line of lines) {
      expect(line).not.toMatch(/[\p{C}\u2028]/u);
      expect(line).not.toMatch(/canary/);
    }
    expect(records()[0]?.request).toEqual({
      confirm: 'shop-db',
      proxySecret: '(left out)',
      'publish.node': 'io-1',
      labels: 'a, b',
    });
  });

  it('follows a change to its end, also one whose outcome is not known', async () => {
    (await log.intent(subject)).outcome('accepted', { operation: 'o1' });
    log.settle([operation('o1', 'running'), operation('other', 'succeeded')]);
    expect(records()).toHaveLength(2);
    log.settle([operation('o1', 'unknown')]);
    log.settle([operation('o1', 'unknown')]);
    expect(records().map((r) => r.result)).toEqual([null, 'accepted', 'unknown']);
    expect(new Set(records().map((r) => r.id)).size).toBe(1);
  });

  it('chains its lines, so that one taken out shows', () => {
    for (let i = 0; i < 3; i += 1) log.event({ ...subject, action: 'session.start' }, 'ok');
    const hash = (line: string | undefined) =>
      createHash('sha256')
        .update(line ?? '')
        .digest('hex')
        .slice(0, 16);
    expect(records().map((r) => [r.seq, r.prev])).toEqual([
      [1, ''],
      [2, hash(lines[0])],
      [3, hash(lines[1])],
    ]);
  });

  it('keeps a stated number for the page, newest first, and finds by words', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      log.event({ ...subject, object: { pool: `pool-${name}` } }, 'ok');
    const all = log.window('c1', '', 100);
    expect(all).toMatchObject({ matched: 4, kept: 4, capacity: 4 });
    expect(all.records.map((r) => r.object.pool)).toEqual(['pool-f', 'pool-e', 'pool-d', 'pool-c']);
    expect(log.window('c1', 'POOL-d ana', 100).records).toHaveLength(1);
    expect(log.window('c1', '', 1)).toMatchObject({ matched: 4, records: [{ object: { pool: 'pool-f' } }] });
  });

  it('shows a cluster its own records and those of no cluster', () => {
    log.event({ ...subject, object: { cluster: 'c1' } }, 'ok');
    log.event({ ...subject, object: { cluster: 'c2' } }, 'ok');
    log.event({ ...subject, object: {} }, 'ok');
    expect(log.window('c1', '', 100).records.map((r) => r.object.cluster)).toEqual([undefined, 'c1']);
  });

  it('writes of a flood of refusals one a second of each kind', () => {
    let now = 0;
    log = new AuditLog({
      instance: 'i',
      write: async (l) => void lines.push(l),
      now: () => now,
      capacity: 4,
      patienceMs: 50,
    });
    for (now = 0; now < 3_000; now += 10) {
      log.refusal({ ...subject, action: 'request.refused' }, 'misdirected');
      log.refusal({ ...subject, action: 'request.refused' }, 'forbidden');
    }
    expect(records().map((r) => r.error)).toEqual([...Array(6)].map((_, i) => (i % 2 ? 'forbidden' : 'misdirected')));
  });

  it.each<[string, () => Promise<void>]>([
    ['cannot be written', () => Promise.reject(new Error('EPIPE'))],
    ['is not read', () => new Promise(() => undefined)],
  ])('lets nothing happen when it %s', async (_what, write) => {
    const broken = new AuditLog({ instance: 'i', write, now: Date.now, capacity: 1, patienceMs: 20 });
    await expect(broken.intent(subject)).rejects.toThrow(/EPIPE|not being read/);
  });
});

describe('lines to a descriptor that nobody reads', () => {
  it('hold nothing up, keep their order, and are refused when too many wait', async () => {
    const got: string[] = [];
    let isOpen = false;
    const sink = new LineSink(1, 3, (_fd, bytes, done) => {
      if (!isOpen) return setImmediate(() => done(Object.assign(new Error('full'), { code: 'EAGAIN' }), 0));
      // Only some of it at a time, as a pipe that is nearly full does.
      const part = bytes.subarray(0, 2);
      got.push(part.toString());
      return setImmediate(() => done(null, part.length));
    });
    const lines = ['one', 'two', 'three'].map((l) => sink.write(l));
    await expect(sink.write('four')).rejects.toThrow('too many');
    isOpen = true;
    await Promise.all(lines);
    expect(got.join('')).toBe('one\ntwo\nthree\n');
  });
  it('writes what waits together, in its order', async () => {
    const got: string[] = [];
    const sink = new LineSink(1, 2_000, (_fd, bytes, done) => {
      got.push(bytes.toString());
      return setImmediate(() => done(null, bytes.length));
    });
    const line = (n: number) => `${n} ${'x'.repeat(900)}`;
    await Promise.all(Array.from({ length: 200 }, (_, n) => sink.write(line(n))));
    expect(got.length).toBeLessThan(12);
    expect(got.join('').trimEnd().split('\n')).toEqual(Array.from({ length: 200 }, (_, n) => line(n)));
    expect(Math.max(...got.map((part) => part.length))).toBeLessThanOrEqual(32 * 1024);
  });
});
