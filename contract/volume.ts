import * as z from 'zod';
import { IoRate, IoTotals } from './io';
import { windowOf } from './list';
import { Rebuild } from './rebuild';
import {
  ChildReason,
  ChildState,
  Instant,
  Labels,
  Name,
  NexusId,
  NexusStatus,
  NodeStatus,
  PoolStatus,
  ReplicaId,
  ReplicaStatus,
  SnapshotId,
  SpecStatus,
  U64,
  VolumeId,
  VolumeStatus,
} from './scalars';
import { Snapshot } from './snapshot';
import { Observed, RowObserved, SourceState } from './source';

/** Whether an action may be done now, and if not, why, in words for the disabled button. */
export const Capability = z.union([
  z.object({ allowed: z.literal(true) }),
  z.object({
    allowed: z.literal(false),
    reason: z.string(),
    /** Only with `force`, and only for whoever holds the permission `volumes:force`. */
    needsForce: z.literal(true).optional(),
  }),
]);
export type Capability = z.infer<typeof Capability>;

export const VolumeRow = z.object({
  id: VolumeId,
  /** PVC name, else the `name` label, else the id. */
  name: z.string(),
  pvc: z.object({ namespace: z.string(), name: z.string() }).nullable(),
  status: VolumeStatus,
  /** "lost the copy on io-2: I/O failure"; null when all is well. */
  statusReason: z.string().nullable(),
  since: Instant.nullable(),
  specStatus: SpecStatus,
  sizeBytes: U64,
  /** Largest replica plus snapshots, as agent-core reports it; null when not known. */
  allocatedBytes: U64.nullable(),
  thin: z.boolean(),
  replicas: z.object({ wanted: z.int(), healthy: z.int().nullable(), present: z.int() }),
  published: z.boolean(),
  targetNode: z.string().nullable(),
  io: IoRate.nullable(),
  rebuild: z.object({ count: z.int(), progress: z.number().nullable(), secondsLeft: z.number().nullable() }).nullable(),
  snapshots: z.int(),
  labels: Labels,
  observed: RowObserved,
});
export type VolumeRow = z.infer<typeof VolumeRow>;
export const VolumeWindow = windowOf(VolumeRow);
export type VolumeWindow = z.infer<typeof VolumeWindow>;

/** One replica with its child, pool, disk and node: a lane of the I/O path. */
export const VolumeReplica = z.object({
  id: ReplicaId,
  uri: z.string().nullable(),
  status: ReplicaStatus,
  pool: z.object({ id: z.string(), status: PoolStatus, disks: z.array(z.string()) }).nullable(),
  node: z.object({ id: z.string(), status: NodeStatus }).nullable(),
  /** Same node as the target: reached without the network. */
  local: z.boolean(),
  /** The nexus child; null when the replica is not (or no longer) part of a target. */
  child: z
    .object({
      uri: z.string(),
      state: ChildState,
      reason: ChildReason,
      faultedAt: Instant.nullable(),
      /** Changes are logged, so a partial rebuild is possible. Null: not known. */
      hasIoLog: z.boolean().nullable(),
      rebuildProgress: z.number().nullable(),
      observed: Observed,
    })
    .nullable(),
  /** The state in words, with the reason, for people. */
  sentence: z.string(),
  sizeBytes: U64.nullable(),
  allocatedBytes: U64.nullable(),
  allocatedSnapshotBytes: U64.nullable(),
  io: IoRate.nullable(),
  poolIo: IoRate.nullable(),
  /** All replicas of the node together. */
  nodeIo: IoRate.nullable(),
  observed: Observed,
});
export type VolumeReplica = z.infer<typeof VolumeReplica>;

export const VolumeTarget = z.object({
  nexus: NexusId,
  node: z.string(),
  nodeStatus: NodeStatus,
  status: NexusStatus,
  deviceUri: z.string().nullable(),
  sizeBytes: U64,
  rebuilds: z.int(),
  /** App nodes that may connect; empty: any. */
  frontendNodes: z.array(z.object({ name: z.string(), nqn: z.string() })),
  io: IoRate.nullable(),
  totals: IoTotals.nullable(),
  observed: Observed,
});

export const Topology = z.object({
  node: z
    .union([
      z.object({ kind: z.literal('explicit'), allowed: z.array(z.string()), preferred: z.array(z.string()) }),
      z.object({ kind: z.literal('labelled'), inclusion: Labels, exclusion: Labels }),
    ])
    .nullable(),
  pool: z.object({ inclusion: Labels, exclusion: Labels }).nullable(),
});
export type Topology = z.infer<typeof Topology>;

