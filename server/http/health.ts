import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '../metrics/metrics';
import type { Runtime } from '../runtime';
import { DATA_POLICY } from './headers';
import { sendFailure } from './reply';

/** A process whose loop has not turned for so long does not serve, whatever it still answers. */
const STALLED_MS = 5_000;
const TURN_MS = 1_000;

/** Notes that the event loop turns; `unref`ed, it keeps nothing alive. */
export class LoopWatch {
  private turnedAt = performance.now();
  private readonly timer = setInterval(() => {
    this.turnedAt = performance.now();
  }, TURN_MS).unref();

  get isStalled(): boolean {
    return performance.now() - this.turnedAt > STALLED_MS;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** What orchestrators and Prometheus ask of this process. */
export interface Health {
  loop: LoopWatch;
  metrics: Metrics;
}

type Standing = 'ok' | 'starting' | 'stopping';

/**
 * Whether people should be sent here: pages and API are served, the first reading of every cluster has ended, well or not,
 * and nobody has asked the process to end. A cluster that is away does not count: the console is there to say so.
 */
export function standingOf(runtime: Pick<Runtime, 'clusters' | 'isDraining'>): Standing {
  if (runtime.isDraining) return 'stopping';
  const clusters = [...runtime.clusters.values()];
  const isRead = clusters.every(({ collector }) => collector.snapshot.sources[0]?.status !== 'waiting');
  return clusters.length > 0 && isRead ? 'ok' : 'starting';
}

/**
 * Answers `/healthz` and `/readyz`, which are for everybody, and `/metrics`; false: the request is for something else. It
 * decides at once: a guard that stands behind it must see a request before the bytes that follow it.
 */
export function answerHealth(
  runtime: Runtime,
  health: Health,
  req: IncomingMessage,
  res: ServerResponse,
  mayMeasure: boolean,
): boolean {
  if (req.method !== 'GET' && req.method !== 'HEAD') return false;
  // One with a body is for the guard, which reads nothing that comes behind it.
  if (req.headers['transfer-encoding'] !== undefined || (req.headers['content-length'] ?? '0') !== '0') return false;
  if (req.url === '/healthz') {
    const { isStalled } = health.loop;
    sendText(req, res, isStalled ? 503 : 200, isStalled ? 'stalled\n' : 'ok\n');
    return true;
  }
  if (req.url === '/readyz') {
    const standing = standingOf(runtime);
    sendText(req, res, standing === 'ok' ? 200 : 503, `${standing}\n`);
    return true;
  }
  if (!mayMeasure) return false;
  if (req.url === '/readyz?verbose') {
    const standing = standingOf(runtime);
    sendText(req, res, standing === 'ok' ? 200 : 503, `${standing}\n${upstreamsOf(runtime)}`);
    return true;
  }
  if (req.url !== '/metrics') return false;
  health.metrics.text().then(
    ({ contentType, body }) => sendText(req, res, 200, body, contentType),
    () => sendFailure(req, res, { code: 'internal', detail: 'The metrics cannot be read.' }),
  );
  return true;
}

/** The whole of the port that `METRICS_PORT` opens: health and metrics, nothing else. */
export function answerMetricsPort(runtime: Runtime, health: Health, req: IncomingMessage, res: ServerResponse): void {
  if (answerHealth(runtime, health, req, res, true)) return;
  sendFailure(
    req,
    res,
    { code: 'not_found', detail: 'Here are /metrics, /healthz, /readyz and /readyz?verbose only.' },
    { close: true },
  );
}

/** One line for each upstream. */
function upstreamsOf(runtime: Runtime): string {
  const lines = [...runtime.clusters.values()].flatMap(({ id, collector }) =>
    collector.snapshot.sources.map((state) => JSON.stringify({ cluster: id, ...state })),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function sendText(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  res.statusCode = status;
  res.setHeader('content-type', contentType);
  res.setHeader('content-security-policy', DATA_POLICY);
  res.setHeader('cache-control', 'no-store');
  res.setHeader('content-length', Buffer.byteLength(body));
  res.end(req.method === 'HEAD' ? undefined : body);
}
