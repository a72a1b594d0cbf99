'use client';
import { ListCards } from './ListCards';
import { ListGrid } from './ListGrid';
import type { ListTableProps } from './list-types';
import { useIsNarrow } from './useIsNarrow';

/** A list of any length, as the screen allows: a grid of the rows that are seen, or cards where that is too narrow. */
export function ListTable<Row>(props: ListTableProps<Row>) {
  return useIsNarrow() ? <ListCards {...props} /> : <ListGrid {...props} />;
}
