'use client';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Session, SignedIn } from '@/contract/session';
import { ApiError, request } from '../live/api';
import { Button } from '../ui/Button';
import { Skeleton } from '../ui/Card';
import { hasToken, keepToken } from './token';

const post = <T,>(url: string, body: unknown) =>
  request<T>(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

type State = { kind: 'working' } | { kind: 'no-link' } | { kind: 'refused'; detail: string } | { kind: 'no-storage' };

/** The link's secret stands behind the `#`, which no browser sends anywhere. */
function takeLinkToken(): string | undefined {
  const token = /^#t=([\w-]{43})$/.exec(window.location.hash)?.[1];
  if (window.location.hash) window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return token;
}

async function enter(token: string | undefined): Promise<State | undefined> {
  // With a session in this browser the link is not needed, and not used up.
  const isIn =
    hasToken() &&
    (await request<Session>('/api/v1/session').then(
      () => true,
      () => false,
    ));
  if (isIn) return undefined;
  if (token === undefined) return { kind: 'no-link' };
  try {
    const { csrf } = await post<SignedIn>('/auth/local', { token });
    return keepToken(csrf) ? undefined : { kind: 'no-storage' };
  } catch (error) {
    return { kind: 'refused', detail: error instanceof ApiError ? error.problem.detail : 'No answer came.' };
  }
}

/** Signs in with the link that the console has printed, or says how to get one. */
export function LocalSignIn({ to, wasSignedIn }: { to: string; wasSignedIn: boolean }) {
  const [state, setState] = useState<State>({ kind: 'working' });
  const isBegun = useRef(false);
  useEffect(() => {
    const begin = async () => {
      const next = await enter(takeLinkToken());
      if (next) setState(next);
      else window.location.replace(to);
    };
    if (!isBegun.current) void begin();
    isBegun.current = true;
    // A link that is pasted into this very page changes nothing but what stands behind the `#`.
    window.addEventListener('hashchange', begin);
    return () => window.removeEventListener('hashchange', begin);
  }, [to]);
  if (state.kind === 'working') return <Skeleton lines={3} label="Working" />;
  return (
    <>
      {state.kind === 'refused' && (
        <p role="alert" className="font-medium text-bad">
          {state.detail} Each link works once.
        </p>
      )}
      {state.kind === 'no-storage' && (
        <p role="alert" className="font-medium text-bad">
          This browser keeps no data of this page, so nobody can sign in here. Allow it, or use another browser.
        </p>
      )}
      {state.kind === 'no-link' && !wasSignedIn && (
        <p className="text-ink-2">
          This console is for one person on this machine. It is opened by a link that works once.
        </p>
      )}
      <div className="flex flex-col gap-2">
        <h2>Get a link</h2>
        <p>
          Go to the terminal where the console runs, press <kbd className="font-semibold">Enter</kbd>, and open the link
          that it prints.
        </p>
      </div>
      <PrintLink />
    </>
  );
}

/** For a console whose terminal is out of reach of a keyboard: its output shows the link all the same. */
function PrintLink() {
  const print = useMutation({ mutationFn: () => post<{ printed: boolean }>('/auth/link', {}), retry: false });
  return (
    <div className="flex flex-col gap-2">
      <div>
        <Button refusal={print.isPending ? 'it is being asked' : undefined} onClick={() => print.mutate()}>
          Print a link in the terminal
        </Button>
      </div>
      <p role="status" className="text-ink-2">
        {print.isSuccess && 'It stands in the output of the console now, and works for 15 minutes.'}
        {print.error instanceof ApiError && print.error.problem.detail}
      </p>
    </div>
  );
}
