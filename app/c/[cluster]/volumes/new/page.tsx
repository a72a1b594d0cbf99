import { CreateVolumeWizard } from '@/components/wizards/create/CreateVolumeWizard';

export const metadata = { title: 'Create volume' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <CreateVolumeWizard cluster={cluster} />;
}
