import * as z from 'zod';
import { IoRate, IoTotals } from './io';
import { windowOf } from './list';
import {
  CordonState,
  Labels,
  NodeStatus,
  PoolStatus,
  ReplicaId,
  ReplicaStatus,
  SpecStatus,
  U64,
  VolumeId,
} from './scalars';
import { RowObserved, SourceState } from './source';

/** The three numbers of capacity. `committed` may exceed `capacity` (thin). Null: not known, which is not 0. */
export const Capacity = z.object({
  capacityBytes: U64.nullable(),
  usedBytes: U64.nullable(),
  committedBytes: U64.nullable(),
});
export type Capacity = z.infer<typeof Capacity>;

export const PoolRow = z.object({
  id: z.string(),
  node: z.string(),
  nodeStatus: NodeStatus,
  status: PoolStatus,
  /** Why it is not plainly online, in words; null when there is nothing to say. */
  statusReason: z.string().nullable(),
  specStatus: SpecStatus.nullable(),
  disks: z.array(z.string()),
  capacity: Capacity,
  replicas: z.int(),
  /** Of those, children that are degraded or faulted in their volume's target. */
  unhealthyReplicas: z.int(),
  labels: Labels,
  io: IoRate.nullable(),
  observed: RowObserved,
});
export type PoolRow = z.infer<typeof PoolRow>;
export const PoolWindow = windowOf(PoolRow);
export type PoolWindow = z.infer<typeof PoolWindow>;

export const PoolReplica = z.object({
  id: ReplicaId,
  volume: z.object({ id: VolumeId, name: z.string() }).nullable(),
  status: ReplicaStatus,
  sizeBytes: U64,
  allocatedBytes: U64.nullable(),
  thin: z.boolean(),
  io: IoRate.nullable(),
});

export const Pool = z.object({
  row: PoolRow,
  /** Disks as given when it was made, and as the io-engine reports them: the texts differ (behaviour facts, 2.2). */
  specDisks: z.array(z.string()),
  stateDisks: z.array(z.string()),
  clusterSizeBytes: U64.nullable(),
  totals: IoTotals.nullable(),
  replicas: z.array(PoolReplica),
  /** Volumes whose last healthy copy is on this pool. */
  soleCopies: z.array(z.object({ id: VolumeId, name: z.string() })),
  cordon: CordonState,
  /** Spec and state as the console read them. */
  raw: z.object({ spec: z.unknown(), state: z.unknown() }),
  sources: z.array(SourceState),
});
export type Pool = z.infer<typeof Pool>;
