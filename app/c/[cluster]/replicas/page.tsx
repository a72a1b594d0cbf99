import { ReplicaList } from '@/components/replicas/ReplicaList';

export const metadata = { title: 'Replicas' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <ReplicaList cluster={cluster} />;
}
