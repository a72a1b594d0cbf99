'use client';
import { topics } from '@/contract/keys';
import { IoCharts } from '../../charts/IoCharts';
import { IoCounters } from '../../charts/IoCounters';
import { useTopic } from '../../live/useTopic';
import { RebuildCard } from '../../rebuilds/RebuildCard';
import { Card } from '../../ui/Card';
import { Missing } from '../../ui/Missing';

import { IoPath } from './IoPath';
import { RecentChanges } from './RecentChanges';
import { ReplicaTable } from './ReplicaTable';
import { SpecAndState } from './SpecAndState';
import { VolumeFacts } from './VolumeFacts';
import { VolumeHeader } from './VolumeHeader';
import { VolumeHistory } from './VolumeHistory';
import { VolumeRawView } from './VolumeRawView';

/** Everything of one volume. */
export function VolumePage({ cluster, id }: { cluster: string; id: string }) {
  const { data, problem, retry } = useTopic(cluster, topics.volume(id));
  if (!data) {
    return (
      <Missing
        title={`Volume ${id}`}
        problem={problem}
        onRetry={retry}
        back={{ href: `/c/${cluster}/volumes`, text: 'All volumes' }}
      >
        <RecentChanges cluster={cluster} id={id} />
      </Missing>
    );
  }
  const published = data.row.published;
  return (
    <div className="flex flex-col gap-4">
      <VolumeHeader cluster={cluster} volume={data} />
      <IoPath cluster={cluster} volume={data} />
      {data.rebuilds.running.length > 0 && (
        <Card title="Rebuilding now">
          <ul>
            {data.rebuilds.running.map((r) => (
              <RebuildCard key={r.id} cluster={cluster} rebuild={r} />
            ))}
          </ul>
        </Card>
      )}
      <RecentChanges cluster={cluster} id={id} />
      {published && <IoCharts cluster={cluster} topic={(minutes) => topics.volumeMetrics(id, minutes)} />}
      <ReplicaTable cluster={cluster} volume={data} />
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <SpecAndState volume={data} />
        <VolumeFacts cluster={cluster} volume={data} />
      </div>
      <VolumeHistory cluster={cluster} volume={data} />
      {data.target?.totals && <IoCounters totals={data.target.totals} of="the target" />}
      <VolumeRawView cluster={cluster} id={id} />
    </div>
  );
}
