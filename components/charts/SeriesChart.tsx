'use client';
import { Maximize2 } from 'lucide-react';
import { memo, type PointerEvent, useMemo } from 'react';
import { IconButton } from '../ui/Button';
import {
  type Chart,
  type ChartLine,
  type ChartPoint,
  chartPoints,
  latestWords,
  linePath,
  nearest,
  PLANE,
  timeTicks,
  valueTicks,
  valueWords,
} from './chart-model';
import { type Crosshair, useCrosshair } from './crosshair';

const clock = (at: number): string =>
  new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
const clockSeconds = (at: number): string => new Date(at).toLocaleTimeString();

/** Space around the plot for the values and the times. */
const INSET = '6px 16px 24px 84px';

interface Props {
  chart: Chart;
  /** The time axis, milliseconds since the epoch. */
  from: number;
  to: number;
  crosshair: Crosshair;
}

/**
 * Lines over time, as plain paths: twenty of them as components of recharts took many times a frame to draw anew. The values of
 * the moment under the crosshair, or the newest, stand beside their names.
 */
export function SeriesChart({ chart, from, to, crosshair, onEnlarge }: Props & { onEnlarge: (chart: Chart) => void }) {
  const points = useMemo(() => chartPoints(chart), [chart]);
  const ticks = useMemo(() => valueTicks(points, chart.isBytes), [points, chart.isBytes]);
  const move = (e: PointerEvent<HTMLDivElement>) => {
    const { left, width } = e.currentTarget.getBoundingClientRect();
    const index = nearest(chart.at, from + ((e.clientX - left) / width) * (to - from));
    crosshair.set(chart.at[index]);
  };
  return (
    <figure className="min-w-0">
      <div className="flex items-start justify-between gap-2">
        <Legend chart={chart} crosshair={crosshair} />
        <IconButton label={`Enlarge ${chart.title}`} onClick={() => onEnlarge(chart)}>
          <Maximize2 aria-hidden size={14} />
        </IconButton>
      </div>
      <div role="img" aria-label={latestWords(chart)} className="relative h-44">
        <Axes from={from} to={to} ticks={ticks} format={chart.axis ?? chart.format} />
        <div
          className="absolute"
          style={{ inset: INSET }}
          onPointerMove={move}
          onPointerLeave={() => crosshair.set(undefined)}
        >
          <Lines points={points} lines={chart.lines} from={from} to={to} top={ticks.at(-1) ?? 1} />
          <CrosshairLine from={from} to={to} crosshair={crosshair} />
        </div>
      </div>
    </figure>
  );
}

/** Grid, values and times around the plot. */
const Axes = memo(function Axes({
  from,
  to,
  ticks,
  format,
}: Pick<Props, 'from' | 'to'> & { ticks: readonly number[]; format: NonNullable<Chart['axis']> }) {
  const top = ticks.at(-1) ?? 1;
  return (
    <div aria-hidden className="absolute text-[11px] leading-none text-ink-2" style={{ inset: INSET }}>
      {ticks.map((tick) => (
        <div
          key={tick}
          className="absolute inset-x-0 border-t border-line"
          style={{ top: `${100 * (1 - tick / top)}%` }}
        >
          <span className="absolute right-full mr-1.5 -translate-y-1/2 whitespace-nowrap">{format(tick, top)}</span>
        </div>
      ))}
      {timeTicks(from, to)
        // One at the very edge would run into the lowest value.
        .filter((at) => at - from > (to - from) * 0.05)
        .map((at) => (
          <span
            key={at}
            className="absolute top-full mt-1.5 -translate-x-1/2 whitespace-nowrap"
            style={{ left: `${(100 * (at - from)) / (to - from)}%` }}
          >
            {clock(at)}
          </span>
        ))}
    </div>
  );
});

/** The lines: anew when there are new points, not when the pointer moves. */
const Lines = memo(function Lines({
  points,
  lines,
  from,
  to,
  top,
}: Pick<Props, 'from' | 'to'> & { points: readonly ChartPoint[]; lines: readonly ChartLine[]; top: number }) {
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${PLANE.width} ${PLANE.height}`}
      preserveAspectRatio="none"
      className="absolute inset-0 h-full w-full"
    >
      {lines.map((line, n) => (
        <path
          key={line.name}
          d={linePath(points, n, from, to, top)}
          fill="none"
          stroke={line.color}
          strokeWidth={1.5}
          strokeDasharray={line.dashes}
          strokeLinecap="round"
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
});

function CrosshairLine({ from, to, crosshair }: Omit<Props, 'chart'>) {
  const at = useCrosshair(crosshair);
  if (at === undefined || at < from || at > to) return null;
  const share = (at - from) / (to - from);
  return (
    <div className="pointer-events-none absolute inset-y-0 w-px bg-ink-2" style={{ left: `${share * 100}%` }}>
      {/* Beside the line, on the side where there is room. */}
      <span
        className={`tabular absolute top-0 rounded bg-surface-2 px-1 text-[11px] whitespace-nowrap text-ink ${share > 0.6 ? 'right-1' : 'left-1'}`}
      >
        {clockSeconds(at)}
      </span>
    </div>
  );
}

function Legend({ chart, crosshair }: Pick<Props, 'chart' | 'crosshair'>) {
  const at = useCrosshair(crosshair);
  const index = at === undefined ? undefined : nearest(chart.at, at);
  return (
    <figcaption className="mb-1 flex flex-wrap items-center gap-x-3">
      <span className="font-medium">{chart.title}</span>
      {chart.lines.map((line) => (
        <span key={line.name} className="flex items-center gap-1 text-[0.86rem] text-ink-2">
          <Key color={line.color} dashes={line.dashes} /> {line.name}{' '}
          <span className="tabular text-ink">{valueWords(chart, line, index)}</span>
        </span>
      ))}
    </figcaption>
  );
}

/** A piece of a line, as its name's key. */
export function Key({ color, dashes }: { color: string; dashes: string | undefined }) {
  return (
    <svg aria-hidden width="18" height="8">
      <line x1="0" y1="4" x2="18" y2="4" stroke={color} strokeWidth="2" strokeDasharray={dashes} />
    </svg>
  );
}
