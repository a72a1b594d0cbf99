import { ChangeAnswer } from '@/contract/operation';
import { UnpublishVolume } from '@/contract/volume';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { unpublishVolume } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const POST = route(
  {
    summary: 'Unpublish a volume',
    permission: 'volumes:unpublish',
    params: VolumeParams,
    body: UnpublishVolume,
    answer: ChangeAnswer,
    accepted: true,
    ifMatch: true,
  },
  (input) => unpublishVolume(input, input.params.uuid, input.body),
);
