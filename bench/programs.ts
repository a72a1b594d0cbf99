import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SignedIn, signIn } from '../e2e/sign-in';

/** A program that was started and printed its ready line. */
export interface Program {
  pid: number;
  ready: Record<string, unknown>;
  stop(): Promise<void>;
}

/** Starts node with `args` and waits for one JSON line. It ends with us, because its standard input is ours. */
export async function program(args: readonly string[], env: Record<string, string> = {}): Promise<Program> {
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const line = text.split('\n').find((l) => l.startsWith('{') && l.endsWith('}'));
      if (line) resolve(JSON.parse(line) as Record<string, unknown>); // the line is one JSON object
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code} before it was ready`)));
  });
  return {
    pid: child.pid ?? 0,
    ready,
    stop: () =>
      new Promise<void>((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.on('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** Resident memory of a process now and at its highest, MB (10^6), from /proc; undefined where there is none. */
export function residentMb(pid: number): { now: number; peak: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mb = (key: string) =>
      (Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
    return { now: mb('VmRSS'), peak: mb('VmHWM') };
  } catch {
    return undefined;
  }
}

/** Processor time that a process has used so far, seconds. */
export function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

export const tsx = (file: string) => ['--import', 'tsx', file];

/** The replayed fleet with its control calls. */
export interface FleetPeer {
  agentCore: string;
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

export async function startFleet(nodes: number, volumes: number): Promise<FleetPeer> {
  const p = await program([...tsx('bench/fleet/main.ts'), '--nodes', String(nodes), '--volumes', String(volumes)]);
  return {
    agentCore: String(p.ready.agentCore),
    get: async <T>(path: string) => {
      const response = await fetch(`${String(p.ready.control)}${path}`);
      if (!response.ok) throw new Error(`fleet ${path}: ${await response.text()}`);
      return (await response.json()) as T; // both ends are ours
    },
    stop: p.stop,
  };
}

/** The embedded cluster, in which a volume a second is published or taken back and nothing else happens. It has no control calls: what is asked of it is left as it is. */
export async function startEmbedded(nodes: number, volumes: number): Promise<FleetPeer> {
  const flags = ['--nodes', String(nodes), '--volumes', String(volumes), '--churn', '--no-workloads', '--with-parent'];
  const p = await program(['dist/embedded.mjs', ...flags]);
  return {
    agentCore: String(p.ready.agentCore),
    get: <T>() => Promise.resolve({} as T), // `/drip` and `/busy` are all that measurements of this peer ask, for nothing
    stop: p.stop,
  };
}

export interface Console {
  url: string;
  session: SignedIn;
  pid: number;
  stop(): Promise<void>;
}

/** The limits of one person are not those of a program that stands for 500 of them. */
const LIMITS =
  'limits: { readsPerSecond: 10000, anonymousPerSecond: 10000, requests: 2000, streamsPerSession: 1000, streams: 1000 }';

/** The production console (dist/server.mjs on .next) over an agent-core; ready when it has read all volumes. */
export async function startConsole(agentCore: string, volumes: number): Promise<Console> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mayastor-bench-'));
  const config = path.join(folder, 'config.yaml');
  writeFileSync(config, `clusters: [{ id: default, agentCore: "${agentCore}" }]\n${LIMITS}\n`);
  const env = {
    AGENT_CORE: '',
    CONFIG: config,
    READY_JSON: '1',
    WITH_PARENT: '1',
    PORT: '0',
    NODE_ENV: 'production',
  };
  const p = await program(['dist/server.mjs'], env);
  rmSync(folder, { recursive: true, force: true });
  const url = String(p.ready.url).replace(/\/$/, '');
  const session = await signIn(url, String(p.ready.signIn));
  const end = performance.now() + 300_000;
  for (;;) {
    const response = await fetch(`${url}/api/v1/clusters/default/volumes?limit=1`, { headers: session.headers });
    const body = (await response.json()) as { total?: number | null }; // contract: VolumeWindow or a problem
    if (body.total === volumes) break;
    if (performance.now() > end) throw new Error(`the console has not read ${volumes} volumes in 300 s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, session, pid: p.pid, stop: p.stop };
}
