import { Session } from '@/contract/session';
import { answer, globalRoute } from '@/server/http/route';

export const dynamic = 'force-dynamic';

export const GET = globalRoute(
  { summary: 'Who is signed in', permission: 'session:read', answer: Session },
  ({ runtime, principal }) => answer(runtime.auth.session(principal)),
);
