'use client';
import { useState } from 'react';
import { Brush, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { Dialog } from '../ui/Dialog';
import { type Chart, type ChartPoint, chartPoints, latestWords } from './chart-model';
import { Key } from './SeriesChart';

const clock = (at: number): string => new Date(at).toLocaleTimeString();

/** One chart as large as the window, standing still, with a part of the time to choose. */
export function LargeChart({ chart, onClose }: { chart: Chart; onClose: () => void }) {
  // As it was when it was opened: one looks at something here.
  const [{ points, words }] = useState(() => ({ points: chartPoints(chart), words: latestWords(chart) }));
  const top = Math.max(0, ...points.flatMap((p) => p.values.map((v) => v ?? 0)));
  return (
    <Dialog title={chart.title} onClose={onClose} wide>
      <p className="mb-2 flex flex-wrap gap-x-4 text-ink-2">
        {chart.lines.map((line) => (
          <span key={line.name} className="flex items-center gap-1">
            <Key color={line.color} dashes={line.dashes} /> {line.name}
          </span>
        ))}
        <span>Drag the ends of the bar below to look closer.</span>
      </p>
      <figure aria-label={words} className="h-[60dvh]">
        <ResponsiveContainer width="100%" height="100%">
          <LineChart data={points} accessibilityLayer={false} margin={{ top: 8, right: 16, bottom: 0, left: 0 }}>
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis
              dataKey="at"
              type="number"
              scale="time"
              domain={WHOLE}
              tickFormatter={clock}
              {...AXIS}
              minTickGap={40}
            />
            <YAxis
              width={84}
              tickFormatter={(v: number) => (chart.axis ? chart.axis(v, top) : chart.format(v))}
              domain={FROM_ZERO}
              {...AXIS}
            />
            <Tooltip
              isAnimationActive={false}
              labelFormatter={(at) => clock(Number(at))}
              formatter={(value, name) => [typeof value === 'number' ? chart.format(value) : 'unknown', name]}
              contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 6 }}
              labelStyle={{ color: 'var(--ink)' }}
            />
            {chart.lines.map((line, i) => (
              <Line
                key={line.name}
                name={line.name}
                dataKey={(point: ChartPoint) => point.values[i]}
                stroke={line.color}
                strokeDasharray={line.dashes}
                dot={false}
                strokeWidth={1.5}
                isAnimationActive={false}
                connectNulls={false}
              />
            ))}
            <Brush
              dataKey="at"
              height={28}
              travellerWidth={10}
              tickFormatter={clock}
              fill="var(--surface-2)"
              stroke="var(--line-strong)"
            />
          </LineChart>
        </ResponsiveContainer>
      </figure>
    </Dialog>
  );
}

const AXIS = { tick: { fill: 'var(--ink-2)', fontSize: 11 }, stroke: 'var(--line-strong)' };
const FROM_ZERO: [number, 'auto'] = [0, 'auto'];
const WHOLE: [string, string] = ['dataMin', 'dataMax'];
