'use client';
import { useMemo } from 'react';
import type { ExportedList, ListParams, Topic } from '@/contract/keys';
import type { ListCatalogue } from '@/contract/lists';
import { type ListWindow, useListWindow } from '../live/useListWindow';
import type { ListProps } from './ListPage';
import type { Column } from './list-types';
import { useListState } from './useListState';

const idOf = (row: { id: string }): string => row.id;

/** What every list of a cluster is made of: its place in the address, its live window, and its columns. */
export function useList<Row extends { id: string }, Answer>(
  cluster: string,
  name: ExportedList,
  {
    catalogue,
    topic,
    pick,
    columnsOf,
  }: {
    catalogue: ListCatalogue;
    topic: (params: ListParams) => Topic<Answer>;
    /** The list within the answer. */
    pick: (answer: Answer) => ListWindow<Row>;
    columnsOf: (cluster: string) => ReadonlyArray<Column<Row>>;
  },
): Pick<ListProps<Row>, 'name' | 'catalogue' | 'cluster' | 'state' | 'columns' | 'rowKey'> & {
  list: ReturnType<typeof useListWindow<Row, Answer>>;
} {
  const state = useListState(catalogue.defaultSort);
  const list = useListWindow(cluster, topic, state, pick);
  const columns = useMemo(() => columnsOf(cluster), [columnsOf, cluster]);
  return { name, catalogue, cluster, state, list, columns, rowKey: idOf };
}
