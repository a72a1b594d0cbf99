import { Pool } from '@/contract/pool';
import { PoolParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { pool } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  { summary: 'A pool', permission: 'pools:read', params: PoolParams, answer: Pool },
  ({ cluster, params }) => pool(cluster, params.pool),
);
