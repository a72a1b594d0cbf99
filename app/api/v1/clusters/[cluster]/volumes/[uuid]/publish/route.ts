import { ChangeAnswer } from '@/contract/operation';
import { PublishVolume } from '@/contract/volume';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { publishVolume } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const POST = route(
  {
    summary: 'Publish a volume',
    permission: 'volumes:publish',
    params: VolumeParams,
    body: PublishVolume,
    answer: ChangeAnswer,
    accepted: true,
    ifMatch: true,
  },
  (input) => publishVolume(input, input.params.uuid, input.body),
);
