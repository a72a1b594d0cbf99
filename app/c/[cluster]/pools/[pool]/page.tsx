import type { Metadata } from 'next';
import { segmentText } from '@/app/param';
import { PoolPage } from '@/components/pools/page/PoolPage';

interface Props {
  params: Promise<{ cluster: string; pool: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Pool ${segmentText((await params).pool)}` };
}

export default async function Page({ params }: Props) {
  const { cluster, pool } = await params;
  return <PoolPage cluster={cluster} id={segmentText(pool)} />;
}
