'use client';
import { useQuery } from '@tanstack/react-query';
import { topicUrl } from '@/contract/keys';
import type { DryRun } from '@/contract/operation';
import type { Problem } from '@/contract/problem';
import { ApiError, change } from '../live/api';
import type { Change } from './useChange';

/** What a change would take away, asked of the server, which does nothing; asked again when `wish` is another. */
export function useDryRun(
  cluster: string,
  c: Change,
  wish: { isWanted: boolean; body: Record<string, unknown> },
): { data: DryRun | undefined; problem: Problem | undefined; again: () => unknown } {
  const query = useQuery({
    queryKey: ['dry-run', cluster, c.method, c.path, c.ifMatch, wish.body],
    queryFn: () =>
      change<DryRun>(c.method, `${topicUrl(cluster, c.path)}?dryRun=true`, wish.body, { ifMatch: c.ifMatch }),
    enabled: wish.isWanted,
    staleTime: 0,
    gcTime: 0,
  });
  return {
    data: query.data,
    problem: query.error instanceof ApiError ? query.error.problem : undefined,
    again: query.refetch,
  };
}
