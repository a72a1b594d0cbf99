'use client';
import type { Volume } from '@/contract/volume';
import { PermittedLink } from '../../session/PermittedLink';
import { AsOf } from '../../ui/AsOf';
import { StatusBadge } from '../../ui/Badge';
import { CopyButton } from '../../ui/CopyButton';
import { IoFigures } from '../../ui/IoFigures';
import { PageHeader } from '../../ui/PageHeader';
import { Age, Bytes } from '../../ui/values';
import { VolumeActions } from './VolumeActions';

/** Name, status with its reason, the figures that matter, and what can be done. */
export function VolumeHeader({ cluster, volume }: { cluster: string; volume: Volume }) {
  const { row } = volume;
  return (
    <PageHeader
      back={{ href: `/c/${cluster}/volumes`, text: 'Volumes' }}
      name={row.name}
      reason={row.statusReason}
      badges={
        <>
          <StatusBadge status={row.status} />
          {row.since && (
            <span className="text-ink-2">
              changed <Age at={row.since} />
            </span>
          )}
        </>
      }
      actions={
        <>
          <PermittedLink
            cluster={cluster}
            permission="volumes:scale"
            href={`/c/${cluster}/volumes/${row.id}/replicas`}
            prefetch={false}
          >
            Change replica count
          </PermittedLink>
          <VolumeActions cluster={cluster} volume={volume} />
        </>
      }
    >
      <p className="flex flex-wrap items-center gap-x-5 gap-y-1 text-ink-2">
        <span className="inline-flex items-center gap-1 break-all">
          {row.id}
          <CopyButton text={row.id} label="Copy the volume’s id" />
        </span>
        <span>
          <Bytes value={row.sizeBytes} /> {row.thin ? 'thin' : 'thick'}
        </span>
        <span>
          {row.replicas.healthy ?? 'unknown'} of {row.replicas.wanted} copies healthy
        </span>
        {row.published && <IoFigures io={row.io} />}
        <AsOf observed={row.observed} />
      </p>
    </PageHeader>
  );
}
