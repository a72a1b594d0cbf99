/** What agent-core was asked for and keeps in the store. Sizes in bytes, instants in milliseconds UTC. */
export type SpecStatus = 'Creating' | 'Created' | 'Deleting';

export type Labels = Record<string, string>;

export interface NodeSpec {
  id: string;
  endpoint: string;
  labels: Labels;
  cordonLabels: string[];
  drainLabels: string[];
  drained: boolean;
  /** Volumes whose targets the drain under way has moved: it waits for their old ones. */
  movedVolumes?: string[] | undefined;
  nqn?: string | undefined;
  version?: string | undefined;
}

export interface PoolCordon {
  replicas: boolean;
  snapshots: boolean;
  restores: boolean;
  import: boolean;
}

export interface PoolSpec {
  id: string;
  node: string;
  disks: string[];
  labels: Labels;
  status: SpecStatus;
  uuid?: string | undefined;
  clusterSize?: number | undefined;
  cordon?: PoolCordon | undefined;
}

export type ReplicaKind = 'Regular' | 'SnapshotClone';

export interface ReplicaSpec {
  uuid: string;
  name: string;
  size: number;
  poolId: string;
  thin: boolean;
  share: boolean;
  allowedHosts: string[];
  status: SpecStatus;
  managed: boolean;
  /** The volume that owns it; none: an orphan for the collector, if managed. */
  volume?: string | undefined;
  kind: ReplicaKind;
}

export interface NexusChildSpec {
  replica?: string | undefined;
  uri: string;
}

export interface NexusSpec {
  uuid: string;
  name: string;
  node: string;
  children: NexusChildSpec[];
  size: number;
  status: SpecStatus;
  share: boolean;
  managed: boolean;
  owner?: string | undefined;
  cntlIds: [start: number, end: number];
  allowedHosts: string[];
  /** Left behind by a switch-over. `failed`: its node did not answer, so its local replica is not to be used. */
  shutdown?: 'done' | 'failed' | undefined;
}

export interface LabelTopology {
  inclusion: Labels;
  exclusion: Labels;
}

export interface VolumeTopology {
  node?: ({ labelled: LabelTopology } | { explicit: { allowed: string[]; preferred: string[] } }) | undefined;
  pool?: LabelTopology | undefined;
}

export interface FrontendNode {
  name: string;
  nqn: string;
}

export interface TargetSpec {
  node: string;
  nexus: string;
  nvmf: boolean;
  cntlIds: [start: number, end: number];
  frontend: FrontendNode[];
  /** False after unpublish: kept for the health of the replicas. */
  active: boolean;
}

export interface VolumeSpec {
  uuid: string;
  size: number;
  numReplicas: number;
  labels?: Labels | undefined;
  selfHeal: boolean;
  thin: boolean;
  /** Made thin, or made so by a snapshot: what counts for placement. */
  asThin: boolean;
  /** A snapshot was taken of it; only this is told, as upstream does. */
  snapshotAsThin?: boolean | undefined;
  topology?: VolumeTopology | undefined;
  affinityGroup?: string | undefined;
  maxSnapshots?: number | undefined;
  contentSource?: { snapshot: string; volume: string } | undefined;
  status: SpecStatus;
  target?: TargetSpec | undefined;
  publishContext?: Labels | undefined;
  encrypted?: boolean | undefined;
  clusterSize?: number | undefined;
}

export interface ReplicaSnapshotSpec {
  uuid: string;
  replica: string;
  poolId: string;
  poolUuid: string;
  status: SpecStatus;
  timestampMs?: number | undefined;
  size: number;
}

export interface SnapshotSpec {
  uuid: string;
  volume: string;
  status: SpecStatus;
  timestampMs?: number | undefined;
  size: number;
  specSize: number;
  totalAllocated: number;
  /** The last attempt; the good one once Created. */
  txnId: string;
  transactions: Record<string, ReplicaSnapshotSpec[]>;
}

export interface AppNodeSpec {
  id: string;
  endpoint: string;
  labels?: Labels | undefined;
}

/** The target in use; one that was unpublished does not count. */
export const activeTarget = (volume: VolumeSpec): TargetSpec | undefined =>
  volume.target?.active ? volume.target : undefined;

export const isCordoned = (node: NodeSpec) => node.cordonLabels.length + node.drainLabels.length > 0;
