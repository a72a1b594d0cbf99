import { z } from 'zod';
import { answer, globalRoute } from '@/server/http/route';

export const dynamic = 'force-dynamic';

export const POST = globalRoute(
  {
    summary: 'End everybody’s sessions, also one’s own',
    permission: 'sessions:end',
    body: z.strictObject({}),
    answer: z.object({ ended: z.boolean() }),
  },
  async ({ runtime }) => {
    await runtime.auth.endAll();
    return answer({ ended: true });
  },
);
