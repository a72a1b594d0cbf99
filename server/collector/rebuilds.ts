import type { ChildReason, RebuildState } from '@/contract/scalars';
import type { ChildModel, EngineReading, NexusModel, RebuildStatsModel, ReplicaModel } from '@/server/model/model';
import type { EndedRebuild, RunningRebuild } from '@/server/model/snapshot';

/** A copy that was seen out of service. */
interface Loss {
  uri: string;
  reason: ChildReason;
  at: number;
}

interface Tracked extends RunningRebuild {
  /** Device bytes gone over per second, copied or skipped. */
  recoveredPerSecond?: number;
}

/** What is remembered of rebuilds; a value, made anew by each reading. */
export interface RebuildMemory {
  running: ReadonlyMap<string, Tracked>;
  /** Newest first. */
  ended: readonly EndedRebuild[];
  /** By volume (or nexus, when its name is not a volume's): the copies lost and not yet replaced. */
  losses: ReadonlyMap<string, readonly Loss[]>;
}

export const NO_REBUILDS: RebuildMemory = { running: new Map(), ended: [], losses: new Map() };

const MAX_ENDED = 500;
/** Weight of the newest sample: about the last five seconds count at one reading a second. */
const NEWEST = 0.3;

/** What a rebuild's words and estimates need of the replica behind a child's URI. */
export type ReplicaOfUri = (uri: string) => Pick<ReplicaModel, 'pool' | 'allocatedBytes'> | undefined;

const jobKey = (stats: RebuildStatsModel) => `${stats.nexus} ${stats.childUri}`;
const recordKey = (stats: RebuildStatsModel) => `${jobKey(stats)} ${stats.startedAt ?? ''}`;
const ownerOf = (nexus: NexusModel): string => nexus.volume ?? nexus.id;

/**
 * Takes one reading of one io-engine into account: rates and time left of jobs that run, records of those that ended (from
 * the node's own history, else concluded from the child's state), and why each began.
 */
export function trackRebuilds(
  memory: RebuildMemory,
  before: EngineReading | undefined,
  reading: EngineReading,
  replicaOf: ReplicaOfUri,
): RebuildMemory {
  const losses = trackLosses(memory.losses, reading);
  const running = new Map(memory.running);
  const ended = new Map(memory.ended.map((record) => [recordKey(record.stats), record]));
  const nexuses = new Map(reading.nexuses.map((nexus) => [nexus.id, nexus]));
  const now = new Set<string>();

  for (const stats of reading.rebuilds) {
    const key = jobKey(stats);
    now.add(key);
    const earlier = memory.running.get(key);
    const same = earlier && earlier.stats.startedAt === stats.startedAt ? earlier : undefined;
    const nexus = nexuses.get(stats.nexus);
    const why = same ? same.why : nexus && whyOf(nexus, stats.childUri, before, losses, replicaOf);
    running.set(key, measured(same, stats, reading, why, allocatedOf(nexus, stats.childUri, replicaOf)));
  }
  for (const [key, job] of memory.running) {
    if (job.node !== reading.node || now.has(key)) continue;
    running.delete(key);
    ended.set(recordKey(job.stats), conclude(job, nexuses.get(job.stats.nexus), reading));
  }
  for (const stats of reading.history) {
    const key = recordKey(stats);
    const known = ended.get(key);
    const nexus = nexuses.get(stats.nexus);
    // A job that began and ended since the last reading was never seen running.
    const unseen = () => (before && nexus ? whyOf(nexus, stats.childUri, before, losses, replicaOf) : undefined);
    const why = known ? known.why : (memory.running.get(jobKey(stats))?.why ?? unseen());
    ended.set(key, { stats, node: reading.node, at: known?.stats === stats ? known.at : reading.at, why });
  }
  return {
    running,
    ended: settled(memory.ended, [...ended.values()]),
    losses: forgetHealed(losses, reading),
  };
}

function settled(before: readonly EndedRebuild[], after: EndedRebuild[]): readonly EndedRebuild[] {
  after.sort((a, b) => (b.stats.endedAt ?? b.at) - (a.stats.endedAt ?? a.at));
  after.length = Math.min(after.length, MAX_ENDED);
  const same = before.length === after.length && after.every((r, i) => r.stats === before[i]?.stats);
  return same ? before : after;
}

function measured(
  earlier: Tracked | undefined,
  stats: RebuildStatsModel,
  { node, at }: EngineReading,
  why: string | undefined,
  allocatedBytes: bigint | undefined,
): Tracked {
  if (!earlier || at <= earlier.at) return { stats, node, at, why };
  const seconds = (at - earlier.at) / 1000;
  const rate = (a: bigint, b: bigint) => (b < a ? undefined : (Number(b - a) * stats.blockSize) / seconds);
  const bytesPerSecond = smooth(earlier.bytesPerSecond, rate(earlier.stats.blocksTransferred, stats.blocksTransferred));
  const recoveredPerSecond = smooth(
    earlier.recoveredPerSecond,
    rate(earlier.stats.blocksRecovered, stats.blocksRecovered),
  );
  const secondsLeft = timeLeft(stats, allocatedBytes, bytesPerSecond, recoveredPerSecond);
  return { stats, node, at, why, bytesPerSecond, recoveredPerSecond, secondsLeft };
}

