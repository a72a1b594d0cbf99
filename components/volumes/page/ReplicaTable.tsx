import type { Volume, VolumeReplica } from '@/contract/volume';
import { AsOf } from '../../ui/AsOf';
import { StatusBadge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { CopyButton } from '../../ui/CopyButton';
import { diskName, statusText } from '../../ui/format';
import { Table, type TableColumn } from '../../ui/Table';
import { TextLink } from '../../ui/TextLink';
import { Age, Bytes, Iops, Latency, Throughput, Unknown } from '../../ui/values';
import { replicaAnchor } from './path-model';

/** Every copy of the volume with its place, its state in the target and what it costs. */
export function ReplicaTable({
  cluster,
  volume,
  title = 'Replicas',
}: {
  cluster: string;
  volume: Volume;
  title?: string;
}) {
  return (
    <Card title={title} id="replicas">
      <Table
        label="Replicas"
        rows={volume.replicas}
        rowKey={(r) => r.id}
        columns={columns(cluster, volume)}
        none="This volume has no replica."
      />
    </Card>
  );
}

function columns(cluster: string, { row, targetUnknown }: Volume): ReadonlyArray<TableColumn<VolumeReplica>> {
  return [
    {
      title: 'Replica',
      nowrap: true,
      cell: (r) => (
        <span
          id={replicaAnchor(r.id)}
          className="inline-flex scroll-mt-4 items-center gap-1 rounded target:bg-busy-bg"
          title={r.uri ?? r.id}
        >
          {r.id.slice(0, 8)}
          <CopyButton text={r.id} label={`Copy the id of replica ${r.id.slice(0, 8)}`} />
        </span>
      ),
    },
    {
      title: 'Status',
      nowrap: true,
      cell: (r) => (
        <span className="inline-flex flex-wrap items-center gap-1.5">
          <StatusBadge status={r.status} />
          <AsOf observed={r.observed} />
        </span>
      ),
    },
    {
      title: 'Node',
      nowrap: true,
      cell: (r) =>
        r.node ? (
          <TextLink href={`/c/${cluster}/nodes/${encodeURIComponent(r.node.id)}`}>{r.node.id}</TextLink>
        ) : (
          <Unknown />
        ),
    },
    {
      title: 'Pool',
      nowrap: true,
      cell: (r) =>
        r.pool ? (
          <TextLink href={`/c/${cluster}/pools/${encodeURIComponent(r.pool.id)}`}>{r.pool.id}</TextLink>
        ) : (
          <Unknown />
        ),
    },
    {
      title: 'Disk',
      nowrap: true,
      cell: (r) => {
        const disk = r.pool?.disks[0];
        return disk ? <span title={disk}>{diskName(disk)}</span> : <Unknown />;
      },
    },
    {
      title: 'In the target',
      nowrap: true,
      cell: (r) =>
        r.child ? (
          <span className="inline-flex flex-wrap items-center gap-1.5">
            <StatusBadge status={r.child.state} />
            {r.child.reason !== 'none' && statusText(r.child.reason)}
            {r.child.faultedAt && <Age at={r.child.faultedAt} />}
            <AsOf observed={r.child.observed} />
          </span>
        ) : targetUnknown ? (
          <Unknown why="The node of the target does not answer" />
        ) : (
          <span className="text-ink-2">{row.published ? 'no' : 'no target'}</span>
        ),
    },
    {
      title: 'Rebuild',
      nowrap: true,
      align: 'end',
      cell: (r) => (r.child?.rebuildProgress == null ? '–' : `${Math.floor(r.child.rebuildProgress)} %`),
    },
    { title: 'Allocated', nowrap: true, align: 'end', cell: (r) => <Bytes value={r.allocatedBytes} /> },
    { title: 'IOPS', nowrap: true, align: 'end', cell: (r) => <Iops rate={r.io} /> },
    { title: 'Throughput', nowrap: true, align: 'end', cell: (r) => <Throughput rate={r.io} /> },
    { title: 'Latency', nowrap: true, align: 'end', cell: (r) => <Latency rate={r.io} /> },
  ];
}
