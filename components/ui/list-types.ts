import type { ReactNode } from 'react';
import type { ExportedList } from '@/contract/keys';
import type { Choosable, ChosenColumn } from './list-columns';
import type { Density } from './list-url';
import type { ListState } from './useListState';

export interface Column<Row> extends Choosable {
  title: string;
  /** Sort key of the server; absent: not sortable. */
  sort?: string;
  width: string;
  align?: 'end';
  /** The cell has a link of its own, so it is not made one. */
  linked?: true;
  cell: (row: Row) => ReactNode;
}

/** Where a list stands in the whole of what matches. */
export interface RowWindow<Row> {
  rows: readonly Row[];
  /** Index of the first row of `rows`. */
  offset: number;
  /** Rows there are, seen or not. */
  matched: number;
}

export interface ListTableProps<Row> extends RowWindow<Row> {
  label: string;
  columns: ReadonlyArray<Column<Row>>;
  /** Widths that somebody has chosen, by key of the column. */
  widths: ReadonlyMap<string, number>;
  rowKey: (row: Row) => string;
  /** The page of a row, opened by Enter. */
  rowHref?: (row: Row) => string | undefined;
  sort: string;
  onSort: (sort: string) => void;
  /** The rows are of another filter or order than asked for. */
  busy: boolean;
  density: Density;
  /** Which list this is; another value begins at the top, or where `begin` says. */
  listKey: string;
  begin: { row?: string | undefined; offset: number };
  /** Id of the row that the address is about. */
  marked: string | undefined;
  onMark: (id: string | undefined) => void;
  /** The page of this row is gone to. */
  onLeave: (id: string, href: string) => void;
  onRange: (first: number, last: number) => void;
  /** Shows the page that begins here, where rows do not scroll into sight. */
  onPage: (offset: number) => void;
  onPlace: (offset: number) => void;
  onWidth: (key: string, px: number | undefined) => void;
}

/** What the tools beside a list work with. */
export interface ToolProps {
  /** Of the list in the API and in this browser's storage. */
  name: ExportedList;
  cluster: string;
  /** "Volumes". */
  title: string;
  state: ListState;
  columns: ReadonlyArray<{ key: string; title: string; optional?: true }>;
  chosen: readonly ChosenColumn[];
}
