'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { Clusters } from '@/contract/cluster';
import { ApiError, request } from '../live/api';
import { StatusBadge } from '../ui/Badge';
import { Skeleton } from '../ui/Card';
import { ErrorPanel } from '../ui/states';

/** The clusters of this console; with only one, straight to it. */
export function ClusterList() {
  const router = useRouter();
  const query = useQuery({
    queryKey: ['clusters'],
    queryFn: ({ signal }) => request('/api/v1/clusters', Clusters, { signal }),
    refetchInterval: 5_000,
  });
  const clusters = query.data?.clusters;
  const only = clusters?.length === 1 ? clusters[0]?.id : undefined;
  useEffect(() => {
    if (only) router.replace(`/c/${only}`);
  }, [only, router]);
  return (
    <main className="mx-auto max-w-3xl px-4 py-10">
      <h1 className="mb-4">Clusters</h1>
      {query.error instanceof ApiError && (
        <ErrorPanel problem={query.error.problem} onRetry={() => void query.refetch()} />
      )}
      {!clusters && !query.error && <Skeleton lines={3} />}
      <ul className="flex flex-col gap-2">
        {clusters?.map((c) => (
          <li
            key={c.id}
            className="flex flex-wrap items-center gap-3 rounded-lg border border-line bg-surface px-4 py-3"
          >
            <Link href={`/c/${c.id}`} className="font-medium text-accent underline-offset-2 hover:underline">
              {c.name}
            </Link>
            <span className="text-ink-2">{c.agentCore.endpoint}</span>
            <StatusBadge status={c.agentCore.status} />
          </li>
        ))}
      </ul>
    </main>
  );
}
