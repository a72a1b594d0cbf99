import { NexusId, ReplicaId, SnapshotId, VolumeId } from '@/contract/scalars';
import type { SourceState } from '@/contract/source';
import type {
  ChildModel,
  EngineReading,
  NexusModel,
  NodeModel,
  PoolModel,
  ReplicaModel,
  VolumeModel,
} from '../model/model';
import type { ClusterSnapshot, RunningRebuild } from '../model/snapshot';

export const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const GIB = 1n << 30n;

const uuid = (kind: number, n: number) =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const volumeId = (n: number) => VolumeId.parse(uuid(1, n));
export const nexusId = (n: number) => NexusId.parse(uuid(2, n));
export const snapshotId = (n: number) => SnapshotId.parse(uuid(4, n));
/** Replica of volume `n` on node `node`. */
export const replicaId = (n: number, node: number) => ReplicaId.parse(uuid(3, n * 100 + node));

export interface TestVolume {
  n: number;
  /** Node numbers of its copies. */
  on: number[];
  wanted?: number;
  target?: number;
  child?: Partial<Record<number, Partial<ChildModel>>>;
  /** Nodes whose copy is no child of the target. */
  detached?: number[];
  model?: Partial<VolumeModel>;
  nexusStatus?: NexusModel['status'];
}

export interface TestCluster {
  nodes?: number;
  volumes?: TestVolume[];
  /** Node numbers whose io-engine and agent-core status are away. */
  away?: number[];
  /** The io-engine is silent, agent-core still says online. */
  silent?: number[];
  agentCoreDown?: boolean;
  node?: (n: number, base: NodeModel) => NodeModel;
  pool?: (n: number, base: PoolModel) => PoolModel;
  running?: RunningRebuild[];
}

export const uri = (n: number, node: number) =>
  `nvmf://10.0.0.${node}:8420/nqn.2019-05.io.openebs:${replicaId(n, node)}?uuid=${replicaId(n, node)}`;

/** A cluster snapshot: nodes io-1.., one pool p-1.. on each, volumes as given. */
export function testSnapshot({
  nodes = 3,
  volumes = [],
  away = [],
  silent = [],
  agentCoreDown = false,
  node,
  pool,
  running = [],
}: TestCluster = {}): ClusterSnapshot {
  const numbers = Array.from({ length: nodes }, (_, i) => i + 1);
  const isQuiet = (n: number) => away.includes(n) || silent.includes(n);
  const engines = numbers.map((n) => engineOf(n, isQuiet(n) ? NOW - 60_000 : NOW, volumes));
  return {
    cluster: { id: 'test', name: 'Test' },
    revision: 7,
    at: NOW,
    nodes: collection(numbers.map((n) => nodeOf(n, away.includes(n))).map((m, i) => node?.(i + 1, m) ?? m)),
    pools: collection(numbers.map((n) => poolOf(n, away.includes(n))).map((m, i) => pool?.(i + 1, m) ?? m)),
    replicas: collection(volumes.flatMap((v) => v.on.filter((n) => !away.includes(n)).map((n) => replicaOf(v, n)))),
    volumes: collection(volumes.map((v) => volumeOf(v, away))),
    snapshots: collection([]),
    engines: new Map(engines.map((e) => [e.node, e])),
    sources: [
      source('agent-core', undefined, agentCoreDown),
      ...numbers.map((n) => source('io-engine', `io-${n}`, isQuiet(n))),
    ],
    rates: new Map(),
    running,
    ended: [],
    since: new Map(),
  };
}

const collection = <T extends { id: string }>(items: readonly T[]) => ({
  at: NOW,
  items: new Map(items.map((x) => [x.id, x])),
});

function source(name: 'agent-core' | 'io-engine', node: string | undefined, isDown: boolean): SourceState {
  const since = new Date(NOW - 60_000).toISOString();
  return {
    source: name,
    ...(node === undefined ? {} : { node }),
    endpoint: '127.0.0.1:1',
    status: isDown ? 'failing' : 'ok',
    since,
    lastOkAt: isDown ? since : new Date(NOW).toISOString(),
    nextTryAt: null,
    error: isDown ? { code: 'Unavailable', message: 'connection refused' } : null,
  };
}

