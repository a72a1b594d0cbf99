import type { ReactNode } from 'react';
import type { Volume } from '@/contract/volume';
import { AsOf } from '../../ui/AsOf';
import { StatusBadge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { statusText } from '../../ui/format';
import { Table } from '../../ui/Table';
import { Age, Bytes, Unknown } from '../../ui/values';
import { SPEC_ANCHOR } from './path-model';

interface Fact {
  what: string;
  spec: ReactNode;
  state: ReactNode;
}

const NOT_READ = <span className="text-ink-2">–</span>;

/** What is asked for beside what is there; where they differ, who brings them together and since when. */
export function SpecAndState({ volume }: { volume: Volume }) {
  return (
    <Card
      title="Wanted and found"
      id={SPEC_ANCHOR}
      actions={<AsOf observed={volume.target?.observed ?? volume.row.observed} />}
    >
      <Table
        label="Wanted and found"
        rows={facts(volume)}
        rowKey={(f) => f.what}
        none=""
        columns={[
          { title: 'Property', cell: (f) => f.what },
          { title: 'Wanted (spec)', cell: (f) => f.spec },
          { title: 'Found (state)', cell: (f) => f.state },
        ]}
      />
      {volume.differences.length > 0 && (
        <div className="mt-4">
          <h3 className="mb-1">Not yet the same</h3>
          <Table
            label="Differences between spec and state"
            rows={volume.differences}
            rowKey={(d) => `${d.what} ${d.spec} ${d.state}`}
            none=""
            columns={[
              { title: 'What', cell: (d) => d.what },
              { title: 'Wanted', cell: (d) => d.spec },
              { title: 'Found', cell: (d) => d.state },
              { title: 'Brought together by', cell: (d) => d.reconciler },
              { title: 'Since', nowrap: true, cell: (d) => <Age at={d.since} /> },
            ]}
          />
        </div>
      )}
    </Card>
  );
}

function facts(v: Volume): Fact[] {
  const { row, target } = v;
  const { healthy, wanted, present } = row.replicas;
  return [
    { what: 'Status', spec: statusText(row.specStatus), state: <StatusBadge status={row.status} /> },
    {
      what: 'Size',
      spec: <Bytes value={row.sizeBytes} />,
      state: target ? <Bytes value={target.sizeBytes} /> : v.targetUnknown ? <Unknown /> : NOT_READ,
    },
    { what: 'Replicas', spec: wanted, state: `${healthy ?? 'unknown'} healthy, ${present} present` },
    {
      what: 'Target',
      spec: row.published ? (row.targetNode ?? 'on any node') : 'not published',
      state: target ? `on ${target.node}` : v.targetUnknown ? <Unknown why="Its node does not answer" /> : 'none',
    },
    {
      what: 'May connect',
      spec: v.appNodes.length > 0 ? v.appNodes.join(', ') : row.published ? 'any host' : NOT_READ,
      state: target ? target.frontendNodes.map((n) => n.name).join(', ') || 'any host' : NOT_READ,
    },
    {
      what: 'Provisioning',
      spec: row.thin ? 'thin' : 'thick',
      state: v.asThin === row.thin ? 'the same' : v.asThin ? 'treated as thin' : 'treated as thick',
    },
    { what: 'Self-healing', spec: v.selfHeal ? 'on' : 'off', state: NOT_READ },
  ];
}
