import { RebuildsPage } from '@/components/rebuilds/RebuildsPage';

export const metadata = { title: 'Rebuilds' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <RebuildsPage cluster={cluster} />;
}
