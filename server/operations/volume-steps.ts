import type { SnapshotId, VolumeId } from '@/contract/scalars';
import { formatBytes } from '@/contract/size';
import type { CreateVolume } from '@/contract/volume';
import { canDecreaseReplicas } from '../advice/capabilities';
import { planReplicaCount } from '../advice/replica-count';
import type { VolumeModel } from '../model/model';
import { about, plural } from '../views/facts';
import { healthOf } from '../views/health';
import { join } from '../views/join';
import { type ClusterAccess, changeOnce, type Settled, waitFor } from './cluster-access';
import type { Step, StepEnd } from './steps';

const MINUTE = 60_000;
/** A rebuild of a large volume takes hours; it goes on without us, so this only bounds how long we watch. */
const WATCH_MS = 24 * 60 * MINUTE;
const AGREE_PAUSE_MS = 500;

/** Re-reads one volume: whether it exists and satisfies `test`. */
function volumeShows(
  access: ClusterAccess,
  id: VolumeId,
  test: (v: VolumeModel | undefined) => boolean,
): () => Promise<Settled> {
  return async () => {
    const reply = await access.agentCore.getVolume(id);
    if (!reply.ok) return undefined;
    return test(reply.value?.model) ? 'done' : 'not-yet';
  };
}

async function changed(access: ClusterAccess, end: StepEnd, volume: VolumeId): Promise<StepEnd> {
  await access.refresh(volume);
  return end;
}

/** What a repeated create met: itself, from a try whose answer nobody remembers, or something else of the same key. */
async function orMadeBefore(end: StepEnd, isDerived: boolean, isSame: () => Promise<boolean>): Promise<StepEnd> {
  if (end.ok || !isDerived || end.failure.code !== 'already_exists') return end;
  if (await isSame()) return { ok: true, detail: 'It was made by an earlier try of the same request.' };
  return {
    ok: false,
    failure: {
      code: 'key_reused',
      detail: 'An earlier request with this Idempotency-Key made something else.',
      nextStep: 'Use a new key for a new request.',
    },
  };
}

export function createVolumeSteps(
  access: ClusterAccess,
  id: VolumeId,
  wanted: CreateVolume,
  isDerived: boolean,
): Step[] {
  const create: Step = {
    label: `Create ${plural(wanted.replicas, 'copy', 'copies')} of ${formatBytes(BigInt(wanted.sizeBytes))}`,
    run: async (say) => {
      const end = await changeOnce(
        access,
        () => access.agentCore.createVolume(id, wanted),
        volumeShows(access, id, (v) => v?.specStatus === 'created'),
        say,
      );
      const isSame = volumeShows(
        access,
        id,
        (v) => v?.sizeBytes === BigInt(wanted.sizeBytes) && v.replicas === wanted.replicas && v.thin === wanted.thin,
      );
      return changed(access, await orMadeBefore(end, isDerived, async () => (await isSame()) === 'done'), id);
    },
  };
  const steps = [create];
  if (wanted.publish) steps.push(...publishSteps(access, id, wanted.publish.node));
  else {
    steps.push({
      label: 'Wait until the cluster lists it',
      run: () =>
        waitFor(
          access,
          MINUTE,
          (s) => (s.volumes?.items.get(id)?.specStatus === 'created' ? { ok: true } : undefined),
          () => ({
            ok: false,
            unknown: true,
            failure: { code: 'outcome_unknown', detail: 'It was created, but the cluster does not list it yet.' },
          }),
        ),
    });
  }
  return steps;
}

export function publishSteps(access: ClusterAccess, id: VolumeId, node: string | undefined): Step[] {
  return [
    {
      label: node === undefined ? 'Publish on a node of the cluster’s choice' : `Publish on ${node}`,
      run: async (say) => {
        const end = await changeOnce(
          access,
          () => access.agentCore.publishVolume(id, node),
          volumeShows(access, id, (v) => v?.target !== undefined),
          say,
        );
        return changed(access, end, id);
      },
    },
    {
      label: 'Wait until its target serves it',
      run: (say) =>
        waitFor(
          access,
          2 * MINUTE,
          (s) => {
            const v = join(s).volumes.get(id);
            if (v?.target.kind !== 'known') return undefined;
            const { status, reason } = healthOf(v);
            if (status === 'online') return { ok: true, detail: `Online on ${v.target.nexus.node}.` };
            if (status === 'degraded')
              return {
                ok: true,
                detail: `In use on ${v.target.nexus.node}, and still degraded: ${reason ?? 'a copy is not complete'}.`,
              };
            say(`${status}${reason ? `: ${reason}` : ''}`, null);
            return undefined;
          },
          () => ({
            ok: false,
            unknown: true,
            failure: {
              code: 'outcome_unknown',
              detail: 'It was published, but its target has not been seen in use within two minutes.',
            },
          }),
        ),
    },
  ];
}

