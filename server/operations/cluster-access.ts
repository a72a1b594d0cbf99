import type { VolumeId } from '@/contract/scalars';
import { failureOf } from '../http/upstream-failure';
import type { ClusterSnapshot } from '../model/snapshot';
import type { AgentCoreClient } from '../upstream/agent-core';
import type { Result } from '../upstream/result';
import type { StepEnd } from './steps';

/** The part of agent-core that operations need; tests give a fake. */
export type ChangeClient = Pick<
  AgentCoreClient,
  | 'getVolume'
  | 'listSnapshots'
  | 'createVolume'
  | 'destroyVolume'
  | 'publishVolume'
  | 'unpublishVolume'
  | 'setVolumeReplica'
  | 'resizeVolume'
  | 'createSnapshot'
  | 'destroySnapshot'
>;

/** What operations see of a cluster. */
export interface ClusterAccess {
  agentCore: ChangeClient;
  snapshot(): ClusterSnapshot;
  subscribe(listener: () => void): () => void;
  refresh(volume?: VolumeId): Promise<void>;
  now(): number;
  /** Resolves after `ms`, or at once when the console stops. */
  pause(ms: number): Promise<void>;
  readonly signal: AbortSignal;
}

const SETTLE_MS = 60_000;
const SETTLE_PAUSE_MS = 1_000;

/** What a re-read says about a change whose answer was lost. Undefined: still not to be told. */
export type Settled = 'done' | 'not-yet' | undefined;

/**
 * Sends a change once. When its answer is lost it is never repeated: the cluster is re-read until it shows the change, and
 * stays `unknown` when it does not within a minute, because it may still be on its way.
 */
export async function changeOnce(
  access: ClusterAccess,
  send: () => Promise<Result<unknown>>,
  settled: () => Promise<Settled>,
  say: (detail: string | null, progress: number | null) => void,
): Promise<StepEnd> {
  const reply = await send();
  if (reply.ok) return { ok: true };
  if (reply.error.outcome !== 'unknown') return { ok: false, failure: failureOf(reply.error) };
  say('The answer was lost; reading the cluster again to see what became of it.', null);
  const deadline = access.now() + SETTLE_MS;
  while (access.now() < deadline && !access.signal.aborted) {
    if ((await settled()) === 'done')
      return { ok: true, detail: 'The answer was lost, but the cluster shows that it was done.' };
    await access.pause(SETTLE_PAUSE_MS);
  }
  return { ok: false, unknown: true, failure: failureOf(reply.error) };
}

/** Waits until `look` finds an end in a snapshot; `look` is asked again with every new one. */
export async function waitFor(
  access: ClusterAccess,
  timeoutMs: number,
  look: (s: ClusterSnapshot) => StepEnd | undefined,
  late: () => StepEnd,
): Promise<StepEnd> {
  const deadline = access.now() + timeoutMs;
  for (;;) {
    const end = look(access.snapshot());
    if (end) return end;
    if (access.signal.aborted)
      return {
        ok: false,
        unknown: true,
        failure: { code: 'busy', detail: 'The console was stopped while this ran; the cluster goes on by itself.' },
      };
    if (access.now() >= deadline) return late();
    await nextSnapshot(access);
  }
}

/** The next snapshot, or a second, whichever is first: ages move on without a new snapshot. */
function nextSnapshot(access: ClusterAccess): Promise<void> {
  return new Promise((resolve) => {
    const stop = access.subscribe(() => {
      stop();
      resolve();
    });
    void access.pause(1_000).then(() => {
      stop();
      resolve();
    });
  });
}
