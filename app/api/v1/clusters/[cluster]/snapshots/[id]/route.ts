import { ChangeAnswer } from '@/contract/operation';
import { DestroySnapshot } from '@/contract/volume';
import { SnapshotParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { destroySnapshot } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const DELETE = route(
  {
    summary: 'Delete a snapshot',
    permission: 'snapshots:delete',
    params: SnapshotParams,
    body: DestroySnapshot,
    answer: ChangeAnswer,
    accepted: true,
    ifMatch: true,
  },
  (input) => destroySnapshot(input, input.params.id, input.body),
);
