import './globals.css';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { QueryProvider } from '@/components/live/LiveProvider';
import { PAGE } from '@/components/ui/list-window';
import { FIRST_ORDERS } from '@/contract/lists';
import { TOKEN_HEADER, TOKEN_META, TOKEN_STORAGE_KEY } from '@/contract/session-token';

export const metadata: Metadata = {
  title: { template: '%s · Mayastor Console', default: 'Mayastor Console' },
  description: 'Pools, volumes, targets and rebuilds of OpenEBS Mayastor, live',
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

/** What first.js must know to ask what the pages ask. */
const FIRST_FACTS = JSON.stringify({
  lists: FIRST_ORDERS,
  limit: String(PAGE),
  header: TOKEN_HEADER,
  storageKey: TOKEN_STORAGE_KEY,
  meta: TOKEN_META,
});

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page is rendered when asked for, because its policy has a nonce of its own. Our server sets these two.
  const asked = await headers();
  const nonce = /'nonce-([^']+)'/.exec(asked.get('content-security-policy') ?? '')?.[1];
  const token = asked.get('x-mc-session-token');
  return (
    // boot.js sets data-theme before the first paint.
    <html lang="en" suppressHydrationWarning>
      <head>
        {token && <meta name={TOKEN_META} content={token} suppressHydrationWarning />}
        <script
          src="/first.js"
          async
          fetchPriority="high"
          nonce={nonce}
          data-facts={FIRST_FACTS}
          suppressHydrationWarning
        />
        {/* Synchronous, because it must run before the first paint. */}
        <script src="/boot.js" nonce={nonce} suppressHydrationWarning />
      </head>
      <body>
        <QueryProvider>{children}</QueryProvider>
      </body>
    </html>
  );
}
