import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Operation } from '@/contract/operation';
import type { ProblemCode } from '@/contract/problem';
import { SnapshotId, VolumeId } from '@/contract/scalars';
import { formatBytes } from '@/contract/size';
import type {
  Capability,
  CreateSnapshot,
  CreateVolume,
  DestroyVolume,
  PublishVolume,
  ReplicaCountPlan,
  ResizeVolume,
  UnpublishVolume,
} from '@/contract/volume';
import * as can from '../advice/capabilities';
import { planVolume } from '../advice/placement';
import { planReplicaCount, replicaCountView } from '../advice/replica-count';
import { type Answer, answer, fail } from '../http/route';
import { missing } from '../live/reads';
import type { ClusterSnapshot } from '../model/snapshot';
import type { Cluster } from '../runtime';
import { agentCoreSource, nameOf } from '../views/facts';
import { type JoinedVolume, join } from '../views/join';
import { volumeEtag } from '../views/volume';
import type { Started } from './operations';

// What HTTP asks for, checked against what is known, and handed to the cluster's operations.

const accepted = (started: Started): Answer<Operation> =>
  started.ok ? answer(started.operation, { status: 202 }) : fail(started.failure);

type Found = { ok: true; s: ClusterSnapshot; v: JoinedVolume } | { ok: false; answer: Answer<never> };

