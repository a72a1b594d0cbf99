'use client';
import dynamic from 'next/dynamic';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import type { IoSeries } from '@/contract/io';
import type { Topic } from '@/contract/keys';
import { useTopic } from '../live/useTopic';
import { Card, Skeleton } from '../ui/Card';
import { durationText } from '../ui/format';
import { ErrorPanel } from '../ui/states';
import { useNow } from '../ui/useNow';
import { Age } from '../ui/values';
import { CHARTS, lastMeasured } from './chart-model';

// recharts weighs more than the rest of a page: it comes only where a chart is shown, after the figures.
const SeriesChart = dynamic(() => import('./SeriesChart').then((m) => m.SeriesChart), {
  ssr: false,
  loading: () => <Skeleton lines={6} label="Loading the chart" />,
});

const RANGES = [5, 15, 60];
const DEFAULT_RANGE = 15;

/** Minutes shown, kept in the URL as `minutes`. */
function useMinutes(): [number, (minutes: number) => void] {
  const params = useSearchParams();
  const router = useRouter();
  const path = usePathname();
  const asked = Number(params.get('minutes') ?? DEFAULT_RANGE);
  const set = (minutes: number) => {
    const next = new URLSearchParams(params);
    if (minutes === DEFAULT_RANGE) next.delete('minutes');
    else next.set('minutes', String(minutes));
    const query = next.toString();
    router.replace(query ? `${path}?${query}` : path, { scroll: false });
  };
  return [RANGES.includes(asked) ? asked : DEFAULT_RANGE, set];
}

/** IOPS, throughput and latency over one shared time axis; a gap is a time nothing is known of. */
export function IoCharts({ cluster, topic }: { cluster: string; topic: (minutes: number) => Topic<IoSeries> }) {
  const [minutes, setMinutes] = useMinutes();
  const { data, problem, retry } = useTopic(cluster, topic(minutes), { keep: true });
  return (
    <Card title="I/O over time" actions={<Ranges minutes={minutes} onChange={setMinutes} />}>
      {problem && <ErrorPanel problem={problem} onRetry={retry} />}
      {!data && !problem && <Skeleton lines={6} label="Loading the history" />}
      {data && data.at.length === 0 && (
        <p className="text-ink-2">Nothing measured yet. The first rates appear after two readings.</p>
      )}
      {data && data.at.length > 0 && (
        <>
          <div className="grid gap-4 lg:grid-cols-3">
            {CHARTS.map((c) => (
              <SeriesChart key={c.title} chart={c} series={data} minutes={minutes} />
            ))}
          </div>
          <LastMeasured series={data} />
          <p className="mt-2 text-[0.93rem] text-ink-2">
            One point every {durationText(data.stepSeconds)}. A gap means that nothing was measured, not that nothing
            happened.
          </p>
        </>
      )}
    </Card>
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
