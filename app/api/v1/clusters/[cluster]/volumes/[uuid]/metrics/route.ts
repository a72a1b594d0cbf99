import { IoSeries, MetricsQuery } from '@/contract/io';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { volumeMetrics } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  {
    summary: 'IOPS, throughput and latency over the last minutes',
    permission: 'volumes:read',
    params: VolumeParams,
    query: MetricsQuery,
    answer: IoSeries,
  },
  ({ cluster, params, query }) => volumeMetrics(cluster, params.uuid, query.minutes),
);
