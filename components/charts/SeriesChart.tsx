'use client';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { IoSeries } from '@/contract/io';
import { type Chart, chartPoints, latestWords } from './chart-model';

const clock = (at: number): string =>
  new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
const clockSeconds = (at: number): string => new Date(at).toLocaleTimeString();

/** Read and write as two lines. All charts of a page share the time axis and the crosshair. */
export function SeriesChart({ chart, series, minutes }: { chart: Chart; series: IoSeries; minutes: number }) {
  const points = chartPoints(series, chart);
  const end = points.at(-1)?.at ?? 0;
  const words = latestWords(points, chart);
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex flex-wrap items-center gap-x-3">
        <span className="font-medium">{chart.title}</span>
        <span className="flex items-center gap-1 text-[0.86rem] text-ink-2">
          <Key color="var(--used)" /> read
        </span>
        <span className="flex items-center gap-1 text-[0.86rem] text-ink-2">
          <Key color="var(--write)" dashed /> write
        </span>
      </figcaption>
      <div role="img" aria-label={words} className="h-44">
        <ResponsiveContainer width="100%" height="100%">
          <LineChart
            data={points}
            syncId="io"
            accessibilityLayer={false}
            margin={{ top: 4, right: 8, bottom: 0, left: 0 }}
          >
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis
              dataKey="at"
              type="number"
              scale="time"
              domain={[end - minutes * 60_000, end]}
              tickFormatter={clock}
              tick={{ fill: 'var(--ink-2)', fontSize: 11 }}
              stroke="var(--line-strong)"
              minTickGap={40}
            />
            <YAxis
              width={84}
              tickFormatter={chart.format}
              tick={{ fill: 'var(--ink-2)', fontSize: 11 }}
              stroke="var(--line-strong)"
              tickCount={4}
              domain={[0, 'auto']}
            />
            <Tooltip
              isAnimationActive={false}
              labelFormatter={(at) => clockSeconds(Number(at))}
              formatter={(value, name) => [typeof value === 'number' ? chart.format(value) : 'unknown', name]}
              contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 6 }}
              labelStyle={{ color: 'var(--ink)' }}
            />
            <Line dataKey="read" stroke="var(--used)" {...LINE} />
            <Line dataKey="write" stroke="var(--write)" strokeDasharray="5 3" {...LINE} />
          </LineChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}

const LINE = { type: 'linear', dot: false, strokeWidth: 1.5, isAnimationActive: false, connectNulls: false } as const;

function Key({ color, dashed }: { color: string; dashed?: boolean }) {
  return (
    <svg aria-hidden width="18" height="8">
      <line x1="0" y1="4" x2="18" y2="4" stroke={color} strokeWidth="2" strokeDasharray={dashed ? '5 3' : undefined} />
    </svg>
  );
}