export function unpublishSteps(access: ClusterAccess, id: VolumeId, force: boolean): Step[] {
  return [
    {
      label: 'Take the target down',
      run: async (say) => {
        const end = await changeOnce(
          access,
          () => access.agentCore.unpublishVolume(id, force),
          volumeShows(access, id, (v) => v !== undefined && v.target === undefined),
          say,
        );
        return changed(access, end, id);
      },
    },
  ];
}

export function destroySteps(access: ClusterAccess, id: VolumeId): Step[] {
  return [
    {
      label: 'Delete the volume and its copies',
      run: async (say) => {
        const reply = await changeOnce(
          access,
          () => access.agentCore.destroyVolume(id),
          volumeShows(access, id, (v) => v === undefined),
          say,
        );
        // Gone before we came is what was wanted.
        const gone = !reply.ok && reply.failure.code === 'not_found';
        return changed(access, gone ? { ok: true, detail: 'It was gone already.' } : reply, id);
      },
    },
  ];
}

export function resizeSteps(access: ClusterAccess, id: VolumeId, sizeBytes: bigint): Step[] {
  return [
    {
      label: `Grow to ${formatBytes(sizeBytes)}`,
      run: async (say) => {
        const end = await changeOnce(
          access,
          () => access.agentCore.resizeVolume(id, sizeBytes),
          volumeShows(access, id, (v) => v !== undefined && v.sizeBytes >= sizeBytes),
          say,
        );
        return changed(access, end, id);
      },
    },
  ];
}

export function createSnapshotSteps(
  access: ClusterAccess,
  volume: VolumeId,
  snapshot: SnapshotId,
  isDerived: boolean,
): Step[] {
  return [
    {
      label: 'Take the snapshot of every copy',
      run: async (say) => {
        const end = await changeOnce(
          access,
          () => access.agentCore.createSnapshot(volume, snapshot),
          snapshotShows(access, snapshot, true),
          say,
        );
        const isSame = snapshotShows(access, snapshot, true);
        return changed(access, await orMadeBefore(end, isDerived, async () => (await isSame()) === 'done'), volume);
      },
    },
  ];
}

export function destroySnapshotSteps(access: ClusterAccess, snapshot: SnapshotId): Step[] {
  return [
    {
      label: 'Delete the snapshot',
      run: async (say) => {
        const end = await changeOnce(
          access,
          () => access.agentCore.destroySnapshot(snapshot),
          snapshotShows(access, snapshot, false),
          say,
        );
        await access.refresh();
        return end;
      },
    },
  ];
}

function snapshotShows(access: ClusterAccess, id: SnapshotId, there: boolean): () => Promise<Settled> {
  return async () => {
    const reply = await access.agentCore.listSnapshots();
    if (!reply.ok) return undefined;
    const found = reply.value.get(id);
    return (there ? found?.specStatus === 'created' : found === undefined) ? 'done' : 'not-yet';
  };
}

/** One step of one copy at a time, as the wire has it; each waits until the cluster is whole again before the next. */
export function replicaCountSteps(
  access: ClusterAccess,
  id: VolumeId,
  { from, to, force }: { from: number; to: number; force: boolean },
): Step[] {
  const steps: Step[] = [];
  const direction: 1 | -1 = to > from ? 1 : -1;
  for (let count = from + direction; direction > 0 ? count <= to : count >= to; count += direction) {
    steps.push(countStep(access, id, count, { direction, force }));
    steps.push(direction > 0 ? rebuildStep(access, id, count) : removalStep(access, id, count));
  }
  return steps;
}

