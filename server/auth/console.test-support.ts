import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { AuditLog } from '../audit/audit';
import type { AuthConfig } from '../config/auth-config';
import type { Config } from '../config/config';
import { Networks } from '../http/client-address';
import { namesOf } from '../http/guard';
import { testHealth } from '../http/health.test-support';
import { answer, route } from '../http/route';
import { makeServer } from '../http/server';
import { DEFAULT_LIMITS, type Limits } from '../limits/limits';
import { Traffic } from '../limits/traffic';
import { type Cluster, type Runtime, setRuntime } from '../runtime';
import { type MadeAuth, makeAuth } from './make-auth';
import type { SignIn } from './sign-in';

/** A change that is counted instead of being made; what it answers is the body. */
const body = z.strictObject({ size: z.string() });

/** The server with its real door, as the configuration says, and one route behind it: any path of the API. */
export class TestConsole {
  url = '';
  made: MadeAuth | undefined;
  /** Links that were printed. */
  readonly printed: string[] = [];
  readonly lines: string[] = [];
  changes = 0;
  private server: Server | undefined;

  constructor(
    private readonly auth: AuthConfig,
    private readonly options: { limits?: Partial<Limits>; trustedProxies?: string[]; readOnly?: boolean } = {},
  ) {}

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async start(): Promise<this> {
    const limits = { ...DEFAULT_LIMITS, signInsPerMinute: 1_000, anonymousPerSecond: 1_000, ...this.options.limits };
    const proxies = this.options.trustedProxies ?? [];
    const clusters = new Map([['c1', { id: 'c1' } as Cluster]]); // the route uses nothing of it
    const traffic = new Traffic(limits, Date.now);
    const write = async (line: string) => void this.lines.push(line);
    const audit = new AuditLog({ instance: 'i', write, now: Date.now, capacity: 100, patienceMs: 1_000 });
    let signIn: SignIn | undefined;
    const made = (): MadeAuth => {
      if (!this.made) throw new Error('not started');
      return this.made;
    };
    const runtime: Runtime = {
      version: 't',
      instance: 'i',
      clusters,
      audit,
      traffic,
      isDraining: false,
      get auth() {
        return made().auth;
      },
    };
    const handler = route(
      { summary: 'A change', permission: 'volumes:resize', body, answer: z.unknown() },
      ({ body, principal }) => {
        this.changes += 1;
        return answer({ ...body, by: principal.name });
      },
    );
    const reader = route({ summary: 'A read', permission: 'volumes:read', answer: z.unknown() }, ({ principal }) =>
      answer({ name: principal.name, role: principal.role, groups: principal.groups }),
    );
    const next = async (req: IncomingMessage, res: ServerResponse) => {
      if (!(req.url ?? '').startsWith('/api/')) return void res.end('a page');
      const parts: Buffer[] = [];
      for await (const part of req) parts.push(part as Buffer); // no encoding is set
      const isRead = req.method === 'GET';
      const headers = new Headers();
      for (const [name, value] of Object.entries(req.headers)) headers.set(name, String(value));
      const init = { method: req.method ?? '', headers, ...(isRead ? {} : { body: Buffer.concat(parts) }) };
      const reply = await (isRead ? reader : handler)(new Request(`http://x${req.url}`, init), {
        params: Promise.resolve({ cluster: 'c1' }),
      });
      res.statusCode = reply.status;
      for (const [name, value] of reply.headers) res.setHeader(name, value);
      res.end(await reply.text());
    };
    const server = makeServer({
      runtime,
      health: testHealth(),
      rules: () => ({ ...namesOf('127.0.0.1', this.port), maxBodyBytes: 64 * 1024 }),
      signIn: () => {
        if (!signIn) throw new Error('not started');
        return signIn;
      },
      proxies: new Networks(proxies),
      isHttps: false,
      isDev: false,
      isProxied: false,
      next,
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
    this.url = `http://127.0.0.1:${port}`;
    const config: Config = {
      host: '127.0.0.1',
      port,
      clusters: [],
      readOnly: this.options.readOnly ?? false,
      limits,
      trustedProxies: proxies,
      auth: this.auth,
    };
    this.made = makeAuth(config, port, (token) => this.printed.push(token));
    signIn = this.made.signIn(traffic, audit);
    setRuntime(runtime);
    return this;
  }

  /** Any request; by default what a page of the console would send. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const method = init.method ?? 'GET';
    const usual: Record<string, string> =
      method === 'GET' ? {} : { origin: this.url, 'content-type': 'application/json' };
    return fetch(`${this.url}${path}`, { redirect: 'manual', ...init, headers: { ...usual, ...init.headers } });
  }

  async stop(): Promise<void> {
    setRuntime(undefined);
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

/** The local mode as the demo has it. */
export const LOCAL: AuthConfig = {
  mode: 'local',
  role: 'admin',
  sessionSecrets: [],
  endedFile: undefined,
  idleMs: 3_600_000,
  absoluteMs: 7_200_000,
};
