import type { ListQuery } from '@/contract/list';
import { POOL_LIST } from '@/contract/lists';
import type { PoolRow, PoolWindow } from '@/contract/pool';
import type { PoolModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { capacityOfPool } from './capacity';
import {
  ioColumns,
  iopsOf,
  labelsCell,
  labelValues,
  observedCell,
  sizeOrNull,
  sizeOrUnknown,
  throughputOf,
} from './cells';
import { digitsOrNull, fromAgentCore, labelsOf, ofRow, staleOf, stateWords } from './facts';
import { copyIsHealthy } from './health';
import { type Joined, join } from './join';
import { rowRateOf } from './volume-row';
import { gravity } from './volumes';
import { type ListRules, type Outcome, windowOver } from './window';

export function poolRowOf(j: Joined, m: PoolModel): PoolRow {
  const s = j.snapshot;
  const silence = j.silences.get(m.node);
  const node = s.nodes?.items.get(m.node);
  const copies = j.byPool.get(m.id) ?? [];
  const status = silence ? 'unknown' : (m.state?.status ?? 'unknown');
  return {
    id: m.id,
    node: m.node,
    nodeStatus: silence ? (node?.status === 'offline' ? 'offline' : 'unknown') : (node?.status ?? 'unknown'),
    status,
    statusReason: silence
      ? silence.sentence
      : !m.state
        ? `${m.node} answers, but has not imported this pool`
        : m.spec?.status === 'deleting'
          ? 'it is being deleted'
          : status === 'online'
            ? m.spec?.cordoned
              ? 'cordoned: takes no new replicas'
              : null
            : `its io-engine says ${stateWords(status)}`,
    specStatus: m.spec?.status ?? null,
    disks: m.spec?.disks ?? m.state?.disks ?? [],
    capacity: capacityOfPool(m, silence !== undefined),
    replicas: copies.length,
    unhealthyReplicas: copies.filter((c) => copyIsHealthy(c.volume, c.copy) === false).length,
    labels: labelsOf(m.spec?.labels ?? new Map()),
    io: silence ? null : rowRateOf(s, `pool:${m.id}`),
    observed: ofRow(silence ? staleOf(s, m.node) : fromAgentCore(s, s.pools?.at)),
  };
}

export function poolRows(s: ClusterSnapshot): PoolRow[] | undefined {
  if (!s.pools) return undefined;
  const j = join(s);
  j.rows.pools ??= [...s.pools.items.values()].map((m) => poolRowOf(j, m));
  return j.rows.pools;
}

const share = (part: string | null, whole: string | null) =>
  part === null || whole === null || whole === '0' ? null : Number((BigInt(part) * 10_000n) / BigInt(whole)) / 100;
const free = (r: PoolRow) =>
  r.capacity.capacityBytes === null || r.capacity.usedBytes === null
    ? null
    : BigInt(r.capacity.capacityBytes) - BigInt(r.capacity.usedBytes);

export const poolRules: ListRules<PoolRow, typeof POOL_LIST> = {
  list: POOL_LIST,
  words: (r) => [r.id, r.node, ...r.disks, ...Object.values(r.labels)],
  values: {
    status: (r) => r.status,
    name: (r) => r.id,
    node: (r) => r.node,
    disk: (r) => r.disks,
    label: (r) => labelValues(r.labels),
    size: (r) => sizeOrUnknown(r.capacity.capacityBytes),
    used: (r) => sizeOrUnknown(r.capacity.usedBytes),
    committed: (r) => sizeOrUnknown(r.capacity.committedBytes),
    free: (r) => free(r) ?? undefined,
    replicas: (r) => r.replicas,
    unhealthy: (r) => r.unhealthyReplicas,
  },
  sorts: {
    name: (r) => r.id,
    id: (r) => r.id,
    node: (r) => r.node,
    status: (r) => gravity(r.status),
    capacity: (r) => sizeOrNull(r.capacity.capacityBytes),
    size: (r) => sizeOrNull(r.capacity.capacityBytes),
    used: (r) => share(r.capacity.usedBytes, r.capacity.capacityBytes),
    committed: (r) => share(r.capacity.committedBytes, r.capacity.capacityBytes),
    free,
    replicas: (r) => r.replicas,
    disks: (r) => r.disks.join(' '),
    iops: iopsOf,
    throughput: throughputOf,
  },
  facets: { status: (r) => r.status, node: (r) => r.node },
  columns: {
    name: (r) => r.id,
    node: (r) => r.node,
    status: (r) => r.status,
    reason: (r) => r.statusReason,
    disks: (r) => r.disks.join(' '),
    capacity_bytes: (r) => r.capacity.capacityBytes,
    used_bytes: (r) => r.capacity.usedBytes,
    committed_bytes: (r) => r.capacity.committedBytes,
    free_bytes: (r) => digitsOrNull(free(r) ?? undefined),
    replicas: (r) => r.replicas,
    replicas_unhealthy: (r) => r.unhealthyReplicas,
    ...ioColumns<PoolRow>(),
    labels: (r) => labelsCell(r.labels),
    observed_at: (r) => observedCell(r.observed),
  },
  id: (r) => r.id,
};

/** A window of the pools. */
export function poolsView(s: ClusterSnapshot, query: ListQuery): Outcome<PoolWindow> {
  return windowOver(s, poolRows(s), s.pools?.at, query, poolRules);
}
