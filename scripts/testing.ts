import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const SETTINGS = [
  'AGENT_CORE',
  'CONFIG',
  'PORT',
  'HOST',
  'PUBLIC_URL',
  'READ_ONLY',
  'SESSION_KEY_FILE',
  'ENDED_SESSIONS_FILE',
  'READY_JSON',
  'WITH_PARENT',
];

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A program of this repository under test, its output as text so far. */
export class Program {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private readonly changed = new Set<() => void>();
  private isOver = false;

  /** `argv` as after `node`; what the environment has of our own settings is left out unless `env` names it. */
  constructor(argv: readonly string[], env: Record<string, string> = {}) {
    const clean = { ...process.env };
    // Ours, and what the test runner sets for itself.
    for (const name of [...SETTINGS, 'NODE_ENV', 'VITEST']) delete clean[name];
    const child = spawn(process.execPath, argv, {
      cwd: root,
      env: { ...clean, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.say(() => (this.stdout += text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.say(() => (this.stderr += text)));
    this.ended = new Promise((resolve) =>
      child.on('close', (code, signal) =>
        this.say(() => {
          this.isOver = true;
          resolve({ code, signal });
        }),
      ),
    );
  }

  /** From the sources, without a build. */
  static source(file: string, args: readonly string[] = [], env: Record<string, string> = {}): Program {
    return new Program(['--import', 'tsx', file, ...args], env);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Resolves with the first match on standard output; rejects when the program ends without one. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match) return match;
      if (this.isOver) throw new Error(`ended without ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => this.changed.add(resolve));
    }
  }

  /** Ends it, if it has not ended, however it takes that. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private say(change: () => void): void {
    change();
    const waiting = [...this.changed];
    this.changed.clear();
    for (const resolve of waiting) resolve();
  }
}

/** A folder for the temporary files of programs under test, told to them as TMPDIR. */
export class TempFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'mayastor-process-test-'));

  /** What our programs left; a compiler's cache is not theirs. */
  left(): string[] {
    return readdirSync(this.path).filter((name) => name.startsWith('mayastor'));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Something of another program that listens on a port of loopback. */
export async function occupied(): Promise<{ port: number; free(): Promise<void> }> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return { port: address.port, free: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Whether something accepts connections at a URL's host and port. */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
