import type { Metadata } from 'next';
import { segmentText } from '@/app/param';
import { NodePage } from '@/components/nodes/page/NodePage';

interface Props {
  params: Promise<{ cluster: string; node: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Node ${segmentText((await params).node)}` };
}

export default async function Page({ params }: Props) {
  const { cluster, node } = await params;
  return <NodePage cluster={cluster} id={segmentText(node)} />;
}
