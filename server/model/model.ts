/**
 * The domain types of the BFF: what upstream clients return, the collector keeps and views read. Generated protocol types
 * end in server/upstream. Units are real, absence is `undefined`, enums are closed unions with `unrecognized:<n>`.
 */
import type {
  ChildReason,
  ChildState,
  CordonState,
  NexusId,
  NexusStatus,
  NodeStatus,
  PoolStatus,
  RebuildState,
  ReplicaId,
  ReplicaStatus,
  SnapshotId,
  SpecStatus,
  VolumeId,
  VolumeStatus,
} from '@/contract/scalars';

/** Milliseconds since the epoch, of the reading of a datum. */
export type ReadAt = number;

export interface NodeModel {
  id: string;
  endpoint: string;
  labels: ReadonlyMap<string, string>;
  cordon: { state: CordonState; cordonLabels: string[]; drainLabels: string[] };
  nqn?: string;
  version?: string;
  /** Absent: agent-core has not seen the node since its own start. */
  status?: NodeStatus;
  features: string[];
  raw: { spec: unknown; state: unknown };
}

export interface PoolModel {
  id: string;
  node: string;
  /** Absent: the pool was not made through this control plane. */
  spec?: { disks: string[]; labels: ReadonlyMap<string, string>; status: SpecStatus; cordoned: boolean };
  /** Absent: the node is away or the pool is not imported. Unknown, never 0. */
  state?: {
    status: PoolStatus;
    disks: string[];
    capacityBytes: bigint;
    usedBytes: bigint;
    committedBytes?: bigint;
    clusterSizeBytes?: bigint;
  };
  raw: { spec: unknown; state: unknown };
}

/** A replica as agent-core lists it; replicas of nodes that are away are not listed. */
export interface ReplicaModel {
  id: ReplicaId;
  node: string;
  pool: string;
  status: ReplicaStatus;
  sizeBytes: bigint;
  thin: boolean;
  uri: string;
  shared: boolean;
  kind: string;
  allocatedBytes?: bigint;
  allocatedSnapshotBytes?: bigint;
}

export interface ChildModel {
  uri: string;
  state: ChildState;
  reason: ChildReason;
  rebuildProgress?: number;
  /** io-engine only. */
  faultedAt?: ReadAt;
  /** io-engine only. */
  hasIoLog?: boolean;
}

export interface NexusModel {
  id: NexusId;
  /** The volume, as the nexus' name says. */
  volume?: VolumeId;
  node: string;
  sizeBytes: bigint;
  status: NexusStatus;
  deviceUri?: string;
  rebuilds: number;
  children: ChildModel[];
}

export interface TopologyModel {
  node?:
    | { kind: 'explicit'; allowed: string[]; preferred: string[] }
    | { kind: 'labelled'; inclusion: ReadonlyMap<string, string>; exclusion: ReadonlyMap<string, string> };
  pool?: { inclusion: ReadonlyMap<string, string>; exclusion: ReadonlyMap<string, string> };
}

export interface ReplicaTopologyModel {
  id: ReplicaId;
  node?: string;
  pool?: string;
  status: ReplicaStatus;
  childState?: ChildState;
  childReason?: ChildReason;
  rebuildProgress?: number;
  usage?: { capacityBytes: bigint; allocatedBytes: bigint; allocatedSnapshotBytes: bigint };
}

export interface VolumeModel {
  id: VolumeId;
  sizeBytes: bigint;
  labels: ReadonlyMap<string, string>;
  replicas: number;
  specStatus: SpecStatus;
  thin: boolean;
  asThin: boolean;
  selfHeal: boolean;
  affinityGroup?: string;
  topology: TopologyModel;
  target?: { node: string; nexus: NexusId; frontend: Array<{ name: string; nqn: string }> };
  contentSource?: { snapshot: string; volume: string };
  numSnapshots: number;
  maxSnapshots?: number;
  publishContext: ReadonlyMap<string, string>;
  /** agent-core's state: up to 30 s old (wire facts, 5). */
  status: VolumeStatus;
  stateSizeBytes?: bigint;
  /** Target as agent-core has it cached. */
  nexus?: NexusModel;
  replicaTopology: ReplicaTopologyModel[];
  usage?: {
    capacityBytes: bigint;
    allocatedBytes: bigint;
    totalAllocatedBytes: bigint;
    allocatedSnapshotBytes: bigint;
    totalAllocatedSnapshotBytes: bigint;
  };
}

export interface SnapshotModel {
  id: SnapshotId;
  volume: VolumeId;
  specStatus: SpecStatus;
  createdAt?: ReadAt;
  sizeBytes: bigint;
  specSizeBytes: bigint;
  allocatedBytes?: bigint;
  totalAllocatedBytes: bigint;
  restores: number;
  replicas: Array<{ id: string; pool?: string; status: 'online' | 'offline' }>;
}

export interface AppNodeModel {
  id: string;
  endpoint: string;
  status?: 'online' | 'offline' | `unrecognized:${number}`;
}

export interface IoTotalsModel {
  readOps: bigint;
  writeOps: bigint;
  unmapOps: bigint;
  bytesRead: bigint;
  bytesWritten: bigint;
  bytesUnmapped: bigint;
  readLatencyTicks: bigint;
  writeLatencyTicks: bigint;
  unmapLatencyTicks: bigint;
  tickRate: bigint;
}

export interface EngineInfo {
  version: string;
  instanceUuid?: string;
  nodeName?: string;
  nqn?: string;
  features: string[];
}

export interface RebuildStatsModel {
  nexus: NexusId;
  childUri: string;
  sourceUri?: string;
  state: RebuildState;
  isPartial: boolean;
  blockSize: number;
  blocksTotal: bigint;
  blocksRecovered: bigint;
  blocksTransferred: bigint;
  blocksRemaining: bigint;
  progress: number;
  startedAt?: ReadAt;
  /** Set for records of the history. */
  endedAt?: ReadAt;
}

/** What one io-engine said in one pass; every part is what it is as a whole, or absent. */
export interface EngineReading {
  node: string;
  at: ReadAt;
  info?: EngineInfo;
  nexuses: NexusModel[];
  rebuilds: RebuildStatsModel[];
  history: RebuildStatsModel[];
  /** By nexus id, replica id and pool name. */
  nexusIo: ReadonlyMap<string, IoTotalsModel>;
  replicaIo: ReadonlyMap<string, IoTotalsModel>;
  poolIo: ReadonlyMap<string, IoTotalsModel>;
  usage?: {
    softFaults: bigint;
    hardFaults: bigint;
    inBlockOps: bigint;
    outBlockOps: bigint;
    voluntarySwitches: bigint;
    involuntarySwitches: bigint;
  };
}

export interface BlockDeviceModel {
  devname: string;
  devtype: string;
  devlinks: string[];
  model: string;
  sizeBytes: bigint;
  available: boolean;
  connectionType?: string;
  rotational?: boolean;
  filesystem?: string;
  mountpoint?: string;
}
