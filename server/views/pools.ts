import type { ListQuery } from '@/contract/list';
import type { PoolRow, PoolWindow } from '@/contract/pool';
import type { PoolModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { capacityOfPool } from './capacity';
import { coarse, fromAgentCore, labelsOf } from './facts';
import { copyIsHealthy } from './health';
import { type Joined, join } from './join';
import { staleOf } from './volume-replica';
import { rateOf } from './volume-row';
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
            : `its io-engine says ${status}`,
    specStatus: m.spec?.status ?? null,
    disks: m.spec?.disks ?? m.state?.disks ?? [],
    capacity: capacityOfPool(m, silence !== undefined),
    replicas: copies.length,
    unhealthyReplicas: copies.filter((c) => copyIsHealthy(c.volume, c.copy) === false).length,
    labels: labelsOf(m.spec?.labels ?? new Map()),
    io: silence ? null : rateOf(s, `pool:${m.id}`),
    observed: silence ? staleOf(j, m.node) : coarse(fromAgentCore(s, s.pools?.at)),
  };
}

export function poolRows(s: ClusterSnapshot): PoolRow[] | undefined {
  if (!s.pools) return undefined;
  const j = join(s);
  j.rows.pools ??= [...s.pools.items.values()].map((m) => poolRowOf(j, m));
  return j.rows.pools;
}

const big = (text: string | null) => (text === null ? null : BigInt(text));
const share = (part: string | null, whole: string | null) =>
  part === null || whole === null || whole === '0' ? null : Number((BigInt(part) * 10_000n) / BigInt(whole)) / 100;
const free = (r: PoolRow) =>
  r.capacity.capacityBytes === null || r.capacity.usedBytes === null
    ? null
    : BigInt(r.capacity.capacityBytes) - BigInt(r.capacity.usedBytes);

const rules: ListRules<PoolRow> = {
  keys: {
    status: 'text',
    name: 'text',
    node: 'text',
    disk: 'text',
    label: 'text',
    size: 'size',
    used: 'size',
    free: 'size',
    replicas: 'number',
  },
  words: (r) => [r.id, r.node, ...r.disks, ...Object.values(r.labels)],
  value: (r, key) => {
    switch (key) {
      case 'status':
        return r.status;
      case 'name':
        return r.id;
      case 'node':
        return r.node;
      case 'disk':
        return r.disks;
      case 'label':
        return Object.entries(r.labels).flatMap(([k, v]) => [k, `${k}=${v}`]);
      case 'size':
        return big(r.capacity.capacityBytes) ?? undefined;
      case 'used':
        return big(r.capacity.usedBytes) ?? undefined;
      case 'free':
        return free(r) ?? undefined;
      case 'replicas':
        return r.replicas;
      default:
        return undefined;
    }
  },
  columns: {
    name: (r) => r.id,
    id: (r) => r.id,
    node: (r) => r.node,
    status: (r) => gravity(r.status),
    capacity: (r) => big(r.capacity.capacityBytes),
    size: (r) => big(r.capacity.capacityBytes),
    used: (r) => share(r.capacity.usedBytes, r.capacity.capacityBytes),
    committed: (r) => share(r.capacity.committedBytes, r.capacity.capacityBytes),
    free,
    replicas: (r) => r.replicas,
    disks: (r) => r.disks.join(' '),
    iops: (r) => (r.io ? r.io.readIops + r.io.writeIops : null),
    throughput: (r) => (r.io ? r.io.readBytesPerSecond + r.io.writeBytesPerSecond : null),
  },
  defaultSort: 'name',
  facets: { status: (r) => r.status, node: (r) => r.node },
  id: (r) => r.id,
};

/** A window of the pools. */
export function poolsView(s: ClusterSnapshot, query: ListQuery): Outcome<PoolWindow> {
  return windowOver(s, poolRows(s), s.pools?.at, query, rules);
}
