import { SnapshotList } from '@/components/snapshots/SnapshotList';

export const metadata = { title: 'Snapshots' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <SnapshotList cluster={cluster} />;
}