/**
 * Seconds until the job ends. What a thin source never wrote is skipped at once (behaviour facts, 7), so what is left to
 * copy counts, at the rate of copying; only where that is not known, what is left to go over, at the rate of going over.
 */
function timeLeft(
  stats: RebuildStatsModel,
  allocatedBytes: bigint | undefined,
  bytesPerSecond: number | undefined,
  recoveredPerSecond: number | undefined,
): number | undefined {
  const remaining = Number(stats.blocksRemaining) * stats.blockSize;
  const uncopied = Number(allocatedBytes ?? 0n) - Number(stats.blocksTransferred) * stats.blockSize;
  if (bytesPerSecond && uncopied > 0) return Math.min(remaining, uncopied) / bytesPerSecond;
  return recoveredPerSecond ? remaining / recoveredPerSecond : undefined;
}

/** Bytes allocated by the copies that a rebuild of `destination` may read from; undefined when no such copy is known. */
function allocatedOf(nexus: NexusModel | undefined, destination: string, replicaOf: ReplicaOfUri): bigint | undefined {
  const sources = nexus?.children.filter((c) => c.uri !== destination && c.state === 'online') ?? [];
  const sizes = sources.map((c) => replicaOf(c.uri)?.allocatedBytes).filter((bytes) => bytes !== undefined);
  return sizes.reduce<bigint | undefined>(
    (most, bytes) => (most === undefined || bytes > most ? bytes : most),
    undefined,
  );
}

const smooth = (before: number | undefined, newest: number | undefined): number | undefined =>
  newest === undefined || before === undefined ? newest : before * (1 - NEWEST) + newest * NEWEST;

/** How a job ended that vanished without a record: with its nexus, or before the record was read. */
function conclude(job: Tracked, nexus: NexusModel | undefined, reading: EngineReading): EndedRebuild {
  const child = nexus?.children.find((c) => c.uri === job.stats.childUri);
  const state: RebuildState =
    child?.state === 'online' ? 'completed' : child?.reason === 'rebuild-failed' ? 'failed' : 'stopped';
  return { stats: { ...job.stats, state, endedAt: reading.at }, node: job.node, at: reading.at, why: job.why };
}

const isLost = (child: ChildModel) =>
  child.state === 'faulted' ||
  (child.state === 'degraded' && child.reason !== 'out-of-sync' && child.reason !== 'init');

function trackLosses(before: RebuildMemory['losses'], reading: EngineReading): RebuildMemory['losses'] {
  let next: Map<string, readonly Loss[]> | undefined;
  for (const nexus of reading.nexuses) {
    for (const child of nexus.children) {
      if (!isLost(child)) continue;
      const known = (next ?? before).get(ownerOf(nexus)) ?? [];
      if (known.some((loss) => loss.uri === child.uri && loss.reason === child.reason)) continue;
      next ??= new Map(before);
      const loss = { uri: child.uri, reason: child.reason, at: child.faultedAt ?? reading.at };
      next.set(ownerOf(nexus), [...known.filter((l) => l.uri !== child.uri), loss]);
    }
  }
  return next ?? before;
}

/** Once every copy of a target is in sync, its losses are history. */
function forgetHealed(losses: RebuildMemory['losses'], reading: EngineReading): RebuildMemory['losses'] {
  const healed = reading.nexuses.filter(
    (nexus) => losses.has(ownerOf(nexus)) && nexus.rebuilds === 0 && nexus.status === 'online',
  );
  if (healed.length === 0) return losses;
  const next = new Map(losses);
  for (const nexus of healed) next.delete(ownerOf(nexus));
  return next;
}

/** Why a rebuild began, in words, from what was seen before it; undefined when nothing was seen. */
function whyOf(
  nexus: NexusModel,
  uri: string,
  before: EngineReading | undefined,
  losses: RebuildMemory['losses'],
  replicaOf: ReplicaOfUri,
): string | undefined {
  const lost = losses.get(ownerOf(nexus)) ?? [];
  const own = lost.find((loss) => loss.uri === uri);
  if (own) return `this copy was lost at ${clockTime(own.at)} (${REASONS[own.reason] ?? own.reason}) and came back`;
  const replaced = lost.at(-1);
  if (replaced) {
    const place = replicaOf(replaced.uri)?.pool;
    const what = place ? `the copy on ${place}` : 'a copy';
    return `replaces ${what}, lost at ${clockTime(replaced.at)} (${REASONS[replaced.reason] ?? replaced.reason})`;
  }
  const earlier = before?.nexuses.find((n) => n.id === nexus.id);
  return earlier && !earlier.children.some((c) => c.uri === uri) ? 'a replica was added' : undefined;
}

const clockTime = (ms: number) => `${new Date(ms).toISOString().slice(11, 19)} UTC`;

const REASONS: Partial<Record<ChildReason, string>> = {
  none: 'no reason given',
  init: 'not open yet',
  closed: 'closed',
  'cannot-open': 'could not be opened',
  'config-invalid': 'invalid configuration',
  'rebuild-failed': 'its rebuild failed',
  'io-failure': 'I/O failure',
  'by-client': 'taken offline on request',
  'no-space': 'its pool was full',
  'timed-out': 'timed out',
  'admin-failed': 'NVMe commands failed',
  'hot-removed': 'the disk was removed',
};
