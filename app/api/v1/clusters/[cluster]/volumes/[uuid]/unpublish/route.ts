import { Operation } from '@/contract/operation';
import { UnpublishVolume } from '@/contract/volume';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { unpublishVolume } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const POST = route(
  {
    summary: 'Unpublish a volume',
    permission: 'volumes:publish',
    params: VolumeParams,
    body: UnpublishVolume,
    answer: Operation,
    accepted: true,
    ifMatch: true,
  },
  ({ cluster, params, body, ifMatch }) => unpublishVolume(cluster, params.uuid, body, ifMatch),
);
