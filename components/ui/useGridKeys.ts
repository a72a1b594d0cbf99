'use client';
import { type FocusEvent, type KeyboardEvent, type MouseEvent, type RefObject, useState } from 'react';
import { gridMove } from './grid-move';
import type { ListTableProps } from './list-types';

interface Options<Row>
  extends Pick<
    ListTableProps<Row>,
    'rows' | 'offset' | 'matched' | 'rowKey' | 'rowHref' | 'marked' | 'onMark' | 'onLeave' | 'listKey'
  > {
  box: RefObject<HTMLElement | null>;
  grid: RefObject<HTMLTableElement | null>;
  height: number;
}

/** The row where the keyboard is: known by its id, so that it goes along when the row moves. */
interface Active {
  listKey: string;
  index: number;
  id: string | undefined;
}

/** Moving from row to row by keyboard. The focus stays at the grid, which names its active row: rows may come and go. */
export function useGridKeys<Row>(o: Options<Row>) {
  const { rows, offset, matched, rowKey, rowHref, marked, onMark, onLeave, listKey, box, grid, height } = o;
  const [at, setAt] = useState<Active>();
  const idAt = (index: number) => {
    const row = rows[index - offset];
    return row === undefined ? undefined : rowKey(row);
  };
  const active = at?.listKey === listKey ? indexOf(at, rows, offset, matched, rowKey) : undefined;

  const headPx = () => grid.current?.tHead?.offsetHeight ?? 0;
  const go = (index: number) => {
    setAt({ listKey, index, id: idAt(index) });
    const scroller = box.current;
    if (!scroller) return;
    const room = scroller.clientHeight - headPx();
    const top = index * height;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + height > scroller.scrollTop + room) scroller.scrollTop = top + height - room;
  };
  /** Where the keyboard begins: at the marked row when it is seen, else at the first row that is. */
  const firstSeen = () => {
    const seen = Math.ceil((box.current?.scrollTop ?? 0) / height);
    const mark = marked === undefined ? -1 : rows.findIndex((r) => rowKey(r) === marked);
    return Math.min(matched - 1, mark >= 0 ? offset + mark : seen);
  };

  return {
    active,
    onFocus: (e: FocusEvent) => {
      if (e.target === e.currentTarget && active === undefined && matched > 0)
        setAt({ listKey, index: firstSeen(), id: idAt(firstSeen()) });
    },
    // Before a link itself hears of it: a change of the address after that would call off the way there.
    onClick: (e: MouseEvent) => {
      const index = rowIndexOf(e.target);
      if (index === undefined) return;
      const id = idAt(index);
      setAt({ listKey, index, id });
      if (id === undefined) return;
      const link = e.target instanceof Element ? e.target.closest('a[href]') : null;
      if (!link) return onMark(id);
      // With these it opens elsewhere, and this page stays.
      if (e.ctrlKey || e.metaKey || e.shiftKey || e.altKey || e.button !== 0) return;
      e.preventDefault();
      onLeave(id, link.getAttribute('href') ?? '');
    },
    onKeyDown: (e: KeyboardEvent<HTMLTableElement>) => {
      if (e.target instanceof Element && e.target.closest('thead')) return;
      if (e.altKey || e.ctrlKey || e.metaKey) return;
      const isAtGrid = e.target === e.currentTarget;
      const room = (box.current?.clientHeight ?? 0) - headPx();
      const next = gridMove(e.key, active ?? firstSeen(), matched, Math.max(1, Math.floor(room / height) - 1));
      if (next !== undefined) {
        e.preventDefault();
        if (!isAtGrid) grid.current?.focus({ preventScroll: true });
        go(next);
        return;
      }
      if (!isAtGrid || active === undefined) return;
      const row = rows[active - offset];
      if (row === undefined) return;
      const href = rowHref?.(row);
      if (e.key === 'Enter' && href !== undefined) {
        e.preventDefault();
        onLeave(rowKey(row), href);
      } else if (e.key === ' ') {
        e.preventDefault();
        onMark(rowKey(row) === marked ? undefined : rowKey(row));
      }
    },
  };
}

function indexOf<Row>(
  at: Active,
  rows: readonly Row[],
  offset: number,
  matched: number,
  rowKey: (row: Row) => string,
): number | undefined {
  if (matched === 0) return undefined;
  const moved = at.id === undefined ? -1 : rows.findIndex((r) => rowKey(r) === at.id);
  return Math.min(matched - 1, moved >= 0 ? offset + moved : at.index);
}

function rowIndexOf(target: EventTarget): number | undefined {
  const index = target instanceof Element ? target.closest<HTMLElement>('tr[data-index]')?.dataset.index : undefined;
  return index === undefined ? undefined : Number(index);
}
