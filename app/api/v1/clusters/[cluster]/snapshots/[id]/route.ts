import { Operation } from '@/contract/operation';
import { SnapshotParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { destroySnapshot } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const DELETE = route(
  {
    summary: 'Delete a snapshot',
    permission: 'snapshots:delete',
    params: SnapshotParams,
    answer: Operation,
    accepted: true,
  },
  ({ cluster, params }) => destroySnapshot(cluster, params.id),
);
