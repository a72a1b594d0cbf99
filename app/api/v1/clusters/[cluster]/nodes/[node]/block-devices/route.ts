import { z } from 'zod';
import { BlockDevices } from '@/contract/node';
import { NodeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { blockDevices } from '@/server/operations/direct-reads';

export const dynamic = 'force-dynamic';

const Query = z.strictObject({ all: z.enum(['true', 'false']).default('true') });

export const GET = route(
  {
    summary: 'Disks of a node, asked now',
    permission: 'blockdevices:list',
    params: NodeParams,
    query: Query,
    answer: BlockDevices,
  },
  ({ cluster, params, query }) => blockDevices(cluster, params.node, query.all === 'true'),
);
