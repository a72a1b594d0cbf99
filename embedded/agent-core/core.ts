import { randomUUID } from 'node:crypto';
import { LossyClient } from '@/embedded/rpc/lossy-client';
import type { GatedStore } from '@/embedded/store/gated-store';
import type { Timings } from '@/embedded/timing';
import { DurableStore } from './durable-store';
import { OperationGuard } from './guard';
import { type AgentCoreOptions, type Deadlines, deadlines } from './options';
import { EngineClient, engineSocket } from './registry/engine-client';
import type { EngineNode, NodeStatus } from './registry/node';
import { Registry } from './registry/registry';
import { Specs } from './spec-store';

/** What every operation and reconciler of one agent-core works on. */
export interface Core {
  readonly store: DurableStore;
  readonly specs: Specs;
  readonly registry: Registry;
  readonly guard: OperationGuard;
  readonly timings: Timings;
  readonly deadlines: Deadlines;
  readonly partialRebuild: boolean;
  readonly maxRebuilds: number;
  readonly highAvailability: boolean;
  /** Asks for a reconcile pass now instead of at the next beat. */
  readonly wake: (what?: { volume?: string }) => void;
  readonly newUuid: () => string;
}

export function makeCore(
  options: AgentCoreOptions,
  gated: GatedStore,
  hooks: { wake: Core['wake']; statusChanged: (node: EngineNode, before: NodeStatus) => void },
): Core {
  const store = new DurableStore(gated, options.timings.storeTimeoutMs);
  const specs = new Specs(store);
  const limits = deadlines(options.timings);
  const { network } = options;
  const { isCutFrom } = options;
  const connect = (endpoint: string) => {
    const client = network?.has(endpoint) ? network.dial(endpoint) : engineSocket(endpoint);
    const lossy = isCutFrom && new LossyClient(client, () => isCutFrom(endpoint));
    return new EngineClient(endpoint, limits, lossy ?? client);
  };
  return {
    store,
    specs,
    registry: new Registry(specs, connect, hooks.statusChanged),
    guard: new OperationGuard(options.timings.guardRetryMs, (resource, id) => specs.isDirty(resource, id)),
    timings: options.timings,
    deadlines: limits,
    partialRebuild: options.partialRebuild ?? true,
    maxRebuilds: options.maxRebuilds ?? Number.POSITIVE_INFINITY,
    highAvailability: options.highAvailability ?? true,
    wake: hooks.wake,
    newUuid: randomUUID,
  };
}
