import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import next from 'next';
import { AuditLog } from './audit/audit';
import { LineSink } from './audit/line-sink';
import { type MadeAuth, makeAuth } from './auth/make-auth';
import type { SignIn } from './auth/sign-in';
import { type Config, ConfigError, loadConfig } from './config/config';
import { doctor } from './doctor/doctor';
import { BuildFiles } from './http/build-files';
import { Networks } from './http/client-address';
import { type GuardRules, namesOf } from './http/guard';
import { LoopWatch } from './http/health';
import { listen, openMetricsPort } from './http/listen';
import { makeServer } from './http/server';
import { Traffic } from './limits/traffic';
import { keepHeapSmall } from './memory';
import { Metrics } from './metrics/metrics';
import { type Runtime, setRuntime } from './runtime';
import { type StartedCluster, startCluster } from './start';

const EX_CONFIG = 78;
const VERSION = '0.1.0';
/** What runs may end within this time after a signal: as long as the longest change that agent-core answers usefully. */
const DRAIN_MS = 40_000;
/** In Kubernetes new connections still come for a moment after the signal, until the Service knows. */
const ENDPOINT_REMOVAL_MS = 2_000;

function configOrExit(): Config {
  const env = { ...process.env, CONSOLE_UID: String(process.getuid?.() ?? '') };
  try {
    return loadConfig(
      env,
      (path) => readFileSync(path, 'utf8'),
      (path) => statSync(path).mode,
    );
  } catch (error) {
    if (error instanceof ConfigError) leave(error.message, EX_CONFIG);
    throw error;
  }
}

function authOrExit(...args: Parameters<typeof makeAuth>): MadeAuth {
  try {
    return makeAuth(...args);
  } catch (error) {
    if (error instanceof ConfigError) leave(error.message, EX_CONFIG);
    throw error;
  }
}

const buildFolder = (): string => process.env.NEXT_DIST_DIR ?? '.next';

/** Of this console's pages, so that one that is open through an upgrade can tell. */
function pagesVersion(dev: boolean): string {
  if (dev) return VERSION;
  return `${VERSION}+${readFileSync(`${buildFolder()}/BUILD_ID`, 'utf8').trim()}`;
}

function leave(message: string, code: number): never {
  process.stderr.write(`mayastor-console: ${message}\n`);
  process.exit(code);
}

const cannotListen = (error: Error): never => leave(error.message, 1);

