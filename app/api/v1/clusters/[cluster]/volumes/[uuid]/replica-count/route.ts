import { ChangeAnswer } from '@/contract/operation';
import { ReplicaCountPlan, ReplicaCountQuery, SetReplicaCount } from '@/contract/volume';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { planCount, setReplicaCount } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const GET = route(
  {
    summary: 'What another number of copies would do; changes nothing',
    permission: 'volumes:read',
    params: VolumeParams,
    query: ReplicaCountQuery,
    answer: ReplicaCountPlan,
  },
  ({ cluster, params, query }) => planCount(cluster, params.uuid, query.to),
);

export const PUT = route(
  {
    summary: 'Change the number of copies, one at a time',
    permission: 'volumes:scale',
    params: VolumeParams,
    body: SetReplicaCount,
    answer: ChangeAnswer,
    accepted: true,
    ifMatch: true,
  },
  (input) => setReplicaCount(input, input.params.uuid, input.body),
);
