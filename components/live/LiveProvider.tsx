'use client';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { topicKey } from '@/contract/keys';
import type { Problem } from '@/contract/problem';
import { SessionEnded } from '../session/SessionEnded';
import { ApiError } from './api';
import { LiveConnection, type LiveState } from './connection';

const LiveContext = createContext<LiveConnection | undefined>(undefined);

const isPassing = ({ status, code }: Problem) => status === 0 || code === 'too_many_requests' || code === 'busy';

/** One query cache for the tab, and one place that notices when nobody is signed in any more. */
export function QueryProvider({ children }: { children: ReactNode }) {
  const [isEnded, setEnded] = useState(false);
  const [client] = useState(() => {
    const onError = (error: unknown) => {
      if (error instanceof ApiError && error.problem.code === 'unauthenticated') setEnded(true);
    };
    return new QueryClient({
      queryCache: new QueryCache({ onError }),
      mutationCache: new MutationCache({ onError }),
      defaultOptions: {
        queries: {
          staleTime: 2_000,
          refetchOnWindowFocus: false,
          // A refusal stays one; only a server that does not answer, or has no time now, is asked again after 1 s and 2 s.
          retry: (count, error) => count < 2 && error instanceof ApiError && isPassing(error.problem),
        },
      },
    });
  });
  const goOn = useCallback(() => setEnded(false), []);
  return (
    <QueryClientProvider client={client}>
      {children}
      {isEnded && <SessionEnded onBack={goOn} />}
    </QueryClientProvider>
  );
}

/** The event stream of one cluster; what it brings goes into the query cache under the topic's key. */
export function LiveProvider({ cluster, children }: { cluster: string; children: ReactNode }) {
  const queries = useQueryClient();
  const [connection] = useState(
    () =>
      new LiveConnection(cluster, (topic, value) => queries.setQueryData(['raw', ...topicKey(cluster, topic)], value)),
  );
  useEffect(() => {
    // A hidden tab costs nothing; it catches up when it is looked at.
    const follow = () => (document.hidden ? connection.stop() : connection.start());
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      connection.stop();
    };
  }, [connection]);
  return <LiveContext value={connection}>{children}</LiveContext>;
}

export function useConnection(): LiveConnection {
  const connection = use(LiveContext);
  if (!connection) throw new Error('useConnection needs a LiveProvider above it');
  return connection;
}

const IDLE: LiveState = { kind: 'idle' };

export function useLiveState(): LiveState {
  const connection = useConnection();
  return useSyncExternalStore(
    connection.subscribe,
    () => connection.state,
    () => IDLE,
  );
}
