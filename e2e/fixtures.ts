import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base } from '@playwright/test';
import { type SignedIn, signIn } from './sign-in';

/** A program of ours that printed its ready line. */
export interface Program {
  child: ChildProcess;
  ready: Record<string, unknown>;
  stop(): Promise<void>;
}

/** Starts one of our built programs and waits for its ready line. */
export async function program(file: string, args: string[], env: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const line = text.split('\n').find((l) => l.startsWith('{') && l.endsWith('}'));
      if (line) resolve(JSON.parse(line));
    });
    child.on('exit', (code) => reject(new Error(`${file} ended with ${code} before it was ready`)));
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.on('exit', () => resolve());
      child.kill('SIGTERM');
    });
  return { child, ready, stop };
}

/** The embedded cluster of a worker, with its faults. */
export interface Cluster {
  agentCore: string;
  /** POST to the control API; throws when it refuses. */
  act(path: string, body?: unknown): Promise<unknown>;
}

/** The console of a worker; it can be killed and started again on the same port, and its sessions go on. */
export interface Console {
  url: string;
  session: SignedIn;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export const test = base.extend<object, { cluster: Cluster; app: Console }>({
  cluster: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures wanted from this pattern
    async ({}, use) => {
      const p = await program(
        'dist/embedded.mjs',
        [
          '--with-parent',
          '--nodes',
          '3',
          '--volumes',
          '12',
          '--scenario',
          'calm',
          '--time-factor',
          '20',
          '--rebuild-rate',
          '32',
        ],
        {},
      );
      await use({
        agentCore: String(p.ready.agentCore),
        act: async (path, body) => {
          const res = await fetch(`${p.ready.control}${path}`, {
            method: 'POST',
            body: body === undefined ? null : JSON.stringify(body),
          });
          if (!res.ok) throw new Error(`${path}: ${await res.text()}`);
          return res.json();
        },
      });
      await p.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  app: [
    async ({ cluster }, use) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'mayastor-e2e-'));
      const key = path.join(folder, 'session-key');
      writeFileSync(key, randomBytes(32).toString('base64'), { mode: 0o600 });
      const env = {
        AGENT_CORE: cluster.agentCore,
        CONFIG: '',
        READY_JSON: '1',
        WITH_PARENT: '1',
        SESSION_KEY_FILE: key,
      };
      let p = await program('dist/server.mjs', [], { ...env, PORT: '0' });
      const url = String(p.ready.url).replace(/\/$/, '');
      await use({
        url,
        session: await signIn(url, String(p.ready.signIn)),
        kill: () =>
          new Promise((resolve) => {
            p.child.on('exit', () => resolve());
            p.child.kill('SIGKILL');
          }),
        restart: async () => {
          p = await program('dist/server.mjs', [], { ...env, PORT: new URL(url).port });
        },
      });
      await p.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  storageState: async ({ app }, use) => use(app.session.storageState),
  baseURL: async ({ app }, use) => use(app.url),
});

export { expect } from '@playwright/test';
