import { ListQuery } from '@/contract/list';
import { ChangeAnswer } from '@/contract/operation';
import { CreateVolume, VolumeWindow } from '@/contract/volume';
import { listRoute } from '@/server/http/list-route';
import { route } from '@/server/http/route';
import { volumes } from '@/server/live/reads';
import { createVolume } from '@/server/operations/requests';

export const dynamic = 'force-dynamic';

export const GET = listRoute(
  { summary: 'A window of the volumes', permission: 'volumes:list', query: ListQuery, answer: VolumeWindow },
  volumes,
);

export const POST = route(
  {
    summary: 'Create a volume',
    permission: 'volumes:create',
    body: CreateVolume,
    answer: ChangeAnswer,
    accepted: true,
    idempotent: true,
  },
  (input) => createVolume(input, input.body),
);
