import { ClusterSummary } from '@/contract/cluster';
import { route } from '@/server/http/route';
import { summary } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  { summary: 'The cluster and its sources', permission: 'clusters:read', answer: ClusterSummary },
  ({ cluster }) => summary(cluster),
);
