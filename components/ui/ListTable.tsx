'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useRef } from 'react';
import { ListCards } from './ListCards';
import type { Column, ListTableProps } from './list-columns';
import { TextLink } from './TextLink';
import { useIsNarrow } from './useIsNarrow';

export type { Column } from './list-columns';

const ROW_PX = 41;

/** A list as the screen allows: a table, or cards where that is too narrow. */
export function ListTable<Row>(props: ListTableProps<Row>) {
  return useIsNarrow() ? <ListCards {...props} /> : <RowTable {...props} />;
}

/** A table whose rows are laid out only where they can be seen. Headers sort; the first cell of a row is its link. */
function RowTable<Row>({
  label,
  rows,
  columns,
  rowKey,
  rowHref,
  sort,
  onSort,
  matched,
  offset,
  busy,
}: ListTableProps<Row>) {
  const box = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: { width: 1200, height: 800 },
  });
  const template = columns.map((c) => c.width).join(' ');
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  return (
    <section
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={`${label}, scrollable`}
      className="max-h-[calc(100dvh-17rem)] min-h-40 overflow-auto rounded-lg border border-line bg-surface"
    >
      <table
        aria-label={label}
        aria-rowcount={matched + 1}
        aria-busy={busy}
        className="grid w-max min-w-full text-left"
      >
        <thead className="sticky top-0 z-[1] grid bg-surface-2">
          <tr className="grid" style={{ gridTemplateColumns: template }}>
            {columns.map((c) => (
              <Header key={c.key} column={c} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody className="relative grid" style={{ height: virtual.getTotalSize() }}>
          {items.map((item, i) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <tr
                key={rowKey(row)}
                aria-rowindex={offset + item.index + 2}
                className="absolute grid w-full items-center border-t border-line hover:bg-surface-2"
                style={{
                  gridTemplateColumns: template,
                  height: ROW_PX,
                  transform: `translateY(${before + i * ROW_PX}px)`,
                }}
              >
                {columns.map((c, n) => (
                  <td key={c.key} className={`truncate px-3 ${c.align === 'end' ? 'text-right' : ''}`}>
                    {n === 0 && rowHref ? (
                      <TextLink href={rowHref(row)} className="font-medium">
                        {c.cell(row)}
                      </TextLink>
                    ) : (
                      c.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Header<Row>({ column, sort, onSort }: { column: Column<Row>; sort: string; onSort: (sort: string) => void }) {
  const key = column.sort;
  const direction =
    key === undefined ? undefined : sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : undefined;
  const align = column.align === 'end' ? 'justify-end' : '';
  return (
    <th scope="col" aria-sort={direction} className="px-1.5 py-1 text-[0.86rem] font-medium text-ink-2">
      {key === undefined ? (
        <span className={`flex min-h-7 items-center px-1.5 ${align}`}>{column.title}</span>
      ) : (
        <button
          type="button"
          className={`flex min-h-7 w-full items-center gap-1 rounded px-1.5 hover:text-ink ${align}`}
          onClick={() => onSort(direction === 'ascending' ? `-${key}` : key)}
        >
          {column.title}
          {direction === 'ascending' && <ArrowUp aria-hidden size={13} />}
          {direction === 'descending' && <ArrowDown aria-hidden size={13} />}
        </button>
      )}
    </th>
  );
}
