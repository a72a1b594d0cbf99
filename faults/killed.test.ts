import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '@/contract/audit';
import type { Operation } from '@/contract/operation';
import type { SnapshotWindow } from '@/contract/snapshot';
import type { Volume, VolumeWindow } from '@/contract/volume';
import { signIn } from '@/e2e/sign-in';
import { ConsoleProcess } from './support/console';
import { EmbeddedProcess } from './support/embedded';
import { eventually, tell } from './support/eventually';
import { FaultProxy } from './support/fault-proxy';

// The console is killed with SIGKILL between the intent of a change and its outcome, and started again with the same session key:
// at each of five moments of each of four kinds of change. Behind it is the embedded cluster, where changes take effect.

let folder: string;
let embedded: EmbeddedProcess;
let proxy: FaultProxy;
/** The one that runs: each was started after the one before was killed. */
let app: ConsoleProcess;
let headers: Record<string, string>;

const start = async (port: number): Promise<ConsoleProcess> => {
  const it = await ConsoleProcess.start({
    clusters: { c: proxy.endpoint },
    env: { SESSION_KEY_FILE: path.join(folder, 'session-key') },
    port,
  });
  await eventually(async () => expect((await it.sources('c'))[0]?.status).toBe('ok'));
  return it;
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mayastor-faults-'));
  writeFileSync(path.join(folder, 'session-key'), randomBytes(32).toString('base64'), { mode: 0o600 });
  embedded = await EmbeddedProcess.start();
  proxy = await new FaultProxy(embedded.agentCore).start();
  app = await start(0);
  headers = app.headers;
});
afterAll(async () => {
  await app?.kill();
  await proxy?.close();
  await embedded?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const BASE = '/api/v1/clusters/c';
const audited = (it: ConsoleProcess): AuditRecord[] =>
  it.stdout.split('\n').flatMap((line) => (line.startsWith('{"stream":"audit"') ? [JSON.parse(line)] : []));
const listed = async (name: string) =>
  (await app.json<VolumeWindow>('c', '/volumes?limit=500')).rows.filter((v) => v.name === name);
const settled = () =>
  eventually(async () => {
    const { operations } = await app.json<{ operations: Operation[] }>('c', '/operations');
    expect(operations.filter((o) => o.state === 'running')).toEqual([]);
  });
const create = (name: string, key: string) =>
  app.change(
    'POST',
    `${BASE}/volumes`,
    { name, sizeBytes: '8388608', replicas: 1, thin: true },
    { 'idempotency-key': key },
  );

/** A volume that is there before the change. */
async function made(name: string): Promise<string> {
  const answer = await create(name, randomUUID());
  expect(answer.status, await answer.clone().text()).toBe(202);
  await settled();
  return eventually(async () => {
    const [row] = await listed(name);
    if (!row) throw new Error('not there yet');
    return row.id;
  });
}

/** Asks for a change of a volume as it is now; 404 when there is none. */
async function changed(method: string, id: string, at: string, body: Record<string, unknown>): Promise<Response> {
  const seen = await app.get('c', `/volumes/${id}`);
  if (seen.status === 404) return seen;
  const tag = { 'if-match': seen.headers.get('etag') ?? '' };
  return app.taking(method, `${BASE}/volumes/${id}${at}`, body, tag);
}

interface Kind {
  /** Its summary in the audit log begins with this. */
  summary: string;
  /** What it needs, and then: how it is asked for, again and again, and how often it has taken effect. */
  prepare(): Promise<{ ask: () => Promise<Response>; effects: () => Promise<number> }>;
}

const KINDS: Record<string, Kind> = {
  'a volume that is made': {
    summary: 'Create a volume',
    prepare: async () => {
      const [name, key] = [`killed-${randomUUID().slice(0, 8)}`, randomUUID()];
      return { ask: () => create(name, key), effects: async () => (await listed(name)).length };
    },
  },
  'a snapshot': {
    summary: 'Take a snapshot',
    prepare: async () => {
      const id = await made(`snap-${randomUUID().slice(0, 8)}`);
      const key = randomUUID();
      return {
        ask: () => app.change('POST', `${BASE}/volumes/${id}/snapshots`, {}, { 'idempotency-key': key }),
        effects: async () =>
          (await app.json<SnapshotWindow>('c', '/snapshots?limit=500')).rows.filter((s) => s.sourceVolume.id === id)
            .length,
      };
    },
  },
  'a copy more': {
    summary: 'Change the number of copies',
    prepare: async () => {
      const id = await made(`copies-${randomUUID().slice(0, 8)}`);
      return {
        ask: () => changed('PUT', id, '/replica-count', { to: 2 }),
        effects: async () => (await app.json<Volume>('c', `/volumes/${id}`)).replicas.length - 1,
      };
    },
  },
  'a volume that is deleted': {
    summary: 'Delete a volume',
    prepare: async () => {
      const name = `gone-${randomUUID().slice(0, 8)}`;
      const id = await made(name);
      return {
        ask: () => changed('DELETE', id, '', { confirm: name }),
        effects: async () => 1 - (await listed(name)).length,
      };
    },
  },
};

type Moment = (kind: Kind, ask: () => Promise<unknown>) => Promise<unknown>;
/** A line of the change itself, not of the dry run before it. */
const lineOf = (kind: Kind, rest: string) =>
  app.says(new RegExp(`"summary":"${kind.summary}[^\\n]*"dryRun":false[^\\n]*${rest}`));
const accepted = () => app.says(/"result":"accepted"/);
const MOMENTS: Record<string, Moment> = {
  'as soon as its intent is written': async (kind, ask) => {
    void ask();
    await lineOf(kind, '"phase":"intent"');
  },
  'while agent-core writes it down': async (_, ask) => {
    await embedded.act('/faults/core-store-slow/agent-core');
    void ask();
    await accepted();
  },
  'while the answer of agent-core is lost': async (_, ask) => {
    await embedded.act('/faults/core-store-slow/agent-core');
    void ask();
    await accepted();
    await proxy.set({ kind: 'half-open' });
  },
  'once it is accepted': async (_, ask) => {
    void ask();
    await accepted();
  },
  'as its outcome is written': async (kind, ask) => {
    void ask();
    await lineOf(kind, '"result":"ok"[^\\n]*"phase":"outcome"');
  },
};

let intents = 0;
let effects = 0;

describe('a console that is killed', () => {
  const points = Object.keys(KINDS).flatMap((kind) => Object.keys(MOMENTS).map((moment) => [kind, moment] as const));
  it.each(points)('%s, %s: it happens once, and its intent is in the log (R9)', async (name, at) => {
    const kind = KINDS[name];
    const moment = MOMENTS[at];
    if (!kind || !moment) throw new Error('no such point');
    const { ask, effects: happened } = await kind.prepare();
    expect(await happened()).toBe(0);
    app.stdout = ''; // the log of what the change needed
    const asked: Array<Promise<unknown>> = [];
    const first = app;
    await restarted(() =>
      moment(kind, () => {
        const answer = ask().catch(() => undefined); // it may be killed before it answers
        asked.push(answer);
        return answer;
      }),
    );
    await Promise.all(asked);
    const before = await happened();
    const intent = audited(first).filter(
      (r) => r.phase === 'intent' && !r.dryRun && r.summary.startsWith(kind.summary),
    );
    if (before > 0) expect(intent).toHaveLength(1);
    intents += intent.length;
    effects += before;
    const again = await ask();
    expect([202, 404, 409, 422], await again.clone().text()).toContain(again.status);
    await settled();
    await eventually(async () => expect(await happened()).toBe(1));
    expect(app.uncaught).toEqual([]);
  });

  it('was killed at twenty points, and did something without saying so at none', () => {
    tell(
      `R9: ${points.length} points, ${intents} intents in the log, ${effects} changes had taken effect when it was back`,
    );
    expect(points).toHaveLength(20);
    expect(intents).toBeGreaterThanOrEqual(effects);
  });

  it('writes nothing but lines of JSON to standard output, and each on its own', () => {
    expect(app.stdout.length).toBeGreaterThan(0);
    for (const line of app.stdout.split('\n').slice(0, -1)) expect(() => JSON.parse(line), line).not.toThrow();
  });

  it('does not let in again whoever has signed out, and keeps all others', async () => {
    const out = app.headers;
    app.pressEnter();
    const link = await eventually(() => {
      const last = app.stdout.split('\n').findLast((l) => l.startsWith('{"signIn"'));
      return (JSON.parse(last ?? '') as { signIn: string }).signIn;
    });
    const stays = (await signIn(app.url, link)).headers;
    expect((await app.change('POST', '/auth/logout', { everywhere: false })).status).toBe(200);
    await restarted(() => Promise.resolve());
    const status = async (who: Record<string, string>) =>
      (await app.fetch(`${BASE}/overview`, { headers: who })).status;
    expect([await status(out), await status(stays)]).toEqual([401, 200]);
    app.headers = stays;
    headers = stays;
    expect((await app.change('POST', '/auth/logout', { everywhere: true })).status).toBe(200);
    await restarted(() => Promise.resolve());
    expect(await status(stays)).toBe(401);
  });
});

/** Kills it at a moment and starts another one: on the same port, because a page is still open there; with the same session. */
async function restarted(moment: () => Promise<unknown>): Promise<void> {
  await moment();
  app.signal('SIGKILL');
  await app.ended;
  await embedded.act('/faults', 'DELETE');
  await proxy.set({ kind: 'none' });
  proxy.cut();
  const port = Number(new URL(app.url).port);
  app = await start(port);
  app.headers = headers;
}