/** Where people open it. */
function addressOf(config: Config, port: number): string {
  if (config.publicUrl) return `${config.publicUrl}/`;
  const shown = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}/`;
}

async function serve(config: Config, dev: boolean): Promise<void> {
  leaveStdoutAlone();
  const clusters: StartedCluster[] = [];
  const byId = new Map<string, StartedCluster['cluster']>();
  const instance = randomUUID().slice(0, 8);
  const lines = new LineSink(1);
  const write = (line: string) => lines.write(line);
  const audit = new AuditLog({ instance, write, now: Date.now, capacity: 2_000, patienceMs: 2_000 });
  const traffic = new Traffic(config.limits, Date.now);
  const metrics = new Metrics({
    version: VERSION,
    clusters: () => byId.values(),
    auditLost: () => audit.lost,
    requests: () => traffic.inProgress,
  });
  const health = { loop: new LoopWatch(), metrics };
  const isJson = process.env.READY_JSON === '1';
  let rules: GuardRules = { hosts: new Set(), origins: new Set(), maxBodyBytes: 64 * 1024 };
  let handler: ReturnType<ReturnType<typeof next>['getRequestHandler']> | undefined;
  let isDraining = false;
  // Known once the port is; no host is served before.
  let door: { auth: MadeAuth['auth']; signIn: SignIn } | undefined;
  const opened = () => {
    if (!door) throw new Error('a request was let in before anybody could sign in');
    return door;
  };
  const runtime: Runtime = {
    version: VERSION,
    instance,
    audit,
    traffic,
    clusters: byId,
    get auth() {
      return opened().auth;
    },
    get isDraining() {
      return isDraining;
    },
  };
  const files = dev ? undefined : new BuildFiles({ built: `${buildFolder()}/static`, scripts: 'public' });
  // Next would listen for upgrades at the server that its first request comes from, and proxy some of them: it gets another one,
  // that listens nowhere.
  const nowhere = createServer();
  const server = makeServer({
    runtime,
    health,
    hasMetricsPort: config.metrics !== undefined,
    rules: () => rules,
    signIn: () => opened().signIn,
    proxies: new Networks([
      ...config.trustedProxies,
      ...(config.auth.mode === 'trusted-proxy' ? config.auth.proxy.cidrs : []),
    ]),
    isHttps: config.publicUrl?.startsWith('https:') ?? false,
    isProxied: config.publicUrl !== undefined,
    isDev: dev,
    ...(dev ? {} : { files: () => files }),
    ...(dev ? { upgrade: (...request) => nowhere.emit('upgrade', ...request) } : {}),
    next: async (req, res) => {
      await handler?.(req, res);
    },
  });
  // The port is taken before anything else starts, so that a second console fails at once and quietly.
  const port = await listen(server, config.host, config.port, 'PORT').catch(cannotListen);
  const url = addressOf(config, port);
  // All that stands on standard output goes one way, so that no line is written into another.
  const say = (text: string) => void lines.write(text).catch(() => undefined); // nobody reads it
  const print = (token: string) => say(linkText(`${url}login#t=${token}`, isJson));
  const made = authOrExit(config, port, print);
  door = { auth: made.auth, signIn: made.signIn(traffic, audit) };

  const closeMetrics = config.metrics && (await openMetricsPort(config.metrics, runtime, health).catch(cannotListen));

  // Nothing leaves this machine unasked.
  process.env.NEXT_TELEMETRY_DISABLED = '1';
  const app = next({ dev, dir: process.cwd(), hostname: config.host, port, quiet: true, httpServer: nowhere });
  handler = app.getRequestHandler();
  await app.prepare();

  for (const c of config.clusters) {
    const started = await startCluster(c, pagesVersion(dev), audit, metrics).catch((error: unknown) => {
      if (error instanceof ConfigError) leave(error.message, EX_CONFIG);
      throw error;
    });
    clusters.push(started);
  }
  // All at once: a console that knows some of its clusters is not ready.
  for (const { cluster } of clusters) byId.set(cluster.id, cluster);
  setRuntime(runtime);
  made.auth.onEnded(() => {
    for (const { cluster } of clusters) cluster.hub.sweep();
  });
  rules = { ...rules, ...namesOf(config.host, port, config.publicUrl) };

  const first = made.newLink?.();
  const signIn = first === undefined ? undefined : `${url}login#t=${first}`;
  if (isJson) say(JSON.stringify({ ready: true, url, signIn }));
  else {
    say(`Mayastor Console at ${url}`);
    if (signIn !== undefined) say(linkText(signIn, false));
  }

  const drain = async () => {
    if (isDraining) process.exit(1); // asked twice: now
    isDraining = true;
    const hard = setTimeout(() => process.exit(0), DRAIN_MS);
    for (const { cluster } of clusters) cluster.hub.close();
    if (process.env.KUBERNETES_SERVICE_HOST) await pause(ENDPOINT_REMOVAL_MS);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await Promise.all(clusters.map((c) => c.stop()));
    server.closeIdleConnections();
    await closed;
    await app.close().catch(() => undefined);
    closeMetrics?.();
    await lines.drained();
    clearTimeout(hard);
    process.exit(0);
  };
  process.on('SIGTERM', () => void drain());
  process.on('SIGINT', () => void drain());
  listenToTerminal(process.env.WITH_PARENT === '1', made.newLink, { print, say }, () => void drain());
}

/** Standard output is for our own lines, which programs read; what libraries say for people goes to standard error. */
function leaveStdoutAlone(): void {
  console.log = console.error;
  console.info = console.error;
  console.debug = console.error;
}

const linkText = (link: string, isJson: boolean): string =>
  isJson ? JSON.stringify({ signIn: link }) : `Sign in, once, within 15 minutes: ${link}\n(Enter prints another link.)`;

/** A line on standard input has a new link printed; with a parent, its end is ours. */
function listenToTerminal(
  hasParent: boolean,
  newLink: (() => string | undefined) | undefined,
  { print, say }: { print: (token: string) => void; say: (text: string) => void },
  end: () => void,
): void {
  if (!hasParent && !process.stdin.isTTY) return;
  process.stdin.on('data', () => {
    const token = newLink?.();
    if (token !== undefined) print(token);
    else if (newLink && !hasParent) say('The link above still works.');
  });
  // The parent's end of the pipe closes whatever way it dies, kill -9 included.
  if (hasParent) process.stdin.on('close', end);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function main(): Promise<void> {
  keepHeapSmall();
  const args = process.argv.slice(2);
  if (args.includes('doctor')) {
    process.exitCode = await doctor({ ...process.env, CONSOLE_UID: String(process.getuid?.() ?? '') });
    return;
  }
  await serve(configOrExit(), args.includes('--dev'));
}

await main().catch((error: unknown) =>
  leave(error instanceof Error ? (error.stack ?? error.message) : String(error), 1),
);
