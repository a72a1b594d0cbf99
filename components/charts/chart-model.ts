import type { IoSeries } from '@/contract/io';
import { latencyText, rateText, throughputText } from '../ui/format';

type Column = Exclude<keyof IoSeries, 'at' | 'stepSeconds'>;

/** A chart of a read and a write line. */
export interface Chart {
  title: string;
  read: Column;
  write: Column;
  format: (value: number) => string;
}

export const CHARTS: readonly Chart[] = [
  { title: 'IOPS', read: 'readIops', write: 'writeIops', format: rateText },
  { title: 'Throughput', read: 'readBytesPerSecond', write: 'writeBytesPerSecond', format: throughputText },
  { title: 'Latency', read: 'readLatencyUs', write: 'writeLatencyUs', format: latencyText },
];

export interface ChartPoint {
  at: number;
  read: number | null;
  write: number | null;
}

/** A pause this many steps long is a gap: nobody measured in it. */
const GAP_STEPS = 2.5;

/** Points for a chart, in milliseconds; where points are missing altogether, an empty one is put so that the line breaks. */
export function chartPoints(series: IoSeries, chart: Chart): ChartPoint[] {
  const out: ChartPoint[] = [];
  const gap = series.stepSeconds * 1000 * GAP_STEPS;
  series.at.forEach((instant, i) => {
    const at = Date.parse(instant);
    const last = out.at(-1);
    if (last && at - last.at > gap) out.push({ at: last.at + 1, read: null, write: null });
    out.push({ at, read: series[chart.read][i] ?? null, write: series[chart.write][i] ?? null });
  });
  return out;
}

/** The latest values in words, for those who do not see the lines. */
export function latestWords(points: readonly ChartPoint[], chart: Chart): string {
  const last = points.at(-1);
  const say = (v: number | null | undefined) => (v === null || v === undefined ? 'unknown' : chart.format(v));
  return `${chart.title} now: read ${say(last?.read)}, write ${say(last?.write)}`;
}

/** When something was measured last, where that is not now; undefined when the newest point has a value, or none ever had. */
export function lastMeasured(series: IoSeries, now: number): string | undefined {
  const last = series.at.findLastIndex((_, i) => series.readIops[i] != null || series.writeIops[i] != null);
  const at = series.at[last];
  return at !== undefined && now - Date.parse(at) > series.stepSeconds * 1000 * STALE_STEPS ? at : undefined;
}

/** A reading may take a step or two to come. */
const STALE_STEPS = 6;
