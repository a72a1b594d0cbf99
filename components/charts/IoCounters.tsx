import type { IoTotals } from '@/contract/io';
import { Card } from '../ui/Card';
import { exactCount } from '../ui/format';
import { Table } from '../ui/Table';
import { Age } from '../ui/values';

/** The counters that all rates come from, digit by digit as the io-engine counts them. */
export function IoCounters({ totals, of }: { totals: IoTotals; of: string }) {
  const rows = [
    { what: 'Read', ops: totals.readOps, bytes: totals.bytesRead, ticks: totals.readLatencyTicks },
    { what: 'Write', ops: totals.writeOps, bytes: totals.bytesWritten, ticks: totals.writeLatencyTicks },
    { what: 'Unmap', ops: totals.unmapOps, bytes: totals.bytesUnmapped, ticks: totals.unmapLatencyTicks },
  ];
  return (
    <Card title="I/O counters">
      <Table
        label="I/O counters"
        rows={rows}
        rowKey={(r) => r.what}
        none=""
        columns={[
          { title: 'Kind', cell: (r) => r.what },
          { title: 'Operations', align: 'end', nowrap: true, cell: (r) => exactCount(r.ops) },
          { title: 'Bytes', align: 'end', nowrap: true, cell: (r) => exactCount(r.bytes) },
          { title: 'Latency, ticks', align: 'end', nowrap: true, cell: (r) => exactCount(r.ticks) },
        ]}
      />
      <p className="mt-2 text-[0.93rem] text-ink-2">
        Since {of} started or was reset, read <Age at={totals.observed.at} />; {exactCount(totals.tickRate)} ticks a
        second.
      </p>
    </Card>
  );
}
