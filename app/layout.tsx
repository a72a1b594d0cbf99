import './globals.css';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { QueryProvider } from '@/components/live/LiveProvider';
import { TOKEN_META } from '@/contract/session-token';

export const metadata: Metadata = {
  title: { template: '%s · Mayastor Console', default: 'Mayastor Console' },
  description: 'Pools, volumes, targets and rebuilds of OpenEBS Mayastor, live',
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page is rendered when asked for, because its policy has a nonce of its own. Our server sets these two.
  const asked = await headers();
  const nonce = /'nonce-([^']+)'/.exec(asked.get('content-security-policy') ?? '')?.[1];
  const token = asked.get('x-mc-session-token');
  return (
    // boot.js sets data-theme before the first paint.
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* Synchronous, because it must run before the first paint. */}
        <script src="/boot.js" nonce={nonce} suppressHydrationWarning />
        {token && <meta name={TOKEN_META} content={token} suppressHydrationWarning />}
      </head>
      <body>
        <QueryProvider>{children}</QueryProvider>
      </body>
    </html>
  );
}
