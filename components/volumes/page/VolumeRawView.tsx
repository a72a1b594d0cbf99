'use client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { reads } from '@/contract/keys';
import { ApiError, read } from '../../live/api';
import { Button } from '../../ui/Button';
import { Card, Skeleton } from '../../ui/Card';
import { CodeBlock } from '../../ui/CopyButton';
import { ErrorPanel } from '../../ui/states';
import { Moment } from '../../ui/values';

/** All that agent-core and the io-engine said of the volume, read when it is opened. */
export function VolumeRawView({ cluster, id }: { cluster: string; id: string }) {
  const [open, setOpen] = useState(false);
  const raw = useQuery({
    queryKey: ['volume-raw', cluster, id],
    queryFn: ({ signal }) => read(cluster, reads.volumeRaw(id), signal),
    enabled: open,
    staleTime: 0,
  });
  return (
    <Card title="Raw view">
      <details onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary className="cursor-pointer text-ink-2">What agent-core and the io-engine say of it</summary>
        <div className="mt-2 flex flex-col gap-2">
          {raw.error instanceof ApiError && (
            <ErrorPanel problem={raw.error.problem} onRetry={() => void raw.refetch()} />
          )}
          {open && raw.isPending && <Skeleton lines={4} label="Reading" />}
          {raw.data && (
            <>
              <p className="flex items-center gap-3 text-ink-2">
                <span>
                  Read <Moment at={raw.data.observedAt} />
                </span>
                <Button onClick={() => void raw.refetch()}>Read again</Button>
              </p>
              <CodeBlock text={JSON.stringify(raw.data, null, 2)} label="raw view" />
            </>
          )}
        </div>
      </details>
    </Card>
  );
}
