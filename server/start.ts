import type { SourceState } from '@/contract/source';
import type { AuditLog } from './audit/audit';
import { printable } from './audit/printable';
import { KubernetesAuthorizer } from './auth/authorizer';
import { steadyNow } from './collector/clock';
import { Collector } from './collector/collector';
import { type ClusterConfig, ConfigError, type KubernetesConfig } from './config/config';
import { LiveHub } from './live/hub';
import { topicView } from './live/topics';
import type { Metrics } from './metrics/metrics';
import type { ClusterSnapshot } from './model/snapshot';
import { Operations } from './operations/operations';
import type { Cluster } from './runtime';
import { AgentCoreClient } from './upstream/agent-core';
import { IoEngineClient } from './upstream/io-engine';
import { AccessReviewClient, accessOf } from './upstream/kubernetes/access-review';

/** Time series move on while nothing else changes. */
const TICK_MS = 5_000;

export interface StartedCluster {
  cluster: Cluster;
  stop(): Promise<void>;
}

/** Starts everything that lives for one cluster; `stop` ends it in reverse order. */
export async function startCluster(
  config: ClusterConfig,
  version: string,
  audit: AuditLog,
  metrics: Metrics,
): Promise<StartedCluster> {
  // First, because it may refuse what is configured, and then nothing is to be stopped.
  const authorizer = config.kubernetes && (await kubernetesAuthorizer(config.kubernetes));
  const ending = new AbortController();
  const agentCore = new AgentCoreClient(config.agentCore, metrics.observer(config.id, ''));
  const collector: Collector = new Collector({
    cluster: { id: config.id, name: config.name },
    agentCore,
    isWatched: () => hub.size > 0 || operations.list().some(({ state }) => state === 'running'),
    ioEngines: (endpoint, node) => new IoEngineClient(endpoint, node, metrics.observer(config.id, node)),
  });
  const operations: Operations = new Operations({
    agentCore,
    snapshot: () => collector.snapshot,
    subscribe: (listener) => collector.subscribe(listener),
    refresh: async (volume) => void (await collector.refresh(volume === undefined ? {} : { volume })),
    now: steadyNow,
    pause: (ms) => pause(ms, ending.signal),
    signal: ending.signal,
  });
  const hub: LiveHub = new LiveHub({
    view: (topic) => topicView(cluster, topic),
    version,
    minIntervalMs: 1_000,
    heartbeatMs: 10_000,
    now: steadyNow,
  });
  const cluster: Cluster = { id: config.id, name: config.name, agentCore, collector, operations, hub, authorizer };
  collector.start();
  collector.subscribe((next, previous) => hub.changed(isUrgent(next, previous)));
  collector.subscribe(reportsAgentCore(config, () => collector.snapshot.sources));
  operations.subscribe(() => hub.changed(true));
  operations.subscribe(() => audit.settle(operations.list()));
  const tick = setInterval(() => {
    hub.changed();
    // Also of a change that had ended before its start was written.
    audit.settle(operations.list());
  }, TICK_MS);
  return {
    cluster,
    stop: async () => {
      clearInterval(tick);
      hub.close();
      ending.abort();
      await operations.settled();
      audit.settle(operations.list());
      await collector.stop();
      agentCore.close();
    },
  };
}

/** Says on standard error, once for each reason, why agent-core cannot be read: whoever typed the address looks there first. */
export function reportsAgentCore(
  { id }: Pick<ClusterConfig, 'id'>,
  sources: () => readonly SourceState[],
  say: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): () => void {
  let said: string | undefined;
  return () => {
    const core = sources().find((s) => s.source === 'agent-core');
    if (core?.status === 'ok' && said !== undefined) {
      said = undefined;
      say(`mayastor-console: cluster ${id}: agent-core at ${core.endpoint} answers`);
    }
    if (!core?.error || said === core.error.code) return;
    said = core.error.code;
    say(`mayastor-console: cluster ${id}: ${printable(core.error.message)}; the console goes on trying`);
  };
}

/** Whether something is another than before; counters and rates move all the time and can wait. */
const isUrgent = (a: ClusterSnapshot, b: ClusterSnapshot): boolean =>
  a.since !== b.since ||
  a.volumes?.items !== b.volumes?.items ||
  a.nodes?.items !== b.nodes?.items ||
  a.ended !== b.ended ||
  a.running.length !== b.running.length;

async function kubernetesAuthorizer(config: KubernetesConfig): Promise<KubernetesAuthorizer> {
  const { kubeconfig, context, userPrefix, groupsPrefix } = config;
  const client = await AccessReviewClient.open(accessOf(kubeconfig, context)).catch((error: Error) => {
    throw new ConfigError(`kubernetes: ${kubeconfig ?? 'the pod’s own service account'}: ${error.message}`);
  });
  return new KubernetesAuthorizer({
    review: (review) => client.review(review),
    userPrefix,
    groupsPrefix,
    now: steadyNow,
  });
}

/** Ends after `ms`, or at once when `signal` is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
