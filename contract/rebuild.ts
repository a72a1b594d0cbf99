import * as z from 'zod';
import { windowOf } from './list';
import { Instant, NexusId, RebuildState, ReplicaId, U64, VolumeId } from './scalars';
import { Observed } from './source';

/** One end of a rebuild: a nexus child, and what we know of the replica behind its URI. */
export const RebuildEnd = z.object({
  uri: z.string(),
  replica: ReplicaId.nullable(),
  pool: z.string().nullable(),
  node: z.string().nullable(),
});

/** A rebuild that runs now, or one that ended (then `endedAt` is set). */
export const Rebuild = z.object({
  /** `<nexus>:<replica or uri>:<start>`: stable over its life and in the history. */
  id: z.string(),
  volume: z.object({ id: VolumeId, name: z.string() }).nullable(),
  nexus: NexusId,
  node: z.string(),
  source: RebuildEnd.nullable(),
  /** The io-engine has not named the source yet; it follows from the rule by which io-engines choose it. */
  isSourceConcluded: z.boolean(),
  destination: RebuildEnd,
  state: RebuildState,
  kind: z.enum(['full', 'partial', 'unknown']),
  /** Percent of the device gone over. */
  progress: z.number().nullable(),
  bytesTotal: U64.nullable(),
  /** Gone over, copied or skipped because there was nothing to copy. */
  bytesRecovered: U64.nullable(),
  /** Really copied. */
  bytesTransferred: U64.nullable(),
  bytesRemaining: U64.nullable(),
  /** Copy rate over the last samples, bytes per second; null until two samples exist. */
  bytesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** Why it started, in words ("the disk of io-2 failed at 12:03"), from what the console saw; null if it did not see. */
  why: z.string().nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  observed: Observed,
});
export type Rebuild = z.infer<typeof Rebuild>;

/** All rebuilds: those running first; the history newest first. */
export const RebuildsAnswer = z.object({
  running: z.array(Rebuild),
  history: windowOf(Rebuild),
});
export type RebuildsAnswer = z.infer<typeof RebuildsAnswer>;
