'use client';
import { useSearchParams } from 'next/navigation';
import { useEffect } from 'react';
import { topics } from '@/contract/keys';
import { useTopic } from '../../live/useTopic';
import { OperationView } from '../../operations/OperationFollower';
import { LinkButton } from '../../ui/Button';
import { Card, Skeleton } from '../../ui/Card';
import { ErrorPanel } from '../../ui/states';

/** The form that made an operation, as a new one: another key, or the console would answer with the operation that failed. */
function formOf(params: URLSearchParams): string {
  const query = new URLSearchParams(params);
  query.delete('operation');
  query.delete('key');
  query.delete('step');
  return query.toString();
}

const TITLES: Record<string, string> = { succeeded: 'Created', failed: 'Not created' };

/** The creation, to its end; the address names the operation, so that a reload goes on following it. */
export function CreationFollower({ cluster, operationId }: { cluster: string; operationId: string }) {
  const { data, problem, retry } = useTopic(cluster, topics.operation(operationId));
  const params = useSearchParams();
  useEffect(() => {
    // The form stays in the address, so that one that failed can be mended and sent again.
    const query = new URLSearchParams(window.location.search);
    query.set('operation', operationId);
    window.history.replaceState(null, '', `?${query}`);
  }, [operationId]);
  return (
    <Card title={TITLES[data?.state ?? 'running'] ?? 'Creating'}>
      {!data && problem && <ErrorPanel problem={problem} onRetry={retry} />}
      {!data && !problem && <Skeleton lines={3} label="Loading the operation" />}
      {data && <OperationView operation={data} />}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <LinkButton href={`/c/${cluster}/volumes`}>All volumes</LinkButton>
        {data?.state === 'failed' && (
          <LinkButton kind="primary" href={`/c/${cluster}/volumes/new?${formOf(params)}`}>
            Change it and try again
          </LinkButton>
        )}
        {data && data.state !== 'running' && <LinkButton href={`/c/${cluster}/volumes/new`}>Create another</LinkButton>}
        {data?.volume && data.state !== 'failed' && (
          <LinkButton kind="primary" href={`/c/${cluster}/volumes/${data.volume}`}>
            Go to the volume
          </LinkButton>
        )}
      </div>
    </Card>
  );
}
