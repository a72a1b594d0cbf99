'use client';
import { useQuery } from '@tanstack/react-query';
import { topicUrl } from '@/contract/keys';
import type { Permission } from '@/contract/permission';
import type { ClusterPermissions } from '@/contract/session';
import { request } from '../live/api';

const FRESH_MS = 30_000;

/** Who is signed in and what they may not do in a cluster; undefined until it is known. */
export function usePermissions(cluster: string): ClusterPermissions | undefined {
  return useQuery({
    queryKey: ['permissions', cluster],
    queryFn: ({ signal }) => request<ClusterPermissions>(topicUrl(cluster, 'permissions'), { signal }),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS * 2,
  }).data;
}

/** Why whoever is signed in may not do something, for a button that stays visible. The server asks again in any case. */
export function useRefusal(cluster: string, permission: Permission): string | undefined {
  return usePermissions(cluster)?.refused[permission];
}
