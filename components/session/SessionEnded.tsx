'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Session } from '@/contract/session';
import { request } from '../live/api';
import { AnchorButton } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { renewToken } from './token';

const LOOK_MS = 2_000;

/**
 * Says in place that the session has ended; what was typed behind it stays. It goes away by itself once somebody has signed
 * in again, in this browser, in whatever tab.
 */
export function SessionEnded({ onBack }: { onBack: () => void }) {
  const queries = useQueryClient();
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => request<Session>('/api/v1/session', { signal }),
    refetchInterval: LOOK_MS,
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
  const token = session.isError ? undefined : session.data?.csrf;
  useEffect(() => {
    if (token === undefined) return;
    renewToken(token);
    onBack();
    void queries.invalidateQueries();
  }, [token, onBack, queries]);
  const here = `${window.location.pathname}${window.location.search}`;
  return (
    <Dialog title="Your session has ended" onClose={onBack}>
      <div className="flex flex-col gap-4" role="alert">
        <p>
          Sign in again to go on. Nothing is lost: what this page shows stays as it was, and what you typed is still
          there when you sign in in another tab.
        </p>
        <div className="flex flex-wrap justify-end gap-2">
          <AnchorButton href="/login?reason=ended" target="_blank">
            Sign in in another tab
          </AnchorButton>
          <AnchorButton kind="primary" href={`/login?reason=ended&to=${encodeURIComponent(here)}`}>
            Sign in
          </AnchorButton>
        </div>
      </div>
    </Dialog>
  );
}
