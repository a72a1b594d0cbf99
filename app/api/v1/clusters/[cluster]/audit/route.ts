import { AuditQuery, AuditWindow } from '@/contract/audit';
import { answer, route } from '@/server/http/route';

export const dynamic = 'force-dynamic';

export const GET = route(
  {
    summary: 'Who did what here, and what happened to sessions, newest first',
    permission: 'audit:list',
    query: AuditQuery,
    answer: AuditWindow,
  },
  ({ cluster, query, runtime }) => answer(runtime.audit.window(cluster.id, query.q, query.limit)),
);
