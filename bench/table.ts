/** One line of the result. */
export interface Figure {
  figure: string;
  /** Volumes, or where. */
  at: string;
  measured: number;
  unit: string;
  /** Lowest and highest run, or what else belongs to the number. */
  detail?: string;
  /** Must not be exceeded; absent: shown for what it is, without a limit. */
  limit?: number;
  /** Must be reached. */
  least?: number;
  bestPeer?: string;
}

const digits = (x: number) =>
  Number.isNaN(x) ? 'not measured' : x >= 100 ? Math.round(x).toLocaleString('en') : String(Math.round(x * 100) / 100);

export function verdict({ measured, limit, least }: Figure): string {
  if (limit === undefined && least === undefined) return '';
  if (Number.isNaN(measured)) return 'not measured';
  return measured <= (limit ?? Number.POSITIVE_INFINITY) && measured >= (least ?? 0) ? 'ok' : 'NOT OK';
}

function bound({ unit, limit, least }: Figure): string {
  if (unit === '') return '';
  if (least !== undefined) return `>= ${digits(least)} ${unit}`;
  return limit === undefined ? '' : `${digits(limit)} ${unit}`;
}

/** A Markdown table of the figures. */
export function table(figures: readonly Figure[]): string {
  const head = ['Figure', 'At', 'Measured', 'Detail', 'Limit', 'Best peer', ''];
  const rows = figures.map((f) => [
    f.figure,
    f.at,
    `${digits(f.measured)} ${f.unit}`,
    f.detail ?? '',
    bound(f),
    f.bestPeer ?? '',
    verdict(f),
  ]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => (r[i] ?? '').length)));
  const line = (cells: readonly string[]) => `| ${cells.map((c, i) => c.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((w) => '-'.repeat(w))), ...rows.map(line)].join('\n');
}
