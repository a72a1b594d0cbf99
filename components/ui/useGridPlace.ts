'use client';
import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { ListTableProps } from './list-types';
import { shiftOf } from './list-window';

/** How long one must rest until the address learns the place. */
const REST_MS = 400;

interface Options<Row>
  extends Pick<
    ListTableProps<Row>,
    'rows' | 'offset' | 'matched' | 'rowKey' | 'listKey' | 'begin' | 'busy' | 'onRange' | 'onPlace'
  > {
  box: RefObject<HTMLElement | null>;
  virtual: Virtualizer<HTMLElement, Element>;
  height: number;
}

/**
 * Where a list is scrolled to: it begins where the address says, stays with the rows that are read while others come and go
 * above them, and tells which rows are seen.
 */
export function useGridPlace<Row>(o: Options<Row>): void {
  const { rows, offset, rowKey, listKey, begin, busy, box, height, matched, onRange, onPlace } = o;
  const first = Math.max(0, o.virtual.range?.startIndex ?? 0);
  const last = Math.min(matched - 1, o.virtual.range?.endIndex ?? 0);

  const before = useRef<{ listKey: string; height: number; rows: readonly Row[]; offset: number }>(undefined);
  useLayoutEffect(() => {
    const scroller = box.current;
    const old = before.current;
    before.current = { listKey, height, rows, offset };
    if (!scroller) return;
    if (old?.listKey !== listKey) {
      const at = begin.row === undefined ? -1 : rows.findIndex((r) => rowKey(r) === begin.row);
      if (at >= 0) {
        // In the middle of what is seen, below the head of the table.
        const middle = (scroller.clientHeight - height) / 2;
        scroller.scrollTop = Math.max(0, (offset + at) * height - middle);
      } else scroller.scrollTop = begin.offset * height;
    } else if (old.height !== height) {
      // Not by its own place, which may be beyond the end now and was set back.
      const at = (o.virtual.scrollOffset ?? 0) / old.height;
      o.virtual.measure();
      scroller.scrollTop = at * height;
    } else if (old.rows !== rows && scroller.scrollTop > 0) {
      const ids = (list: readonly Row[]) => list.map(rowKey);
      const shift = shiftOf({ offset: old.offset, ids: ids(old.rows) }, { offset, ids: ids(rows) }, first, last);
      if (shift !== 0) scroller.scrollTop += shift * height;
    }
  });

  useEffect(() => {
    if (!busy) onRange(first, last);
  }, [busy, first, last, onRange]);

  const isPlaced = useRef(false);
  useEffect(() => {
    // The first place is the address's own.
    if (!isPlaced.current) {
      isPlaced.current = true;
      return;
    }
    const timer = setTimeout(() => onPlace(first), REST_MS);
    return () => clearTimeout(timer);
  }, [first, onPlace]);
}
