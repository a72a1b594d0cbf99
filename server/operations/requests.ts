import type { z } from 'zod';
import type { DryRun, Operation } from '@/contract/operation';
import type { ProblemCode } from '@/contract/problem';
import { SnapshotId, VolumeId } from '@/contract/scalars';
import { formatBytes } from '@/contract/size';
import type {
  Capability,
  CreateSnapshot,
  CreateVolume,
  DestroySnapshot,
  DestroyVolume,
  PublishVolume,
  ReplicaCountPlan,
  ResizeVolume,
  SetReplicaCount,
  UnpublishVolume,
} from '@/contract/volume';
import * as can from '../advice/capabilities';
import * as would from '../advice/consequences';
import { planVolume } from '../advice/placement';
import { planReplicaCount, replicaCountView } from '../advice/replica-count';
import { type Answer, answer, fail } from '../http/answer';
import { missing } from '../live/reads';
import type { ClusterSnapshot } from '../model/snapshot';
import type { Cluster } from '../runtime';
import { agentCoreSource, nameOf } from '../views/facts';
import { type JoinedVolume, join } from '../views/join';
import { snapshotEtag } from '../views/snapshots';
import { volumeEtag } from '../views/volume';
import { type Asking, createdId, proceed, repeated } from './proceed';

// What HTTP asks for, checked against what is known, and handed to the cluster's operations.

type Changed = Answer<Operation | DryRun>;
type Found = { ok: true; s: ClusterSnapshot; v: JoinedVolume } | { ok: false; answer: Answer<never> };

const changedMeanwhile = (what: string): Answer<never> =>
  fail({
    code: 'precondition_failed',
    detail: `The ${what} has changed since you looked at it, and nothing was done.`,
    nextStep: 'Look at it again, then repeat the change.',
  });

/**
 * Reads anew what is about to be changed, because what is known of it is as old as the last reading: in a large cluster a
 * minute. A failure when it cannot be read.
 */
async function lookAgain({ cluster }: Asking, volume?: VolumeId): Promise<Answer<never> | undefined> {
  if (await cluster.collector.refresh(volume === undefined ? {} : { volume })) return undefined;
  const s = cluster.collector.snapshot;
  if (agentCoreSource(s)?.status === 'failing')
    return fail(missing(s, undefined, volume === undefined ? 'snapshot' : 'volume'));
  return fail({
    code: 'stale_data',
    detail: 'The control plane did not say how this is now, so nothing was done.',
    nextStep: 'Try again in a moment.',
    retryAfterSeconds: 5,
  });
}

/** The volume of a change, when it is still as the caller saw it. */
function find({ cluster, ifMatch }: Asking, id: VolumeId): Found {
  const s = cluster.collector.snapshot;
  const v = join(s).volumes.get(id);
  if (!v) return { ok: false, answer: fail(missing(s, s.volumes, 'volume')) };
  if (ifMatch !== undefined && ifMatch !== volumeEtag(v.model))
    return { ok: false, answer: changedMeanwhile('volume') };
  return { ok: true, s, v };
}

/** The same after reading it anew. */
async function findAnew(asking: Asking, id: VolumeId): Promise<Found> {
  const unread = await lookAgain(asking, id);
  return unread ? { ok: false, answer: unread } : find(asking, id);
}

function refused(
  capability: Capability,
  s: ClusterSnapshot,
  code: ProblemCode = 'conflict',
): Answer<never> | undefined {
  if (capability.allowed) return undefined;
  const away = agentCoreSource(s)?.status === 'failing';
  return fail({ code: away ? 'upstream_unavailable' : code, detail: capability.reason });
}

/** As `refused`, but what protects data may be forced by whoever holds the permission for that and says so. */
async function guarded(
  asking: Asking,
  capability: Capability,
  s: ClusterSnapshot,
  { force, code }: { force: boolean; code?: ProblemCode },
): Promise<Answer<never> | undefined> {
  if (capability.allowed || !capability.needsForce || !force) return refused(capability, s, code);
  const refusal = await asking.refuseAlso('volumes:force');
  return refusal && fail(refusal);
}

