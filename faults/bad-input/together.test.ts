import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '@/contract/operation';
import type { Volume, VolumeWindow } from '@/contract/volume';
import { ConsoleProcess } from '../support/console';
import { EmbeddedProcess } from '../support/embedded';
import { eventually, tell } from '../support/eventually';
import { openStreams } from '../support/streams';
import { request, sendRaw } from '../support/wire';

// Rows of docs/standing.md, "Bad input", about many at once. Behind it is the embedded cluster, where changes take effect.

let embedded: EmbeddedProcess;
let app: ConsoleProcess;

beforeAll(async () => {
  embedded = await EmbeddedProcess.start();
  app = await ConsoleProcess.start({
    clusters: { c: embedded.agentCore },
    limits: { streams: 30, streamsPerSession: 20 },
  });
  await eventually(async () => expect((await app.sources('c'))[0]?.status).toBe('ok'));
});
afterAll(async () => {
  await app?.kill();
  await embedded?.stop();
});

const VOLUMES = '/api/v1/clusters/c/volumes';
const wanted = (name: string) => ({ name, sizeBytes: '8388608', replicas: 1, thin: true });
const named = async (name: string) =>
  (await app.json<VolumeWindow>('c', '/volumes?limit=500')).rows.filter((v) => v.name === name);
const settled = () =>
  eventually(async () => {
    const { operations } = await app.json<{ operations: Operation[] }>('c', '/operations');
    expect(operations.filter((o) => o.state === 'running')).toEqual([]);
  });

async function made(name: string): Promise<{ id: string; etag: string }> {
  const answer = await app.change('POST', VOLUMES, wanted(name), { 'idempotency-key': randomUUID() });
  expect(answer.status, await answer.clone().text()).toBe(202);
  await settled();
  const row = await eventually(async () => {
    const [found] = await named(name);
    if (!found) throw new Error('not there yet');
    return found;
  });
  const response = await app.get('c', `/volumes/${row.id}`);
  return { id: ((await response.json()) as Volume).row.id, etag: response.headers.get('etag') ?? '' };
}
const remove = (id: string, name: string, etag: string) =>
  app.taking('DELETE', `${VOLUMES}/${id}`, { confirm: name, force: true }, { 'if-match': etag });
const statuses = async (answers: Array<Promise<Response>>) => (await Promise.all(answers)).map((a) => a.status).sort();

