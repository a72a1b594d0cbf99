import { Collector } from './collector/collector';
import type { ClusterConfig } from './config/config';
import { LiveHub } from './live/hub';
import { topicView } from './live/topics';
import { Operations } from './operations/operations';
import type { Cluster } from './runtime';
import { AgentCoreClient } from './upstream/agent-core';
import { IoEngineClient } from './upstream/io-engine';

/** Time series move on while nothing else changes. */
const TICK_MS = 5_000;

export interface StartedCluster {
  cluster: Cluster;
  stop(): Promise<void>;
}

/** Starts everything that lives for one cluster; `stop` ends it in reverse order. */
export function startCluster(config: ClusterConfig, version: string): StartedCluster {
  const ending = new AbortController();
  const agentCore = new AgentCoreClient(config.agentCore);
  const collector = new Collector({
    cluster: { id: config.id, name: config.name },
    agentCore,
    ioEngines: (endpoint, node) => new IoEngineClient(endpoint, node),
  });
  const operations = new Operations({
    agentCore,
    snapshot: () => collector.snapshot,
    subscribe: (listener) => collector.subscribe(listener),
    refresh: (volume) => collector.refresh(volume === undefined ? {} : { volume }),
    now: Date.now,
    pause: (ms) => pause(ms, ending.signal),
    signal: ending.signal,
  });
  const hub = new LiveHub({
    view: (topic) => topicView(cluster, topic),
    version,
    minIntervalMs: 1_000,
    heartbeatMs: 10_000,
    now: Date.now,
  });
  const cluster: Cluster = { id: config.id, name: config.name, agentCore, collector, operations, hub };
  collector.start();
  collector.subscribe(() => hub.changed());
  operations.subscribe(() => hub.changed());
  const tick = setInterval(() => hub.changed(), TICK_MS);
  return {
    cluster,
    stop: async () => {
      clearInterval(tick);
      hub.close();
      ending.abort();
      await operations.settled();
      await collector.stop();
      agentCore.close();
    },
  };
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
