import type { Metadata } from 'next';
import { segmentText } from '@/app/param';
import { VolumePage } from '@/components/volumes/page/VolumePage';

interface Props {
  params: Promise<{ cluster: string; uuid: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Volume ${segmentText((await params).uuid)}` };
}

export default async function Page({ params }: Props) {
  const { cluster, uuid } = await params;
  return <VolumePage cluster={cluster} id={segmentText(uuid)} />;
}
