import { Operation } from '@/contract/operation';
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
    answer: Operation,
    accepted: true,
    ifMatch: true,
  },
  ({ cluster, params, body, ifMatch }) => resizeVolume(cluster, params.uuid, body, ifMatch),
);
