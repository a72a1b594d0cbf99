'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import type { AuditRecord, AuditWindow } from '@/contract/audit';
import { topicUrl } from '@/contract/keys';
import { ApiError, request } from '../live/api';
import { Badge } from '../ui/Badge';
import { Card, Skeleton } from '../ui/Card';
import { FilterBar } from '../ui/FilterBar';
import { countText, localTime } from '../ui/format';
import { ErrorPanel } from '../ui/states';
import { Table } from '../ui/Table';
import { outcomeOf, requestOf } from './audit-words';

const LOOK_MS = 5_000;
const LIMIT = 200;

/** Who did what in this cluster and who signed in, newest first. */
export function AuditPage({ cluster }: { cluster: string }) {
  const q = useSearchParams().get('q')?.slice(0, 200) ?? '';
  const query = useQuery({
    queryKey: ['audit', cluster, q],
    queryFn: ({ signal }) =>
      request<AuditWindow>(`${topicUrl(cluster, 'audit')}?${new URLSearchParams({ q, limit: String(LIMIT) })}`, {
        signal,
      }),
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
  });
  const setFilter = (next: string) =>
    window.history.replaceState(null, '', next ? `?q=${encodeURIComponent(next)}` : '?');
  const { data } = query;
  return (
    <div className="flex flex-col gap-4">
      <h1>Audit</h1>
      {!(query.error instanceof ApiError) && (
        <FilterBar q={q} onChange={setFilter} chips={[]} placeholder="Words of a record: a person, a volume, refused" />
      )}
      {query.error instanceof ApiError && <ErrorPanel problem={query.error.problem} />}
      {query.isPending && <Skeleton lines={6} label="Loading the audit log" />}
      {data && (
        <Card title={countOf(data)}>
          {data.lost > 0 && (
            <p role="alert" className="mb-2 font-medium text-bad">
              {data.lost} records could not be written to the console’s output.
            </p>
          )}
          <Records rows={data.records} />
        </Card>
      )}
    </div>
  );
}

const countOf = (w: AuditWindow): string =>
  w.matched > w.records.length
    ? `The newest ${w.records.length} of ${countText(w.matched, 'record')}`
    : w.matched === w.kept
      ? countText(w.kept, 'record')
      : `${w.matched} of ${countText(w.kept, 'record')} match`;

function Records({ rows }: { rows: readonly AuditRecord[] }) {
  return (
    <>
      <Table<AuditRecord>
        label="Audit records"
        rows={rows}
        rowKey={(r) => `${r.instance} ${r.seq}`}
        none="No record matches."
        columns={[
          {
            title: 'When',
            nowrap: true,
            cell: (r) => (
              <time dateTime={r.ts} title={r.ts}>
                {localTime(r.ts)}
              </time>
            ),
          },
          {
            title: 'Who',
            cell: (r) =>
              r.actor ? (
                <span title={`${r.actor.subject} of ${r.actor.issuer}`}>{r.actor.name}</span>
              ) : (
                <span className="text-ink-2">nobody</span>
              ),
          },
          { title: 'From', nowrap: true, cell: (r) => r.address ?? '–' },
          { title: 'What', cell: (r) => <span title={r.action}>{r.summary}</span> },
          { title: 'Of', cell: (r) => <span className="break-all">{requestOf(r)}</span> },
          {
            title: 'Outcome',
            nowrap: true,
            cell: (r) => {
              const { tone, words } = outcomeOf(r);
              return <Badge tone={tone}>{words}</Badge>;
            },
          },
        ]}
      />
      <p className="mt-3 text-ink-2">
        Older records are in the console’s standard output, one line of JSON each; every line carries the hash of the
        one before it.
      </p>
    </>
  );
}
