import { Clusters } from '@/contract/cluster';
import { answer, globalRoute } from '@/server/http/route';
import { readableClusters } from '@/server/live/reads';
import { summaryView } from '@/server/views/choices';

export const dynamic = 'force-dynamic';

export const GET = globalRoute(
  { summary: 'The configured clusters that one may see', permission: 'clusters:list', answer: Clusters },
  async ({ runtime, principal }) => {
    const clusters = await readableClusters(runtime, principal);
    return answer({
      clusters: clusters.map((c) => summaryView(c.collector.snapshot, c.agentCore.endpoint)),
      version: runtime.version,
    });
  },
);
