'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useId, useMemo, useRef } from 'react';
import { ListHeader } from './ListHeader';
import { ListRow } from './ListRow';
import { tracksOf } from './list-columns';
import type { ListTableProps } from './list-types';
import { useGridKeys } from './useGridKeys';
import { useGridPlace } from './useGridPlace';

/** Height of a row, which is the same for all: so the place of row 70,000 is known without the rows before it. */
export const ROW_PX = { comfortable: 41, compact: 29 } as const;

/**
 * The rows of a list as an ARIA grid. Only those in sight are in the page; those not loaded yet are blank until their window
 * comes. The grid is one stop of Tab; arrows, PageUp, PageDown, Home and End move from row to row, Enter opens, Space marks.
 */
export function ListGrid<Row>(props: ListTableProps<Row>) {
  const { label, rows, offset, matched, columns, widths, rowKey, rowHref, density, marked } = props;
  const box = useRef<HTMLElement>(null);
  const grid = useRef<HTMLTableElement>(null);
  const id = useId();
  const height = ROW_PX[density];
  const virtual = useVirtualizer({
    count: matched,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 8,
    initialRect: { width: 1200, height: 800 },
  });
  useGridPlace({ ...props, box, virtual, height });
  const keys = useGridKeys({ ...props, box, grid, height });
  const { template, least } = useMemo(() => tracksOf(columns, widths), [columns, widths]);
  return (
    <section
      ref={box}
      aria-label={`${label}, scrollable`}
      className="max-h-[max(18rem,calc(100dvh-19.5rem))] overflow-auto rounded-lg border border-line bg-surface [overflow-anchor:none]"
    >
      <table
        ref={grid}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA's grid has no element of its own, and is a table
        role="grid"
        aria-label={label}
        aria-rowcount={matched + 1}
        aria-busy={props.busy}
        aria-activedescendant={keys.active === undefined ? undefined : `${id}r${keys.active}`}
        tabIndex={0}
        onKeyDown={keys.onKeyDown}
        onFocus={keys.onFocus}
        onClickCapture={keys.onClick}
        className={`group/grid grid w-full text-left outline-none ${props.busy ? 'opacity-70' : ''}`}
        style={{ minWidth: least }}
      >
        <ListHeader
          columns={columns}
          template={template}
          sort={props.sort}
          onSort={props.onSort}
          onWidth={props.onWidth}
        />
        <tbody className="relative grid" style={{ height: virtual.getTotalSize() }}>
          {shownRows(virtual.getVirtualIndexes(), keys.active, matched).map((index) => {
            const row = rows[index - offset];
            const key = row === undefined ? `at ${index}` : rowKey(row);
            return (
              <ListRow
                key={key}
                row={row}
                index={index}
                domId={`${id}r${index}`}
                href={row === undefined ? undefined : rowHref?.(row)}
                columns={columns}
                template={template}
                heightPx={height}
                isActive={index === keys.active}
                isMarked={row !== undefined && key === marked}
              />
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** The rows in sight, and the one where the keyboard is: `aria-activedescendant` must name something that is there. */
function shownRows(inSight: readonly number[], active: number | undefined, matched: number): number[] {
  const all = inSight.filter((i) => i < matched);
  if (active === undefined || active >= matched || all.includes(active)) return all;
  return [...all, active].sort((a, b) => a - b);
}
