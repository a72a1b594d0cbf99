import type { ReactNode } from 'react';

export interface TableColumn<Row> {
  title: string;
  align?: 'end';
  /** Kept on one line; ids and figures read badly when broken. */
  nowrap?: boolean;
  cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  columns: ReadonlyArray<TableColumn<Row>>;
  rowKey: (row: Row) => string;
  /** Said in place of the rows when there are none. */
  none: string;
}

/** One line, unless it is so long that it would push the other columns out of sight. */
const LONG = 'sm:w-max sm:max-w-80 sm:whitespace-normal sm:[overflow-wrap:anywhere]';

/**
 * A plain table of a handful of rows. It scrolls sideways by itself where it does not fit; on a phone each row is a block, its
 * first value above titles and values, and remains a row to assistive technology.
 */
export function Table<Row>({ label, rows, columns, rowKey, none }: Props<Row>) {
  if (rows.length === 0) return <p className="text-ink-2">{none}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that may scroll must be reachable by keyboard
    <section className="overflow-x-auto" tabIndex={0} aria-label={`${label}, scrollable`}>
      <table className="w-full text-left" aria-label={label}>
        <thead className="max-sm:sr-only">
          <tr>
            {columns.map((c) => (
              <th
                key={c.title}
                scope="col"
                className={`py-1 pr-4 text-[0.86rem] font-medium whitespace-nowrap text-ink-2 last:pr-0 ${c.align === 'end' ? 'text-right' : ''}`}
              >
                {c.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-t border-line max-sm:block max-sm:py-1.5 max-sm:first:border-t-0">
              {columns.map((c) => (
                <td
                  key={c.title}
                  data-title={c.title}
                  className={`py-1.5 pr-4 last:pr-0 max-sm:flex max-sm:justify-between max-sm:gap-4 max-sm:py-0.5 max-sm:pr-0 max-sm:before:text-[0.86rem] max-sm:before:text-ink-2 max-sm:before:content-[attr(data-title)] max-sm:first:font-medium max-sm:first:before:hidden ${c.align === 'end' ? 'text-right' : ''} ${c.nowrap ? 'sm:whitespace-nowrap' : ''}`}
                >
                  <div
                    className={`min-w-0 max-sm:text-right max-sm:break-words ${c.nowrap && c.align !== 'end' ? LONG : ''}`}
                  >
                    {c.cell(row)}
                  </div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
