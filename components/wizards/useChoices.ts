'use client';
import { useQuery } from '@tanstack/react-query';
import { reads } from '@/contract/keys';
import { read } from '../live/api';

/** Nodes, pools and groups that a form offers. */
export const useChoices = (cluster: string) =>
  useQuery({
    queryKey: ['choices', cluster],
    queryFn: ({ signal }) => read(cluster, reads.choices(), signal),
  });