function countStep(
  access: ClusterAccess,
  id: VolumeId,
  count: number,
  { direction, force }: { direction: 1 | -1; force: boolean },
): Step {
  return {
    label: direction > 0 ? `Add copy ${count}` : `Go down to ${plural(count, 'copy', 'copies')}`,
    run: async (say) => {
      const wall = direction < 0 ? wallBefore(access, id, count, force) : undefined;
      if (wall) return wall;
      if (direction > 0) await untilControlPlaneAgrees(access, id, say);
      const end = await changeOnce(
        access,
        () => access.agentCore.setVolumeReplica(id, count),
        volumeShows(access, id, (v) => v?.replicas === count),
        say,
      );
      return changed(access, end, id);
    },
  };
}

/**
 * Lets agent-core catch up with what the io-engines show already: it adds copies to volumes that it believes online only, and
 * its own view may be 30 s old (wire facts, 5). After twice that it is asked anyway, and its refusal is then the answer.
 */
async function untilControlPlaneAgrees(
  access: ClusterAccess,
  id: VolumeId,
  say: (detail: string | null, progress: number | null) => void,
): Promise<void> {
  const deadline = access.now() + MINUTE;
  const online = volumeShows(access, id, (v) => v?.status === 'online');
  while (access.now() < deadline && !access.signal.aborted) {
    if ((await online()) === 'done') return;
    say('Waiting until the control plane, too, sees the volume online.', null);
    await access.pause(AGREE_PAUSE_MS);
  }
}

/** Looked at again right before each removal: health may have changed since the plan was shown. */
function wallBefore(access: ClusterAccess, id: VolumeId, count: number, force: boolean): StepEnd | undefined {
  const s = access.snapshot();
  const v = join(s).volumes.get(id);
  if (!v) return { ok: false, failure: { code: 'not_found', detail: 'The volume is gone.' } };
  const able = canDecreaseReplicas(s, v);
  const plan = planReplicaCount(s, v, count);
  const refusal = !able.allowed ? able : !plan.allowed.allowed ? plan.allowed : undefined;
  if (refusal?.needsForce && force) return undefined;
  return (
    refusal && {
      ok: false,
      failure: {
        code: 'last_healthy_copy',
        detail: refusal.reason,
        nextStep: 'Wait until its copies are healthy, then try again.',
      },
    }
  );
}

function rebuildStep(access: ClusterAccess, id: VolumeId, count: number): Step {
  return {
    label: `Wait until copy ${count} is complete`,
    run: (say) =>
      waitFor(
        access,
        WATCH_MS,
        (s) => {
          const v = join(s).volumes.get(id);
          if (!v)
            return s.volumes ? { ok: false, failure: { code: 'not_found', detail: 'The volume is gone.' } } : undefined;
          // The snapshot may still be from before the change.
          if (v.model.replicas !== count) return undefined;
          const health = healthOf(v);
          if (health.status === 'online' && health.healthy !== null && health.healthy >= count)
            return { ok: true, detail: `${count} healthy copies.` };
          const rebuild = v.rebuilds[0];
          if (rebuild) {
            const left = rebuild.secondsLeft === undefined ? '' : `, ${about(rebuild.secondsLeft)} left`;
            say(`Rebuilding${left}.`, rebuild.stats.progress);
          } else say(health.reason ?? 'Waiting for the new copy.', null);
          return undefined;
        },
        () => ({
          ok: false,
          unknown: true,
          failure: {
            code: 'outcome_unknown',
            detail: 'The copy was not complete after a day of watching; the cluster goes on by itself.',
          },
        }),
      ),
  };
}

function removalStep(access: ClusterAccess, id: VolumeId, count: number): Step {
  return {
    label: 'Wait until the copy is gone',
    run: () =>
      waitFor(
        access,
        5 * MINUTE,
        (s) => {
          const v = join(s).volumes.get(id);
          if (!v)
            return s.volumes ? { ok: false, failure: { code: 'not_found', detail: 'The volume is gone.' } } : undefined;
          if (v.model.replicas > count || v.copies.length > count) return undefined;
          return { ok: true, detail: `${plural(v.copies.length, 'copy', 'copies')}.` };
        },
        () => ({
          ok: false,
          unknown: true,
          failure: {
            code: 'outcome_unknown',
            detail: 'The number wanted is lower now, but the copy is still listed after five minutes.',
          },
        }),
      ),
  };
}
