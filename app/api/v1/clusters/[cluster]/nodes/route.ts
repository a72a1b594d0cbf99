import { ListQuery } from '@/contract/list';
import { NodeWindow } from '@/contract/node';
import { listRoute } from '@/server/http/list-route';
import { nodes } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = listRoute(
  { summary: 'A window of the nodes', permission: 'nodes:list', query: ListQuery, answer: NodeWindow },
  nodes,
);
