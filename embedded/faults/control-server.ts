import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { NotNow, UnknownThing } from '@/embedded/cluster/cluster-node';
import type { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import { NoSuchVolume, NotPublished, RegionTaken } from '@/embedded/workload/workloads';
import { CATALOGUE, helpText, SCOPES } from './catalogue';
import { clusterState, volumesLike } from './cluster-views';
import { BadAmount, FaultBoard } from './fault-board';
import { FAULT_PAGE } from './page';
import { BadRequest, shortForm } from './short-forms';
import { addWorkload } from './workload-request';

const MAX_BODY = 16 * 1024;

/** The control API of the faults and its page, on loopback only. */
export class ControlServer {
  readonly board: FaultBoard;
  private server: Server | undefined;
  url = '';

  constructor(private readonly cluster: EmbeddedCluster) {
    this.board = new FaultBoard(cluster);
  }

  async start(port: number): Promise<void> {
    const server = createServer((req, res) => void this.serve(req, res));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('the control API has no address');
    this.url = `http://127.0.0.1:${address.port}`;
    this.server = server;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const send = (status: number, type: string, text: string) => {
      res.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' });
      res.end(text);
    };
    const json = (status: number, body: unknown) => send(status, 'application/json', JSON.stringify(body));
    try {
      // Another page of this machine's browser must not reach it under a name of its own.
      const host = req.headers.host ?? '';
      const origin = req.headers.origin;
      if (host !== new URL(this.url).host || (origin !== undefined && origin !== this.url)) {
        json(421, { error: 'not served under this name' });
        return;
      }
      const { pathname, searchParams } = new URL(req.url ?? '/', this.url);
      const key = `${req.method} ${pathname}`;
      if (key === 'GET /') send(200, 'text/html', FAULT_PAGE);
      else if (key === 'GET /help') send(200, 'text/plain', helpText());
      else if (key === 'GET /volumes') json(200, await volumesLike(this.cluster, searchParams.get('q') ?? ''));
      else json(200, await this.route(req, pathname));
    } catch (error) {
      json(statusOf(error), { error: error instanceof Error ? error.message : String(error) });
    }
  }

  private async route(req: IncomingMessage, pathname: string): Promise<unknown> {
    const method = req.method ?? '';
    const parts = pathname.split('/').slice(1).map(decodeURIComponent);
    const [first, second = '', ...rest] = parts;
    const key = `${method} ${first}`;
    if (key === 'GET state') return clusterState(this.cluster);
    if (first === 'faults') return this.faults(method, second, rest.join('/') || undefined, req);
    if (key === 'POST workloads') return addWorkload(this.cluster, await body(req));
    if (key === 'DELETE workloads') {
      if (!(await this.cluster.workloads.remove(second))) throw new UnknownThing(`there is no workload ${second}`);
      return { done: true };
    }
    const short = method === 'POST' ? shortForm(parts) : undefined;
    if (!short) throw new UnknownThing(`there is no ${method} ${pathname}`);
    await short(this.board);
    return clusterState(this.cluster);
  }

  private async faults(method: string, id: string, target: string | undefined, req: IncomingMessage) {
    if (method === 'POST' && id !== '') await this.board.begin(id, target, await amountIn(req));
    else if (method === 'DELETE' && id !== '') await this.board.end(id, target);
    else if (method === 'DELETE') await this.board.endAll();
    else if (method !== 'GET' || id !== '') throw new UnknownThing(`there is no ${method} /faults/${id}`);
    return { active: this.board.active(), scopes: SCOPES, faults: CATALOGUE.map(described) };
  }
}

/** A fault as the page and other programs read it. */
const described = ({ id, scope, title, effect, amount, lasting }: (typeof CATALOGUE)[number]) => ({
  id,
  scope,
  title,
  effect,
  amount,
  is: lasting?.is,
  end: lasting?.end,
});

function statusOf(error: unknown): number {
  if (error instanceof UnknownThing || error instanceof NoSuchVolume) return 404;
  if (error instanceof RegionTaken || error instanceof NotPublished || error instanceof NotNow) return 409;
  if (error instanceof BadRequest || error instanceof BadAmount || error instanceof URIError) return 400;
  return 500;
}

/** The amount in a body `{"amount": n}`; no body is fine. */
async function amountIn(req: IncomingMessage): Promise<number | undefined> {
  const text = await textOf(req);
  if (text === '') return undefined;
  const { amount } = (parsed(text) ?? {}) as { amount?: unknown };
  if (amount !== undefined && typeof amount !== 'number') throw new BadRequest('amount: a number');
  return amount;
}

const body = async (req: IncomingMessage): Promise<unknown> => parsed(await textOf(req));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('the body is not JSON');
  }
}

function textOf(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_BODY) reject(new BadRequest('the body is too large'));
    });
    req.on('end', () => resolve(text));
    req.on('error', reject);
  });
}
