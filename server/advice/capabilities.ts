import type { Capability, Volume } from '@/contract/volume';
import type { ClusterSnapshot } from '../model/snapshot';
import { coreSilence, pvcOf } from '../views/facts';
import { copyIsHealthy, healthOf } from '../views/health';
import type { JoinedVolume } from '../views/join';

const yes: Capability = { allowed: true };
const no = (reason: string): Capability => ({ allowed: false, reason });
/** Refused to everybody but those who hold the permission to force it. */
const guarded = (reason: string): Capability => ({ allowed: false, reason, needsForce: true });

/** What stands in the way of any change; undefined when nothing does. */
function blocked(s: ClusterSnapshot, v: JoinedVolume): Capability | undefined {
  const silence = coreSilence(s);
  if (silence) return no(silence);
  if (v.model.specStatus === 'creating') return no('It is still being created.');
  if (v.model.specStatus !== 'created') return no('It is being deleted.');
  return undefined;
}

export function canPublish(s: ClusterSnapshot, v: JoinedVolume): Capability {
  const wall = blocked(s, v);
  if (wall) return wall;
  if (v.model.target) return no(`It is published on ${v.model.target.node} already.`);
  if (!v.copies.some((c) => copyIsHealthy(v, c))) return no('No copy of it can be reached now.');
  return yes;
}

export function canUnpublish(s: ClusterSnapshot, v: JoinedVolume): Capability {
  return blocked(s, v) ?? (v.model.target ? yes : no('It is not published.'));
}

/** agent-core adds a replica only to a volume that is online (behaviour facts, 3.8). */
export function canIncreaseReplicas(s: ClusterSnapshot, v: JoinedVolume): Capability {
  const wall = blocked(s, v);
  if (wall) return wall;
  const { status, reason } = healthOf(v);
  if (status !== 'online')
    return no(`Copies are added to an online volume only; this one is ${status}${reason ? `: ${reason}` : ''}.`);
  if (v.model.replicas >= 255) return no('255 copies is the most a volume can have.');
  const nodes = new Set([...(s.nodes?.items.keys() ?? [])]);
  if (nodes.size > 0 && v.model.replicas >= nodes.size) {
    return no(`Every copy needs its own node, and the cluster has ${nodes.size}.`);
  }
  return yes;
}

/** Never below one healthy copy, and never on a guess: what cannot be told counts as not healthy. */
export function canDecreaseReplicas(s: ClusterSnapshot, v: JoinedVolume): Capability {
  const wall = blocked(s, v);
  if (wall) return wall;
  if (v.model.replicas <= 1) return no('This is the last copy.');
  const { healthy, reason } = healthOf(v);
  if (healthy === null)
    return guarded(`It cannot be told how many copies are healthy: ${reason ?? 'a copy does not tell its state'}.`);
  if (healthy === 0) return guarded('No copy is healthy.');
  // With one healthy copy agent-core would take an unhealthy one; that is right only while such a one is there to take.
  if (healthy === 1 && v.copies.length <= 1) return guarded('The only copy left is the last healthy copy.');
  if (v.model.affinityGroup !== undefined && v.model.replicas <= 2) {
    return no('A volume of an affinity group keeps at least 2 copies.');
  }
  return yes;
}

export function canResize(s: ClusterSnapshot, v: JoinedVolume): Capability {
  const wall = blocked(s, v);
  if (wall) return wall;
  const away = v.copies.find((c) => c.silence);
  if (away?.silence) return no(`All copies must be online to grow it: ${away.silence.sentence}.`);
  const { status } = healthOf(v);
  if (v.model.target && status !== 'online' && status !== 'degraded') return no(`Its target is ${status}.`);
  return yes;
}

export function canSnapshot(s: ClusterSnapshot, v: JoinedVolume): Capability {
  const wall = blocked(s, v);
  if (wall) return wall;
  if (v.model.maxSnapshots !== undefined && v.model.numSnapshots >= v.model.maxSnapshots) {
    return no(`It has the ${v.model.maxSnapshots} snapshots that it may have.`);
  }
  const { status } = healthOf(v);
  if (status !== 'online') return no(`A snapshot needs every copy; the volume is ${status}.`);
  return yes;
}

export function canDestroy(s: ClusterSnapshot, v: JoinedVolume): Capability {
  const wall = blocked(s, v);
  // A volume that is stuck in deletion may be told so again.
  if (wall && v.model.specStatus !== 'deleting') return wall;
  const claim = pvcOf(v.model);
  if (claim)
    return no(
      `It belongs to the claim ${claim.namespace}/${claim.name}: delete the claim in Kubernetes, which deletes it.`,
    );
  if (v.model.target)
    return guarded(`It is published on ${v.model.target.node}, and may be in use there: unpublish it first.`);
  return yes;
}

/** All capabilities of a volume, for its page and for the server's own checks. */
export function actionsOf(s: ClusterSnapshot, v: JoinedVolume): Volume['actions'] {
  return {
    publish: canPublish(s, v),
    unpublish: canUnpublish(s, v),
    increaseReplicas: canIncreaseReplicas(s, v),
    decreaseReplicas: canDecreaseReplicas(s, v),
    resize: canResize(s, v),
    createSnapshot: canSnapshot(s, v),
    destroy: canDestroy(s, v),
  };
}
