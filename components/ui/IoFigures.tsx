import type { IoRate } from '@/contract/io';
import { Iops, Latency, Throughput, Unknown } from './values';

/** Rate of now in one line. */
export function IoFigures({ io }: { io: IoRate | null }) {
  if (!io)
    return (
      <span>
        I/O <Unknown />
      </span>
    );
  return (
    <>
      <span className="tabular">
        <Iops rate={io} /> IOPS
      </span>
      <span className="tabular">
        <Throughput rate={io} />
      </span>
      <span className="tabular">
        <Latency rate={io} /> latency
      </span>
    </>
  );
}
