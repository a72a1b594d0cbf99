import * as z from 'zod';
import { IoRate } from './io';
import { windowOf } from './list';
import { ReplicaId, U64, VolumeId } from './scalars';
import { RowObserved } from './source';

/** `rebuilding`: in the target, and being written full. */
export const CopyStatus = z.enum(['online', 'degraded', 'faulted', 'rebuilding', 'unknown']);
export type CopyStatus = z.infer<typeof CopyStatus>;

/** One copy of a volume's data, wherever it lies. */
export const ReplicaRow = z.object({
  id: ReplicaId,
  /** Null: no volume names it (left behind by one that was deleted, or made by hand). */
  volume: z.object({ id: VolumeId, name: z.string() }).nullable(),
  pool: z.string().nullable(),
  node: z.string().nullable(),
  status: CopyStatus,
  /** Why, as a sentence; null when all is well. */
  statusReason: z.string().nullable(),
  sizeBytes: U64.nullable(),
  allocatedBytes: U64.nullable(),
  thin: z.boolean().nullable(),
  /** On the node of its volume's target. */
  local: z.boolean(),
  rebuildProgress: z.number().nullable(),
  io: IoRate.nullable(),
  observed: RowObserved,
});
export type ReplicaRow = z.infer<typeof ReplicaRow>;
export const ReplicaWindow = windowOf(ReplicaRow);
export type ReplicaWindow = z.infer<typeof ReplicaWindow>;
