import { CreateVolume, PlacementPlan } from '@/contract/volume';
import { planVolume } from '@/server/advice/placement';
import { answer, route } from '@/server/http/route';

export const dynamic = 'force-dynamic';

export const POST = route(
  {
    summary: 'Where the copies of a volume would go; changes nothing',
    permission: 'volumes:list',
    body: CreateVolume,
    answer: PlacementPlan,
  },
  ({ cluster, body }) => answer(planVolume(cluster.collector.snapshot, body)),
);
