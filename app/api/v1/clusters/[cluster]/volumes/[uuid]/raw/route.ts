import { VolumeRaw } from '@/contract/volume';
import { VolumeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { volumeRaw } from '@/server/operations/direct-reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  {
    summary: 'Everything upstream says of a volume',
    permission: 'volumes:read',
    params: VolumeParams,
    answer: VolumeRaw,
  },
  ({ cluster, params }) => volumeRaw(cluster, params.uuid),
);
