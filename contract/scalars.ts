import * as z from 'zod';

/** An unsigned 64-bit count in decimal digits: JSON numbers lose precision above 2^53, these never do. */
export const U64 = z
  .string()
  // Aborts, because BigInt throws on what is no number and the checks after this one would meet it.
  .regex(/^(0|[1-9]\d{0,19})$/, { error: 'an unsigned 64-bit number in decimal digits', abort: true })
  .refine((s) => BigInt(s) <= 18446744073709551615n, 'at most 2^64-1');
export type U64 = z.infer<typeof U64>;

/** A moment, ISO 8601 in UTC with milliseconds. */
export const Instant = z.iso.datetime({ precision: 3 });
export type Instant = z.infer<typeof Instant>;

/** Lower-case canonical UUID; the nil UUID is refused as agent-core refuses it (behaviour facts, 1.1). */
export const Uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'a UUID in lower case')
  .refine((s) => s !== '00000000-0000-0000-0000-000000000000', 'not the nil UUID');

export const VolumeId = Uuid.brand<'VolumeId'>();
export type VolumeId = z.infer<typeof VolumeId>;
export const NexusId = Uuid.brand<'NexusId'>();
export type NexusId = z.infer<typeof NexusId>;
export const ReplicaId = Uuid.brand<'ReplicaId'>();
export type ReplicaId = z.infer<typeof ReplicaId>;
export const SnapshotId = Uuid.brand<'SnapshotId'>();
export type SnapshotId = z.infer<typeof SnapshotId>;

/** Free names of nodes, pools and clusters: no control characters, no slash, at most 253 characters. */
export const Name = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^\p{Cc}/\\]+$/u, 'no control characters or slashes')
  .refine((s) => s !== '.' && s !== '..', 'not a dot name');

/** An enum value of a newer server that this console does not know; shown as "Unknown (7)". */
const Unrecognized = z.templateLiteral(['unrecognized:', z.int()]);

const withUnrecognized = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.union([z.enum(values), Unrecognized]);

export const VolumeStatus = withUnrecognized(['online', 'degraded', 'faulted', 'unknown', 'shutdown', 'shutting-down']);
export type VolumeStatus = z.infer<typeof VolumeStatus>;
export const NexusStatus = VolumeStatus;
export type NexusStatus = VolumeStatus;
export const PoolStatus = withUnrecognized(['online', 'degraded', 'faulted', 'unknown', 'suspected', 'offline']);
export type PoolStatus = z.infer<typeof PoolStatus>;
export const ReplicaStatus = withUnrecognized(['online', 'degraded', 'faulted', 'unknown']);
export type ReplicaStatus = z.infer<typeof ReplicaStatus>;
export const NodeStatus = withUnrecognized(['online', 'offline', 'unknown']);
export type NodeStatus = z.infer<typeof NodeStatus>;
export const ChildState = withUnrecognized(['online', 'degraded', 'faulted', 'unknown']);
export type ChildState = z.infer<typeof ChildState>;
export const ChildReason = withUnrecognized([
  'none',
  'init',
  'closed',
  'cannot-open',
  'config-invalid',
  'rebuild-failed',
  'io-failure',
  'by-client',
  'out-of-sync',
  'no-space',
  'timed-out',
  'admin-failed',
  'hot-removed',
]);
export type ChildReason = z.infer<typeof ChildReason>;
export const SpecStatus = withUnrecognized(['creating', 'created', 'deleting', 'deleted', 'purging']);
export type SpecStatus = z.infer<typeof SpecStatus>;
export const RebuildState = withUnrecognized(['init', 'running', 'stopped', 'paused', 'failed', 'completed']);
export type RebuildState = z.infer<typeof RebuildState>;
export const CordonState = z.enum(['none', 'cordoned', 'draining', 'drained']);
export type CordonState = z.infer<typeof CordonState>;

export const Labels = z.record(z.string(), z.string());
export type Labels = z.infer<typeof Labels>;
