'use client';
import { topics } from '@/contract/keys';
import type { Rebuild } from '@/contract/rebuild';
import { useTopic } from '../live/useTopic';
import { StatusBadge } from '../ui/Badge';
import { Card, EmptyState, Skeleton } from '../ui/Card';
import { FilterBar } from '../ui/FilterBar';
import { durationText } from '../ui/format';
import { type Column, ListTable } from '../ui/ListTable';
import { ErrorPanel } from '../ui/states';
import { TextLink } from '../ui/TextLink';
import { PAGE, useListState } from '../ui/useListState';
import { Bytes, Moment } from '../ui/values';
import { RebuildCard, RebuildEndText } from './RebuildCard';

function columns(cluster: string): ReadonlyArray<Column<Rebuild>> {
  return [
    {
      key: 'volume',
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
      width: 'minmax(13rem, 1fr)',
      cell: (r) => <RebuildEndText cluster={cluster} end={r.source} />,
    },
    {
      key: 'to',
      title: 'To',
      width: 'minmax(13rem, 1fr)',
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
    { key: 'ended', title: 'Ended', sort: 'ended', width: '15.5rem', cell: (r) => <Moment at={r.endedAt} /> },
    {
      key: 'why',
      title: 'Why',
      width: 'minmax(31rem, 2fr)',
      cell: (r) => <span title={r.why ?? undefined}>{r.why ?? 'not seen by this console'}</span>,
    },
  ];
}

function tookText(r: Rebuild): string {
  if (!r.startedAt || !r.endedAt) return 'unknown';
  return durationText((Date.parse(r.endedAt) - Date.parse(r.startedAt)) / 1000);
}

/** Every running rebuild, and the history. */
export function RebuildsPage({ cluster }: { cluster: string }) {
  const state = useListState('-ended');
  const topic = useTopic(
    cluster,
    topics.rebuilds({ q: state.q, sort: state.sort, offset: state.offset, limit: PAGE }),
    { keep: true },
  );
  const { data } = topic;
  return (
    <div className="flex flex-col gap-4">
      <h1>Rebuilds</h1>
      {topic.problem && <ErrorPanel problem={topic.problem} onRetry={topic.retry} />}
      {!data && !topic.problem && <Skeleton lines={6} label="Loading rebuilds" />}
      {data && (
        <>
          <Card title={`Running (${data.running.length})`}>
            {data.running.length === 0 ? (
              <p className="text-ink-2">No rebuild runs now.</p>
            ) : (
              <ul>
                {data.running.map((r) => (
                  <RebuildCard key={r.id} cluster={cluster} rebuild={r} />
                ))}
              </ul>
            )}
          </Card>
          <h2>History</h2>
          <FilterBar
            q={state.q}
            onChange={(q) => state.set({ q })}
            chips={[]}
            placeholder="Filter: words, state:failed, kind:partial"
          />
          {data.history.matched === 0 ? (
            <EmptyState title="No ended rebuilds">
              io-engines remember a rebuild only as long as its target lives; what this console saw end stands here as
              well.
            </EmptyState>
          ) : (
            <ListTable
              label="Ended rebuilds"
              rows={data.history.rows}
              columns={columns(cluster)}
              rowKey={(r) => r.id}
              sort={state.sort}
              onSort={(sort) => state.set({ sort })}
              matched={data.history.matched}
              offset={data.history.offset}
              busy={topic.isPrevious}
            />
          )}
        </>
      )}
    </div>
  );
}
