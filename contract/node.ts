import * as z from 'zod';
import { IoRate } from './io';
import { windowOf } from './list';
import { Capacity, PoolRow } from './pool';
import { CordonState, Instant, Labels, NexusStatus, NodeStatus, U64, VolumeId } from './scalars';
import { Observed, RowObserved, SourceState } from './source';

export const NodeRow = z.object({
  id: z.string(),
  status: NodeStatus,
  statusReason: z.string().nullable(),
  /** Since when the console has seen this status; null before the first change it saw. */
  since: Instant.nullable(),
  cordon: CordonState,
  cordonLabels: z.array(z.string()),
  drainLabels: z.array(z.string()),
  grpcEndpoint: z.string(),
  version: z.string().nullable(),
  labels: Labels,
  pools: z.int(),
  replicas: z.int(),
  targets: z.int(),
  rebuilds: z.int().nullable(),
  capacity: Capacity,
  io: IoRate.nullable(),
  /** The io-engine itself, as far as it answers the console. */
  engine: SourceState,
  observed: RowObserved,
});
export type NodeRow = z.infer<typeof NodeRow>;
export const NodeWindow = windowOf(NodeRow);
export type NodeWindow = z.infer<typeof NodeWindow>;

export const BlockDevice = z.object({
  devname: z.string(),
  devtype: z.string(),
  devlinks: z.array(z.string()),
  model: z.string(),
  sizeBytes: U64,
  /** False also when a pool of this cluster uses it, which io-engine itself does not say (behaviour facts, 2.1). */
  available: z.boolean(),
  usedBy: z.string().nullable(),
  connectionType: z.string().nullable(),
  rotational: z.boolean().nullable(),
  filesystem: z.string().nullable(),
  mountpoint: z.string().nullable(),
});
export type BlockDevice = z.infer<typeof BlockDevice>;
export const BlockDevices = z.object({ devices: z.array(BlockDevice), observed: Observed });
export type BlockDevices = z.infer<typeof BlockDevices>;

export const NodeTarget = z.object({
  volume: z.object({ id: VolumeId, name: z.string() }),
  status: NexusStatus,
  /** Null while the target cannot be read. */
  children: z.object({ healthy: z.int(), total: z.int() }).nullable(),
  io: IoRate.nullable(),
});

export const Node = z.object({
  row: NodeRow,
  nqn: z.string().nullable(),
  instanceUuid: z.string().nullable(),
  features: z.array(z.string()),
  pools: z.array(PoolRow),
  targets: z.array(NodeTarget),
  /** What would happen if this node went away now. */
  ifLost: z.object({
    degraded: z.array(z.object({ id: VolumeId, name: z.string() })),
    unavailable: z.array(z.object({ id: VolumeId, name: z.string() })),
    targetsToMove: z.int(),
  }),
  /** getrusage counters of the io-engine process since its start, as it reports them. */
  usage: z
    .object({
      softFaults: U64,
      hardFaults: U64,
      inBlockOps: U64,
      outBlockOps: U64,
      voluntarySwitches: U64,
      involuntarySwitches: U64,
      observed: Observed,
    })
    .nullable(),
  raw: z.object({ spec: z.unknown(), state: z.unknown() }),
  sources: z.array(SourceState),
});
export type Node = z.infer<typeof Node>;
