'use client';
import type { Column, ListTableProps } from './list-columns';
import { TextLink } from './TextLink';

/** A list where it is too narrow for a table: a card for each row, its columns as terms, the order in a menu. */
export function ListCards<Row>(props: ListTableProps<Row>) {
  const { label, rows, columns, rowKey, matched, offset, busy } = props;
  return (
    <div className="flex flex-col gap-2">
      <SortMenu {...props} />
      <ul aria-label={label} aria-busy={busy} className="flex flex-col gap-2">
        {rows.map((row, i) => (
          <li
            key={rowKey(row)}
            aria-posinset={offset + i + 1}
            aria-setsize={matched}
            // Cards that cannot be seen cost nothing to lay out.
            className="rounded-lg border border-line bg-surface px-3 py-2 [contain-intrinsic-size:auto_14rem] [content-visibility:auto]"
          >
            <RowCard row={row} columns={columns} href={props.rowHref?.(row)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The first column names the row, the others are terms. */
function RowCard<Row>({
  row,
  columns: [first, ...rest],
  href,
}: {
  row: Row;
  columns: ReadonlyArray<Column<Row>>;
  href: string | undefined;
}) {
  return (
    <>
      <div className="mb-1 font-medium break-words">
        {href ? <TextLink href={href}>{first?.cell(row)}</TextLink> : first?.cell(row)}
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-1">
        {rest.map((c) => (
          <div key={c.key} className="min-w-0">
            <dt className="text-[0.8rem] text-ink-2">{c.title}</dt>
            <dd className="break-words">{c.cell(row)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function SortMenu<Row>({ label, columns, sort, onSort }: ListTableProps<Row>) {
  const sortable = columns.flatMap((c) => (c.sort === undefined ? [] : [{ key: c.sort, title: c.title }]));
  if (sortable.length === 0) return null;
  return (
    <label className="flex items-center gap-2 text-ink-2">
      Sort by
      <select
        aria-label={`Sort ${label}`}
        className="min-h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2 text-ink"
        value={sort}
        onChange={(e) => onSort(e.target.value)}
      >
        {sortable.flatMap(({ key, title }) => [
          <option key={key} value={key}>
            {title}, rising
          </option>,
          <option key={`-${key}`} value={`-${key}`}>
            {title}, falling
          </option>,
        ])}
      </select>
    </label>
  );
}
