import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Collector } from '../collector/collector';
import type { LiveHub } from '../live/hub';
import type { Operations } from '../operations/operations';
import type { CallObserver } from '../upstream/call';
import { CallCounts } from './call-counts';

/** What is counted of one cluster. */
interface MeasuredCluster {
  id: string;
  collector: Pick<Collector, 'snapshot' | 'now'>;
  hub: Pick<LiveHub, 'size' | 'cuts'>;
  operations: Pick<Operations, 'list'>;
}

export interface MetricsOptions {
  version: string;
  clusters: () => Iterable<MeasuredCluster>;
  /** Audit lines that could not be written. */
  auditLost: () => number;
  /** Requests that are being answered. */
  requests: () => number;
}

const PREFIX = 'mayastor_console_';
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 60];

/**
 * What this process tells Prometheus: of itself (event loop delay, memory, handles: prom-client's own names), of its
 * upstreams and of its clients. Whatever is read from a snapshot is read when it is asked for, so that it is never older.
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly counts = new Map<string, CallCounts>();
  private readonly durations: Histogram;
  private readonly answers: Counter;

  constructor(private readonly options: MetricsOptions) {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.durations = new Histogram({
      name: `${PREFIX}upstream_call_duration_seconds`,
      help: 'Time that calls to an upstream took, waiting for a place included',
      labelNames: ['cluster', 'upstream'],
      buckets: SECONDS,
      registers,
    });
    this.answers = new Counter({
      name: `${PREFIX}http_responses_total`,
      help: 'Answers given, refusals included, by status',
      labelNames: ['status'],
      registers,
    });
    this.addCalls();
    this.addSources();
    this.addClients();
    new Gauge({ name: `${PREFIX}info`, help: 'Version of the console', labelNames: ['version'], registers }).set(
      { version: options.version },
      1,
    );
  }

  /** Takes what the clients of a cluster's upstreams have to tell. `node` is empty for agent-core. */
  observer(cluster: string, node: string): CallObserver {
    const counts = this.counts.get(cluster) ?? new CallCounts();
    this.counts.set(cluster, counts);
    return ({ upstream, code, ms }) => {
      counts.add(upstream, node, code);
      this.durations.observe({ cluster, upstream }, ms / 1000);
    };
  }

  answered(status: number): void {
    this.answers.inc({ status: String(status) });
  }

  /** All of it in Prometheus' text format. */
  async text(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  private addCalls(): void {
    const { counts, options } = this;
    new Counter({
      name: `${PREFIX}upstream_calls_total`,
      help: 'Calls to agent-core and to io-engines by what became of them: OK, or the kind of error',
      labelNames: ['cluster', 'upstream', 'node', 'code'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { id, collector } of options.clusters()) {
          const known = counts.get(id);
          known?.keepOnly(new Set(collector.snapshot.sources.flatMap((s) => s.node ?? [])));
          for (const { calls, ...labels } of known?.all() ?? []) this.inc({ cluster: id, ...labels }, calls);
        }
      },
    });
  }

  private addSources(): void {
    const { options } = this;
    const labelNames = ['cluster', 'upstream', 'node'] as const;
    new Gauge({
      name: `${PREFIX}upstream_up`,
      help: '1 when the last reading of an upstream succeeded, 0 when it failed or its address is not dialled',
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { id, collector } of options.clusters())
          for (const { source, node = '', status } of collector.snapshot.sources)
            if (status !== 'waiting') this.set({ cluster: id, upstream: source, node }, status === 'ok' ? 1 : 0);
      },
    });
    new Gauge({
      name: `${PREFIX}upstream_age_seconds`,
      help: 'Age of what is known of an upstream; absent before its first reading',
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { id, collector } of options.clusters())
          for (const { source, node = '', lastOkAt } of collector.snapshot.sources)
            if (lastOkAt !== null)
              this.set({ cluster: id, upstream: source, node }, (collector.now() - Date.parse(lastOkAt)) / 1000);
      },
    });
  }

  private addClients(): void {
    const { options } = this;
    const registers = [this.registry];
    new Gauge({
      name: `${PREFIX}streams`,
      help: 'Open live streams (SSE clients)',
      labelNames: ['cluster'],
      registers,
      collect() {
        for (const { id, hub } of options.clusters()) this.set({ cluster: id }, hub.size);
      },
    });
    new Counter({
      name: `${PREFIX}streams_cut_total`,
      help: 'Live streams that were cut because their client did not read',
      labelNames: ['cluster'],
      registers,
      collect() {
        this.reset();
        for (const { id, hub } of options.clusters()) this.inc({ cluster: id }, hub.cuts);
      },
    });
    new Gauge({
      name: `${PREFIX}operations`,
      help: 'Changes that are remembered, by state',
      labelNames: ['cluster', 'state'],
      registers,
      collect() {
        this.reset();
        for (const { id, operations } of options.clusters())
          for (const { state } of operations.list()) this.inc({ cluster: id, state });
      },
    });
    new Gauge({
      name: `${PREFIX}http_requests`,
      help: 'Requests that are being answered, live streams aside',
      registers,
      collect() {
        this.set(options.requests());
      },
    });
    new Counter({
      name: `${PREFIX}audit_lines_lost_total`,
      help: 'Audit lines that could not be written',
      registers,
      collect() {
        this.reset();
        this.inc(options.auditLost());
      },
    });
  }
}
