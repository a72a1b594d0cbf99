'use client';
import type { Rebuild } from '@/contract/rebuild';
import type { Volume } from '@/contract/volume';
import { RebuildEndText } from '../../rebuilds/RebuildCard';
import { DeleteSnapshotButton } from '../../snapshots/DeleteSnapshotButton';
import { snapshotAnchor } from '../../snapshots/snapshot-anchor';
import { goThere } from '../../ui/anchor';
import { StatusBadge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { durationText } from '../../ui/format';
import { Table } from '../../ui/Table';
import { TextLink } from '../../ui/TextLink';
import { Bytes, Moment, Unknown } from '../../ui/values';

/** Rebuilds that ended, and the volume's snapshots. */
export function VolumeHistory({ cluster, volume }: { cluster: string; volume: Volume }) {
  return (
    <div className="grid gap-4 2xl:grid-cols-2">
      <Card title="Past rebuilds">
        <Table<Rebuild>
          label="Past rebuilds"
          rows={volume.rebuilds.past}
          rowKey={(r) => r.id}
          none="None that the target remembers."
          columns={[
            { title: 'Ended', nowrap: true, cell: (r) => <Moment at={r.endedAt} /> },
            { title: 'Result', cell: (r) => <StatusBadge status={r.state} /> },
            { title: 'Kind', cell: (r) => (r.kind === 'unknown' ? <Unknown /> : r.kind) },
            { title: 'To', nowrap: true, cell: (r) => <RebuildEndText cluster={cluster} end={r.destination} /> },
            { title: 'Copied', align: 'end', nowrap: true, cell: (r) => <Bytes value={r.bytesTransferred} /> },
            { title: 'Took', align: 'end', nowrap: true, cell: (r) => <Took rebuild={r} /> },
          ]}
        />
      </Card>
      <Card title="Snapshots" id="snapshots">
        <Table
          label="Snapshots"
          rows={volume.snapshots}
          rowKey={(s) => s.id}
          none="None yet. Take one with the button above."
          columns={[
            {
              title: 'Snapshot',
              nowrap: true,
              cell: (s) => (
                <span
                  ref={goThere}
                  id={snapshotAnchor(s.id)}
                  className="scroll-mt-4 rounded data-here:bg-busy-bg"
                  title={s.id}
                >
                  <TextLink href={`/c/${cluster}/snapshots?row=${s.id}`}>{s.id.slice(0, 8)}</TextLink>
                </span>
              ),
            },
            { title: 'Taken', nowrap: true, cell: (s) => <Moment at={s.createdAt} /> },
            { title: 'State', cell: (s) => <StatusBadge status={s.specStatus} /> },
            { title: 'Allocated', align: 'end', nowrap: true, cell: (s) => <Bytes value={s.allocatedBytes} /> },
            {
              title: 'Copies online',
              align: 'end',
              cell: (s) => `${s.replicas.filter((r) => r.status === 'online').length} of ${s.replicas.length}`,
            },
            { title: 'Delete', cell: (s) => <DeleteSnapshotButton cluster={cluster} snapshot={s} /> },
          ]}
        />
      </Card>
    </div>
  );
}

function Took({ rebuild: r }: { rebuild: Rebuild }) {
  if (!r.startedAt || !r.endedAt) return <Unknown />;
  return durationText((Date.parse(r.endedAt) - Date.parse(r.startedAt)) / 1000);
}
