import type { LocalNetwork } from '@/embedded/rpc/local-network';
import type { Store } from '@/embedded/store/store';
import type { Timings } from '@/embedded/timing';

export interface AgentCoreOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  store: Store;
  timings: Timings;
  /** Repair a child that comes back in time from its I/O log; default true. */
  partialRebuild?: boolean | undefined;
  /** Rebuilds that may run at once in the cluster; default no limit. */
  maxRebuilds?: number | undefined;
  /** Switch-over and drain; default true. */
  highAvailability?: boolean | undefined;
  version?: string | undefined;
  /** Io-engines of this process are called through it, others over a socket; and it is served on both. */
  network?: LocalNetwork | undefined;
  /** Injected fault: nothing passes to or from the io-engine at that endpoint. */
  isCutFrom?: ((endpoint: string) => boolean) | undefined;
  /** Injected fault: answers as a later release would, with values and fields that its clients do not know. */
  isNewer?: (() => boolean) | undefined;
}

/** Deadlines of calls to an io-engine, in milliseconds. */
export interface Deadlines {
  readonly probe: number;
  readonly request: number;
  readonly replica: number;
  readonly nexus: number;
  readonly snapshot: number;
  readonly pool: number;
  readonly import: number;
}

const FLOOR_MS = 2_000;

/**
 * Upstream's deadlines (behaviour facts, 10.2), shortened with the other clocks so that a hung node is noticed in
 * proportion; never below what real work on a busy machine needs.
 */
export function deadlines(timings: Timings): Deadlines {
  // The one clock that nobody sets by itself.
  const factor = 60_000 / timings.importTimeoutMs;
  const scaled = (ms: number) => Math.max(FLOOR_MS, ms / factor);
  return {
    // A busy machine may need most of a second to answer one: that must not make its nodes Offline.
    probe: Math.max(1_000, timings.livenessProbeMs),
    request: Math.max(1_000, 5_000 / factor),
    replica: scaled(15_000),
    nexus: scaled(30_000),
    snapshot: scaled(30_000),
    pool: scaled(20_000),
    import: Math.max(FLOOR_MS, timings.importTimeoutMs),
  };
}
