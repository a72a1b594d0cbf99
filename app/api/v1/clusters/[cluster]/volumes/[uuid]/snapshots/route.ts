import { ChangeAnswer } from '@/contract/operation';
import { CreateSnapshot } from '@/contract/volume';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { createSnapshot } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const POST = route(
  {
    summary: 'Take a snapshot of a volume',
    permission: 'snapshots:create',
    params: VolumeParams,
    body: CreateSnapshot,
    answer: ChangeAnswer,
    accepted: true,
    idempotent: true,
  },
  (input) => createSnapshot(input, input.params.uuid, input.body),
);
