import { createHash } from 'node:crypto';

const GiB = 1024n ** 3n;

export interface FleetOptions {
  nodes: number;
  volumes: number;
  /** Share of the published volumes whose counters move, 0 to 1. */
  busy: number;
}

export interface FleetReplica {
  id: string;
  node: number;
  pool: string;
}

export interface FleetVolume {
  index: number;
  id: string;
  nexus: string;
  name: string;
  namespace: string;
  sizeBytes: bigint;
  allocatedBytes: bigint;
  thin: boolean;
  /** Node of the target; undefined: not published. */
  target: number | undefined;
  replicas: FleetReplica[];
  /** The io-engine reports the second copy faulted; agent-core is not told. */
  faulted: boolean;
}

/** A fleet of generated specs: nothing behind them, so it answers as quickly as gRPC can. */
export interface Fleet {
  options: FleetOptions;
  volumes: FleetVolume[];
  byTarget: ReadonlyArray<readonly FleetVolume[]>;
  replicasOf: ReadonlyArray<ReadonlyArray<{ volume: FleetVolume; replica: FleetReplica }>>;
}

export const nodeName = (node: number) => `io-${node + 1}`;
export const poolName = (node: number, disk: number) => `pool-${nodeName(node)}-${disk}`;
export const POOLS_PER_NODE = 2;

/** A uuid that a text always gives. */
export function uuidOf(text: string): string {
  const h = createHash('sha1').update(text).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

const APPS = ['cache', 'logs', 'mail', 'metrics', 'orders-db', 'queue', 'registry', 'search', 'shop-db', 'wiki'];
const NAMESPACES = ['shop', 'platform', 'monitoring', 'team-a'];

/** The same options give the same fleet. Sorted by name, volume 0 is the first. */
export function makeFleet(options: FleetOptions): Fleet {
  const { nodes } = options;
  const perApp = Math.ceil(options.volumes / APPS.length);
  const volumes = Array.from({ length: options.volumes }, (_, i): FleetVolume => {
    const copies = Math.min(nodes, [2, 3, 2, 3, 1][i % 5] ?? 2);
    const first = (i * 7) % nodes;
    const stride = nodes > 3 ? 1 + (i % (nodes - 2)) : 1;
    const used = new Set<number>();
    const replicas: FleetReplica[] = [];
    for (let at = first; replicas.length < copies; at = (at + stride) % nodes) {
      while (used.has(at)) at = (at + 1) % nodes;
      used.add(at);
      replicas.push({
        id: uuidOf(`replica ${i} ${replicas.length}`),
        node: at,
        pool: poolName(at, i % POOLS_PER_NODE),
      });
    }
    const sizeBytes = BigInt([1, 2, 2, 4, 8, 16][i % 6] ?? 1) * GiB;
    return {
      index: i,
      id: uuidOf(`volume ${i}`),
      nexus: uuidOf(`nexus ${i}`),
      name: `${APPS[Math.floor(i / perApp)] ?? 'app'}-${i % perApp}`,
      namespace: NAMESPACES[i % NAMESPACES.length] ?? 'default',
      sizeBytes,
      allocatedBytes: (sizeBytes * BigInt(1 + (i % 90))) / 100n,
      thin: i % 9 !== 4,
      target: i % 4 === 3 ? undefined : replicas[0]?.node,
      replicas,
      faulted: false,
    };
  });
  const byTarget: FleetVolume[][] = Array.from({ length: nodes }, () => []);
  const replicasOf: Array<Array<{ volume: FleetVolume; replica: FleetReplica }>> = Array.from(
    { length: nodes },
    () => [],
  );
  for (const volume of volumes) {
    if (volume.target !== undefined) byTarget[volume.target]?.push(volume);
    for (const replica of volume.replicas) replicasOf[replica.node]?.push({ volume, replica });
  }
  return { options, volumes, byTarget, replicasOf };
}

const DISK_BYTES = 4096n * GiB;

export interface FleetPool {
  id: string;
  node: number;
  capacity: bigint;
  used: bigint;
  committed: bigint;
}

export function poolsOf(fleet: Fleet): FleetPool[] {
  const pools = new Map<string, FleetPool>();
  for (let node = 0; node < fleet.options.nodes; node += 1) {
    for (let disk = 0; disk < POOLS_PER_NODE; disk += 1) {
      const id = poolName(node, disk);
      pools.set(id, { id, node, capacity: DISK_BYTES, used: 0n, committed: 0n });
    }
  }
  for (const list of fleet.replicasOf) {
    for (const { volume, replica } of list) {
      const pool = pools.get(replica.pool);
      if (!pool) continue;
      pool.used += volume.thin ? volume.allocatedBytes : volume.sizeBytes;
      pool.committed += volume.sizeBytes;
    }
  }
  return [...pools.values()];
}

/** The child's URI as an io-engine writes it: local by name, remote over NVMe-oF. */
export function childUri(volume: FleetVolume, replica: FleetReplica): string {
  if (replica.node === volume.target) return `bdev:///${replica.id}?uuid=${replica.id}`;
  return `nvmf://10.0.0.${replica.node + 1}:8420/nqn.2019-05.io.openebs:${replica.id}?uuid=${replica.id}`;
}

export const deviceUri = (volume: FleetVolume) =>
  `nvmf://10.0.0.${(volume.target ?? 0) + 1}:8420/nqn.2019-05.io.openebs:${volume.id}`;
