'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Topic, topicKey } from '@/contract/keys';
import type { Problem } from '@/contract/problem';
import { ApiError, read } from './api';
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

/** The stream says with a value that a topic has failed, for example that its object is gone. */
export interface FailedTopic {
  problem: Problem;
}

/** Nothing but a problem: an operation, too, has a field of that name. */
const isFailed = (value: unknown): value is FailedTopic =>
  typeof value === 'object' && value !== null && 'problem' in value && Object.keys(value).length === 1;

/**
 * The answer of a GET below the cluster, kept current: by the stream while it lives, by polling every 5 s while it does not.
 * `topic` comes from contract/keys.ts; `keep` shows the former answer while another topic loads (lists).
 */
export function useTopic<T>(cluster: string, topic: Topic<T>, options: { keep?: boolean } = {}): TopicState<T> {
  const connection = useConnection();
  // Only a stream that is lost is stood in for: not one that is paused, or is just opening.
  const isOffline = useLiveState().kind === 'offline';
  useEffect(() => connection.watch(topic), [connection, topic]);
  const query = useQuery<T | FailedTopic>({
    queryKey: ['raw', ...topicKey(cluster, topic)],
    // The stream's values are those that a GET answers.
    queryFn: ({ signal }) => connection.newest(topic, () => read(cluster, topic, signal)) as Promise<T | FailedTopic>,
    refetchInterval: isOffline ? POLL_MS : false,
    placeholderData: options.keep ? keepPreviousData : undefined,
  });
  const failed = isFailed(query.data) ? query.data.problem : undefined;
  const data = query.data === undefined || isFailed(query.data) ? undefined : query.data;
  const failure = query.error instanceof ApiError ? query.error.problem : undefined;
  return {
    data,
    problem: failed ?? (data === undefined ? failure : undefined),
    isLoading: query.isPending,
    isPrevious: query.isPlaceholderData,
    retry: () => void query.refetch(),
  };
}