describe('many at once', () => {
  it('delete one volume and resize it: each takes effect once or not at all (row 72)', async () => {
    const { id, etag } = await made('once');
    const first = await statuses([
      remove(id, 'once', etag),
      remove(id, 'once', etag),
      app.change('PUT', `${VOLUMES}/${id}/size`, { sizeBytes: '16777216' }, { 'if-match': etag }),
    ]);
    expect(first.filter((s) => s === 202)).toHaveLength(1);
    expect(
      first.every((s) => [202, 404, 409, 412].includes(s)),
      String(first),
    ).toBe(true);
    await settled();
  });

  it('send one key fifty times: one volume, whoever asks last; with another body it is refused (row 73)', async () => {
    const key = randomUUID();
    const answers = await statuses(
      Array.from({ length: 50 }, () => app.change('POST', VOLUMES, wanted('keyed'), { 'idempotency-key': key })),
    );
    expect(
      answers.every((s) => s === 202 || s === 200),
      String(answers),
    ).toBe(true);
    const other = await app.change('POST', VOLUMES, wanted('other'), { 'idempotency-key': key });
    expect([other.status, (await other.json()).code]).toEqual([422, 'key_reused']);
    await settled();
    expect(await named('keyed')).toHaveLength(1);
    expect(await named('other')).toHaveLength(0);
  });

  it('write at once to one volume: one does, and the others are told (row 108)', async () => {
    const { id, etag } = await made('crowd');
    const answers = await statuses(
      Array.from({ length: 100 }, (_, i) =>
        app.change(
          'PUT',
          `${VOLUMES}/${id}/size`,
          { sizeBytes: String(16_777_216 + i * 4_194_304) },
          { 'if-match': etag },
        ),
      ),
    );
    expect(answers.filter((s) => s === 202)).toHaveLength(1);
    expect(
      answers.every((s) => [202, 409, 412, 429].includes(s)),
      String(answers),
    ).toBe(true);
    await settled();
  });

  it('of two people who look at one volume the second is told, each time (R36)', async () => {
    const { id } = await made('shared');
    let overwritten = 0;
    for (let round = 0; round < 10; round += 1) {
      const look = await app.get('c', `/volumes/${id}`);
      const etag = look.headers.get('etag') ?? '';
      const size = BigInt(((await look.json()) as Volume).row.sizeBytes);
      const grow = (by: bigint) =>
        app.change('PUT', `${VOLUMES}/${id}/size`, { sizeBytes: String(size + by) }, { 'if-match': etag });
      const one = await grow(4_194_304n);
      const two = await grow(8_388_608n);
      if (one.status === 202 && two.status === 202) overwritten += 1;
      await settled();
      await eventually(async () => expect((await app.get('c', `/volumes/${id}`)).headers.get('etag')).not.toBe(etag));
    }
    expect(overwritten).toBe(0);
  });

  it('ask for what is not there ten thousand times, and leave nothing behind (row 106)', async () => {
    const before = { files: app.openFiles, rss: app.rssMiB };
    const seen = new Map<number, number>();
    const ask = async (n: number) => {
      for (let i = 0; i < n; i += 1) {
        const { status } = await sendRaw(
          app,
          `HEAD ${VOLUMES}/${randomUUID()} HTTP/1.1\r\nhost: ${new URL(app.url).host}\r\nconnection: close\r\ncookie: ${app.headers.cookie}\r\nx-mc-csrf: ${app.headers['x-mc-csrf']}\r\n\r\n`,
          5_000,
        );
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    };
    const each = process.env.FAULTS_LONG === '1' ? 500 : 20;
    await Promise.all(Array.from({ length: 20 }, () => ask(each)));
    expect(
      [...seen.keys()].every((s) => [404, 405, 429].includes(s)),
      JSON.stringify([...seen]),
    ).toBe(true);
    await eventually(() => expect(app.openFiles).toBeLessThanOrEqual(before.files + 10));
    tell(
      `row 106: ${each * 20} unknown ids; memory ${before.rss.toFixed(0)} → ${app.rssMiB.toFixed(0)} MiB, files ${before.files} → ${app.openFiles}`,
    );
  });

  it('open more streams than there may be; those that leave make room, and what they cost comes back (row 84)', async () => {
    const before = app.openFiles;
    const open = await openStreams(app, 20, ['summary']);
    const line = 'GET /api/v1/clusters/c/events?topic=summary';
    const more = await sendRaw(app, request(app, line));
    expect(more.status).toBe(429);
    open.close();
    await open.ended;
    for (let round = 0; round < 10; round += 1) {
      const again = await eventually(() => openStreams(app, 15, ['summary']));
      again.close();
      await again.ended;
    }
    await eventually(async () => expect((await app.metrics()).get('mayastor_console_streams{cluster="c"}')).toBe(0));
    await eventually(() => expect(app.openFiles).toBeLessThanOrEqual(before + 5));
  });

  it('read nothing of what they asked for: they are cut, and cost the others nothing (row 85, R25)', async () => {
    const topics = Array.from({ length: 16 }, (_, i) => `volumes?limit=500&sort=name&q=${'x or '.repeat(i)}x`);
    const before = app.rssMiB;
    const deaf = await openStreams(app, 15, topics, true);
    await eventually(async () => expect((await app.metrics()).get('mayastor_console_streams{cluster="c"}')).toBe(15));
    const [alive] = [await openStreams(app, 1, ['overview'])];
    const seen = alive.events;
    await eventually(() => expect(alive.events).toBeGreaterThan(seen));
    expect(app.rssMiB - before).toBeLessThan(150);
    deaf.close();
    alive.close();
    await eventually(async () => expect((await app.metrics()).get('mayastor_console_streams{cluster="c"}')).toBe(0));
  });
});

describe('after all of that', () => {
  it('nothing was left uncaught', () => {
    expect(app.uncaught).toEqual([]);
    expect(app.isRunning).toBe(true);
  });
});
