/**
 * What each list can be filtered, sorted and counted by, and which columns an export has. Both sides read it: the browser for
 * completion and errors while one types, the server for answers; `server/views` must have a rule for each name.
 */
export type FilterKind = 'text' | 'size' | 'number' | 'duration' | 'flag';

export interface FilterKey {
  kind: FilterKind;
  /** What it is, in a few words, for the completion. */
  what: string;
  /** A text with a fixed set of words. */
  values?: readonly string[];
  /** The facet that holds values that occur, when it has another name than the key. */
  facet?: string;
}

export type FilterKeys = Readonly<Record<string, FilterKey>>;

export interface ListCatalogue {
  keys: FilterKeys;
  sorts: readonly string[];
  defaultSort: string;
  /** Counted over the whole set, by value. */
  facets: readonly string[];
  /** Of an export, in this order. */
  columns: readonly string[];
}

const text = (what: string, more: Omit<FilterKey, 'kind' | 'what'> = {}): FilterKey => ({
  kind: 'text',
  what,
  ...more,
});
const size = (what: string): FilterKey => ({ kind: 'size', what });
const number = (what: string): FilterKey => ({ kind: 'number', what });
const flag = (what: string): FilterKey => ({ kind: 'flag', what });

const LABEL = text('label, key or key=value');
const IO_COLUMNS = [
  'read_iops',
  'write_iops',
  'read_bytes_per_second',
  'write_bytes_per_second',
  'read_latency_us',
  'write_latency_us',
] as const;

export const VOLUME_LIST = {
  keys: {
    status: text('health of the volume', {
      values: ['online', 'degraded', 'faulted', 'unknown', 'shutdown', 'shutting-down'],
    }),
    name: text('name as shown'),
    id: text('UUID'),
    pvc: text('claim, or namespace/claim'),
    namespace: text('namespace of the claim'),
    node: text('node of the target'),
    label: LABEL,
    size: size('size of the volume'),
    allocated: size('bytes allocated'),
    replicas: number('replicas wanted'),
    healthy: number('replicas healthy now'),
    snapshots: number('snapshots'),
    iops: number('reads and writes per second'),
    throughput: size('bytes per second'),
    latency: { kind: 'duration', what: 'worse of read and write latency' },
    thin: flag('thinly provisioned'),
    published: flag('has a target'),
    rebuilding: flag('a rebuild is running'),
  },
  sorts: [
    'name',
    'status',
    'size',
    'allocated',
    'replicas',
    'target',
    'node',
    'iops',
    'throughput',
    'latency',
    'rebuild',
    'snapshots',
    'thin',
    'published',
    'since',
    'namespace',
    'id',
  ],
  defaultSort: 'name',
  facets: ['status', 'node', 'namespace', 'thin', 'published'],
  columns: [
    'id',
    'name',
    'namespace',
    'pvc',
    'status',
    'reason',
    'since',
    'size_bytes',
    'allocated_bytes',
    'thin',
    'replicas_wanted',
    'replicas_healthy',
    'replicas_present',
    'published',
    'target_node',
    ...IO_COLUMNS,
    'rebuild_percent',
    'snapshots',
    'labels',
    'observed_at',
  ],
} as const satisfies ListCatalogue;

export const REPLICA_LIST = {
  keys: {
    status: text('health of the copy', { values: ['online', 'degraded', 'faulted', 'rebuilding', 'unknown'] }),
    id: text('UUID of the replica'),
    volume: text('name or UUID of its volume'),
    pool: text('pool that holds it'),
    node: text('node that holds it'),
    size: size('size of the replica'),
    allocated: size('bytes allocated'),
    iops: number('reads and writes per second'),
    thin: flag('thinly provisioned'),
    local: flag('on the node of its target'),
  },
  sorts: ['volume', 'id', 'status', 'pool', 'node', 'size', 'allocated', 'rebuild', 'iops', 'throughput', 'latency'],
  defaultSort: 'volume',
  facets: ['status', 'node', 'pool', 'thin'],
  columns: [
    'id',
    'volume_id',
    'volume',
    'pool',
    'node',
    'status',
    'reason',
    'size_bytes',
    'allocated_bytes',
    'thin',
    'local',
    'rebuild_percent',
    ...IO_COLUMNS,
    'observed_at',
  ],
} as const satisfies ListCatalogue;

