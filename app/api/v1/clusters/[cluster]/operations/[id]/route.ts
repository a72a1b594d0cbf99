import { Operation } from '@/contract/operation';
import { OperationParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { operation } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  {
    summary: 'A change that this console started',
    permission: 'operations:read',
    params: OperationParams,
    answer: Operation,
  },
  ({ cluster, params }) => operation(cluster, params.id),
);