/** Starts the creation of a volume. What the cluster would refuse for certain is refused here, before anything is done. */
export function createVolume(asking: Asking, wanted: CreateVolume): Changed {
  const before = repeated(asking, wanted);
  if (before) return before;
  const s = asking.cluster.collector.snapshot;
  if (agentCoreSource(s)?.status === 'failing') return fail(missing(s, undefined, 'volume'));
  const plan = planVolume(s, wanted);
  const most = s.nodes?.items.size ?? 255;
  const tooMany = wanted.replicas > most && {
    path: 'replicas',
    message: `from 1 to ${most}: no node holds two copies, and this cluster has ${most}`,
  };
  const fields = [...plan.fields, ...(tooMany ? [tooMany] : [])];
  if (fields.length > 0) {
    const exists = fields.some((f) => f.path === 'id');
    return fail({
      code: exists ? 'already_exists' : 'invalid_body',
      detail: `${fields[0]?.path}: ${fields[0]?.message}`,
      fields,
    });
  }
  const volume = wanted.id ?? VolumeId.parse(createdId(asking, 'volume'));
  return proceed(asking, {
    change: {
      kind: 'create-volume',
      volume,
      name: wanted.name ?? volume,
      wanted,
      isDerived: wanted.id === undefined,
    },
    consequences: would.ofCreation(plan, wanted.publish !== undefined),
    request: wanted,
  });
}

export async function destroyVolume(
  asking: Asking,
  id: VolumeId,
  body: z.output<typeof DestroyVolume>,
): Promise<Changed> {
  const found = await findAnew(asking, id);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const name = nameOf(v.model);
  const wall = await guarded(asking, can.canDestroy(s, v), s, { force: body.force });
  if (wall) return wall;
  return proceed(asking, {
    change: { kind: 'destroy-volume', volume: id, name },
    consequences: would.ofDestruction(v),
    confirm: confirmed(name, id, body),
  });
}

/** The typed name, or the id, must stand there in full. */
const confirmed = (name: string, id: string, body: { confirm: string; consequence?: string | undefined }) => ({
  names: [name, id] as const,
  typed: body.confirm,
  consequence: body.consequence,
});

export async function publishVolume(
  asking: Asking,
  id: VolumeId,
  body: z.output<typeof PublishVolume>,
): Promise<Changed> {
  const found = await findAnew(asking, id);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const wall = refused(can.canPublish(s, v), s);
  if (wall) return wall;
  const node = body.node === undefined ? undefined : s.nodes?.items.get(body.node);
  if (body.node !== undefined && node?.status !== 'online') {
    const message = node ? `${body.node} is ${node.status ?? 'unknown'}` : `${body.node} is not a node of this cluster`;
    return fail({ code: 'invalid_body', detail: message, fields: [{ path: 'node', message }] });
  }
  return proceed(asking, {
    change: { kind: 'publish-volume', volume: id, name: nameOf(v.model), node: body.node },
    consequences: would.ofPublishing(body.node),
  });
}

export async function unpublishVolume(
  asking: Asking,
  id: VolumeId,
  body: z.output<typeof UnpublishVolume>,
): Promise<Changed> {
  const found = await findAnew(asking, id);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const name = nameOf(v.model);
  const wall = refused(can.canUnpublish(s, v), s);
  if (wall) return wall;
  return proceed(asking, {
    change: { kind: 'unpublish-volume', volume: id, name, force: body.force },
    consequences: would.ofUnpublishing(v, body.force),
    confirm: confirmed(name, id, body),
  });
}

