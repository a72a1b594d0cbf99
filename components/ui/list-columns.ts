/** What a table needs to know of a column to choose and order it. */
export interface Choosable {
  key: string;
  /** Shown only when it is chosen. */
  optional?: true;
}

/** A column that is shown, and how wide, in pixels; without a width it takes what suits it. */
export interface ChosenColumn {
  key: string;
  widthPx?: number;
}

const NARROWEST_PX = 48;
const WIDEST_PX = 1200;

export const clampWidth = (px: number): number => Math.round(Math.min(WIDEST_PX, Math.max(NARROWEST_PX, px)));

/** The columns shown when nobody has chosen: all that are not optional, in their order. */
const defaults = (columns: readonly Choosable[]): ChosenColumn[] =>
  columns.filter((c) => !c.optional).map(({ key }) => ({ key }));

/**
 * The `cols` of a URL, `name,size~120,status`, as columns. The first column names the row and holds its link, so it is always
 * there and always first. Keys that this list has not are left out: the link may be of another version.
 */
export function parseColumns(text: string, columns: readonly Choosable[]): ChosenColumn[] {
  const first = columns[0];
  if (text === '' || first === undefined) return defaults(columns);
  const chosen = new Map<string, ChosenColumn>([[first.key, { key: first.key }]]);
  for (const part of text.split(',')) {
    const [key = '', width] = part.split('~');
    if (!columns.some((c) => c.key === key)) continue;
    const px = width !== undefined && /^\d{1,5}$/.test(width) ? clampWidth(Number(width)) : undefined;
    chosen.set(key, px === undefined ? { key } : { key, widthPx: px });
  }
  return [...chosen.values()];
}

/** The `cols` of a URL for these columns; empty when they are the ones shown anyway. */
export function printColumns(chosen: readonly ChosenColumn[], columns: readonly Choosable[]): string {
  const print = (list: readonly ChosenColumn[]) =>
    list.map((c) => (c.widthPx === undefined ? c.key : `${c.key}~${c.widthPx}`)).join(',');
  const text = print(chosen);
  return text === print(defaults(columns)) ? '' : text;
}

/** Shows a column, behind the others, or hides it. */
export const toggleColumn = (chosen: readonly ChosenColumn[], key: string): ChosenColumn[] =>
  chosen.some((c) => c.key === key) ? chosen.filter((c) => c.key !== key) : [...chosen, { key }];

/** Moves a column by one place to the left (-1) or right (1); the first place is the name's. */
export function moveColumn(chosen: readonly ChosenColumn[], key: string, by: -1 | 1): ChosenColumn[] {
  const from = chosen.findIndex((c) => c.key === key);
  const to = from + by;
  const [column, other] = [chosen[from], chosen[to]];
  if (from < 1 || to < 1 || column === undefined || other === undefined) return [...chosen];
  return chosen.map((c, i) => (i === from ? other : i === to ? column : c));
}

/** Sets the width of a column; undefined gives it back to the table. */
export const resizeColumn = (chosen: readonly ChosenColumn[], key: string, px: number | undefined): ChosenColumn[] =>
  chosen.map((c) => (c.key !== key ? c : px === undefined ? { key } : { key, widthPx: clampWidth(px) }));

/**
 * The columns as grid tracks, and the least width of a row: the sum of their minimums. (As wide as its content a row would
 * give every flexible column the share of the widest minimum, and reach beyond windows that have room for all of them.)
 */
export function tracksOf(
  columns: ReadonlyArray<{ key: string; width: string }>,
  widths: ReadonlyMap<string, number>,
): { template: string; least: string } {
  const tracks = columns.map((c) => (widths.has(c.key) ? `${widths.get(c.key)}px` : c.width));
  const minimums = tracks.map((t) => /^minmax\(([^,]+),/.exec(t)?.[1] ?? t);
  return { template: tracks.join(' '), least: `calc(${minimums.join(' + ')})` };
}
