import { ListQuery } from '@/contract/list';
import { RebuildsAnswer } from '@/contract/rebuild';
import { listRoute } from '@/server/http/list-route';
import { rebuilds } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = listRoute(
  {
    summary: 'Running rebuilds, and a window of the history',
    permission: 'rebuilds:list',
    query: ListQuery,
    answer: RebuildsAnswer,
  },
  rebuilds,
);
