'use client';
import { topics } from '@/contract/keys';
import { REBUILD_LIST } from '@/contract/lists';
import type { Rebuild, RebuildsAnswer } from '@/contract/rebuild';
import { StatusBadge } from '../ui/Badge';
import { Card, EmptyState, Skeleton } from '../ui/Card';
import { durationText, UNKNOWN } from '../ui/format';
import { List } from '../ui/ListPage';
import type { Column } from '../ui/list-types';
import { TextLink } from '../ui/TextLink';
import { useList } from '../ui/useList';
import { Bytes, Moment } from '../ui/values';
import { RebuildCard, RebuildEndText } from './RebuildCard';

function columnsOf(cluster: string): ReadonlyArray<Column<Rebuild>> {
  return [
    {
      key: 'volume',
      linked: true,
      title: 'Volume',
      sort: 'volume',
      width: 'minmax(9rem, 1fr)',
      cell: (r) =>
        r.volume ? (
          <TextLink href={`/c/${cluster}/volumes/${r.volume.id}`} className="font-medium">
            {r.volume.name}
          </TextLink>
        ) : (
          <span title={r.nexus}>{r.nexus}</span>
        ),
    },
    { key: 'state', title: 'Result', sort: 'state', width: '8rem', cell: (r) => <StatusBadge status={r.state} /> },
    {
      key: 'kind',
      title: 'Kind',
      sort: 'kind',
      width: '6rem',
      cell: (r) => (r.kind === 'partial' ? 'Partial' : r.kind === 'full' ? 'Full' : 'Unknown'),
    },
    {
      key: 'from',
      title: 'From',
      width: 'minmax(11rem, 1fr)',
      cell: (r) => <RebuildEndText cluster={cluster} end={r.source} />,
    },
    {
      key: 'to',
      title: 'To',
      width: 'minmax(11rem, 1fr)',
      cell: (r) => <RebuildEndText cluster={cluster} end={r.destination} />,
    },
    {
      key: 'copied',
      title: 'Copied',
      sort: 'copied',
      width: '7rem',
      align: 'end',
      cell: (r) => <Bytes value={r.bytesTransferred} />,
    },
    { key: 'took', title: 'Took', width: '7rem', align: 'end', cell: (r) => tookText(r) },
    { key: 'ended', title: 'Ended', sort: 'ended', width: '13.5rem', cell: (r) => <Moment at={r.endedAt} /> },
    {
      key: 'why',
      title: 'Why',
      width: 'minmax(14rem, 2fr)',
      cell: (r) => <span title={r.why ?? undefined}>{r.why ?? 'not known, it began before this console watched'}</span>,
    },
  ];
}

function tookText(r: Rebuild): string {
  if (!r.startedAt || !r.endedAt) return UNKNOWN;
  return durationText((Date.parse(r.endedAt) - Date.parse(r.startedAt)) / 1000);
}

const LIST = {
  catalogue: REBUILD_LIST,
  topic: topics.rebuilds,
  pick: (answer: RebuildsAnswer) => answer.history,
  columnsOf,
};

/** Every running rebuild, and the history. */
export function RebuildsPage({ cluster }: { cluster: string }) {
  const all = useList(cluster, 'rebuilds', LIST);
  const running = all.list.answer?.running;
  return (
    <div className="flex flex-col gap-4">
      <h1>Rebuilds</h1>
      {running ? (
        <Card title={`Running (${running.length})`}>
          {running.length === 0 ? (
            <p className="text-ink-2">
              {all.list.data?.failing.length
                ? 'No rebuild is known to run; what silent nodes rebuild is not known.'
                : 'No rebuild runs now.'}
            </p>
          ) : (
            <ul>
              {running.map((r) => (
                <RebuildCard key={r.id} cluster={cluster} rebuild={r} />
              ))}
            </ul>
          )}
        </Card>
      ) : (
        !all.list.problem && <Skeleton lines={3} label="Loading running rebuilds" />
      )}
      <h2>History</h2>
      <List
        {...all}
        title="Ended rebuilds"
        noun="ended rebuilds"
        rowHref={(r) => (r.volume ? `/c/${cluster}/volumes/${r.volume.id}` : undefined)}
        facets={['state', 'kind']}
        placeholder="Filter: words, state:failed, kind:partial"
        empty={
          <EmptyState title="No ended rebuilds">
            io-engines remember a rebuild only as long as its target lives; what this console saw end stands here as
            well.
          </EmptyState>
        }
      />
    </div>
  );
}
