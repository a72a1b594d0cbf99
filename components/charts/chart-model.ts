import type { IoSeries } from '@/contract/io';
import { latencyText, rateText, throughputText } from '../ui/format';

/** One line of a chart; `values` are as many as the chart has moments. */
export interface ChartLine {
  name: string;
  color: string;
  /** Dashes tell the lines apart where colour does not. */
  dashes?: string;
  values: ReadonlyArray<number | null>;
}

/** A chart of lines over the time axis that all charts of a page share. */
export interface Chart {
  title: string;
  /** Milliseconds since the epoch, rising. */
  at: readonly number[];
  stepMs: number;
  lines: readonly ChartLine[];
  format: (value: number) => string;
  /** A value of the axis whose highest is `top`: all of them in one unit; else as `format`. */
  axis?: (value: number, top: number) => string;
  /** Values are bytes, whose round numbers are powers of two. */
  isBytes?: boolean;
  /** Whether there was a reading at a moment, where a line can lack a value all the same. */
  isMeasured?: readonly boolean[];
}

const READ = { name: 'read', color: 'var(--used)' };
const WRITE = { name: 'write', color: 'var(--write)', dashes: '5 3' };

/** The three charts of a series: operations, bytes, latency, each for reads and writes. */
export function ioCharts(series: IoSeries): Chart[] {
  const at = series.at.map((instant) => Date.parse(instant));
  const chart = (
    title: string,
    read: ReadonlyArray<number | null>,
    write: ReadonlyArray<number | null>,
    format: (value: number) => string,
  ): Chart => ({
    title,
    at,
    stepMs: series.stepSeconds * 1000,
    lines: [
      { ...READ, values: read },
      { ...WRITE, values: write },
    ],
    format,
  });
  return [
    chart('IOPS', series.readIops, series.writeIops, rateText),
    { ...chart('Throughput', series.readBytesPerSecond, series.writeBytesPerSecond, throughputText), isBytes: true },
    {
      ...chart('Latency', series.readLatencyUs, series.writeLatencyUs, latencyText),
      axis: latencyTick,
      isMeasured: series.readIops.map((iops, i) => iops !== null || (series.writeIops[i] ?? null) !== null),
    },
  ];
}

/** 5 ms below 10 ms, though a latency of 5 ms is said in µs elsewhere. */
const latencyTick = (us: number, top: number): string =>
  top >= 10_000 ? `${Number((us / 1000).toFixed(1))} ms` : `${Number(us.toFixed(1)).toLocaleString('en')} µs`;

/** What is drawn at one moment: a value for each line, in their order. */
export interface ChartPoint {
  at: number;
  values: Array<number | null>;
}

/** A pause this many steps long is a gap: nobody measured in it. */
const GAP_STEPS = 2.5;
/** No chart is wider than this many points that can be told apart. */
const MOST_POINTS = 300;

/**
 * Points for a chart. Where points are missing altogether an empty one is put, so that the line breaks. A long series is
 * thinned to what can be told apart: of several moments the highest value stands, because a peak is what one looks for. Where
 * some of them are unknown all stand, so that no gap is closed.
 */
export function chartPoints({ at, stepMs, lines }: Pick<Chart, 'at' | 'stepMs' | 'lines'>): ChartPoint[] {
  const out: ChartPoint[] = [];
  const size = Math.ceil(at.length / MOST_POINTS);
  let bucket: number[] = [];
  const flush = () => {
    const hasGap = lines.some(
      ({ values }) => bucket.some((i) => values[i] === null) && bucket.some((i) => values[i] !== null),
    );
    for (const together of hasGap ? bucket.map((i) => [i]) : [bucket]) {
      const middle = at[together[Math.floor(together.length / 2)] ?? -1];
      if (middle !== undefined) out.push({ at: middle, values: lines.map(({ values }) => highest(values, together)) });
    }
    bucket = [];
  };
  at.forEach((moment, i) => {
    const last = at[i - 1];
    if (last !== undefined && moment - last > stepMs * GAP_STEPS) {
      flush();
      out.push({ at: last + 1, values: lines.map(() => null) });
    }
    bucket.push(i);
    if (bucket.length >= size) flush();
  });
  flush();
  return out;
}

