'use client';
import { Boxes, Camera, Copy, Database, HardDrive, LayoutDashboard, RefreshCw, ScrollText, Server } from 'lucide-react';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { topics } from '@/contract/keys';
import { LiveProvider } from '../live/LiveProvider';
import { useTopic } from '../live/useTopic';
import { UserMenu } from '../session/UserMenu';
import { PointedLink } from '../ui/PointedLink';
import { SourceBanner } from '../ui/states';
import { ConnectionState } from './ConnectionState';
import { Notice } from './Notice';
import { ThemeToggle } from './ThemeToggle';

const PAGES = [
  ['', 'Overview', LayoutDashboard],
  ['/volumes', 'Volumes', Database],
  ['/pools', 'Pools', HardDrive],
  ['/nodes', 'Nodes', Server],
  ['/replicas', 'Replicas', Copy],
  ['/rebuilds', 'Rebuilds', RefreshCw],
  ['/snapshots', 'Snapshots', Camera],
  ['/audit', 'Audit', ScrollText],
] as const;

/** Header, navigation and the live connection around every page of a cluster. */
export function Shell({ cluster, children }: { cluster: string; children: ReactNode }) {
  return (
    <LiveProvider cluster={cluster}>
      <Frame cluster={cluster}>{children}</Frame>
    </LiveProvider>
  );
}

function Frame({ cluster, children }: { cluster: string; children: ReactNode }) {
  const { problem } = useTopic(cluster, topics.summary());
  if (problem?.code === 'unknown_cluster') {
    return (
      <Notice title="No such cluster" link={{ href: '/', text: 'Go to the clusters' }}>
        <span role="alert">This console has no cluster of the name “{cluster}”.</span>
      </Notice>
    );
  }
  if (problem?.code === 'forbidden') {
    return (
      <Notice title="You may not see this cluster" link={{ href: '/', text: 'Go to the clusters' }}>
        <span role="alert">
          {problem.detail} {problem.nextStep}
        </span>
      </Notice>
    );
  }
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-10 focus:bg-surface focus:p-2">
        Skip to content
      </a>
      <div className="flex min-h-dvh flex-col">
        <Header cluster={cluster} />
        <main id="main" tabIndex={-1} className="mx-auto w-full max-w-[120rem] flex-1 px-4 py-5 outline-none lg:px-6">
          {children}
        </main>
      </div>
    </>
  );
}

function Header({ cluster }: { cluster: string }) {
  const path = usePathname();
  const base = `/c/${cluster}`;
  const summary = useTopic(cluster, topics.summary());
  const sources = summary.data?.sources ?? [];
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex w-full max-w-[120rem] flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 lg:px-6">
        <PointedLink href="/" className="flex items-center gap-2 font-semibold">
          <Boxes aria-hidden size={18} className="text-accent" />
          <span className="max-sm:sr-only">Mayastor Console</span>
        </PointedLink>
        <PointedLink
          href={base}
          className="min-w-0 flex-1 truncate rounded py-0.5 text-ink-2 hover:text-ink sm:border-l sm:border-line sm:pl-3"
        >
          {summary.data?.name ?? cluster}
        </PointedLink>
        <div className="ml-auto flex flex-wrap items-center justify-end gap-x-2">
          <ConnectionState isPartial={sources.some((s) => s.status === 'failing' || s.status === 'refused')} />
          <ThemeToggle />
          <UserMenu cluster={cluster} />
        </div>
        <nav aria-label="Main" className="order-last flex w-full gap-1 max-sm:grid max-sm:grid-cols-4">
          {PAGES.map(([href, name, Icon]) => {
            const current = href === '' ? path === base : path.startsWith(base + href);
            return (
              <PointedLink
                key={name}
                href={base + href}
                aria-current={current ? 'page' : undefined}
                className={`flex items-center justify-center gap-1.5 rounded-md px-2.5 py-1.5 whitespace-nowrap max-sm:px-0 max-sm:py-1 ${
                  current ? 'bg-surface-2 font-medium text-ink' : 'text-ink-2 hover:bg-surface-2 hover:text-ink'
                }`}
              >
                <Icon aria-hidden size={15} className="max-sm:hidden" />
                {name}
              </PointedLink>
            );
          })}
        </nav>
      </div>
      <div className="mx-auto w-full max-w-[120rem] px-4 pb-2 empty:hidden lg:px-6">
        <SourceBanner sources={sources} />
      </div>
    </header>
  );
}
