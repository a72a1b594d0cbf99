import { Node } from '@/contract/node';
import { NodeParams } from '@/server/http/params';
import { route } from '@/server/http/route';
import { node } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  { summary: 'A node', permission: 'nodes:read', params: NodeParams, answer: Node },
  ({ cluster, params }) => node(cluster, params.node),
);
