import type { ReactNode } from 'react';

/** A column of a list: how its cells look, and whether the server sorts by it. */
export interface Column<Row> {
  key: string;
  title: string;
  /** Sort key of the server; absent: not sortable. */
  sort?: string;
  width: string;
  align?: 'end';
  cell: (row: Row) => ReactNode;
}

/** What a list shows, as table or as cards. */
export interface ListTableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: ReadonlyArray<Column<Row>>;
  rowKey: (row: Row) => string;
  rowHref?: (row: Row) => string;
  sort: string;
  onSort: (sort: string) => void;
  /** Rows in the whole matching set, for assistive technology. */
  matched: number;
  offset: number;
  busy: boolean;
}
