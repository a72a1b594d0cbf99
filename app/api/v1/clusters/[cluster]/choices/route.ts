import { Choices } from '@/contract/cluster';
import { route } from '@/server/http/route';
import { choices } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  { summary: 'What the wizards offer to choose from', permission: 'clusters:read', answer: Choices },
  ({ cluster }) => choices(cluster),
);
