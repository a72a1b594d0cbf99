import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import next from 'next';
import { type Config, ConfigError, loadConfig } from './config/config';
import { type GuardRules, namesOf } from './http/guard';
import { makeServer } from './http/server';
import { type Runtime, setRuntime } from './runtime';
import { type StartedCluster, startCluster } from './start';

const EX_CONFIG = 78;
const VERSION = '0.1.0';
/** Open answers may end within this time after a signal. */
const DRAIN_MS = 5_000;

function configOrExit(): Config {
  try {
    return loadConfig(process.env, (path) => readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof ConfigError) leave(error.message, EX_CONFIG);
    throw error;
  }
}

function leave(message: string, code: number): never {
  process.stderr.write(`mayastor-console: ${message}\n`);
  process.exit(code);
}

function listen(server: Server, config: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port); // a TCP server's address is never a string
    });
  });
}

async function main(): Promise<void> {
  const dev = process.argv.includes('--dev');
  const config = configOrExit();
  const clusters: StartedCluster[] = [];
  const runtime: Runtime = {
    version: VERSION,
    instance: randomUUID().slice(0, 8),
    get clusters() {
      return byId;
    },
  };
  const byId = new Map<string, StartedCluster['cluster']>();

  let rules: GuardRules = { hosts: new Set(), origins: new Set(), maxBodyBytes: 64 * 1024 };
  let handler: ReturnType<ReturnType<typeof next>['getRequestHandler']> | undefined;
  const server = makeServer({
    runtime,
    rules: () => rules,
    next: async (req, res) => {
      await handler?.(req, res);
    },
  });
  // The port is taken before anything else starts, so that a second console fails at once and quietly.
  const port = await listen(server, config).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      leave(`port ${config.port} on ${config.host} is in use: stop what listens there, or set PORT to another one`, 1);
    return leave(`cannot listen on ${config.host}:${config.port}: ${error.message}`, 1);
  });
  rules = { ...rules, ...namesOf(config.host, port, process.env.PUBLIC_URL) };

  // Nothing leaves this machine unasked.
  process.env.NEXT_TELEMETRY_DISABLED = '1';
  const app = next({ dev, dir: process.cwd(), hostname: config.host, port, quiet: true });
  handler = app.getRequestHandler();
  await app.prepare();

  for (const c of config.clusters) {
    const started = startCluster(c, VERSION);
    clusters.push(started);
    byId.set(c.id, started.cluster);
  }
  setRuntime(runtime);

  const shown = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  const url = `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}/`;
  process.stdout.write(
    process.env.READY_JSON === '1' ? `${JSON.stringify({ ready: true, url })}\n` : `Mayastor Console at ${url}\n`,
  );

  let draining = false;
  const drain = async () => {
    if (draining) return;
    draining = true;
    const hard = setTimeout(() => process.exit(0), DRAIN_MS);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.all(clusters.map((c) => c.stop()));
    server.closeIdleConnections();
    await closed;
    await app.close().catch(() => undefined);
    clearTimeout(hard);
    process.exit(0);
  };
  process.on('SIGTERM', () => void drain());
  process.on('SIGINT', () => void drain());
  if (process.env.WITH_PARENT === '1') {
    // The parent's end of the pipe closes whatever way it dies, kill -9 included.
    process.stdin.resume();
    process.stdin.on('close', () => void drain());
  }
}

await main().catch((error: unknown) =>
  leave(error instanceof Error ? (error.stack ?? error.message) : String(error), 1),
);
