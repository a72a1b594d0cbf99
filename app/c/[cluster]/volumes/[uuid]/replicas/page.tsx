import { segmentText } from '@/app/param';
import { ReplicaCountWizard } from '@/components/wizards/replicas/ReplicaCountWizard';

export const metadata = { title: 'Change replica count' };

export default async function Page({ params }: { params: Promise<{ cluster: string; uuid: string }> }) {
  const { cluster, uuid } = await params;
  return <ReplicaCountWizard cluster={cluster} id={segmentText(uuid)} />;
}
