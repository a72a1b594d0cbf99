import type { ListQuery } from '@/contract/list';
import type { VolumeRow, VolumeWindow } from '@/contract/volume';
import type { ClusterSnapshot } from '../model/snapshot';
import { volumeRows } from './volume-row';
import { type ListRules, type Outcome, windowOver } from './window';

const iops = (r: VolumeRow) => (r.io ? r.io.readIops + r.io.writeIops : null);
const throughput = (r: VolumeRow) => (r.io ? r.io.readBytesPerSecond + r.io.writeBytesPerSecond : null);
const latency = (r: VolumeRow) => {
  const known = [r.io?.readLatencyUs, r.io?.writeLatencyUs].filter((x) => x !== null && x !== undefined);
  return known.length > 0 ? Math.max(...known) : null;
};
/** Worst first, so that sorting by status brings up what needs attention. */
const GRAVITY: Record<string, number> = {
  faulted: 0,
  degraded: 1,
  unknown: 2,
  'shutting-down': 3,
  shutdown: 4,
  online: 6,
};
export const gravity = (status: string): number => GRAVITY[status] ?? 5;

export const volumeRules: ListRules<VolumeRow> = {
  keys: {
    status: 'text',
    name: 'text',
    id: 'text',
    pvc: 'text',
    node: 'text',
    label: 'text',
    size: 'size',
    allocated: 'size',
    replicas: 'number',
    healthy: 'number',
    snapshots: 'number',
    iops: 'number',
    thin: 'flag',
    published: 'flag',
    rebuilding: 'flag',
  },
  words: (r) => [r.name, r.id, ...(r.pvc ? [`${r.pvc.namespace}/${r.pvc.name}`] : []), ...Object.values(r.labels)],
  value: (r, key) => {
    switch (key) {
      case 'status':
        return r.status;
      case 'name':
        return r.name;
      case 'id':
        return r.id;
      case 'pvc':
        return r.pvc ? [`${r.pvc.namespace}/${r.pvc.name}`, r.pvc.name] : undefined;
      case 'node':
        return r.targetNode ?? undefined;
      case 'label':
        return Object.entries(r.labels).flatMap(([k, v]) => [k, `${k}=${v}`]);
      case 'size':
        return BigInt(r.sizeBytes);
      case 'allocated':
        return r.allocatedBytes === null ? undefined : BigInt(r.allocatedBytes);
      case 'replicas':
        return r.replicas.wanted;
      case 'healthy':
        return r.replicas.healthy ?? undefined;
      case 'snapshots':
        return r.snapshots;
      case 'iops':
        return iops(r) ?? undefined;
      case 'thin':
        return r.thin;
      case 'published':
        return r.published;
      case 'rebuilding':
        return r.rebuild !== null;
      default:
        return undefined;
    }
  },
  columns: {
    name: (r) => r.name,
    status: (r) => gravity(r.status),
    size: (r) => BigInt(r.sizeBytes),
    allocated: (r) => (r.allocatedBytes === null ? null : BigInt(r.allocatedBytes)),
    replicas: (r) => (r.replicas.healthy === null ? null : r.replicas.healthy - r.replicas.wanted),
    target: (r) => r.targetNode,
    node: (r) => r.targetNode,
    iops,
    throughput,
    latency,
    rebuild: (r) => r.rebuild?.progress ?? null,
    snapshots: (r) => r.snapshots,
    thin: (r) => r.thin,
    published: (r) => r.published,
    since: (r) => r.since,
    id: (r) => r.id,
  },
  defaultSort: 'name',
  facets: {
    status: (r) => r.status,
    node: (r) => r.targetNode ?? '',
    thin: (r) => String(r.thin),
    published: (r) => String(r.published),
  },
  id: (r) => r.id,
};

/** A window of the volumes. Facets: status, node ('' is unpublished), thin, published. */
export function volumesView(s: ClusterSnapshot, query: ListQuery): Outcome<VolumeWindow> {
  return windowOver(s, volumeRows(s), s.volumes?.at, query, volumeRules);
}