function nodeOf(n: number, isAway: boolean): NodeModel {
  return {
    id: `io-${n}`,
    endpoint: `10.0.0.${n}:10124`,
    labels: new Map([['zone', n % 2 === 0 ? 'b' : 'a']]),
    cordon: { state: 'none', cordonLabels: [], drainLabels: [] },
    status: isAway ? 'offline' : 'online',
    features: [],
    raw: { spec: {}, state: {} },
  };
}

function poolOf(n: number, isAway: boolean): PoolModel {
  return {
    id: `p-${n}`,
    node: `io-${n}`,
    spec: { disks: ['/dev/sdb'], labels: new Map(), status: 'created', cordoned: false },
    ...(isAway
      ? {}
      : {
          state: {
            status: 'online' as const,
            disks: ['aio:///dev/sdb?blk_size=512'],
            capacityBytes: 100n * GIB,
            usedBytes: 20n * GIB,
            committedBytes: 40n * GIB,
          },
        }),
    raw: { spec: {}, state: {} },
  };
}

function replicaOf(v: TestVolume, n: number): ReplicaModel {
  return {
    id: replicaId(v.n, n),
    node: `io-${n}`,
    pool: `p-${n}`,
    status: 'online',
    sizeBytes: v.model?.sizeBytes ?? 10n * GIB,
    thin: true,
    uri: uri(v.n, n),
    shared: true,
    kind: 'regular',
    allocatedBytes: 2n * GIB,
  };
}

function childOf(v: TestVolume, n: number): ChildModel {
  return { uri: uri(v.n, n), state: 'online', reason: 'none', ...v.child?.[n] };
}

function nexusOf(v: TestVolume): NexusModel | undefined {
  if (v.target === undefined) return undefined;
  const children = v.on.filter((n) => !v.detached?.includes(n)).map((n) => childOf(v, n));
  const healthy = children.filter((c) => c.state === 'online').length;
  return {
    id: nexusId(v.n),
    volume: volumeId(v.n),
    node: `io-${v.target}`,
    sizeBytes: v.model?.sizeBytes ?? 10n * GIB,
    status: v.nexusStatus ?? (healthy === children.length ? 'online' : healthy > 0 ? 'degraded' : 'faulted'),
    deviceUri: `nvmf://10.0.0.${v.target}:8420/nqn.2019-05.io.openebs:${volumeId(v.n)}`,
    rebuilds: 0,
    children,
  };
}

function volumeOf(v: TestVolume, away: number[]): VolumeModel {
  const target = v.target === undefined ? undefined : { node: `io-${v.target}`, nexus: nexusId(v.n), frontend: [] };
  const nexus = v.target !== undefined && away.includes(v.target) ? undefined : nexusOf(v);
  return {
    id: volumeId(v.n),
    sizeBytes: 10n * GIB,
    labels: new Map([['name', `vol-${v.n}`]]),
    replicas: v.wanted ?? v.on.length,
    specStatus: 'created',
    thin: true,
    asThin: true,
    selfHeal: true,
    topology: {},
    target,
    numSnapshots: 0,
    publishContext: new Map(),
    status: target && !nexus ? 'unknown' : (nexus?.status ?? 'online'),
    nexus,
    replicaTopology: v.on.map((n) => ({
      id: replicaId(v.n, n),
      node: `io-${n}`,
      pool: `p-${n}`,
      status: away.includes(n) ? ('unknown' as const) : ('online' as const),
    })),
    ...v.model,
  };
}

function engineOf(n: number, at: number, volumes: readonly TestVolume[]): EngineReading {
  return {
    node: `io-${n}`,
    at,
    nexuses: volumes.flatMap((v) => (v.target === n ? (nexusOf(v) ?? []) : [])),
    rebuilds: [],
    history: [],
    nexusIo: new Map(),
    replicaIo: new Map(),
    poolIo: new Map(),
  };
}

/** A running rebuild of volume `n`'s copy on node `to`. */
export function rebuilding(n: number, targetNode: number, to: number, secondsLeft?: number): RunningRebuild {
  return {
    stats: {
      nexus: nexusId(n),
      childUri: uri(n, to),
      state: 'running',
      isPartial: false,
      blockSize: 512,
      blocksTotal: 1n << 51n,
      blocksRecovered: 1n << 50n,
      blocksTransferred: 1n << 50n,
      blocksRemaining: 1n << 50n,
      progress: 50,
      startedAt: NOW - 30_000,
    },
    node: `io-${targetNode}`,
    at: NOW,
    bytesPerSecond: 100 * 2 ** 20,
    secondsLeft,
  };
}
