import { IoSeries, MetricsQuery } from '@/contract/io';
import { PoolParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { poolMetrics } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  {
    summary: 'IOPS, throughput and latency over the last minutes',
    permission: 'pools:read',
    params: PoolParams,
    query: MetricsQuery,
    answer: IoSeries,
  },
  ({ cluster, params, query }) => poolMetrics(cluster, params.pool, query.minutes),
);