/** The highest of some values; unknown when all of them are. */
function highest(values: ReadonlyArray<number | null>, indexes: readonly number[]): number | null {
  const known = indexes.flatMap((i) => values[i] ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

const STEPS = [1, 2, 2.5, 5, 10];
/** Spaces between the ticks of the value axis. */
const SPACES = 3;

/** Ticks of the value axis: from zero in round steps, of bytes in powers of two, to the highest value or just above. */
export function valueTicks(points: readonly ChartPoint[], isBytes = false): number[] {
  let top = 0;
  for (const { values } of points) for (const v of values) if (v !== null && v > top) top = v;
  const least = top > 0 && Number.isFinite(top) ? top / SPACES : 1;
  const size = 10 ** Math.floor(Math.log10(least));
  const step = isBytes ? 2 ** Math.ceil(Math.log2(least)) : size * (STEPS.find((s) => s * size >= least) ?? 10);
  return Array.from({ length: SPACES + 1 }, (_, i) => i * step);
}

const MINUTE_MS = 60_000;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360];
/** More moments than this run into each other below a narrow chart. */
const MOST_TIMES = 5;

/** Round moments between two, for the time axis. */
export function timeTicks(from: number, to: number): number[] {
  const least = (to - from) / MOST_TIMES;
  const step = MINUTE_MS * (TIME_STEPS.find((m) => m * MINUTE_MS >= least) ?? 360);
  const out: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && out.length <= MOST_TIMES; at += step) out.push(at);
  return out;
}

/** Width and height of the plane that `linePath` draws in. */
export const PLANE = { width: 1000, height: 100 } as const;

/** The n-th line as an SVG path: it breaks where a value is not known, and a value alone is a dot. */
export function linePath(points: readonly ChartPoint[], n: number, from: number, to: number, top: number): string {
  const span = Math.max(1, to - from);
  let path = '';
  points.forEach(({ at, values }, i) => {
    const value = values[n] ?? null;
    if (value === null) return;
    const x = (((at - from) / span) * PLANE.width).toFixed(1);
    const y = (PLANE.height * (1 - value / top)).toFixed(2);
    const isJoined = (points[i - 1]?.values[n] ?? null) !== null;
    const isEnd = (points[i + 1]?.values[n] ?? null) === null;
    path += isJoined ? `L${x} ${y}` : `M${x} ${y}${isEnd ? 'h0' : ''}`;
  });
  return path;
}

/** Index of the moment nearest to `wanted`; -1 when there is none. */
export function nearest(at: readonly number[], wanted: number): number {
  let [low, high] = [0, at.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [at[low - 1], at[low]];
  if (after === undefined) return -1;
  return before !== undefined && wanted - before < after - wanted ? low - 1 : low;
}

/** When something was measured last, where that is not now; undefined when the newest point has a value, or none ever had. */
export function lastMeasured(series: IoSeries, now: number): string | undefined {
  const last = series.at.findLastIndex((_, i) => series.readIops[i] != null || series.writeIops[i] != null);
  const at = series.at[last];
  return at !== undefined && now - Date.parse(at) > series.stepSeconds * 1000 * STALE_STEPS ? at : undefined;
}

/** A reading may take a step or two to come. */
const STALE_STEPS = 6;

/**
 * The value of a line at the moment `index` in words; the newest when it is undefined. Where nothing was written in a time that
 * was measured a latency has no value, and that is a dash: only what nobody measured is unknown.
 */
export function valueWords(chart: Chart, line: ChartLine, index: number | undefined): string {
  const at = index ?? chart.at.length - 1;
  const value = line.values[at] ?? null;
  if (value !== null) return chart.format(value);
  return chart.isMeasured?.[at] ? '–' : 'unknown';
}

/** A chart's newest values in words, for those who do not see the lines. */
export const latestWords = (chart: Chart): string =>
  `${chart.title} now: ${chart.lines.map((line) => `${line.name} ${valueWords(chart, line, undefined)}`).join(', ')}`;
