import { ListQuery } from '@/contract/list';
import { ReplicaWindow } from '@/contract/replica';
import { listRoute } from '@/server/http/list-route';
import { replicas } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = listRoute(
  {
    summary: 'A window of the copies of all volumes',
    permission: 'replicas:list',
    query: ListQuery,
    answer: ReplicaWindow,
  },
  replicas,
);
