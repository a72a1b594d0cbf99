import { NodeList } from '@/components/nodes/NodeList';

export const metadata = { title: 'Nodes' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <NodeList cluster={cluster} />;
}