/** The volume of a change, when it is still as the caller saw it. */
function find(cluster: Cluster, id: VolumeId, ifMatch: string | undefined): Found {
  const s = cluster.collector.snapshot;
  const v = join(s).volumes.get(id);
  if (!v) return { ok: false, answer: fail(missing(s, s.volumes, 'volume')) };
  const etag = volumeEtag(v.model);
  if (ifMatch !== undefined && ifMatch !== etag) {
    return {
      ok: false,
      answer: fail({
        code: 'precondition_failed',
        detail: 'The volume has changed since you looked at it, and nothing was done.',
        nextStep: 'Look at it again, then repeat the change.',
      }),
    };
  }
  return { ok: true, s, v };
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

/** Starts the creation of a volume. What the cluster would refuse for certain is refused here, before anything is done. */
export function createVolume(cluster: Cluster, wanted: CreateVolume, key: string | undefined): Answer<Operation> {
  const before = cluster.operations.repeated(key, wanted);
  if (before) return accepted(before);
  const s = cluster.collector.snapshot;
  if (agentCoreSource(s)?.status === 'failing') return fail(missing(s, undefined, 'volume'));
  const { fields } = planVolume(s, wanted);
  if (fields.length > 0) {
    const exists = fields.some((f) => f.path === 'id');
    return fail({
      code: exists ? 'already_exists' : 'invalid_body',
      detail: `${fields[0]?.path}: ${fields[0]?.message}`,
      fields,
    });
  }
  const volume = wanted.id ?? VolumeId.parse(randomUUID());
  return accepted(
    cluster.operations.start(
      { kind: 'create-volume', volume, name: wanted.name ?? volume, wanted },
      key === undefined ? undefined : { key, request: wanted },
    ),
  );
}

export function destroyVolume(
  cluster: Cluster,
  id: VolumeId,
  body: z.output<typeof DestroyVolume>,
  ifMatch: string | undefined,
): Answer<Operation> {
  const found = find(cluster, id, ifMatch);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const name = nameOf(v.model);
  const mismatch = confirmMismatch(body.confirm, name, id);
  if (mismatch) return mismatch;
  return (
    refused(can.canDestroy(s, v), s) ?? accepted(cluster.operations.start({ kind: 'destroy-volume', volume: id, name }))
  );
}

/** The typed name, or the id, must stand there in full. */
function confirmMismatch(confirm: string, name: string, id: string): Answer<never> | undefined {
  if (confirm === name || confirm === id) return undefined;
  return fail({
    code: 'confirm_mismatch',
    detail: `Type the volume’s name, ${name}, to confirm.`,
    fields: [{ path: 'confirm', message: `must be ${name}` }],
  });
}

export function publishVolume(
  cluster: Cluster,
  id: VolumeId,
  body: z.output<typeof PublishVolume>,
  ifMatch: string | undefined,
): Answer<Operation> {
  const found = find(cluster, id, ifMatch);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const wall = refused(can.canPublish(s, v), s);
  if (wall) return wall;
  const node = body.node === undefined ? undefined : s.nodes?.items.get(body.node);
  if (body.node !== undefined && node?.status !== 'online') {
    const message = node ? `${body.node} is ${node.status ?? 'unknown'}` : `${body.node} is not a node of this cluster`;
    return fail({ code: 'invalid_body', detail: message, fields: [{ path: 'node', message }] });
  }
  return accepted(
    cluster.operations.start({ kind: 'publish-volume', volume: id, name: nameOf(v.model), node: body.node }),
  );
}

export function unpublishVolume(
  cluster: Cluster,
  id: VolumeId,
  body: z.output<typeof UnpublishVolume>,
  ifMatch: string | undefined,
): Answer<Operation> {
  const found = find(cluster, id, ifMatch);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const name = nameOf(v.model);
  const mismatch = confirmMismatch(body.confirm, name, id);
  if (mismatch) return mismatch;
  return (
    refused(can.canUnpublish(s, v), s) ??
    accepted(cluster.operations.start({ kind: 'unpublish-volume', volume: id, name, force: body.force }))
  );
}

export function resizeVolume(
  cluster: Cluster,
  id: VolumeId,
  body: z.output<typeof ResizeVolume>,
  ifMatch: string | undefined,
): Answer<Operation> {
  const found = find(cluster, id, ifMatch);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const sizeBytes = BigInt(body.sizeBytes);
  if (sizeBytes <= v.model.sizeBytes) {
    const message = `must be larger than ${formatBytes(v.model.sizeBytes)}: volumes only grow`;
    return fail({ code: 'invalid_body', detail: `The size ${message}.`, fields: [{ path: 'sizeBytes', message }] });
  }
  return (
    refused(can.canResize(s, v), s) ??
    accepted(cluster.operations.start({ kind: 'resize-volume', volume: id, name: nameOf(v.model), sizeBytes }))
  );
}

export function planCount(cluster: Cluster, id: VolumeId, to: number): Answer<ReplicaCountPlan> {
  const s = cluster.collector.snapshot;
  const plan = replicaCountView(s, id, to);
  return plan ? answer(plan, { etag: plan.etag }) : fail(missing(s, s.volumes, 'volume'));
}

export function setReplicaCount(
  cluster: Cluster,
  id: VolumeId,
  to: number,
  ifMatch: string | undefined,
): Answer<Operation> {
  const found = find(cluster, id, ifMatch);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const plan = planReplicaCount(s, v, to);
  const code =
    to < plan.from
      ? 'last_healthy_copy'
      : plan.rejected.length > 0 && plan.adds.length < to - plan.from
        ? 'insufficient_storage'
        : 'conflict';
  const wall = refused(plan.allowed, s, code);
  if (wall) return wall;
  return accepted(
    cluster.operations.start({ kind: 'set-replica-count', volume: id, name: nameOf(v.model), from: plan.from, to }),
  );
}

export function createSnapshot(
  cluster: Cluster,
  id: VolumeId,
  body: z.output<typeof CreateSnapshot>,
  key: string | undefined,
): Answer<Operation> {
  const request = { volume: id, ...body };
  const before = cluster.operations.repeated(key, request);
  if (before) return accepted(before);
  const found = find(cluster, id, undefined);
  if (!found.ok) return found.answer;
  const { s, v } = found;
  const wall = refused(can.canSnapshot(s, v), s);
  if (wall) return wall;
  const snapshot = body.id ?? SnapshotId.parse(randomUUID());
  return accepted(
    cluster.operations.start(
      { kind: 'create-snapshot', volume: id, name: nameOf(v.model), snapshot },
      key === undefined ? undefined : { key, request },
    ),
  );
}

export function destroySnapshot(cluster: Cluster, id: SnapshotId): Answer<Operation> {
  const s = cluster.collector.snapshot;
  const snapshot = s.snapshots?.items.get(id);
  if (!snapshot) return fail(missing(s, s.snapshots, 'snapshot'));
  if (snapshot.restores > 0) {
    return fail({
      code: 'conflict',
      detail: `${snapshot.restores} restored ${snapshot.restores === 1 ? 'volume still uses' : 'volumes still use'} this snapshot.`,
    });
  }
  const source = s.volumes?.items.get(snapshot.volume);
  return accepted(
    cluster.operations.start({
      kind: 'destroy-snapshot',
      volume: source ? source.id : null,
      name: source ? nameOf(source) : snapshot.volume,
      snapshot: id,
    }),
  );
}
