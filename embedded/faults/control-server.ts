import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type EmbeddedCluster, UnknownThing } from '@/embedded/cluster/embedded-cluster';
import { NoSuchVolume, NotPublished, RegionTaken } from '@/embedded/workload/workloads';
import { SCENARIO_PAGE } from './page';

const MAX_BODY = 16 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A request that cannot be served as it is. */
class BadRequest extends Error {}

/** The control API of the faults and its page, on loopback only. */
export class ControlServer {
  private server: Server | undefined;
  url = '';

  constructor(private readonly cluster: EmbeddedCluster) {}

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
    const send = (status: number, body: unknown) => {
      res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      res.end(JSON.stringify(body));
    };
    try {
      // Another page of this machine's browser must not reach it under a name of its own.
      const host = req.headers.host ?? '';
      const origin = req.headers.origin;
      if (host !== new URL(this.url).host || (origin !== undefined && origin !== this.url)) {
        send(421, { error: 'not served under this name' });
        return;
      }
      if (req.method === 'GET' && req.url === '/') {
        res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
        res.end(SCENARIO_PAGE);
        return;
      }
      const result = await this.route(
        req.method ?? '',
        (req.url ?? '').split('/').slice(1).map(decodeURIComponent),
        req,
      );
      send(200, result);
    } catch (error) {
      if (error instanceof UnknownThing || error instanceof NoSuchVolume) send(404, { error: error.message });
      else if (error instanceof RegionTaken || error instanceof NotPublished) send(409, { error: error.message });
      else if (error instanceof BadRequest || error instanceof URIError) send(400, { error: error.message });
      else send(500, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  private async route(method: string, parts: string[], req: IncomingMessage): Promise<unknown> {
    const [first, second = '', third = '', fourth = ''] = parts;
    const key = `${method} ${first}`;
    if (key === 'GET state') return this.state();
    if (key === 'POST nodes') return this.node(second, third);
    if (key === 'POST disks') return this.disk(second, third, fourth);
    if (key === 'POST replicas' && third === 'fault') {
      if (!UUID.test(second)) throw new BadRequest('a replica is named by its UUID');
      this.cluster.faultReplica(second);
      return { done: true };
    }
    if (key === 'POST agent-core') return this.core(second);
    if (key === 'POST workloads') return this.addWorkload(await body(req));
    if (key === 'DELETE workloads') {
      if (!(await this.cluster.workloads.remove(second))) throw new UnknownThing(`there is no workload ${second}`);
      return { done: true };
    }
    throw new UnknownThing(`there is no ${method} /${parts.join('/')}`);
  }

  private state() {
    return {
      agentCore: { address: this.cluster.agentCoreAddress, running: this.cluster.isCoreRunning },
      nodes: this.cluster.nodeStates(),
      workloads: this.cluster.workloads.list().map((w) => ({
        id: w.id,
        volume: w.volume,
        offset: w.region.offset,
        pattern: w.spec.pattern,
        iops: w.spec.iops,
        connected: w.connected,
        writes: w.writes,
        verified: w.verified,
        mismatches: w.mismatches,
        errors: w.errors,
      })),
    };
  }

  private async node(name: string, action: string) {
    switch (action) {
      case 'kill':
        await this.cluster.killNode(name);
        break;
      case 'restart':
        await this.cluster.restartNode(name);
        break;
      case 'hang':
      case 'unhang':
        this.cluster.hangNode(name, action === 'hang');
        break;
      default:
        throw new BadRequest('a node can be killed, restarted, hung and unhung: kill, restart, hang, unhang');
    }
    return this.state();
  }

  private disk(node: string, index: string, action: string) {
    const fault = { fail: 'failed', heal: 'none', slow: 'slow' }[action] as 'failed' | 'none' | 'slow' | undefined;
    if (!fault || !/^\d{1,3}$/.test(index)) throw new BadRequest('POST /disks/{node}/{index}/{fail|heal|slow}');
    this.cluster.setDiskFault(node, Number(index), fault);
    return this.state();
  }

  private async core(action: string) {
    if (action === 'kill' || action === 'restart') await this.cluster.killCore();
    else if (action !== 'start') throw new BadRequest('POST /agent-core/{kill|start|restart}');
    if (action !== 'kill') await this.cluster.startCore();
    return this.state();
  }

  private async addWorkload(raw: unknown) {
    const b = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
    const number = (key: string, otherwise: number, most: number) => {
      const value = b[key] ?? otherwise;
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most)
        throw new BadRequest(`${key}: 1 to ${most}`);
      return value;
    };
    const pattern = b.pattern ?? 'randrw';
    if (typeof b.volume !== 'string' || !UUID.test(b.volume)) throw new BadRequest('volume: a UUID');
    if (pattern !== 'randrw' && pattern !== 'randwrite' && pattern !== 'randread' && pattern !== 'seqwrite') {
      throw new BadRequest('pattern: randrw, randwrite, randread or seqwrite');
    }
    const blockSize = number('blockSize', 4096, 1 << 20);
    if (blockSize % 512 !== 0) throw new BadRequest('blockSize: a multiple of 512');
    await this.cluster.workloads.look(b.volume);
    const workload = this.cluster.workloads.add(b.volume, {
      pattern,
      blockSize,
      iops: number('iops', 100, 100_000),
      depth: number('depth', 4, 256),
      workingSetBytes: number('workingSetBytes', 16 << 20, 2 ** 40),
    });
    return { id: workload.id, offset: workload.region.offset };
  }
}

function body(req: IncomingMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_BODY) reject(new BadRequest('the body is too large'));
    });
    req.on('end', () => {
      try {
        resolve(JSON.parse(text));
      } catch {
        reject(new BadRequest('the body is not JSON'));
      }
    });
    req.on('error', reject);
  });
}
