import { Clusters } from '@/contract/cluster';
import { answer, globalRoute } from '@/server/http/route';
import { summaryView } from '@/server/views/choices';

export const dynamic = 'force-dynamic';

export const GET = globalRoute(
  { summary: 'The configured clusters', permission: 'clusters:list', answer: Clusters },
  ({ runtime }) =>
    answer({
      clusters: [...runtime.clusters.values()].map((c) => summaryView(c.collector.snapshot, c.agentCore.endpoint)),
      version: runtime.version,
    }),
);
