import type { Node } from '@/contract/node';
import type { PoolRow } from '@/contract/pool';
import { StatusBadge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { diskName } from '../../ui/format';
import { CapacityBar } from '../../ui/meters';
import { Table } from '../../ui/Table';
import { TextLink } from '../../ui/TextLink';
import { Iops, Latency, Throughput, Unknown } from '../../ui/values';

/** The pools of a node. */
export function NodePools({ cluster, pools }: { cluster: string; pools: readonly PoolRow[] }) {
  return (
    <Card title={`Pools (${pools.length})`}>
      <Table
        label="Pools"
        rows={pools}
        rowKey={(p) => p.id}
        none="This node has no pool yet."
        columns={[
          {
            title: 'Pool',
            nowrap: true,
            cell: (p) => <TextLink href={`/c/${cluster}/pools/${encodeURIComponent(p.id)}`}>{p.id}</TextLink>,
          },
          {
            title: 'Status',
            nowrap: true,
            cell: (p) => <StatusBadge status={p.status} title={p.statusReason ?? undefined} />,
          },
          {
            title: 'Disk',
            nowrap: true,
            cell: (p) =>
              p.disks.map((d) => (
                <span key={d} title={d}>
                  {diskName(d)}
                </span>
              )),
          },
          { title: 'Capacity', cell: (p) => <CapacityBar capacity={p.capacity} label={`Capacity of ${p.id}`} /> },
          { title: 'Replicas', align: 'end', cell: (p) => p.replicas },
          { title: 'IOPS', align: 'end', nowrap: true, cell: (p) => <Iops rate={p.io} /> },
          { title: 'Throughput', align: 'end', nowrap: true, cell: (p) => <Throughput rate={p.io} /> },
          { title: 'Latency', align: 'end', nowrap: true, cell: (p) => <Latency rate={p.io} /> },
        ]}
      />
    </Card>
  );
}

/** The targets (nexuses) that run on a node. */
export function NodeTargets({
  cluster,
  targets,
  answers,
}: {
  cluster: string;
  targets: Node['targets'];
  /** Whether the io-engine answers; without it an empty table would be a guess. */
  answers: boolean;
}) {
  return (
    <Card title={answers ? `Targets (${targets.length})` : 'Targets'}>
      <Table
        label="Targets"
        rows={targets}
        rowKey={(t) => t.volume.id}
        none={answers ? 'No target runs on this node.' : 'Not known: the io-engine of this node does not answer.'}
        columns={[
          {
            title: 'Volume',
            nowrap: true,
            cell: (t) => <TextLink href={`/c/${cluster}/volumes/${t.volume.id}`}>{t.volume.name}</TextLink>,
          },
          { title: 'Status', nowrap: true, cell: (t) => <StatusBadge status={t.status} /> },
          {
            title: 'Healthy copies',
            align: 'end',
            nowrap: true,
            cell: (t) => (t.children ? `${t.children.healthy} of ${t.children.total}` : <Unknown />),
          },
          { title: 'IOPS', align: 'end', nowrap: true, cell: (t) => <Iops rate={t.io} /> },
          { title: 'Throughput', align: 'end', nowrap: true, cell: (t) => <Throughput rate={t.io} /> },
          { title: 'Latency', align: 'end', nowrap: true, cell: (t) => <Latency rate={t.io} /> },
        ]}
      />
    </Card>
  );
}
