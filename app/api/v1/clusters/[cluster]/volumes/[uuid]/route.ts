import { ChangeAnswer } from '@/contract/operation';
import { DestroyVolume, Volume } from '@/contract/volume';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { volume } from '@/server/live/reads';
import { destroyVolume } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const GET = route(
  { summary: 'A volume', permission: 'volumes:read', params: VolumeParams, answer: Volume },
  ({ cluster, params }) => volume(cluster, params.uuid),
);

export const DELETE = route(
  {
    summary: 'Delete a volume',
    permission: 'volumes:delete',
    params: VolumeParams,
    body: DestroyVolume,
    answer: ChangeAnswer,
    accepted: true,
    ifMatch: true,
  },
  (input) => destroyVolume(input, input.params.uuid, input.body),
);
