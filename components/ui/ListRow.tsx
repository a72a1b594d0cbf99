'use client';
import { memo } from 'react';
import type { Column } from './list-types';
import { RowFocus, TextLink } from './TextLink';

export interface RowProps<Row> {
  /** Undefined while the window that holds it is under way. */
  row: Row | undefined;
  index: number;
  domId: string;
  href: string | undefined;
  columns: ReadonlyArray<Column<Row>>;
  template: string;
  heightPx: number;
  /** Where the keyboard is. */
  isActive: boolean;
  /** What the address is about. */
  isMarked: boolean;
}

function Plain<Row>({ row, index, domId, href, columns, template, heightPx, isActive, isMarked }: RowProps<Row>) {
  return (
    <tr
      id={domId}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={isMarked}
      className={`absolute grid w-full items-center border-t border-line hover:bg-surface-2 ${isMarked ? 'bg-busy-bg shadow-[inset_3px_0_0_var(--accent)]' : ''} ${isActive ? 'outline-accent -outline-offset-2 group-focus-visible/grid:outline-2' : ''}`}
      style={{ gridTemplateColumns: template, height: heightPx, transform: `translateY(${index * heightPx}px)` }}
    >
      {/* Only the links of the row where the keyboard is are stops of Tab: there may be hundreds. */}
      <RowFocus value={isActive ? 0 : -1}>
        {columns.map((c, n) => (
          <td key={c.key} className={`truncate px-3 ${c.align === 'end' ? 'text-right' : ''}`}>
            {row === undefined ? (
              <span className="block h-3 w-2/3 rounded bg-surface-2">
                {n === 0 && <span className="sr-only">Row {index + 1} is on its way</span>}
              </span>
            ) : n === 0 && !c.linked && href !== undefined ? (
              <TextLink href={href} className="font-medium">
                {c.cell(row)}
              </TextLink>
            ) : (
              c.cell(row)
            )}
          </td>
        ))}
      </RowFocus>
    </tr>
  );
}

/** One row of a list, made anew only when it, its place or its columns changed. */
export const ListRow = memo(Plain) as typeof Plain; // memo forgets that the component is generic
