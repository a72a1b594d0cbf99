'use client';
import type { ReactNode } from 'react';
import type { Problem } from '@/contract/problem';
import type { SourceState } from '@/contract/source';
import type { TopicState } from '../live/useTopic';
import { Button } from './Button';
import { EmptyState, Skeleton } from './Card';
import { chipsOf, FilterBar } from './FilterBar';
import { statusText } from './format';
import { type Column, ListTable } from './ListTable';
import { ErrorPanel } from './states';
import { type ListState, PAGE } from './useListState';

interface Window<Row> {
  rows: Row[];
  offset: number;
  matched: number;
  total: number | null;
  facets: Record<string, Record<string, number>>;
  failing: SourceState[];
}

interface Props<Row> {
  title: string;
  /** "volumes", for sentences. */
  noun: string;
  state: ListState;
  topic: TopicState<Window<Row>>;
  columns: ReadonlyArray<Column<Row>>;
  rowKey: (row: Row) => string;
  rowHref?: (row: Row) => string;
  /** Facets offered as chips, in this order. */
  facets: readonly string[];
  placeholder: string;
  actions?: ReactNode;
  empty: ReactNode;
  children?: ReactNode;
}

/** The frame of every list: title, filter, table, place in the whole, and its empty, loading and failed states. */
export function ListPage<Row>({
  title,
  noun,
  state,
  topic,
  columns,
  rowKey,
  rowHref,
  facets,
  placeholder,
  actions,
  empty,
  children,
}: Props<Row>) {
  const { data, problem } = topic;
  const chips = facets.flatMap((f) => chipsOf(data?.facets, f, (v) => (f === 'status' ? statusText(v) : `${f} ${v}`)));
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1>{title}</h1>
        {actions}
      </div>
      {children}
      <FilterBar q={state.q} onChange={(q) => state.set({ q })} chips={chips} placeholder={placeholder} />
      <ListBody problem={problem} retry={topic.retry} data={data} noun={noun} state={state} empty={empty}>
        {data && (
          <ListTable
            label={title}
            rows={data.rows}
            columns={columns}
            rowKey={rowKey}
            rowHref={rowHref}
            sort={state.sort}
            onSort={(sort) => state.set({ sort })}
            matched={data.matched}
            offset={data.offset}
            busy={topic.isPrevious}
          />
        )}
      </ListBody>
    </div>
  );
}

function ListBody<Row>({
  problem,
  retry,
  data,
  noun,
  state,
  empty,
  children,
}: {
  problem: Problem | undefined;
  retry: () => void;
  data: Window<Row> | undefined;
  noun: string;
  state: ListState;
  empty: ReactNode;
  children: ReactNode;
}) {
  if (problem && !data) return <ErrorPanel problem={problem} onRetry={retry} />;
  if (!data) return <Skeleton lines={8} label={`Loading ${noun}`} />;
  if (data.total === null) {
    return (
      <EmptyState title={`The ${noun} are not known yet`}>
        The control plane has not answered since this console started.
      </EmptyState>
    );
  }
  if (data.total === 0) return empty;
  if (data.matched === 0) {
    return (
      <EmptyState
        title={`No ${noun} match`}
        action={<Button onClick={() => state.set({ q: '' })}>Clear the filter</Button>}
      >
        None of {data.total.toLocaleString('en')} {noun} passes this filter.
      </EmptyState>
    );
  }
  const last = data.offset + data.rows.length;
  return (
    <>
      {problem && <ErrorPanel problem={problem} onRetry={retry} />}
      {children}
      <nav aria-label="Pages" className="flex flex-wrap items-center gap-3 text-ink-2">
        <p role="status">
          {data.rows.length === 0
            ? 'Beyond the end'
            : `${(data.offset + 1).toLocaleString('en')}–${last.toLocaleString('en')}`}{' '}
          of {data.matched.toLocaleString('en')}
          {data.matched !== data.total ? ` matching, ${data.total.toLocaleString('en')} in all` : ` ${noun}`}
        </p>
        {data.matched > PAGE && (
          <>
            <Button
              refusal={data.offset === 0 ? 'this is the first page' : undefined}
              onClick={() => state.set({ offset: Math.max(0, data.offset - PAGE) })}
            >
              Previous
            </Button>
            <Button
              refusal={last >= data.matched ? 'this is the last page' : undefined}
              onClick={() => state.set({ offset: data.offset + PAGE })}
            >
              Next
            </Button>
          </>
        )}
      </nav>
    </>
  );
}
