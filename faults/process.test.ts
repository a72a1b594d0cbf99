import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '@/contract/audit';
import type { VolumeWindow } from '@/contract/volume';
import { signIn } from '@/e2e/sign-in';
import { type ConsoleOptions, ConsoleProcess } from './support/console';
import { EmbeddedProcess } from './support/embedded';
import { eventually, tell, timed } from './support/eventually';
import { FaultProxy } from './support/fault-proxy';
import { openStreams } from './support/streams';

// What happens to the process itself. One embedded cluster for all; a console for each.

const isLong = process.env.FAULTS_LONG === '1';
let embedded: EmbeddedProcess;
let folder: string;
const running: ConsoleProcess[] = [];
const proxies: FaultProxy[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mayastor-faults-'));
  embedded = await EmbeddedProcess.start();
});
afterEach(async () => {
  for (const app of running.splice(0)) await app.kill();
  for (const proxy of proxies.splice(0)) await proxy.close();
});
afterAll(async () => {
  await embedded?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<ConsoleOptions> = {}): Promise<ConsoleProcess> {
  const app = await ConsoleProcess.start({ clusters: { c: embedded.agentCore }, ...options });
  running.push(app);
  await readsWell(app);
  return app;
}

const source = async (app: ConsoleProcess) => (await app.sources('c'))[0];
const readsWell = (app: ConsoleProcess) => eventually(async () => expect((await source(app))?.status).toBe('ok'));
const volumes = async (app: ConsoleProcess, name: string) =>
  (await app.json<VolumeWindow>('c', '/volumes?limit=500')).rows.filter((v) => v.name === name);
const create = (app: ConsoleProcess, name: string, key: string, query = '') =>
  app.change(
    'POST',
    `/api/v1/clusters/c/volumes${query}`,
    { name, sizeBytes: '8388608', replicas: 1, thin: true },
    { 'idempotency-key': key },
  );
const auditLines = (app: ConsoleProcess): AuditRecord[] =>
  app.stdout.split('\n').flatMap((line) => (line.startsWith('{"stream":"audit"') ? [JSON.parse(line)] : []));

describe('a console that is told to end', () => {
  it('closes its streams at once, refuses new changes, and leaves with 0 while a change is under way (R10)', async () => {
    const proxy = await new FaultProxy(embedded.agentCore).start();
    proxies.push(proxy);
    const app = await start({ clusters: { c: proxy.endpoint } });
    const streams = await openStreams(app, isLong ? 500 : 100, ['summary']);
    await proxy.set({ kind: 'half-open' });
    expect((await create(app, `drained-${randomUUID().slice(0, 8)}`, randomUUID())).status).toBe(202);
    const begun = performance.now();
    app.signal('SIGTERM');
    await streams.ended;
    tell(`R10: ${streams.count} streams closed after ${Math.round(performance.now() - begun)} ms`);
    expect(streams.goodbyes).toBe(streams.count);
    const late = await create(app, 'late', randomUUID()).then(
      (r) => r.status,
      () => 'closed',
    );
    expect([503, 'closed']).toContain(late);
    const { code } = await app.ended;
    tell(`R10: ended after ${Math.round(performance.now() - begun)} ms, code ${code}`);
    expect(code).toBe(0);
    expect(auditLines(app).at(-1)).toMatchObject({ phase: 'outcome', result: 'unknown' });
    expect(app.uncaught).toEqual([]);
  });
});

describe('a console whose audit log', () => {
  /** Changes that change nothing but are told of, until one is refused. */
  async function untilRefused(app: ConsoleProcess): Promise<Response> {
    for (let n = 0; n < 5_000; n += 1) {
      const answer = await create(app, 'x', randomUUID(), '?dryRun=true');
      if (answer.status !== 200) return answer;
      await answer.arrayBuffer();
    }
    throw new Error('none was refused');
  }

  it('cannot be written, the disk being full, changes nothing and goes on to show everything (R33)', async () => {
    const log = path.join(folder, `stdout-${randomUUID()}`);
    const fd = openSync(log, 'w');
    // A file that may not grow any more answers as a full disk does; the signal that comes with it is not wanted.
    const app = ConsoleProcess.spawn({
      clusters: { c: embedded.agentCore },
      shell: "trap '' XFSZ; ulimit -f 6;",
      stdio: ['pipe', fd, 'pipe'],
    });
    running.push(app);
    closeSync(fd);
    const ready = await eventually(() => JSON.parse(/^\{"ready".*\}$/m.exec(readFileSync(log, 'utf8'))?.[0] ?? ''));
    app.url = ready.url.replace(/\/$/, '');
    app.headers = (await signIn(app.url, ready.signIn)).headers;
    await readsWell(app);
    const refused = await untilRefused(app);
    expect([refused.status, (await refused.json()).code]).toEqual([503, 'audit_unavailable']);
    const change = await create(app, 'never', randomUUID());
    expect([change.status, (await change.json()).code]).toEqual([503, 'audit_unavailable']);
    expect(await volumes(app, 'never')).toEqual([]);
    expect((await app.metrics()).get('mayastor_console_audit_lines_lost_total')).toBeGreaterThan(0);
    app.pressEnter(); // a link that cannot be printed
    expect((await app.get('c', '/overview')).status).toBe(200);
    expect((await app.fetch('/readyz')).status).toBe(200);
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(0);
  });

  it('is not read by anybody any more changes nothing, stays as quick as before, and goes on when it is read again (R33)', async () => {
    const app = await start();
    app.pauseOutput();
    const refused = await untilRefused(app);
    expect([refused.status, (await refused.json()).code]).toEqual([503, 'audit_unavailable']);
    const took: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const begun = performance.now();
      expect((await app.get('c', '/overview')).status).toBe(200);
      took.push(performance.now() - begun);
    }
    tell(`R33: with nobody reading the log a GET takes ${Math.round(took.sort((a, b) => a - b)[10] ?? 0)} ms`);
    app.resumeOutput();
    await eventually(async () => expect((await create(app, 'x', randomUUID(), '?dryRun=true')).status).toBe(200));
    // No line is lost for those that were written, and each stands on its own.
    const numbers = auditLines(app).map((r) => r.seq);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });
});

