'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { z } from 'zod';
import { topicKey, topicUrl } from '@/contract/keys';
import { Problem } from '@/contract/problem';
import { ApiError, request } from './api';
import { useConnection, useLiveState } from './LiveProvider';

export interface TopicState<T> {
  data: T | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  /** The data is of another window or filter, until the new one is here. */
  isPrevious: boolean;
  retry: () => void;
}

const POLL_MS = 5_000;
const Anything = z.unknown();
const Failed = z.object({ problem: Problem });

/**
 * The answer of a GET below the cluster, kept current: by the stream while it lives, by polling every 5 s while it does not.
 * `topic` comes from contract/keys.ts; `keep` shows the former answer while another topic loads (lists).
 */
export function useTopic<T extends z.ZodType>(
  cluster: string,
  topic: string,
  schema: T,
  options: { keep?: boolean } = {},
): TopicState<z.output<T>> {
  const connection = useConnection();
  const isLive = useLiveState().kind === 'live';
  useEffect(() => connection.watch(topic), [connection, topic]);
  const query = useQuery({
    queryKey: ['raw', ...topicKey(cluster, topic)],
    queryFn: ({ signal }) => request(topicUrl(cluster, topic), Anything, { signal }),
    refetchInterval: isLive ? false : POLL_MS,
    placeholderData: options.keep ? keepPreviousData : undefined,
  });
  // The stream says with a value that a topic has failed, for example that its object is gone.
  const parsed = useMemo(() => {
    if (query.data === undefined) return undefined;
    const failed = Failed.safeParse(query.data);
    if (failed.success) return { problem: failed.data.problem };
    const value = schema.safeParse(query.data);
    return value.success
      ? { value: value.data }
      : { problem: unexpected(value.error.issues[0]?.path.map(String).join('.') ?? '') };
  }, [query.data, schema]);
  const failure = query.error instanceof ApiError ? query.error.problem : undefined;
  return {
    data: parsed?.value,
    problem: parsed?.problem ?? (parsed?.value === undefined ? failure : undefined),
    isLoading: query.isPending,
    isPrevious: query.isPlaceholderData,
    retry: () => void query.refetch(),
  };
}

const unexpected = (at: string): Problem => ({
  type: 'about:blank',
  title: 'The answer has an unexpected form',
  status: 0,
  code: 'internal',
  detail: `The server’s answer differs from what this page knows${at ? ` (${at})` : ''}.`,
  nextStep: 'Reload the page: the console may have been upgraded.',
  requestId: 'none',
});
