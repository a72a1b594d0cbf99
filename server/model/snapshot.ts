import type { IoRate } from '@/contract/io';
import type { SourceState } from '@/contract/source';
import type {
  AppNodeModel,
  EngineReading,
  NodeModel,
  PoolModel,
  ReadAt,
  RebuildStatsModel,
  ReplicaModel,
  SnapshotModel,
  VolumeModel,
} from './model';

/** A collection that agent-core answers as a whole; `undefined` in the snapshot until it was read once. */
export interface Collection<T> {
  at: ReadAt;
  items: ReadonlyMap<string, T>;
}

/** When an object took on its present status, as far as this console has watched. */
export interface StatusSince {
  status: string;
  /** Undefined: it had this status when the console first saw it. */
  since?: ReadAt;
}

/** A running rebuild with what was measured over the last samples. */
export interface RunningRebuild {
  stats: RebuildStatsModel;
  node: string;
  at: ReadAt;
  /** Bytes really copied per second; undefined until two samples exist. */
  bytesPerSecond?: number;
  secondsLeft?: number;
  why?: string;
}

export interface EndedRebuild {
  stats: RebuildStatsModel;
  node: string;
  at: ReadAt;
  why?: string;
}

/** Rates by key: `cluster`, and `node:`, `pool:`, `nexus:`, `replica:` with a name or id. */
export interface RateLookup {
  get(key: string): { at: ReadAt; rate: IoRate } | undefined;
}

/**
 * All that is known of one cluster at one moment. Immutable: a poll makes a new one, unchanged parts are shared.
 * Views are pure functions of it.
 */
export interface ClusterSnapshot {
  cluster: { id: string; name: string };
  /** Grows with every snapshot that differs from the one before. */
  revision: number;
  /** Of the newest datum in it. */
  at: ReadAt;
  nodes?: Collection<NodeModel>;
  pools?: Collection<PoolModel>;
  replicas?: Collection<ReplicaModel>;
  volumes?: Collection<VolumeModel>;
  snapshots?: Collection<SnapshotModel>;
  appNodes?: Collection<AppNodeModel>;
  /** Last reading of each io-engine, by node. Old ones stay, with their age. */
  engines: ReadonlyMap<string, EngineReading>;
  /** agent-core first. */
  sources: readonly SourceState[];
  /** Rates by `nexus:<id>`, `replica:<id>`, `pool:<id>`, `node:<id>` and `cluster`; absent: unknown, not 0. */
  rates: RateLookup;
  running: readonly RunningRebuild[];
  /** Ended rebuilds that the console saw or io-engines remember, newest first, bounded. */
  ended: readonly EndedRebuild[];
  /** By `volume:<id>`, `node:<id>`, `pool:<id>`. */
  since: ReadonlyMap<string, StatusSince>;
}
