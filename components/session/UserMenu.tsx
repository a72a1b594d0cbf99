'use client';
import { useMutation } from '@tanstack/react-query';
import { ChevronDown, LogOut } from 'lucide-react';
import type { SignedOut } from '@/contract/session';
import { TOKEN_STORAGE_KEY } from '@/contract/session-token';
import { request } from '../live/api';
import { Button } from '../ui/Button';
import { usePermissions } from './usePermissions';

async function signOut(everywhere: boolean): Promise<void> {
  const { location } = await request<SignedOut>('/auth/logout', {
    method: 'POST',
    body: JSON.stringify({ everywhere }),
    headers: { 'content-type': 'application/json' },
  });
  try {
    localStorage.removeItem(TOKEN_STORAGE_KEY);
  } catch {
    // Storage is blocked: nothing was kept.
  }
  window.location.assign(location);
}

/** Who is signed in, and the way out. */
export function UserMenu({ cluster }: { cluster: string }) {
  const session = usePermissions(cluster)?.session;
  const leave = useMutation({ mutationFn: signOut, retry: false });
  if (!session) return null;
  const { name, role } = session.user;
  return (
    <details
      className="relative"
      onBlur={(e) => {
        if (!e.currentTarget.contains(e.relatedTarget)) e.currentTarget.open = false;
      }}
      onKeyDown={(e) => {
        if (e.key !== 'Escape') return;
        e.currentTarget.open = false;
        e.currentTarget.querySelector('summary')?.focus();
      }}
    >
      <summary className="flex min-h-8 max-w-48 cursor-pointer list-none items-center gap-1 rounded-md px-2 text-ink-2 hover:bg-surface-2 hover:text-ink">
        <span className="truncate">{name}</span>
        {session.readOnly && <span className="text-[0.86rem] whitespace-nowrap">(read only)</span>}
        <ChevronDown aria-hidden size={14} className="shrink-0" />
      </summary>
      {/* Takes the focus of a click, so that one beside its buttons does not shut it. */}
      <div
        tabIndex={-1}
        className="absolute right-0 z-20 mt-1 flex w-64 flex-col gap-3 rounded-lg border border-line bg-surface px-4 py-3 shadow-lg outline-none"
      >
        <p className="break-words">
          <span className="font-medium">{name}</span>
          <span className="block text-ink-2">
            {role ? `Role: ${role}` : 'No role'}
            {session.readOnly ? '. This console changes nothing.' : ''}
          </span>
        </p>
        <Button onClick={() => leave.mutate(false)}>
          <LogOut aria-hidden size={15} />
          Sign out
        </Button>
        {session.mode !== 'trusted-proxy' && <Button onClick={() => leave.mutate(true)}>Sign out everywhere</Button>}
      </div>
    </details>
  );
}
