import { Overview } from '@/contract/overview';
import { route } from '@/server/http/route';
import { overview } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = route(
  { summary: 'Data safety, findings, capacity and load', permission: 'clusters:read', answer: Overview },
  ({ cluster }) => overview(cluster),
);
