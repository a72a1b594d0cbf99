'use client';
import dynamic from 'next/dynamic';
import { useSearchParams } from 'next/navigation';
import { useMemo, useState } from 'react';
import type { IoSeries } from '@/contract/io';
import type { Topic } from '@/contract/keys';
import { useTopic } from '../live/useTopic';
import { Card, Skeleton } from '../ui/Card';
import { durationText } from '../ui/format';
import { ErrorPanel } from '../ui/states';
import { useNow } from '../ui/useNow';
import { Age } from '../ui/values';
import { type Chart, ioCharts, lastMeasured, nearest, valueWords } from './chart-model';
import { Crosshair, useCrosshair } from './crosshair';
import { useSeen } from './useSeen';

const SeriesChart = dynamic(() => import('./SeriesChart').then((m) => m.SeriesChart), {
  ssr: false,
  loading: () => <Skeleton lines={6} label="Loading the chart" />,
});

// recharts weighs as much as half a page: it comes with the large view, which is seldom asked for.
const LargeChart = dynamic(() => import('./LargeChart').then((m) => m.LargeChart), { ssr: false });

const RANGES = [5, 15, 60];
const DEFAULT_RANGE = 15;

/** Minutes shown, kept in the URL as `minutes`. */
function useMinutes(): [number, (minutes: number) => void] {
  const params = useSearchParams();
  const asked = Number(params.get('minutes') ?? DEFAULT_RANGE);
  const set = (minutes: number) => {
    const next = new URLSearchParams(window.location.search);
    if (minutes === DEFAULT_RANGE) next.delete('minutes');
    else next.set('minutes', String(minutes));
    const query = next.toString();
    window.history.replaceState(null, '', `${window.location.pathname}${query ? `?${query}` : ''}`);
  };
  return [RANGES.includes(asked) ? asked : DEFAULT_RANGE, set];
}

/** IOPS, throughput and latency over one shared time axis; a gap is a time nothing is known of. */
export function IoCharts({ cluster, topic }: { cluster: string; topic: (minutes: number) => Topic<IoSeries> }) {
  const [minutes, setMinutes] = useMinutes();
  const [box, isSeen] = useSeen<HTMLDivElement>();
  return (
    <Card title="I/O over time" actions={<Ranges minutes={minutes} onChange={setMinutes} />}>
      <div ref={box}>
        {isSeen ? (
          <Charts cluster={cluster} topic={topic(minutes)} minutes={minutes} />
        ) : (
          // Nothing is under way yet, so nothing is said.
          <div aria-hidden className="h-48 rounded bg-surface-2" />
        )}
      </div>
    </Card>
  );
}

function Charts({ cluster, topic, minutes }: { cluster: string; topic: Topic<IoSeries>; minutes: number }) {
  const { data, problem, retry } = useTopic(cluster, topic, { keep: true });
  const [crosshair] = useState(() => new Crosshair());
  const [large, setLarge] = useState<Chart>();
  const charts = useMemo(() => (data ? ioCharts(data) : []), [data]);
  if (!data) {
    return problem ? (
      <ErrorPanel problem={problem} onRetry={retry} />
    ) : (
      <Skeleton lines={6} label="Loading the history" />
    );
  }
  const to = charts[0]?.at.at(-1);
  if (to === undefined) {
    return <p className="text-ink-2">Nothing measured yet. The first rates appear after two readings.</p>;
  }
  return (
    <>
      {problem && <ErrorPanel problem={problem} onRetry={retry} />}
      <div className="grid gap-4 lg:grid-cols-3">
        {charts.map((chart) => (
          <SeriesChart
            key={chart.title}
            chart={chart}
            from={to - minutes * 60_000}
            to={to}
            crosshair={crosshair}
            onEnlarge={setLarge}
          />
        ))}
      </div>
      {large && <LargeChart chart={large} onClose={() => setLarge(undefined)} />}
      <LastMeasured series={data} />
      <TimeSlider charts={charts} crosshair={crosshair} />
      <p className="mt-2 text-[0.93rem] text-ink-2">
        One point every {durationText(data.stepSeconds)}. A gap means that nothing was measured, not that nothing
        happened.
      </p>
    </>
  );
}

/** The crosshair by keyboard: seen when it has the focus, and it says the values of its moment. */
function TimeSlider({ charts, crosshair }: { charts: readonly Chart[]; crosshair: Crosshair }) {
  const at = useCrosshair(crosshair);
  const moments = charts[0]?.at ?? [];
  const index = at === undefined ? moments.length - 1 : nearest(moments, at);
  const moment = moments[index];
  const words = charts.map(
    (c) => `${c.title}: ${c.lines.map((line) => `${line.name} ${valueWords(c, line, index)}`).join(', ')}`,
  );
  return (
    <input
      type="range"
      aria-label="Moment under the crosshair"
      aria-valuetext={`${moment === undefined ? '' : new Date(moment).toLocaleTimeString()}; ${words.join('; ')}`}
      min={0}
      max={Math.max(0, moments.length - 1)}
      value={index}
      onChange={(e) => crosshair.set(moments[Number(e.target.value)])}
      onFocus={() => crosshair.set(moment)}
      onBlur={() => crosshair.set(undefined)}
      className="sr-only focus:not-sr-only focus:w-full"
    />
  );
}

/** The age of the newest point, where nothing has been measured since. */
function LastMeasured({ series }: { series: IoSeries }) {
  const at = lastMeasured(series, useNow());
  if (at === undefined) return null;
  return (
    <p className="mt-2 font-medium text-warn">
      Last measured <Age at={at} />; what came after is not known.
    </p>
  );
}

function Ranges({ minutes, onChange }: { minutes: number; onChange: (minutes: number) => void }) {
  return (
    <fieldset className="flex gap-1">
      <legend className="sr-only">Time shown</legend>
      {RANGES.map((r) => (
        <button
          key={r}
          type="button"
          aria-pressed={r === minutes}
          onClick={() => onChange(r)}
          className="min-h-7 rounded-md border border-transparent px-2 text-[0.93rem] text-ink-2 hover:bg-surface-2 aria-pressed:border-line-strong aria-pressed:text-ink"
        >
          {r === 60 ? '1 h' : `${r} min`}
        </button>
      ))}
    </fieldset>
  );
}
