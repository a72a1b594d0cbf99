import { ClusterList } from '@/components/shell/ClusterList';

export default function Home() {
  return <ClusterList />;
}
