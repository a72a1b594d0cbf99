'use client';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useRef } from 'react';
import { parseSort, pressSort } from '@/contract/sort';
import { clampWidth } from './list-columns';
import type { Column } from './list-types';

interface Props<Row> {
  columns: ReadonlyArray<Column<Row>>;
  template: string;
  sort: string;
  onSort: (sort: string) => void;
  /** A column was dragged to this width, or given back its own (undefined). */
  onWidth: ((key: string, px: number | undefined) => void) | undefined;
}

/** The head of a list: titles that sort, and edges that can be dragged. */
export function ListHeader<Row>({ columns, template, sort, onSort, onWidth }: Props<Row>) {
  return (
    <thead className="sticky top-0 z-[1] grid bg-surface-2">
      <tr className="grid" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        {columns.map((c) => (
          <HeaderCell key={c.key} column={c} sort={sort} onSort={onSort} onWidth={onWidth} />
        ))}
      </tr>
    </thead>
  );
}

function HeaderCell<Row>({
  column,
  sort,
  onSort,
  onWidth,
}: { column: Column<Row> } & Pick<Props<Row>, 'sort' | 'onSort' | 'onWidth'>) {
  const cell = useRef<HTMLTableCellElement>(null);
  const key = column.sort;
  const order = parseSort(sort);
  const keys = order.ok ? order.keys : [];
  const place = key === undefined ? -1 : keys.findIndex((k) => k.column === key);
  const direction = place < 0 ? undefined : keys[place]?.descending ? 'descending' : 'ascending';
  const align = column.align === 'end' ? 'justify-end' : '';
  return (
    <th
      ref={cell}
      scope="col"
      // Of several columns only the first may say so; the others do in words.
      aria-sort={place === 0 ? direction : undefined}
      className="relative min-w-0 px-1.5 py-1 text-[0.86rem] font-medium text-ink-2"
    >
      {key === undefined ? (
        <span className={`flex min-h-7 items-center px-1.5 ${align}`}>
          <span className="truncate">{column.title}</span>
        </span>
      ) : (
        <button
          type="button"
          className={`flex min-h-7 w-full items-center gap-1 rounded px-1.5 hover:text-ink ${align}`}
          title="Shift and click: sort by this column, too"
          onClick={(e) => onSort(pressSort(sort, key, e.shiftKey))}
        >
          <span className="truncate">{column.title}</span>
          {direction === 'ascending' && <ArrowUp aria-hidden size={13} className="shrink-0" />}
          {direction === 'descending' && <ArrowDown aria-hidden size={13} className="shrink-0" />}
          {keys.length > 1 && place >= 0 && (
            <span className="text-[0.8rem]">
              {place + 1}
              <span className="sr-only">. in the order, {direction}</span>
            </span>
          )}
        </button>
      )}
      {onWidth && <Edge cell={cell} onWidth={(px) => onWidth(column.key, px)} />}
    </th>
  );
}

/** The right edge of a title, for the pointer; by keyboard widths are set in the panel of columns. */
function Edge({
  cell,
  onWidth,
}: {
  cell: React.RefObject<HTMLTableCellElement | null>;
  onWidth: (px: number | undefined) => void;
}) {
  const drag = useRef<{ x: number; width: number }>(undefined);
  return (
    <span
      aria-hidden
      title="Drag to change the width, double-click to set it back"
      className="absolute inset-y-1 right-0 w-2 cursor-col-resize touch-none border-r border-line hover:border-accent"
      onPointerDown={(e) => {
        e.preventDefault();
        e.currentTarget.setPointerCapture(e.pointerId);
        drag.current = { x: e.clientX, width: cell.current?.offsetWidth ?? 0 };
      }}
      onPointerMove={(e) => {
        if (drag.current) onWidth(clampWidth(drag.current.width + e.clientX - drag.current.x));
      }}
      onPointerUp={() => {
        drag.current = undefined;
      }}
      onPointerCancel={() => {
        drag.current = undefined;
      }}
      onDoubleClick={() => onWidth(undefined)}
    />
  );
}
