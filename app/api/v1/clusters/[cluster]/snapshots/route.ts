import { ListQuery } from '@/contract/list';
import { SnapshotWindow } from '@/contract/snapshot';
import { listRoute } from '@/server/http/list-route';
import { snapshots } from '@/server/live/reads';

export const dynamic = 'force-dynamic';

export const GET = listRoute(
  { summary: 'A window of the snapshots', permission: 'snapshots:list', query: ListQuery, answer: SnapshotWindow },
  snapshots,
);
