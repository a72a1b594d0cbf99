import type { ListQuery } from '@/contract/list';
import { VOLUME_LIST } from '@/contract/lists';
import type { VolumeRow, VolumeWindow } from '@/contract/volume';
import type { ClusterSnapshot } from '../model/snapshot';
import {
  ioColumns,
  iopsOf,
  labelsCell,
  labelValues,
  latencyOf,
  observedCell,
  sizeOrNull,
  sizeOrUnknown,
  throughputOf,
  throughputSize,
} from './cells';
import { volumeRows } from './volume-row';
import { type ListRules, type Outcome, windowOver } from './window';

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

export const volumeRules: ListRules<VolumeRow, typeof VOLUME_LIST> = {
  list: VOLUME_LIST,
  words: (r) => [r.name, r.id, ...(r.pvc ? [`${r.pvc.namespace}/${r.pvc.name}`] : []), ...Object.values(r.labels)],
  values: {
    status: (r) => r.status,
    name: (r) => r.name,
    id: (r) => r.id,
    pvc: (r) => (r.pvc ? [`${r.pvc.namespace}/${r.pvc.name}`, r.pvc.name] : ''),
    namespace: (r) => r.pvc?.namespace ?? '',
    node: (r) => r.targetNode ?? '',
    label: (r) => labelValues(r.labels),
    size: (r) => BigInt(r.sizeBytes),
    allocated: (r) => sizeOrUnknown(r.allocatedBytes),
    replicas: (r) => r.replicas.wanted,
    healthy: (r) => r.replicas.healthy ?? undefined,
    snapshots: (r) => r.snapshots,
    iops: (r) => iopsOf(r) ?? undefined,
    throughput: throughputSize,
    latency: (r) => latencyOf(r) ?? undefined,
    thin: (r) => r.thin,
    published: (r) => r.published,
    rebuilding: (r) => r.rebuild !== null,
  },
  sorts: {
    name: (r) => r.name,
    status: (r) => gravity(r.status),
    size: (r) => BigInt(r.sizeBytes),
    allocated: (r) => sizeOrNull(r.allocatedBytes),
    replicas: (r) => (r.replicas.healthy === null ? null : r.replicas.healthy - r.replicas.wanted),
    target: (r) => r.targetNode,
    node: (r) => r.targetNode,
    iops: iopsOf,
    throughput: throughputOf,
    latency: latencyOf,
    rebuild: (r) => r.rebuild?.progress ?? null,
    snapshots: (r) => r.snapshots,
    thin: (r) => r.thin,
    published: (r) => r.published,
    since: (r) => r.since,
    namespace: (r) => r.pvc?.namespace ?? null,
    id: (r) => r.id,
  },
  facets: {
    status: (r) => r.status,
    node: (r) => r.targetNode ?? '',
    namespace: (r) => r.pvc?.namespace ?? '',
    thin: (r) => String(r.thin),
    published: (r) => String(r.published),
  },
  columns: {
    id: (r) => r.id,
    name: (r) => r.name,
    namespace: (r) => r.pvc?.namespace ?? null,
    pvc: (r) => r.pvc?.name ?? null,
    status: (r) => r.status,
    reason: (r) => r.statusReason,
    since: (r) => r.since,
    size_bytes: (r) => r.sizeBytes,
    allocated_bytes: (r) => r.allocatedBytes,
    thin: (r) => r.thin,
    replicas_wanted: (r) => r.replicas.wanted,
    replicas_healthy: (r) => r.replicas.healthy,
    replicas_present: (r) => r.replicas.present,
    published: (r) => r.published,
    target_node: (r) => r.targetNode,
    ...ioColumns<VolumeRow>(),
    rebuild_percent: (r) => r.rebuild?.progress ?? null,
    snapshots: (r) => r.snapshots,
    labels: (r) => labelsCell(r.labels),
    observed_at: (r) => observedCell(r.observed),
  },
  id: (r) => r.id,
};

/** A window of the volumes. Facets: status, node ('' is unpublished), namespace ('' has no claim), thin, published. */
export function volumesView(s: ClusterSnapshot, query: ListQuery): Outcome<VolumeWindow> {
  return windowOver(s, volumeRows(s), s.volumes?.at, query, volumeRules);
}
