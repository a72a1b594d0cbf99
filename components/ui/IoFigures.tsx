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
      <span>
        <Iops rate={io} /> IOPS
      </span>
      <span>
        <Throughput rate={io} />
      </span>
      <span>
        <Latency rate={io} /> latency
      </span>
    </>
  );
}
