'use client';
import { topics } from '@/contract/keys';
import { IoCharts } from '../../charts/IoCharts';
import { IoCounters } from '../../charts/IoCounters';
import { useTopic } from '../../live/useTopic';
import { AsOf } from '../../ui/AsOf';
import { StatusBadge } from '../../ui/Badge';
import { Card, KeyValue } from '../../ui/Card';
import { CopyButton } from '../../ui/CopyButton';
import { countText } from '../../ui/format';
import { IoFigures } from '../../ui/IoFigures';
import { LabelList } from '../../ui/LabelList';
import { Missing } from '../../ui/Missing';
import { CapacityBar } from '../../ui/meters';
import { PageHeader } from '../../ui/PageHeader';
import { RawView } from '../../ui/RawView';
import { TextLink } from '../../ui/TextLink';
import { Bytes, Unknown } from '../../ui/values';
import { VolumeLinks } from '../../volumes/VolumeLinks';
import { PoolReplicas } from './PoolReplicas';

/** One pool: how full, which disk, whose copies are on it, and what would be lost with it. */
export function PoolPage({ cluster, id }: { cluster: string; id: string }) {
  const { data, problem, retry } = useTopic(cluster, topics.pool(id));
  const back = { href: `/c/${cluster}/pools`, text: 'Pools' };
  if (!data) return <Missing title={`Pool ${id}`} problem={problem} onRetry={retry} back={back} />;
  const { row } = data;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        back={back}
        name={row.id}
        reason={row.statusReason}
        badges={
          <>
            <StatusBadge status={row.status} />
            {data.cordon !== 'none' && <StatusBadge status={data.cordon} />}
          </>
        }
      >
        <p className="tabular flex flex-wrap items-center gap-x-5 gap-y-1 text-ink-2">
          <span>
            on <TextLink href={`/c/${cluster}/nodes/${encodeURIComponent(row.node)}`}>{row.node}</TextLink>
          </span>
          <IoFigures io={row.io} />
          <AsOf observed={row.observed} />
        </p>
      </PageHeader>
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <Card title="Capacity">
          <CapacityBar capacity={row.capacity} label={`Capacity of ${row.id}`} />
          <div className="mt-3">
            <KeyValue
              items={[
                ['Used', <Bytes key="u" value={row.capacity.usedBytes} />],
                ['Committed', <Bytes key="c" value={row.capacity.committedBytes} />],
                ['Capacity', <Bytes key="t" value={row.capacity.capacityBytes} />],
                ['Cluster size', <Bytes key="s" value={data.clusterSizeBytes} />],
              ]}
            />
          </div>
        </Card>
        <Card title="Disk and labels">
          <KeyValue
            items={[
              ['Disks asked for', <Disks key="d" disks={data.specDisks} />, 'wide'],
              ['Disks found', <Disks key="f" disks={data.stateDisks} />, 'wide'],
              ['State of its node', <StatusBadge key="n" status={row.nodeStatus} />],
              ['Labels', <LabelList key="l" labels={row.labels} />],
            ]}
          />
        </Card>
      </div>
      <Card title="If this pool were lost">
        {data.soleCopies.length === 0 ? (
          <p>No volume has its only healthy copy here.</p>
        ) : (
          <>
            <p className="mb-1 font-medium text-bad">
              {countText(data.soleCopies.length, 'volume')} {data.soleCopies.length === 1 ? 'has its' : 'have their'}{' '}
              only healthy copy here:
            </p>
            <VolumeLinks cluster={cluster} volumes={data.soleCopies} />
          </>
        )}
      </Card>
      <IoCharts cluster={cluster} topic={(minutes) => topics.poolMetrics(id, minutes)} />
      <PoolReplicas cluster={cluster} replicas={data.replicas} />
      {data.totals && <IoCounters totals={data.totals} of="the io-engine" />}
      <RawView value={data.raw} />
    </div>
  );
}

function Disks({ disks }: { disks: readonly string[] }) {
  if (disks.length === 0) return <Unknown />;
  return (
    <ul>
      {disks.map((d) => (
        <li key={d} className="flex items-start gap-1 break-all">
          {d}
          <CopyButton text={d} label={`Copy ${d}`} />
        </li>
      ))}
    </ul>
  );
}
