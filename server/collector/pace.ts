import type { ClusterSnapshot } from '@/server/model/snapshot';

/** So much longer is the interval while nobody looks and nothing moves. */
const IDLE_FACTOR = 5;
/** A request keeps the cluster watched for so long: whoever asks once asks again. */
const LOOK_MS = 15_000;
/** Time for one reading of an io-engine that is always affordable. */
const AFFORDABLE_MS = 50;
/** Time for what one volume is of a pass over agent-core. */
const AFFORDABLE_VOLUME_MS = 1;

export interface PaceOptions {
  now: () => number;
  /** Whether a tab follows the cluster live. */
  isWatched: () => boolean;
  /** Whether something is under way that will change soon. */
  isInTransition: () => boolean;
  /** By how much reading many nodes is to be stretched (`Strain`). */
  strain: () => number;
}

/**
 * How often a cluster is read: at the full rate while somebody looks or something is in transition, a fifth of it otherwise. What
 * upstreams can afford comes on top (`Source`): a slow one is read less often, whoever looks. What this process can afford
 * stretches the interval of many nodes, apart from those whose own page is open or that rebuild.
 */
export class Pace {
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: PaceOptions) {}

  /** Notes that somebody looks; true when nobody did just before, so that what is known may be old. */
  look(): boolean {
    const wasFast = this.isFast;
    this.#lookedAt = this.options.now();
    return !wasFast;
  }

  get isFast(): boolean {
    const { now, isWatched, isInTransition } = this.options;
    return now() - this.#lookedAt < LOOK_MS || isWatched() || isInTransition();
  }

  /** The interval of now, of the one at the full rate. */
  interval(fullMs: number): number {
    return this.isFast ? fullMs : fullMs * IDLE_FACTOR;
  }

  /** The interval of agent-core, which lists so many volumes. */
  coreInterval(fullMs: number, volumes: number): number {
    return Math.max(this.interval(fullMs), Math.min(fullMs * this.options.strain(), volumes * AFFORDABLE_VOLUME_MS));
  }

  /** The interval of one of `nodes` io-engines; those of which more is wanted come before the many. */
  nodeInterval(fullMs: number, nodes: number, isWanted: boolean): number {
    const ms = this.interval(fullMs);
    if (isWanted) return ms;
    // A small cluster is never read less often: what keeps the thread busy is not its reading.
    return Math.max(ms, Math.min(fullMs * this.options.strain(), nodes * AFFORDABLE_MS));
  }
}

/** Snapshots whose objects were looked through, dropped with them. */
const seen = new WeakMap<ReadonlyMap<string, unknown>, boolean>();

/** Whether a rebuild runs, a node drains, or something is being made or deleted. */
export function inTransition(s: ClusterSnapshot): boolean {
  return (
    s.running.length > 0 ||
    some(s.volumes?.items, (v) => v.specStatus !== 'created') ||
    some(s.pools?.items, (p) => p.spec !== undefined && p.spec.status !== 'created') ||
    some(s.nodes?.items, (n) => n.cordon.state === 'draining')
  );
}

function some<T>(items: ReadonlyMap<string, T> | undefined, test: (item: T) => boolean): boolean {
  if (!items) return false;
  let found = seen.get(items);
  if (found === undefined) {
    found = [...items.values()].some(test);
    seen.set(items, found);
  }
  return found;
}
