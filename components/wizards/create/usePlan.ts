'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { topicUrl } from '@/contract/keys';
import type { Problem } from '@/contract/problem';
import type { CreateVolume, PlacementPlan } from '@/contract/volume';
import { ApiError, change } from '../../live/api';

/** Typing pauses this long before the cluster is asked. */
const PAUSE_MS = 250;

export interface PlanState {
  data: PlacementPlan | undefined;
  problem: Problem | undefined;
  isOld: boolean;
}

/** Where the copies of a volume would go now; asked anew when the wish changes, and every 5 s because pools fill. */
export function usePlan(cluster: string, volume: CreateVolume | undefined): PlanState {
  const wish = volume && JSON.stringify(volume);
  const [asked, setAsked] = useState(wish);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wish), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wish]);
  const query = useQuery({
    queryKey: ['plan', cluster, asked],
    queryFn: () => change<PlacementPlan>('POST', topicUrl(cluster, 'volumes/plan'), JSON.parse(asked ?? '{}')),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });
  return {
    data: wish === undefined ? undefined : query.data,
    problem: query.error instanceof ApiError ? query.error.problem : undefined,
    isOld: asked !== wish || query.isPlaceholderData,
  };
}
