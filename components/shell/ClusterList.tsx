'use client';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import type { Clusters } from '@/contract/cluster';
import { ApiError, request } from '../live/api';
import { Badge } from '../ui/Badge';
import { Skeleton } from '../ui/Card';
import { statusTone } from '../ui/format';
import { ErrorPanel } from '../ui/states';
import { TextLink } from '../ui/TextLink';
import { Age } from '../ui/values';
import { Notice } from './Notice';

/** Whether a cluster's control plane answers. */
const ANSWERS = { ok: 'Answers', failing: 'Does not answer', waiting: 'Not asked yet', refused: 'Not asked' } as const;

/** The clusters of this console; with only one, straight to it. */
export function ClusterList() {
  const router = useRouter();
  const query = useQuery({
    queryKey: ['clusters'],
    queryFn: ({ signal }) => request<Clusters>('/api/v1/clusters', { signal }),
    refetchInterval: 5_000,
  });
  const clusters = query.data?.clusters;
  const only = clusters?.length === 1 ? clusters[0]?.id : undefined;
  useEffect(() => {
    if (only) router.replace(`/c/${only}`);
  }, [only, router]);
  if (clusters?.length === 0) {
    return (
      <Notice title="There is nothing here that you may see">
        <span role="alert">
          You are signed in, but nothing gives you a role in this console. Ask its administrator to give one of your
          groups a role.
        </span>
      </Notice>
    );
  }
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
            <TextLink href={`/c/${c.id}`} className="font-medium">
              {c.name}
            </TextLink>
            <span className="text-ink-2">{c.agentCore.endpoint}</span>
            <Badge tone={statusTone(c.agentCore.status)} title={c.agentCore.error?.message}>
              {ANSWERS[c.agentCore.status]}
            </Badge>
            {c.agentCore.status === 'failing' && (
              <span className="text-ink-2">
                {c.agentCore.lastOkAt ? (
                  <>
                    last answer <Age at={c.agentCore.lastOkAt} />
                  </>
                ) : (
                  'never since this console started'
                )}
              </span>
            )}
          </li>
        ))}
      </ul>
    </main>
  );
}
