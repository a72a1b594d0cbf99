import type { Overview } from '@/contract/overview';
import { durationText, latencyText, rateText, throughputText } from '../ui/format';
import { Sparkline } from '../ui/meters';
import { Iops, Latency, Throughput } from '../ui/values';

type Values = ReadonlyArray<number | null>;

/** Steps that the lines show, whether or not something is known of all of them. */
const STEPS = 180;

/** Two lines as one; where neither is known, nothing is. */
const both = (a: Values, b: Values, of: (a: number, b: number) => number): Array<number | null> =>
  a.map((x, i) => (x === null && (b[i] ?? null) === null ? null : of(x ?? 0, b[i] ?? 0)));
const plus = (a: number, b: number): number => a + b;

/** The cluster's I/O now, and the last minutes as lines over one time axis; gaps are gaps. */
export function ClusterIo({ io, series }: Pick<Overview, 'io' | 'series'>) {
  const at = series.at.map((t) => Date.parse(t));
  const to = at.at(-1) ?? 0;
  const from = to - STEPS * series.stepSeconds * 1000;
  const first = Math.max(
    0,
    at.findIndex((t) => t >= from),
  );
  // The newest figure is ahead of its series by a step, and counts for the highest.
  const now = io && {
    iops: io.readIops + io.writeIops,
    bytes: io.readBytesPerSecond + io.writeBytesPerSecond,
    latency: Math.max(io.readLatencyUs ?? 0, io.writeLatencyUs ?? 0),
  };
  const lines = [
    ['IOPS', <Iops key="i" rate={io} />, both(series.readIops, series.writeIops, plus), rateText, now?.iops],
    [
      'Throughput',
      <Throughput key="t" rate={io} />,
      both(series.readBytesPerSecond, series.writeBytesPerSecond, plus),
      throughputText,
      now?.bytes,
    ],
    [
      // The slower of the two, as the figure beside it.
      'Latency',
      <Latency key="l" rate={io} />,
      both(series.readLatencyUs, series.writeLatencyUs, Math.max),
      latencyText,
      now?.latency,
    ],
  ] as const;
  return (
    <dl className="flex flex-col gap-3">
      {lines.map(([term, value, all, format, newest]) => {
        const values = all.slice(first);
        const known = values.filter((v) => v !== null);
        return (
          <div key={term} className="tabular grid grid-cols-[1fr_auto] items-baseline gap-x-4">
            <dt className="text-ink-2">{term}</dt>
            <dd className="text-lg font-medium">{value}</dd>
            <dd className="col-span-2">
              <Sparkline
                at={at.slice(first)}
                values={values}
                from={from}
                to={to}
                label={`${term} over the last ${durationText((to - from) / 1000)}`}
              />
              <span className="text-[0.8rem] text-ink-2">
                {known.length > 0 &&
                  `last ${durationText((to - from) / 1000)}, highest ${format(Math.max(...known, newest ?? 0))}`}
              </span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
