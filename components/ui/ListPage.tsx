'use client';
import { type ReactNode, useCallback, useMemo } from 'react';
import type { ExportedList } from '@/contract/keys';
import type { ListCatalogue } from '@/contract/lists';
import type { Problem } from '@/contract/problem';
import type { SourceState } from '@/contract/source';
import type { ListWindowState } from '../live/useListWindow';
import { Button } from './Button';
import { EmptyState, Skeleton } from './Card';
import { chipsOf, FilterBar } from './FilterBar';
import { statusText } from './format';
import { ListTable } from './ListTable';
import { ListTools } from './ListTools';
import { parseColumns, printColumns, resizeColumn } from './list-columns';
import type { Column } from './list-types';
import { ErrorPanel, sourceName } from './states';
import type { ListState } from './useListState';
import { Age } from './values';

export interface ListProps<Row> {
  /** Of the API below the cluster, and of what this browser keeps for it. */
  name: ExportedList;
  /** What it can be filtered by. */
  catalogue: ListCatalogue;
  cluster: string;
  title: string;
  /** "volumes", for sentences. */
  noun: string;
  state: ListState;
  list: ListWindowState<Row, unknown>;
  columns: ReadonlyArray<Column<Row>>;
  rowKey: (row: Row) => string;
  /** The page of a row, opened by Enter. */
  rowHref?: (row: Row) => string | undefined;
  /** Facets offered as chips, in this order. */
  facets: readonly string[];
  /** Examples of what this list can be filtered by. */
  placeholder: string;
  empty: ReactNode;
}

interface Props<Row> extends ListProps<Row> {
  actions?: ReactNode;
  children?: ReactNode;
}

/** A page that is a list: title, actions, and the list. */
export function ListPage<Row>({ actions, children, ...list }: Props<Row>) {
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1>{list.title}</h1>
        {actions}
      </div>
      {children}
      <List {...list} />
    </div>
  );
}

/** The frame of every list: filter, tools, rows, and its empty, loading and failed states. */
export function List<Row>(props: ListProps<Row>) {
  const { name, cluster, title, noun, state, list, columns, rowKey, rowHref, facets, placeholder } = props;
  const { data } = list;
  const chosen = useMemo(() => parseColumns(state.cols, columns), [state.cols, columns]);
  const shownColumns = useMemo(() => chosen.flatMap((c) => columns.filter((x) => x.key === c.key)), [chosen, columns]);
  const widths = useMemo(
    () => new Map(chosen.flatMap((c) => (c.widthPx === undefined ? [] : [[c.key, c.widthPx] as const]))),
    [chosen],
  );
  const { set } = state;
  const onPlace = useCallback((offset: number) => set({ offset }), [set]);
  const { onPage: toPage } = list;
  const onPage = useCallback(
    (offset: number) => {
      toPage(offset);
      set({ offset });
    },
    [toPage, set],
  );
  const onMark = useCallback((row: string | undefined) => set({ row }), [set]);
  const chips = facets.flatMap((f) => chipsOf(data?.facets, f, (v) => facetText(f, v)));
  return (
    <>
      <FilterBar
        q={state.q}
        onChange={(q) => set({ q })}
        chips={chips}
        placeholder={placeholder}
        keys={props.catalogue.keys}
        facets={data?.facets}
      />
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div className="flex flex-wrap items-baseline gap-x-3">
          <Count data={data} noun={noun} />
          <Gaps failing={data?.failing ?? []} />
        </div>
        <ListTools name={name} cluster={cluster} title={title} state={state} columns={columns} chosen={chosen} />
      </div>
      <Gone list={list} rowKey={rowKey} marked={state.row} noun={noun} />
      <ListBody {...props}>
        {data && (
          <ListTable
            label={title}
            rows={data.rows}
            offset={data.offset}
            matched={data.matched}
            columns={shownColumns}
            widths={widths}
            rowKey={rowKey}
            rowHref={rowHref}
            sort={state.sort}
            onSort={(sort) => set({ sort })}
            busy={list.isStale}
            density={state.density}
            listKey={list.shown}
            begin={list.begin}
            marked={state.row}
            onMark={onMark}
            onLeave={state.leaveFrom}
            onRange={list.onRange}
            onPage={onPage}
            onPlace={onPlace}
            onWidth={(key, px) => set({ cols: printColumns(resizeColumn(chosen, key, px), columns) })}
          />
        )}
      </ListBody>
    </>
  );
}

/** A value of a facet as a chip says it. */
function facetText(facet: string, value: string): string {
  if (facet === 'cordon' && value === 'none') return 'Not cordoned';
  return facet === 'node' ? `node ${value}` : statusText(value);
}

/** Which sources of these rows are silent, and how old is what is shown of them; the banner above says why. */
function Gaps({ failing }: { failing: readonly SourceState[] }) {
  const [first, ...others] = failing;
  if (!first) return null;
  return (
    <p className="text-warn">
      in part: {sourceName(first)}{' '}
      {first.lastOkAt ? (
        <>
          last read <Age at={first.lastOkAt} />
        </>
      ) : (
        'never read'
      )}
      {others.length > 0 && `, and ${others.length} more`}
    </p>
  );
}

/** How many there are. It is said again when the filter changes them, not when one scrolls. */
function Count({ data, noun }: { data: ListWindowState<unknown, unknown>['data']; noun: string }) {
  if (!data || data.total === null) return <p role="status" />;
  return (
    <p role="status" className="text-ink-2">
      {data.matched === data.total
        ? `${data.total.toLocaleString('en')} ${noun}`
        : `${data.matched.toLocaleString('en')} of ${data.total.toLocaleString('en')} ${noun} match`}
    </p>
  );
}

/** Says when the row that a link is about is not in the list. */
function Gone<Row>({
  list,
  rowKey,
  marked,
  noun,
}: Pick<ListProps<Row>, 'rowKey' | 'noun'> & { list: ListWindowState<Row, unknown>; marked: string | undefined }) {
  const { data, begin, isStale } = list;
  if (!data || isStale || marked === undefined || begin.row !== marked || !list.isBeginning) return null;
  if (data.rows.some((r) => rowKey(r) === marked)) return null;
  return (
    <p role="status" className="rounded-lg border border-warn bg-warn-bg px-4 py-2">
      The row of this link is not among the {noun} shown: it is gone, or the filter leaves it out ({marked}).
    </p>
  );
}

function ListBody<Row>({ list, noun, state, empty, children }: ListProps<Row> & { children: ReactNode }) {
  const { problem, retry, data } = list;
  if (problem && !data) return <Failed problem={problem} retry={retry} state={state} />;
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
  return (
    <>
      {problem && <ErrorPanel problem={problem} onRetry={retry} />}
      {children}
    </>
  );
}

/** A filter or order that the server refuses is mended here, where the list is. */
function Failed({ problem, retry, state }: { problem: Problem; retry: () => void; state: ListState }) {
  return (
    <>
      <ErrorPanel problem={problem} onRetry={problem.code === 'invalid_query' ? undefined : retry} />
      {problem.code === 'invalid_query' && (
        <p>
          <Button onClick={() => state.set({ q: '', sort: state.defaultSort })}>Show all in the usual order</Button>
        </p>
      )}
    </>
  );
}
