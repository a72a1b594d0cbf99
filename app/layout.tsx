import './globals.css';
import type { Metadata, Viewport } from 'next';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { QueryProvider } from '@/components/live/LiveProvider';

export const metadata: Metadata = {
  title: { template: '%s · Mayastor Console', default: 'Mayastor Console' },
  description: 'Pools, volumes, targets and rebuilds of OpenEBS Mayastor, live',
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page is rendered when asked for: which clusters there are is known only then.
  await connection();
  return (
    // theme.js sets data-theme before the first paint.
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* Synchronous, because it must run before the first paint. */}
        <script src="/theme.js" />
      </head>
      <body>
        <QueryProvider>{children}</QueryProvider>
      </body>
    </html>
  );
}
