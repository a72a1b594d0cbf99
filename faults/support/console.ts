import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import type { SourceState } from '@/contract/source';
import { signIn } from '@/e2e/sign-in';

/** More than a test asks for, so that what it sees is not the limit. */
const PLENTY = {
  readsPerSecond: 10_000,
  writesPerSecond: 1_000,
  anonymousPerSecond: 10_000,
  destructivePerMinute: 10_000,
  signInsPerMinute: 10_000,
  requests: 1_000,
  streamsPerSession: 2_000,
  streams: 2_000,
};

export interface ConsoleOptions {
  /** Addresses of agent-cores by the cluster's id. */
  clusters: Record<string, string>;
  limits?: Record<string, number>;
  /** Further keys of the configuration file. */
  config?: Record<string, unknown>;
  env?: Record<string, string>;
  nodeArgs?: readonly string[];
  /** Shell words before the program, such as `ulimit -n 256;`. */
  shell?: string;
  port?: number;
  /** Instead of a pipe that is read; then the link to sign in comes from standard input's echo, or not at all. */
  stdio?: StdioOptions;
  folder?: string;
}

/** The built console under test, in a process of its own, with somebody who is signed in. */
export class ConsoleProcess {
  url = '';
  stdout = '';
  stderr = '';
  headers: Record<string, string> = {};
  /** The link that it printed first. */
  link = '';
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(private readonly options: ConsoleOptions) {
    this.folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'mayastor-faults-'));
    const file = path.join(this.folder, 'config.yaml');
    const clusters = Object.entries(options.clusters).map(([id, agentCore]) => ({ id, agentCore }));
    writeFileSync(file, stringify({ clusters, limits: { ...PLENTY, ...options.limits }, ...options.config }));
    const argv = [...(options.nodeArgs ?? []), 'dist/server.mjs'];
    const env: NodeJS.ProcessEnv = {
      PATH: process.env.PATH ?? '',
      HOME: this.folder,
      TMPDIR: this.folder,
      CONFIG: file,
      PORT: String(options.port ?? 0),
      READY_JSON: '1',
      WITH_PARENT: '1',
      NODE_ENV: 'production',
      ...options.env,
    };
    const stdio = options.stdio ?? ['pipe', 'pipe', 'pipe'];
    this.child = options.shell
      ? spawn('bash', ['-c', `${options.shell} exec "$0" "$@"`, process.execPath, ...argv], { env, stdio })
      : spawn(process.execPath, argv, { env, stdio });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve({ code, signal })));
  }

  /** Resolves when it serves and somebody is signed in. */
  static async start(options: ConsoleOptions): Promise<ConsoleProcess> {
    const it = ConsoleProcess.spawn(options);
    const ready = JSON.parse((await it.says(/^\{"ready":true.*\}$/m))[0]) as { url: string; signIn: string };
    it.url = ready.url.replace(/\/$/, '');
    it.link = ready.signIn;
    it.headers = (await signIn(it.url, it.link)).headers;
    return it;
  }

  /** Starts it and waits for nothing. */
  static spawn(options: ConsoleOptions): ConsoleProcess {
    return new ConsoleProcess(options);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The first match on standard output; rejects when the process ends without one. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match) return match;
      if (!this.isRunning) throw new Error(`ended without ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /**
   * As `fetch`, below the console's address. A connection that was kept and closed by the console just when a slow machine
   * used it again is no answer: it is asked once more, as a browser does.
   */
  async fetch(at: string, init: RequestInit = {}): Promise<Response> {
    for (let left = 3; ; left -= 1) {
      try {
        return await fetch(`${this.url}${at}`, init);
      } catch (error) {
        const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined; // undici's
        if (left === 0 || !this.isRunning || !/^(UND_ERR_SOCKET|ECONNRESET)$/.test(cause?.code ?? '')) throw error;
      }
    }
  }

  /** GET as a page of the console does it, below a cluster. */
  get(cluster: string, at: string): Promise<Response> {
    return this.fetch(`/api/v1/clusters/${cluster}${at}`, { headers: this.headers });
  }

  /** The JSON of a GET, which must succeed. */
  async json<T>(cluster: string, at: string): Promise<T> {
    const response = await this.get(cluster, at);
    if (!response.ok)
      throw new Error(`GET ${at}: ${response.status} ${await response.text()}\n${this.stderr.slice(-2_000)}`);
    return (await response.json()) as T; // the test knows the route
  }

  /** What it knows of its upstreams, those of a cluster. */
  async sources(cluster: string): Promise<SourceState[]> {
    const [, ...lines] = (await (await this.fetch('/readyz?verbose')).text()).trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as SourceState & { cluster: string }); // our own server's lines
    return all.filter((state) => state.cluster === cluster);
  }

  /** Any request that changes something. */
  change(method: string, at: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(at, {
      method,
      headers: { ...this.headers, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** As `change`, of what takes something away: asks first what would be lost, as a page does. */
  async taking(
    method: string,
    at: string,
    body: Record<string, unknown>,
    headers: Record<string, string>,
  ): Promise<Response> {
    const told = await this.change(method, `${at}?dryRun=true`, body, headers);
    const { consequence } = (await told.json()) as { consequence?: string }; // a dry run's answer, or a problem
    return this.change(method, at, { ...body, consequence }, headers);
  }

  /** Metrics by name and labels. */
  async metrics(): Promise<Map<string, number>> {
    const text = await (await this.fetch('/metrics')).text();
    const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  }

  /** Resident memory in MiB. */
  get rssMiB(): number {
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) / 1024;
  }

  /** CPU seconds used so far. */
  get cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** File descriptors that it holds. */
  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  get firstCluster(): string {
    return Object.keys(this.options.clusters)[0] ?? '';
  }

  /** Nobody reads its standard output any more, until somebody does again. */
  pauseOutput(): void {
    this.child.stdout?.pause();
  }

  resumeOutput(): void {
    this.child.stdout?.resume();
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Presses Enter where it runs. */
  pressEnter(): void {
    this.child.stdin?.write('\n');
  }

  /** Ends it however it takes that, and removes its folder. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    if (!this.options.folder) rmSync(this.folder, { recursive: true, force: true });
  }

  /** What nobody caught, if anything; the server's own lines of errors count. */
  get uncaught(): string[] {
    return this.stderr.split('\n').filter((line) => /^\{"level":"(error|fatal)"|Uncaught|Unhandled|^\s+at /.test(line));
  }
}
