import type { Pool } from '@/contract/pool';
import { StatusBadge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { Table } from '../../ui/Table';
import { TextLink } from '../../ui/TextLink';
import { Bytes, Iops, Latency, Throughput } from '../../ui/values';

/** The copies on a pool and the volumes they belong to. */
export function PoolReplicas({ cluster, replicas }: { cluster: string; replicas: Pool['replicas'] }) {
  return (
    <Card title={`Replicas (${replicas.length})`}>
      <Table
        label="Replicas"
        rows={replicas}
        rowKey={(r) => r.id}
        none="No copy is on this pool."
        columns={[
          {
            title: 'Volume',
            nowrap: true,
            cell: (r) =>
              r.volume ? (
                <TextLink href={`/c/${cluster}/volumes/${r.volume.id}`}>{r.volume.name}</TextLink>
              ) : (
                'of no volume'
              ),
          },
          { title: 'Replica', nowrap: true, cell: (r) => <span title={r.id}>{r.id.slice(0, 8)}</span> },
          { title: 'Status', nowrap: true, cell: (r) => <StatusBadge status={r.status} /> },
          { title: 'Provisioning', cell: (r) => (r.thin ? 'thin' : 'thick') },
          { title: 'Size', align: 'end', nowrap: true, cell: (r) => <Bytes value={r.sizeBytes} /> },
          { title: 'Allocated', align: 'end', nowrap: true, cell: (r) => <Bytes value={r.allocatedBytes} /> },
          { title: 'IOPS', align: 'end', nowrap: true, cell: (r) => <Iops rate={r.io} /> },
          { title: 'Throughput', align: 'end', nowrap: true, cell: (r) => <Throughput rate={r.io} /> },
          { title: 'Latency', align: 'end', nowrap: true, cell: (r) => <Latency rate={r.io} /> },
        ]}
      />
    </Card>
  );
}