export const POOL_LIST = {
  keys: {
    status: text('health of the pool', {
      values: ['online', 'degraded', 'faulted', 'unknown', 'suspected', 'offline'],
    }),
    name: text('name of the pool'),
    node: text('node that holds it'),
    disk: text('device as the pool names it'),
    label: LABEL,
    size: size('capacity'),
    used: size('bytes used'),
    committed: size('bytes promised to its replicas'),
    free: size('capacity less used'),
    replicas: number('replicas on it'),
    unhealthy: number('replicas on it that are not healthy'),
  },
  sorts: [
    'name',
    'id',
    'node',
    'status',
    'capacity',
    'size',
    'used',
    'committed',
    'free',
    'replicas',
    'disks',
    'iops',
    'throughput',
  ],
  defaultSort: 'name',
  facets: ['status', 'node'],
  columns: [
    'name',
    'node',
    'status',
    'reason',
    'disks',
    'capacity_bytes',
    'used_bytes',
    'committed_bytes',
    'free_bytes',
    'replicas',
    'replicas_unhealthy',
    ...IO_COLUMNS,
    'labels',
    'observed_at',
  ],
} as const satisfies ListCatalogue;

export const NODE_LIST = {
  keys: {
    status: text('as the control plane and the node say', { values: ['online', 'offline', 'unknown'] }),
    name: text('name of the node'),
    cordon: text('cordon or drain', { values: ['none', 'cordoned', 'draining', 'drained'] }),
    label: LABEL,
    version: text('version of its io-engine'),
    pools: number('pools on it'),
    targets: number('targets on it'),
    replicas: number('replicas on it'),
  },
  sorts: [
    'name',
    'id',
    'status',
    'cordon',
    'version',
    'pools',
    'replicas',
    'targets',
    'rebuilds',
    'capacity',
    'used',
    'iops',
    'throughput',
    'since',
  ],
  defaultSort: 'name',
  facets: ['status', 'cordon', 'version'],
  columns: [
    'name',
    'status',
    'reason',
    'since',
    'cordon',
    'endpoint',
    'version',
    'pools',
    'replicas',
    'targets',
    'rebuilds',
    'capacity_bytes',
    'used_bytes',
    'committed_bytes',
    ...IO_COLUMNS,
    'labels',
    'observed_at',
  ],
} as const satisfies ListCatalogue;

export const REBUILD_LIST = {
  keys: {
    volume: text('name or UUID'),
    node: text('node of the target, the source or the destination'),
    state: text('how it ended', { values: ['init', 'running', 'stopped', 'paused', 'failed', 'completed'] }),
    kind: text('what was copied', { values: ['full', 'partial', 'unknown'] }),
  },
  sorts: ['ended', 'started', 'volume', 'node', 'state', 'kind', 'copied'],
  defaultSort: '-ended',
  facets: ['state', 'kind', 'node'],
  columns: [
    'id',
    'volume_id',
    'volume',
    'node',
    'state',
    'kind',
    'source_node',
    'source_pool',
    'destination_node',
    'destination_pool',
    'bytes_total',
    'bytes_transferred',
    'why',
    'started_at',
    'ended_at',
  ],
} as const satisfies ListCatalogue;

export const SNAPSHOT_LIST = {
  keys: {
    status: text('of the record', {
      values: ['creating', 'created', 'deleting', 'deleted', 'purging'],
    }),
    volume: text('name or UUID of the source volume'),
    id: text('UUID of the snapshot'),
    size: size('size of the snapshot'),
    allocated: size('bytes of its own'),
    restores: number('volumes made from it'),
  },
  sorts: ['created', 'volume', 'size', 'allocated', 'restores', 'status', 'id'],
  defaultSort: '-created',
  facets: ['status'],
  columns: [
    'id',
    'volume_id',
    'volume',
    'status',
    'created_at',
    'size_bytes',
    'allocated_bytes',
    'total_allocated_bytes',
    'restores',
    'pools',
    'observed_at',
  ],
} as const satisfies ListCatalogue;

/** Order in which each list begins, by its name in addresses. */
export const FIRST_ORDERS: Readonly<Record<string, string>> = {
  volumes: VOLUME_LIST.defaultSort,
  replicas: REPLICA_LIST.defaultSort,
  pools: POOL_LIST.defaultSort,
  nodes: NODE_LIST.defaultSort,
  rebuilds: REBUILD_LIST.defaultSort,
  snapshots: SNAPSHOT_LIST.defaultSort,
};
