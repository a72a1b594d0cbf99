import * as z from 'zod';
import { Problem } from './problem';
import { Instant, VolumeId } from './scalars';

/** A change that may outlast the request. `unknown`: the call timed out and the cluster has not yet been re-read. */
export const OperationState = z.enum(['running', 'succeeded', 'failed', 'unknown']);
export type OperationState = z.infer<typeof OperationState>;

export const OperationStep = z.object({
  label: z.string(),
  state: z.enum(['pending', 'running', 'succeeded', 'failed', 'unknown']),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  detail: z.string().nullable(),
  /** Percent, when the step can tell. */
  progress: z.number().nullable(),
});
export type OperationStep = z.infer<typeof OperationStep>;

export const Operation = z.object({
  id: z.string(),
  kind: z.enum([
    'create-volume',
    'destroy-volume',
    'publish-volume',
    'unpublish-volume',
    'set-replica-count',
    'resize-volume',
    'create-snapshot',
    'destroy-snapshot',
  ]),
  volume: VolumeId.nullable(),
  title: z.string(),
  state: OperationState,
  steps: z.array(OperationStep),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  problem: Problem.nullable(),
  /** The same with kubectl-mayastor or, where it has no such command, a note that says so. */
  command: z.string().nullable(),
});
export type Operation = z.infer<typeof Operation>;
export const Operations = z.object({ operations: z.array(Operation) });
export type Operations = z.infer<typeof Operations>;

/** What a change would bring. `loss`: data, access or protection goes by it. */
export const Consequence = z.object({ kind: z.enum(['note', 'warning', 'loss']), sentence: z.string() });
export type Consequence = z.infer<typeof Consequence>;

/** The answer to a change with `?dryRun=true`: everything was checked as for the change itself, and nothing was done. */
export const DryRun = z.object({
  dryRun: z.literal(true),
  title: z.string(),
  steps: z.array(z.string()),
  command: z.string().nullable(),
  consequences: z.array(Consequence),
  /** Names the losses; a change that sends it back is refused when they are others by then. */
  consequence: z.string(),
  /** What has to be typed to confirm the change; null when nothing has. */
  confirm: z.string().nullable(),
});
export type DryRun = z.infer<typeof DryRun>;

/** What a route that changes something answers. */
export const ChangeAnswer = z.union([Operation, DryRun]);
