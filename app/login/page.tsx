import { headers } from 'next/headers';
import { LoginPage } from '@/components/session/LoginPage';
import type { SignInPage } from '@/contract/session';

export const metadata = { title: 'Sign in' };

export default async function Page() {
  const facts = (await headers()).get('x-mc-page');
  // Our own server sets it for this page, and takes it away from what comes from outside.
  const page: SignInPage = facts
    ? JSON.parse(decodeURIComponent(facts))
    : { mode: 'local', provider: null, reason: null };
  return <LoginPage page={page} />;
}
