import { OverviewPage } from '@/components/overview/OverviewPage';

export const metadata = { title: 'Overview' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <OverviewPage cluster={cluster} />;
}
