import { Agent, type ClientRequest, get } from 'node:http';
import { type Bench, count, type Measurement, pause } from '../context';
import { uuidOf } from '../fleet/model';
import { type Console, cpuSeconds, residentMb } from '../programs';
import { median, percentile } from '../stats';
import type { Figure } from '../table';

const TOPICS = ['summary', 'volumes?sort=name&limit=100'];
const WINDOW_MS = 20_000;
const UPDATES = 20;

/** Live streams of many tabs that show the same list, without browsers around them. */
class Tabs {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  private readonly requests: ClientRequest[] = [];
  private expected: { marker: string; arrived: number[]; done: () => void } | undefined;
  bytes = 0;

  async open({ url, session }: Console, more: number): Promise<void> {
    const query = new URLSearchParams(TOPICS.map((t) => ['topic', t]));
    for (let i = 0; i < more; i += 1) {
      await new Promise<void>((resolve, reject) => {
        const request = get(
          `${url}/api/v1/clusters/default/events?${query}`,
          { agent: this.agent, headers: session.headers },
          (response) => {
            let carry = '';
            let isWaiting = true;
            let seen = '';
            response.setEncoding('latin1');
            response.on('error', () => undefined);
            response.on('data', (chunk: string) => {
              this.bytes += chunk.length;
              const now = performance.timeOrigin + performance.now();
              const expected = this.expected;
              if (expected && seen !== expected.marker && (carry + chunk).includes(expected.marker)) {
                seen = expected.marker;
                expected.arrived.push(now);
                if (expected.arrived.length === this.requests.length) expected.done();
              } else if (!expected) seen = '';
              carry = chunk.slice(-128);
              if (isWaiting) {
                isWaiting = false;
                resolve();
              }
            });
          },
        );
        request.on('error', reject);
        this.requests.push(request);
      });
    }
  }

  /** Moments at which each tab has the change of a volume's status; `begin` makes the change. */
  async arrivals(id: string, begin: () => Promise<{ servedAt: number }>): Promise<{ servedAt: number; at: number[] }> {
    const at: number[] = [];
    const all = new Promise<void>((done) => {
      // Of the keys that change in a row, its status comes first.
      this.expected = { marker: `"${id}":["o",{"status"`, arrived: at, done };
    });
    const [{ servedAt }] = await Promise.all([begin(), Promise.race([all, pause(15_000)])]);
    this.expected = undefined;
    return { servedAt, at };
  }

  get size(): number {
    return this.requests.length;
  }

  close(): void {
    for (const request of this.requests) request.on('error', () => undefined).destroy();
    this.agent.destroy();
  }
}

interface Counted {
  at: number;
  calls: Record<string, number>;
}

async function callsPerSecond(bench: Bench): Promise<{ agentCore: number; engine: number; cpu: number }> {
  const before = await bench.fleet.get<Counted>('/calls');
  const cpu = cpuSeconds(bench.console.pid);
  await pause(WINDOW_MS);
  const after = await bench.fleet.get<Counted>('/calls');
  const seconds = (after.at - before.at) / 1000;
  const rate = (upstream: string) =>
    Object.entries(after.calls)
      .filter(([key]) => key.startsWith(upstream))
      .reduce((sum, [key, n]) => sum + n - (before.calls[key] ?? 0), 0) / seconds;
  return {
    agentCore: rate('agent-core'),
    engine: rate('io-engine'),
    cpu: ((cpuSeconds(bench.console.pid) - cpu) / seconds) * 100,
  };
}

/** Upstream calls, processor and memory of the server with 1, 50 and 500 tabs, and how long an update takes to all of them. */
export const tabs: Measurement = async (bench) => {
  const at = `${count(bench.volumes)} volumes`;
  const figures: Figure[] = [];
  const open = new Tabs();
  await bench.fleet.get('/busy/1');
  try {
    let one = Number.NaN;
    for (const n of [1, 50, 500]) {
      await open.open(bench.console, n - open.size);
      await pause(5_000);
      const bytes = open.bytes;
      const { agentCore, engine, cpu } = await callsPerSecond(bench);
      const perTab = (open.bytes - bytes) / 1000 / n / (WINDOW_MS / 1000);
      const total = agentCore + engine;
      if (n === 1) one = total;
      figures.push({
        figure: `upstream calls, ${n} tab${n === 1 ? '' : 's'}`,
        at,
        measured: total,
        unit: '/s',
        detail: `agent-core ${agentCore.toFixed(1)}, io-engines ${engine.toFixed(0)}; server ${cpu.toFixed(0)} % of a core, ${perTab.toFixed(1)} KB/s per tab`,
        // As with one tab, within the grain of a window of 20 s.
        limit: n === 1 ? undefined : one * 1.05,
      });
    }
    for (const [state, busy] of [
      ['quiet cluster', 0],
      ['I/O on every volume', 1],
    ] as const) {
      await bench.fleet.get(`/busy/${busy}`);
      await pause(3_000);
      const late: number[] = [];
      let missed = 0;
      for (let i = 0; i < UPDATES; i += 1) {
        const index = [0, 1, 2, 5, 6, 8][i % 6] ?? 0;
        await pause(((i * 618) % 1000) + 50);
        const got = await open.arrivals(uuidOf(`volume ${index}`), () =>
          bench.fleet.get<{ servedAt: number }>(`/change/engine/${index}`),
        );
        missed += open.size - got.at.length;
        late.push(...got.at.map((t) => t - got.servedAt));
      }
      figures.push({
        figure: `an update to all of ${open.size} tabs above the poll, p99, ${state}`,
        at,
        // What never came is later than any limit.
        measured: missed > 0 ? Number.NaN : percentile(late, 0.99),
        unit: 'ms',
        detail: `p50 ${median(late).toFixed(0)}, highest ${Math.max(...late).toFixed(0)}; n ${late.length}${missed > 0 ? `, ${missed} never came` : ''}`,
        limit: bench.volumes === 10_000 ? 500 : undefined,
      });
    }
    const memory = residentMb(bench.console.pid);
    figures.push({
      figure: `server memory with ${open.size} tabs`,
      at: `${at}, ${bench.nodes} nodes`,
      measured: memory?.now ?? Number.NaN,
      unit: 'MB RSS',
      detail: `peak ${memory?.peak.toFixed(0)}`,
    });
  } finally {
    open.close();
    await bench.fleet.get('/busy/0');
  }
  return figures;
};
