import { ListQuery } from '@/contract/list';
import { PoolWindow } from '@/contract/pool';
import { listRoute } from '@/server/http/list-route';
import { pools } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = listRoute(
  { summary: 'A window of the pools', permission: 'pools:list', query: ListQuery, answer: PoolWindow },
  pools,
);
