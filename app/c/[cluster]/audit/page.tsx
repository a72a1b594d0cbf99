import { AuditPage } from '@/components/audit/AuditPage';

export const metadata = { title: 'Audit' };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const { cluster } = await params;
  return <AuditPage cluster={cluster} />;
}
