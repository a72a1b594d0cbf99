import { ChangeAnswer } from '@/contract/operation';
import { ResizeVolume } from '@/contract/volume';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { resizeVolume } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const PUT = route(
  {
    summary: 'Grow a volume',
    permission: 'volumes:resize',
    params: VolumeParams,
    body: ResizeVolume,
    answer: ChangeAnswer,
    accepted: true,
    ifMatch: true,
  },
  (input) => resizeVolume(input, input.params.uuid, input.body),
);
