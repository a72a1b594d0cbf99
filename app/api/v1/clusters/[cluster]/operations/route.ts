import { Operations } from '@/contract/operation';
import { route } from '@/server/http/route';
import { operations } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  { summary: 'Changes that this console started, newest first', permission: 'operations:list', answer: Operations },
  ({ cluster }) => operations(cluster),
);
