'use client';
import { Button } from './Button';
import type { Column, ListTableProps } from './list-types';
import { PAGE } from './list-window';
import { TextLink } from './TextLink';

/**
 * A list where it is too narrow for a table: a card for each row, its columns as terms, the order in a menu. Cards differ in
 * height, so a long list has pages.
 */
export function ListCards<Row>(props: ListTableProps<Row>) {
  const { label, rows, columns, rowKey, matched, offset, busy, marked } = props;
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
            ref={rowKey(row) === props.begin.row ? intoSight : undefined}
            aria-current={rowKey(row) === marked ? 'true' : undefined}
            className="rounded-lg border border-line bg-surface px-3 py-2 [contain-intrinsic-size:auto_14rem] [content-visibility:auto] aria-[current]:border-accent aria-[current]:bg-busy-bg"
          >
            <RowCard row={row} columns={columns} href={props.rowHref?.(row)} />
          </li>
        ))}
      </ul>
      {matched > rows.length && <Pages {...props} />}
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
        {href && !first?.linked ? <TextLink href={href}>{first?.cell(row)}</TextLink> : first?.cell(row)}
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

/** The row that a link is about. */
const intoSight = (card: HTMLElement | null): void => card?.scrollIntoView({ block: 'center' });

function Pages<Row>({ rows, offset, matched, onPage }: ListTableProps<Row>) {
  const last = offset + rows.length;
  return (
    <nav aria-label="Pages" className="flex flex-wrap items-center gap-3 text-ink-2">
      <span>
        {(offset + 1).toLocaleString('en')}–{last.toLocaleString('en')} of {matched.toLocaleString('en')}
      </span>
      <Button
        refusal={offset === 0 ? 'this is the first page' : undefined}
        onClick={() => onPage(Math.max(0, offset - PAGE))}
      >
        Previous
      </Button>
      <Button refusal={last >= matched ? 'this is the last page' : undefined} onClick={() => onPage(last)}>
        Next
      </Button>
    </nav>
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
        value={sort.split(',')[0]}
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
