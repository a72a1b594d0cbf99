'use client';
import { useEffect } from 'react';
import type { Volume } from '@/contract/volume';
import { OperationFollower } from '../../operations/OperationFollower';
import { RebuildCard } from '../../rebuilds/RebuildCard';
import { LinkButton } from '../../ui/Button';
import { Card } from '../../ui/Card';

/** The change and the rebuild that it causes, to the end. */
export function CountFollower({
  cluster,
  operationId,
  volume,
  back,
}: {
  cluster: string;
  operationId: string;
  volume: Volume;
  back: { href: string; text: string };
}) {
  useEffect(() => {
    window.history.replaceState(null, '', `?operation=${encodeURIComponent(operationId)}`);
  }, [operationId]);
  const running = volume.rebuilds.running;
  return (
    <Card title="The change">
      <OperationFollower cluster={cluster} id={operationId} />
      {running.length > 0 && (
        <div className="mt-4">
          <h3 className="mb-2">Rebuild</h3>
          <ul>
            {running.map((r) => (
              <RebuildCard key={r.id} cluster={cluster} rebuild={r} />
            ))}
          </ul>
        </div>
      )}
      <div className="mt-4 flex justify-end">
        <LinkButton kind="primary" href={back.href}>
          {back.text}
        </LinkButton>
      </div>
    </Card>
  );
}
