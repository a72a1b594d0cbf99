import { z } from 'zod';
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
