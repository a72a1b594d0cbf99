import type { Overview } from '@/contract/overview';
import { Sparkline } from '../ui/meters';
import { Iops, Latency, Throughput } from '../ui/values';

const sum = (a: ReadonlyArray<number | null>, b: ReadonlyArray<number | null>): Array<number | null> =>
  a.map((x, i) => (x === null && (b[i] ?? null) === null ? null : (x ?? 0) + (b[i] ?? 0)));

/** The cluster's I/O now, and the last minutes as lines; gaps are gaps. */
export function ClusterIo({ io, series }: Pick<Overview, 'io' | 'series'>) {
  return (
    <dl className="flex flex-col gap-3">
      <Line term="IOPS" value={<Iops rate={io} />} values={sum(series.readIops, series.writeIops)} />
      <Line
        term="Throughput"
        value={<Throughput rate={io} />}
        values={sum(series.readBytesPerSecond, series.writeBytesPerSecond)}
      />
      <Line term="Latency" value={<Latency rate={io} />} values={series.writeLatencyUs} />
    </dl>
  );
}

function Line({ term, value, values }: { term: string; value: React.ReactNode; values: ReadonlyArray<number | null> }) {
  return (
    <div className="grid grid-cols-[1fr_auto] items-center gap-x-4">
      <dt className="text-ink-2">{term}</dt>
      <dd className="text-lg font-medium">{value}</dd>
      <dd className="col-span-2">
        <Sparkline values={values.slice(-180)} label={`${term} over the last minutes`} />
      </dd>
    </div>
  );
}
