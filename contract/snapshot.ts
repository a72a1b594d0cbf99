import * as z from 'zod';
import { windowOf } from './list';
import { Instant, SnapshotId, SpecStatus, U64, VolumeId } from './scalars';
import { RowObserved } from './source';

export const Snapshot = z.object({
  id: SnapshotId,
  sourceVolume: z.object({ id: VolumeId, name: z.string(), exists: z.boolean() }),
  specStatus: SpecStatus,
  createdAt: Instant.nullable(),
  sizeBytes: U64,
  /** Size a restored volume must have. */
  specSizeBytes: U64,
  allocatedBytes: U64.nullable(),
  totalAllocatedBytes: U64.nullable(),
  restores: z.int(),
  replicas: z.array(z.object({ id: z.string(), pool: z.string().nullable(), status: z.enum(['online', 'offline']) })),
  /** Sent as If-Match when it is deleted. */
  etag: z.string(),
  observed: RowObserved,
});
export type Snapshot = z.infer<typeof Snapshot>;
export const SnapshotWindow = windowOf(Snapshot);
export type SnapshotWindow = z.infer<typeof SnapshotWindow>;
