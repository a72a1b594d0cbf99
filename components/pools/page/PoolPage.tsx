'use client';
import { topics } from '@/contract/keys';
import { IoCharts } from '../../charts/IoCharts';
import { IoCounters } from '../../charts/IoCounters';
import { useTopic } from '../../live/useTopic';
import { StatusBadge } from '../../ui/Badge';
import { Card, KeyValue } from '../../ui/Card';
import { CopyButton } from '../../ui/CopyButton';
import { countText } from '../../ui/format';
import { LabelList } from '../../ui/LabelList';
import { CapacityBar } from '../../ui/meters';
import { ObjectPage } from '../../ui/ObjectPage';
import { TextLink } from '../../ui/TextLink';
import { Bytes, Unknown } from '../../ui/values';
import { VolumeLinks } from '../../volumes/VolumeLinks';
import { PoolReplicas } from './PoolReplicas';

/** One pool: how full, which disk, whose copies are on it, and what would be lost with it. */
export function PoolPage({ cluster, id }: { cluster: string; id: string }) {
  const topic = useTopic(cluster, topics.pool(id));
  return (
    <ObjectPage
      kind="Pool"
      id={id}
      back={{ href: `/c/${cluster}/pools`, text: 'Pools' }}
      topic={topic}
      cordonOf={(pool) => pool.cordon}
      facts={({ row }) => (
        <span>
          on <TextLink href={`/c/${cluster}/nodes/${encodeURIComponent(row.node)}`}>{row.node}</TextLink>
        </span>
      )}
    >
      {(pool) => (
        <>
          <div className="grid items-start gap-4 xl:grid-cols-2">
            <Card title="Capacity">
              <CapacityBar capacity={pool.row.capacity} label={`Capacity of ${pool.row.id}`} />
              <div className="mt-3">
                <KeyValue
                  items={[
                    ['Used', <Bytes key="u" value={pool.row.capacity.usedBytes} />],
                    ['Committed', <Bytes key="c" value={pool.row.capacity.committedBytes} />],
                    ['Capacity', <Bytes key="t" value={pool.row.capacity.capacityBytes} />],
                    ['Cluster size', <Bytes key="s" value={pool.clusterSizeBytes} />],
                  ]}
                />
              </div>
            </Card>
            <Card title="Disk and labels">
              <KeyValue
                items={[
                  ['Disks asked for', <Disks key="d" disks={pool.specDisks} />, 'wide'],
                  ['Disks found', <Disks key="f" disks={pool.stateDisks} />, 'wide'],
                  ['State of its node', <StatusBadge key="n" status={pool.row.nodeStatus} />],
                  ['Labels', <LabelList key="l" labels={pool.row.labels} />, 'wide'],
                ]}
              />
            </Card>
          </div>
          <Card title="If this pool were lost">
            {pool.soleCopies.length === 0 ? (
              <p>No volume has its only healthy copy here.</p>
            ) : (
              <>
                <p className="mb-1 font-medium text-bad">
                  {countText(pool.soleCopies.length, 'volume')}{' '}
                  {pool.soleCopies.length === 1 ? 'has its' : 'have their'} only healthy copy here:
                </p>
                <VolumeLinks cluster={cluster} volumes={pool.soleCopies} />
              </>
            )}
          </Card>
          <IoCharts cluster={cluster} topic={(minutes) => topics.poolMetrics(id, minutes)} />
          <PoolReplicas cluster={cluster} replicas={pool.replicas} />
          {pool.totals && <IoCounters totals={pool.totals} of="the io-engine" />}
        </>
      )}
    </ObjectPage>
  );
}

function Disks({ disks }: { disks: readonly string[] }) {
  if (disks.length === 0) return <Unknown />;
  return (
    <ul>
      {disks.map((d) => (
        <li key={d} className="flex items-center gap-1 break-all">
          {d}
          <CopyButton text={d} label={`Copy ${d}`} />
        </li>
      ))}
    </ul>
  );
}