export async function resizeVolume(
  asking: Asking,
  id: VolumeId,
  body: z.output<typeof ResizeVolume>,
): Promise<Changed> {
  const found = await findAnew(asking, id);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const sizeBytes = BigInt(body.sizeBytes);
  if (sizeBytes <= v.model.sizeBytes) {
    const message = `must be larger than ${formatBytes(v.model.sizeBytes)}: volumes only grow`;
    return fail({ code: 'invalid_body', detail: `The size ${message}.`, fields: [{ path: 'sizeBytes', message }] });
  }
  const wall = refused(can.canResize(s, v), s);
  if (wall) return wall;
  return proceed(asking, {
    change: { kind: 'resize-volume', volume: id, name: nameOf(v.model), sizeBytes },
    consequences: would.ofResizing(v, sizeBytes),
  });
}

export function planCount(cluster: Cluster, id: VolumeId, to: number): Answer<ReplicaCountPlan> {
  const s = cluster.collector.snapshot;
  const plan = replicaCountView(s, id, to);
  return plan ? answer(plan, { etag: plan.etag }) : fail(missing(s, s.volumes, 'volume'));
}

export async function setReplicaCount(
  asking: Asking,
  id: VolumeId,
  body: z.output<typeof SetReplicaCount>,
): Promise<Changed> {
  const found = await findAnew(asking, id);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const { to, force } = body;
  const plan = planReplicaCount(s, v, to);
  const isReduction = to < plan.from;
  const mayNot = isReduction ? await asking.refuseAlso('volumes:reduce') : undefined;
  if (mayNot) return fail(mayNot);
  const code = isReduction
    ? 'last_healthy_copy'
    : plan.rejected.length > 0 && plan.adds.length < to - plan.from
      ? 'insufficient_storage'
      : 'conflict';
  const wall = await guarded(asking, plan.allowed, s, { force, code });
  if (wall) return wall;
  const name = nameOf(v.model);
  return proceed(asking, {
    change: { kind: 'set-replica-count', volume: id, name, from: plan.from, to, force },
    consequences: would.ofReplicaCount(plan),
    ...(isReduction ? { confirm: confirmed(name, id, body) } : {}),
  });
}

export async function createSnapshot(
  asking: Asking,
  id: VolumeId,
  body: z.output<typeof CreateSnapshot>,
): Promise<Changed> {
  const unread = await lookAgain(asking, id);
  if (unread) return unread;
  const request = { volume: id, ...body };
  const before = repeated(asking, request);
  if (before) return before;
  const found = find({ ...asking, ifMatch: undefined }, id);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const wall = refused(can.canSnapshot(s, v), s);
  if (wall) return wall;
  const snapshot = body.id ?? SnapshotId.parse(createdId(asking, 'snapshot'));
  return proceed(asking, {
    change: {
      kind: 'create-snapshot',
      volume: id,
      name: nameOf(v.model),
      snapshot,
      isDerived: body.id === undefined,
    },
    consequences: would.ofSnapshot(v),
    request,
  });
}

export async function destroySnapshot(
  asking: Asking,
  id: SnapshotId,
  body: z.output<typeof DestroySnapshot>,
): Promise<Changed> {
  const unread = await lookAgain(asking);
  if (unread) return unread;
  const s = asking.cluster.collector.snapshot;
  const snapshot = s.snapshots?.items.get(id);
  if (!snapshot) return fail(missing(s, s.snapshots, 'snapshot'));
  if (asking.ifMatch !== undefined && asking.ifMatch !== snapshotEtag(snapshot)) return changedMeanwhile('snapshot');
  if (snapshot.restores > 0) {
    return fail({
      code: 'conflict',
      detail: `${snapshot.restores} restored ${snapshot.restores === 1 ? 'volume still uses' : 'volumes still use'} this snapshot.`,
    });
  }
  const source = s.volumes?.items.get(snapshot.volume);
  const name = source ? nameOf(source) : snapshot.volume;
  return proceed(asking, {
    change: { kind: 'destroy-snapshot', volume: source ? source.id : null, name, snapshot: id },
    consequences: would.ofSnapshotDestruction(snapshot, name),
    confirm: confirmed(name, id, body),
  });
}