describe('a console without free file descriptors', () => {
  it('turns away whom it cannot serve, and serves when they have left (R40)', async () => {
    const app = await start({ shell: 'ulimit -n 256;' });
    const port = Number(new URL(app.url).port);
    const sockets: Socket[] = [];
    for (let n = 0; n < 400; n += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
    await eventually(() => expect(app.openFiles).toBeGreaterThanOrEqual(250));
    // A change may be served or not now; what matters is that the process stands.
    await app.fetch('/healthz', { signal: AbortSignal.timeout(500) }).catch(() => undefined);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => expect((await app.fetch('/healthz')).status).toBe(200));
    await readsWell(app);
    expect((await create(app, 'x', randomUUID(), '?dryRun=true')).status).toBe(200);
    await app.says(/"phase":"outcome"/);
    expect(app.uncaught).toEqual([]);
  });
});

describe('a console whose clock is set', () => {
  it('goes on to read, tells no age that is none, and lets whoever is signed in stay or sign in (R19)', async () => {
    const app = await start({ nodeArgs: ['--import', './faults/support/clock-jump.mjs'] });
    const readings = async () =>
      [...(await app.metrics())].find(
        ([k]) => k.includes('calls_total') && k.includes('"agent-core"') && k.includes('"OK"'),
      )?.[1] ?? 0;
    let stream = await openStreams(app, 1, ['overview']);
    for (const jump of ['+10 min', '-20 min', '+1 day', '-1 day']) {
      app.signal('SIGUSR2');
      const before = await readings();
      const seen = stream.events;
      const ms = await timed(async () => expect((await readings()) - before).toBeGreaterThanOrEqual(12));
      await eventually(() => expect(stream.events).toBeGreaterThan(seen));
      const metrics = await app.metrics();
      const ages = [...metrics].filter(([k]) => k.startsWith('mayastor_console_upstream_age_seconds'));
      tell(
        `R19: clock ${jump}: three more passes in ${ms} ms, oldest reading ${Math.max(...ages.map(([, v]) => v)).toFixed(1)} s`,
      );
      for (const [name, age] of ages) {
        expect(age, name).toBeGreaterThanOrEqual(0);
        expect(age, name).toBeLessThan(60);
      }
      const answer = await app.get('c', '/overview');
      // Half a day without a request ends a session of the local mode; a day of clock is that.
      expect([200, 401], jump).toContain(answer.status);
      if (answer.status === 401) {
        const links = app.stdout.split('\n').filter((l) => l.includes('"signIn"')).length;
        app.pressEnter();
        const link = await eventually(() => {
          const all = app.stdout.split('\n').filter((l) => l.startsWith('{') && l.includes('"signIn"'));
          expect(all.length).toBeGreaterThan(links);
          return (JSON.parse(all.at(-1) ?? '{}') as { signIn: string }).signIn;
        });
        app.headers = (await signIn(app.url, link)).headers;
        expect((await app.get('c', '/overview')).status).toBe(200);
        // The stream ended with the session.
        stream.close();
        stream = await openStreams(app, 1, ['overview']);
      }
    }
    stream.close();
    expect(app.uncaught).toEqual([]);
  });
});
