import type { Snapshot } from '@/contract/snapshot';

/** Where a snapshot stands on its volume's page. */
export const snapshotAnchor = (id: string): string => `snapshot-${id.slice(0, 8)}`;

/** A snapshot's place on the page of its volume; undefined when the volume is gone. */
export const snapshotHref = (cluster: string, s: Pick<Snapshot, 'id' | 'sourceVolume'>): string | undefined =>
  s.sourceVolume.exists ? `/c/${cluster}/volumes/${s.sourceVolume.id}#${snapshotAnchor(s.id)}` : undefined;
