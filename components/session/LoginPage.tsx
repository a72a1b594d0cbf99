'use client';
import { Boxes } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { type ReactNode, Suspense } from 'react';
import { returnPath } from '@/contract/return-path';
import type { SignInPage, SignInReason } from '@/contract/session';
import { AnchorButton } from '../ui/Button';
import { LocalSignIn } from './LocalSignIn';

const REASONS: Record<SignInReason, string> = {
  ended: 'Your session has ended.',
  'signed-out': 'You have signed out.',
  used: 'This link was used before, or is too old.',
  provider: 'The identity provider cannot be reached now. Whoever is signed in already is not affected.',
  denied: 'The identity provider did not let you in, or you stopped there.',
  failed: 'The identity provider’s answer could not be trusted, so nobody was signed in. The console’s log says why.',
  groups: 'You are in more groups than can be kept, or the provider does not send them. Ask its administrator.',
  limit: 'Too many sign-ins in a short time. Wait a moment, then try again.',
};
const BAD = new Set<SignInReason>(['provider', 'failed', 'groups', 'denied', 'limit']);

/** Where everybody begins: why one is here, and the way in. */
export function LoginPage({ page }: { page: SignInPage }) {
  return (
    <main className="flex min-h-dvh items-center justify-center px-4 py-10">
      <div className="flex w-full max-w-md flex-col gap-5 rounded-lg border border-line bg-surface px-6 py-7">
        <p className="flex items-center gap-2 font-semibold">
          <Boxes aria-hidden size={18} className="text-accent" />
          Mayastor Console
        </p>
        <h1>Sign in</h1>
        {page.reason && (
          <p role="status" className={BAD.has(page.reason) ? 'font-medium text-bad' : 'text-ink-2'}>
            {REASONS[page.reason]}
          </p>
        )}
        <Suspense>
          <Way page={page} />
        </Suspense>
      </div>
    </main>
  );
}

function Way({ page }: { page: SignInPage }): ReactNode {
  const to = returnPath(useSearchParams().get('to'));
  switch (page.mode) {
    case 'local':
      return <LocalSignIn to={to} wasSignedIn={page.reason === 'signed-out' || page.reason === 'ended'} />;
    case 'oidc':
      return (
        <>
          <p className="text-ink-2">
            You are taken to <span className="font-medium text-ink">{page.provider}</span> and back.
          </p>
          <AnchorButton kind="primary" href={`/auth/login?to=${encodeURIComponent(to)}`}>
            Sign in with {page.provider}
          </AnchorButton>
        </>
      );
    case 'trusted-proxy':
      return (
        <>
          <p className="text-ink-2">
            The proxy in front of this console signs people in. It did not say who you are: open the console under the
            proxy’s address, or sign in there again.
          </p>
          <AnchorButton href={to}>Try again</AnchorButton>
        </>
      );
  }
}
