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
  bestPeer?: string;
}

const digits = (x: number) =>
  Number.isNaN(x) ? 'not measured' : x >= 100 ? Math.round(x).toLocaleString('en') : String(Math.round(x * 100) / 100);

export const verdict = (f: Figure): string =>
  f.limit === undefined ? '' : Number.isNaN(f.measured) ? 'not measured' : f.measured <= f.limit ? 'ok' : 'NOT OK';

/** A Markdown table of the figures. */
export function table(figures: readonly Figure[]): string {
  const head = ['Figure', 'At', 'Measured', 'Detail', 'Limit', 'Best peer', ''];
  const rows = figures.map((f) => [
    f.figure,
    f.at,
    `${digits(f.measured)} ${f.unit}`,
    f.detail ?? '',
    f.limit === undefined || f.unit === '' ? '' : `${digits(f.limit)} ${f.unit}`,
    f.bestPeer ?? '',
    verdict(f),
  ]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => (r[i] ?? '').length)));
  const line = (cells: readonly string[]) => `| ${cells.map((c, i) => c.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((w) => '-'.repeat(w))), ...rows.map(line)].join('\n');
}
