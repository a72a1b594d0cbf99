import { PoolList } from '@/components/pools/PoolList';

export const metadata = { title: 'Pools' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <PoolList cluster={cluster} />;
}
