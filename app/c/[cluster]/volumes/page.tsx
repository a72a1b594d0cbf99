import { VolumeList } from '@/components/volumes/VolumeList';

export const metadata = { title: 'Volumes' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <VolumeList cluster={cluster} />;
}
