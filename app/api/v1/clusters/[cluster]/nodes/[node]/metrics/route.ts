import { IoSeries, MetricsQuery } from '@/contract/io';
import { NodeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { nodeMetrics } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  {
    summary: 'IOPS, throughput and latency over the last minutes',
    permission: 'nodes:read',
    params: NodeParams,
    query: MetricsQuery,
    answer: IoSeries,
  },
  ({ cluster, params, query }) => nodeMetrics(cluster, params.node, query.minutes),
);
