'use client';
import { useQuery } from '@tanstack/react-query';
import { reads } from '@/contract/keys';
import type { BlockDevice } from '@/contract/node';
import { ApiError, read } from '../../live/api';
import { useRefusal } from '../../session/usePermissions';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card, Skeleton } from '../../ui/Card';
import { ErrorPanel } from '../../ui/states';
import { Table } from '../../ui/Table';
import { Age, Bytes, Unknown } from '../../ui/values';

/** The disks of a node and who uses each: asked for when the page opens, because a scan costs the node something. */
export function BlockDeviceTable({ cluster, node }: { cluster: string; node: string }) {
  const mayNot = useRefusal(cluster, 'blockdevices:list');
  const query = useQuery({
    queryKey: ['block-devices', cluster, node],
    queryFn: ({ signal }) => read(cluster, reads.blockDevices(node), signal),
    staleTime: 30_000,
    enabled: mayNot === undefined,
  });
  return (
    <Card
      title="Block devices"
      id="block-devices"
      actions={
        <span className="flex items-center gap-3 text-ink-2">
          {query.data && (
            <span>
              read <Age at={query.data.observed.at} />
            </span>
          )}
          <Button refusal={mayNot} onClick={() => void query.refetch()}>
            Scan again
          </Button>
        </span>
      }
    >
      {mayNot && <p className="text-ink-2">{mayNot}</p>}
      {!mayNot && query.error instanceof ApiError && <ErrorPanel problem={query.error.problem} />}
      {!mayNot && query.isPending && <Skeleton lines={3} label="Scanning the node’s disks" />}
      {query.data && (
        <Table<BlockDevice>
          label="Block devices"
          rows={query.data.devices}
          rowKey={(d) => d.devname}
          none="The node reports no block device."
          columns={[
            {
              title: 'Device',
              nowrap: true,
              cell: (d) => <span title={d.devlinks.join('\n')}>{d.devname}</span>,
            },
            { title: 'Model', cell: (d) => d.model || <Unknown /> },
            { title: 'Type', cell: (d) => d.devtype },
            { title: 'Size', align: 'end', nowrap: true, cell: (d) => <Bytes value={d.sizeBytes} /> },
            {
              title: 'Use',
              cell: (d) =>
                d.available ? <Badge tone="ok">Free</Badge> : <span>{d.usedBy ?? use(d) ?? 'in use'}</span>,
            },
            { title: 'Connected by', cell: (d) => d.connectionType || <Unknown /> },
            {
              title: 'Rotates',
              cell: (d) => (d.rotational === null ? <Unknown /> : d.rotational ? 'yes' : 'no'),
            },
          ]}
        />
      )}
    </Card>
  );
}

const use = (d: BlockDevice): string | undefined => {
  if (d.mountpoint) return `mounted at ${d.mountpoint}`;
  return d.filesystem ? `holds ${d.filesystem}` : undefined;
};
