import type { ChildReason, ChildState, ReplicaStatus, VolumeStatus } from '@/contract/scalars';
import { listOf, plural, stateWords } from './facts';
import type { Copy, JoinedVolume } from './join';

/** How a volume is, from what is really known of its copies. */
export interface Health {
  status: VolumeStatus;
  /** Why, when it is not plainly online. */
  reason: string | null;
  /** Copies known to be complete and reachable. Null: cannot be told. */
  healthy: number | null;
  /** Copies known to be missing or incomplete. */
  lost: number;
}

const REASONS: Partial<Record<ChildReason, string>> = {
  init: 'it is being opened',
  closed: 'it was closed',
  'cannot-open': 'it cannot be opened',
  'config-invalid': 'its size does not fit',
  'rebuild-failed': 'its rebuild failed',
  'io-failure': 'I/O failure',
  'by-client': 'taken out by an administrator',
  'out-of-sync': 'it lacks newer writes',
  'no-space': 'its pool is full',
  'timed-out': 'it took too long to answer',
  'admin-failed': 'an NVMe command failed',
  'hot-removed': 'its device was removed',
};

/** A child's reason in words; null for none. */
export const reasonWords = (reason: ChildReason): string | null =>
  reason === 'none'
    ? null
    : (REASONS[reason] ?? (reason.startsWith('unrecognized:') ? `reason ${reason.slice(13)}` : reason));

/** Whether a copy is complete and can be read now. Undefined: cannot be told. */
export function copyIsHealthy(v: JoinedVolume, copy: Copy): boolean | undefined {
  if (v.target.kind === 'known') {
    // The nexus is the judge of its children, whatever agent-core has cached of the replica.
    return copy.child ? isWell(copy.child.state) : false;
  }
  if (v.target.kind === 'unknown' || copy.silence) return undefined;
  return isWell(copy.replica.status);
}

/** A state that nobody knows, as of a newer server, is neither well nor lost. */
function isWell(state: ChildState | ReplicaStatus): boolean | undefined {
  if (state === 'online') return true;
  return state === 'degraded' || state === 'faulted' ? false : undefined;
}

/** Where a copy lies, for sentences. */
export const placeOf = (copy: Copy): string => copy.replica.node ?? copy.replica.pool ?? 'an unknown node';

/** Judges a volume. agent-core calls every unpublished volume online, its nodes up or not (behaviour facts, 1.4). */
export function healthOf(v: JoinedVolume): Health {
  const known = judged.get(v);
  if (known) return known;
  const health = judge(v);
  judged.set(v, health);
  return health;
}

// A join keeps its identity while it says the same, and so does the verdict on it.
const judged = new WeakMap<JoinedVolume, Health>();

function judge(v: JoinedVolume): Health {
  if (v.target.kind === 'unknown') return { status: 'unknown', reason: v.target.why, healthy: null, lost: 0 };
  const verdicts = v.copies.map((copy) => ({ copy, healthy: copyIsHealthy(v, copy) }));
  const unknown = verdicts.filter((x) => x.healthy === undefined);
  const bad = verdicts.filter((x) => x.healthy === false);
  const healthy = verdicts.filter((x) => x.healthy === true).length;
  const missing = Math.max(0, v.model.replicas - v.copies.length);
  if (v.target.kind === 'none' && unknown.length > 0) {
    const why = listOf([
      ...new Set(unknown.map((x) => x.copy.silence?.sentence ?? `the copy on ${placeOf(x.copy)} does not tell`)),
    ]);
    return {
      status: 'unknown',
      reason: `${plural(unknown.length, 'copy', 'copies')} cannot be checked: ${why}`,
      healthy: null,
      lost: bad.length + missing,
    };
  }
  const lost = bad.length + missing;
  const status = statusOf(v, healthy, lost);
  return {
    status,
    reason:
      status === 'online'
        ? null
        : reasonOf(
            v,
            bad.map((x) => x.copy),
            missing,
          ),
    healthy: unknown.length > 0 ? null : healthy,
    lost,
  };
}

function statusOf(v: JoinedVolume, healthy: number, lost: number): VolumeStatus {
  const said = v.target.kind === 'known' ? v.target.nexus.status : v.model.status;
  if (said !== 'online') return said;
  if (lost > 0) return healthy > 0 ? 'degraded' : 'faulted';
  // As agent-core counts: a target with one child too few is degraded, whatever its children say.
  if (v.target.kind === 'known' && v.target.nexus.children.length < v.model.replicas) return 'degraded';
  return 'online';
}

function reasonOf(v: JoinedVolume, bad: readonly Copy[], missing: number): string {
  const parts = bad.map((copy) => {
    const rebuild = copy.child?.rebuildProgress ?? copy.replica.rebuildProgress;
    const running = v.rebuilds.some((r) => r.stats.childUri === copy.child?.uri);
    if (running || (copy.child?.state === 'degraded' && rebuild !== undefined))
      return `the copy on ${placeOf(copy)} is being rebuilt`;
    if (!copy.child && v.target.kind === 'known') {
      return copy.silence
        ? `lost the copy on ${placeOf(copy)}: ${copy.silence.sentence}`
        : `the copy on ${placeOf(copy)} is not attached to the target`;
    }
    const why = copy.silence?.sentence ?? (copy.child ? reasonWords(copy.child.reason) : null);
    return `lost the copy on ${placeOf(copy)}${why ? `: ${why}` : ''}`;
  });
  if (missing > 0) parts.push(`${plural(missing, 'copy is', 'copies are')} missing and not yet replaced`);
  if (parts.length > 0) return parts.join('; ');
  if (v.target.kind === 'known' && v.target.nexus.status === 'faulted') return 'no copy can be used by the target';
  return `the control plane says ${stateWords(v.model.status)}`;
}