/** Where spec and state differ: both, who reconciles, and since when the console sees it. */
export const SpecDifference = z.object({
  what: z.string(),
  spec: z.string(),
  state: z.string(),
  reconciler: z.string(),
  since: Instant.nullable(),
});

export const VolumeActions = z.object({
  publish: Capability,
  unpublish: Capability,
  increaseReplicas: Capability,
  decreaseReplicas: Capability,
  resize: Capability,
  createSnapshot: Capability,
  destroy: Capability,
});

export const Volume = z.object({
  row: VolumeRow,
  selfHeal: z.boolean(),
  asThin: z.boolean(),
  affinityGroup: z.string().nullable(),
  maxSnapshots: z.int().nullable(),
  contentSource: z.object({ snapshot: z.string(), volume: z.string() }).nullable(),
  topology: Topology,
  usage: z
    .object({
      capacityBytes: U64,
      allocatedBytes: U64,
      totalAllocatedBytes: U64,
      allocatedSnapshotBytes: U64,
      totalAllocatedSnapshotBytes: U64,
    })
    .nullable(),
  /** Node names where applications use the volume, when known. */
  appNodes: z.array(z.string()),
  target: VolumeTarget.nullable(),
  /** In spec but its node does not answer. */
  targetUnknown: z.boolean(),
  replicas: z.array(VolumeReplica),
  rebuilds: z.object({ running: z.array(Rebuild), past: z.array(Rebuild) }),
  snapshots: z.array(Snapshot),
  differences: z.array(SpecDifference),
  actions: VolumeActions,
  /** Hash over the spec fields shown; sent as If-Match with changes. */
  etag: z.string(),
  sources: z.array(SourceState),
});
export type Volume = z.infer<typeof Volume>;

/** Everything upstream said of a volume, for the raw view; 64-bit values as digits. */
export const VolumeRaw = z.object({
  agentCore: z.unknown(),
  ioEngine: z.unknown(),
  stats: z.unknown(),
  rebuildStats: z.unknown(),
  observedAt: Instant.nullable(),
});
export type VolumeRaw = z.infer<typeof VolumeRaw>;

