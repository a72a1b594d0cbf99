import { ClusterPermissions } from '@/contract/session';
import { answer, route } from '@/server/http/route';

export const dynamic = 'force-dynamic';

export const GET = route(
  { summary: 'What one may not do here, and why', permission: 'permissions:read', answer: ClusterPermissions },
  async ({ cluster, principal, runtime }) => {
    const { csrf: _, ...session } = runtime.auth.session(principal);
    const refused = await runtime.auth.refusals(principal, { authorizer: cluster.authorizer });
    return answer({ session, refused });
  },
);
