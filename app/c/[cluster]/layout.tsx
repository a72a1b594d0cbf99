import type { ReactNode } from 'react';
import { Shell } from '@/components/shell/Shell';

export default async function ClusterLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ cluster: string }>;
}) {
  const { cluster } = await params;
  return <Shell cluster={cluster}>{children}</Shell>;
}