const LabelKey = z
  .string()
  .regex(
    /^([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?\/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?$/,
    'letters, digits, - _ . and one prefix/ ; starts and ends with a letter or digit',
  )
  .refine((k) => (k.split('/').pop() ?? '').length <= 63, 'at most 63 characters after the prefix')
  .refine((k) => k.split('/').length === 1 || k.indexOf('/') <= 253, 'at most 253 characters in the prefix')
  .refine((k) => !k.split('/').slice(0, -1).join('').includes('..'), 'a domain name as prefix')
  .refine((k) => !['__proto__', 'constructor', 'prototype'].includes(k), 'a reserved name');
const LabelValue = z
  .string()
  .max(63, 'at most 63 characters')
  .regex(
    /^([a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?)?$/,
    'letters, digits, - _ . ; starts and ends with a letter or digit',
  );
export const InputLabels = z
  .record(LabelKey, LabelValue)
  .refine((l) => Object.keys(l).length <= 64, 'at most 64 labels');

/** By these the console knows that a volume belongs to a PersistentVolumeClaim. */
const CLAIM_LABELS = ['csi.storage.k8s.io/pvc/name', 'csi.storage.k8s.io/pvc/namespace', 'pvc-name', 'pvc-namespace'];

/** More than any pool has, so that arithmetic stays far from the end of 64 bits. */
const VolumeSize = U64.refine((s) => BigInt(s) >= 1n << 20n, 'at least 1 MiB').refine(
  (s) => BigInt(s) <= 1n << 60n,
  'at most 1 EiB',
);

/** Replicas a volume may ask for: u8 on the wire, and one per node in practice. */
export const ReplicaCount = z.int().min(1, 'at least 1 replica').max(255, 'at most 255 replicas');

export const CreateVolume = z.strictObject({
  /** Chosen by the caller, so that a repeat is the same volume; generated when absent. */
  id: VolumeId.optional(),
  /** Kept as the label `name`. */
  name: z
    .string()
    .min(1, 'a name, or leave the field out')
    .max(63, 'at most 63 characters, because it is kept as a label')
    .regex(
      /^[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?$/,
      'letters, digits, - _ . ; starts and ends with a letter or digit',
    )
    .optional(),
  sizeBytes: VolumeSize,
  thin: z.boolean(),
  replicas: ReplicaCount,
  labels: InputLabels.refine(
    (l) => !Object.keys(l).some((k) => CLAIM_LABELS.includes(k)),
    'labels by which a volume is a claim’s are for Kubernetes to set: the console would not delete it',
  ).default({}),
  selfHeal: z.boolean().default(true),
  affinityGroup: Name.optional(),
  maxSnapshots: z.int().min(0).max(4_294_967_295).optional(),
  /** Node label keys and values that must match; an empty value asks for the key only. */
  nodeInclusion: InputLabels.default({}),
  /** Node label keys whose values must differ between replicas (spread). */
  nodeSpread: z.array(LabelKey).max(8).default([]),
  allowedNodes: z.array(Name).max(256).default([]),
  poolInclusion: InputLabels.default({}),
  publish: z.strictObject({ node: Name.optional() }).optional(),
});
export type CreateVolume = z.infer<typeof CreateVolume>;

/** Where the replicas of a volume that does not exist yet would go, and why each other pool cannot take one. */
export const PlacementPlan = z.object({
  chosen: z.array(
    z.object({ pool: z.string(), node: z.string(), freeBytes: U64, committedAfterPercent: z.number().nullable() }),
  ),
  rejected: z.array(z.object({ pool: z.string(), node: z.string(), reason: z.string() })),
  /** Could take one too, but better ones were chosen. */
  spare: z.array(z.object({ pool: z.string(), node: z.string() })),
  wanted: z.int(),
  /** Null when the plan is complete; else what lacks, in one sentence. */
  shortfall: z.string().nullable(),
  /** The wish that would have to be another one for the plan to be complete; null when no single one is to blame. */
  shortfallField: z.object({ path: z.enum(['sizeBytes', 'replicas', 'allowedNodes']), message: z.string() }).nullable(),
  /** Field errors that only the cluster can know: duplicate id, unknown node, ... */
  fields: z.array(z.object({ path: z.string(), message: z.string() })),
  observedAt: Instant.nullable(),
});
export type PlacementPlan = z.infer<typeof PlacementPlan>;

export const ReplicaCountQuery = z.strictObject({ to: z.coerce.number().int().min(0).max(255) });

/** What a change of the replica count would do, step by step. */
export const ReplicaCountPlan = z.object({
  from: z.int(),
  to: z.int(),
  allowed: Capability,
  /** For an increase: where, how much is copied, how long it takes at the rate seen on this cluster. */
  adds: z.array(z.object({ pool: z.string(), node: z.string() })),
  estimatedBytes: U64.nullable(),
  estimatedSeconds: z.number().nullable(),
  /** For a decrease: which go, in this order, and why these. */
  removes: z.array(
    z.object({ replica: ReplicaId, pool: z.string().nullable(), node: z.string().nullable(), why: z.string() }),
  ),
  healthyAfter: z.int().nullable(),
  /** What protection remains, in one sentence. */
  protection: z.string(),
  warnings: z.array(z.string()),
  rejected: z.array(z.object({ pool: z.string(), node: z.string(), reason: z.string() })),
  etag: z.string(),
  /** Names what would be lost; sent back with the change. */
  consequence: z.string(),
});
export type ReplicaCountPlan = z.infer<typeof ReplicaCountPlan>;

/** The typed name of a change that takes something away, and what its dry run named as lost. */
const confirmation = {
  confirm: z.string().max(300).default(''),
  /** `consequence` of the dry run or the plan: the change is refused without it, and when its losses are others by now. */
  consequence: z.string().max(64).optional(),
};
/** Also what protects the last healthy copy, or a volume in use; asks for the permission `volumes:force`. */
const force = z.boolean().default(false);

/** `confirm` and `consequence` are asked for when copies are taken away. */
export const SetReplicaCount = z.strictObject({ to: ReplicaCount, ...confirmation, force });
export const PublishVolume = z.strictObject({ node: Name.optional() });
/** Here `force` is the control plane's own: also when the target's node does not answer. */
export const UnpublishVolume = z.strictObject({ force, ...confirmation });
export const ResizeVolume = z.strictObject({ sizeBytes: VolumeSize });
export const DestroyVolume = z.strictObject({ ...confirmation, force });
export const CreateSnapshot = z.strictObject({ id: SnapshotId.optional() });
export const DestroySnapshot = z.strictObject(confirmation);
