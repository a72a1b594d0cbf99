import { createHash } from 'node:crypto';
import type { IoRate } from '@/contract/io';
import type { Observed, RowObserved, SourceState } from '@/contract/source';
import type { ReadAt, VolumeModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';

/** ISO 8601 in UTC with milliseconds. */
export const instant = (at: ReadAt): string => new Date(at).toISOString();
export const instantOrNull = (at: ReadAt | undefined): string | null => (at === undefined ? null : instant(at));

/** No number of bytes on the wire is larger; sums and products of broken ones may be. */
const MOST = 2n ** 64n - 1n;

/** Decimal digits, because JSON numbers lose precision above 2^53; kept within 64 bits. */
export const digits = (n: bigint): string => (n < 0n ? 0n : n > MOST ? MOST : n).toString();
export const digitsOrNull = (n: bigint | undefined): string | null => (n === undefined ? null : digits(n));

/** Own properties only, so that a label called `__proto__` stays data. */
export const labelsOf = (labels: ReadonlyMap<string, string>): Record<string, string> => Object.fromEntries(labels);

/** A moment inside a sentence. */
export const clock = (iso: string): string => `${iso.slice(11, 19)} UTC`;

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

/** "a, b and c". */
export function listOf(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** "about 3 min", "about 2 h". */
export function about(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  if (seconds < 5_400) return `about ${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `about ${Math.round(seconds / 3_600)} h`;
  return `about ${Math.round(seconds / 86_400)} days`;
}

/** The PVC of a volume, when its labels name one. */
export function pvcOf(v: VolumeModel): { namespace: string; name: string } | null {
  const name = v.labels.get('csi.storage.k8s.io/pvc/name') ?? v.labels.get('pvc-name');
  if (!name) return null;
  return {
    namespace: v.labels.get('csi.storage.k8s.io/pvc/namespace') ?? v.labels.get('pvc-namespace') ?? 'default',
    name,
  };
}

/** What people call a volume: its PVC, else its `name` label, else its id. */
export const nameOf = (v: VolumeModel): string => pvcOf(v)?.name ?? (v.labels.get('name') || v.id);

// Memory of a pure result, dropped with its snapshot: a list of 10,000 rows asks for each row's source.
const indexes = new WeakMap<readonly SourceState[], ReadonlyMap<string, SourceState>>();

function sourceOf(s: ClusterSnapshot, key: string): SourceState | undefined {
  let index = indexes.get(s.sources);
  if (!index) {
    index = new Map(s.sources.map((x) => [x.source === 'io-engine' ? `io-engine:${x.node}` : x.source, x]));
    indexes.set(s.sources, index);
  }
  return index.get(key);
}

export const agentCoreSource = (s: ClusterSnapshot): SourceState | undefined => sourceOf(s, 'agent-core');
export const engineSource = (s: ClusterSnapshot, node: string): SourceState | undefined =>
  sourceOf(s, `io-engine:${node}`);

/** A state in a sentence: that of a newer server is "unknown (7)". */
export const stateWords = (state: string): string => state.replace(/^unrecognized:(-?\d+)$/, 'unknown ($1)');

/** The sentence that refuses every change while the control plane is silent; undefined while it answers. */
export function coreSilence(s: ClusterSnapshot): string | undefined {
  const core = agentCoreSource(s);
  if (core?.status !== 'failing') return undefined;
  return `The control plane does not answer since ${clock(core.lastOkAt ?? core.since)}.`;
}

/** Sources that do not answer, or were not asked yet: those that do would change on the stream with every reading. */
export const openSources = (s: ClusterSnapshot): SourceState[] => s.sources.filter((x) => x.status !== 'ok');

const QUIET_MS = 10_000;
/** A moment that moves on every 10 s only, for what is followed live and counted up by the page. */
export const quietly = (at: ReadAt): ReadAt => Math.floor(at / QUIET_MS) * QUIET_MS;

/** A source for an answer that is followed live: while it answers, its moments are rounded down and the next one is left out. */
export const quietSource = (x: SourceState): SourceState =>
  x.status === 'ok' && x.lastOkAt !== null
    ? { ...x, lastOkAt: instant(quietly(Date.parse(x.lastOkAt))), nextTryAt: null }
    : x;

/** Sources that do not answer now. */
export const failingSources = (s: ClusterSnapshot): SourceState[] => s.sources.filter((x) => x.status === 'failing');

export function fromAgentCore(s: ClusterSnapshot, at: ReadAt | undefined): Observed {
  return { source: 'agent-core', at: instant(at ?? s.at), stale: agentCoreSource(s)?.status !== 'ok' };
}

export function fromEngine(s: ClusterSnapshot, node: string, at: ReadAt): Observed {
  return { source: 'io-engine', node, at: instant(at), stale: engineSource(s, node)?.status !== 'ok' };
}

/** The last reading of a silent node's io-engine, marked old; agent-core's when there was none. */
export function staleOf(s: ClusterSnapshot, node: string): Observed {
  const engine = s.engines.get(node);
  const observed = engine ? fromEngine(s, node, engine.at) : fromAgentCore(s, s.nodes?.at);
  return { ...observed, stale: true };
}

/** For rows of lists: what is fresh is as current as the list itself and needs no moment of its own (contract/source.ts). */
export const ofRow = (o: Observed): RowObserved => (o.stale ? o : { ...o, at: null });

/** `ofRow` of what an io-engine said, without making a moment of it that nobody needs: this is asked for each row of each snapshot. */
export const rowFromEngine = (s: ClusterSnapshot, node: string, at: ReadAt): RowObserved =>
  engineSource(s, node)?.status === 'ok'
    ? { source: 'io-engine', node, at: null, stale: false }
    : ofRow(fromEngine(s, node, at));

/** The same of what agent-core said. */
export const rowFromAgentCore = (s: ClusterSnapshot, at: ReadAt | undefined): RowObserved =>
  agentCoreSource(s)?.status === 'ok' ? { source: 'agent-core', at: null, stale: false } : ofRow(fromAgentCore(s, at));

/** A row outside of its list, with the moment of its reading. */
export const onItsOwn = <R extends { observed: RowObserved }>(row: R, at: ReadAt): R => ({
  ...row,
  observed: { ...row.observed, at: row.observed.at ?? instant(at) },
});

/** Three digits are shown; more would change on the stream with every reading, and say nothing. */
export function threeDigits(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const power = Math.floor(Math.log10(Math.abs(x))) - 2;
  // Scaled by whole powers of ten both ways, so that 0.123 comes out as 0.123 and not as its neighbour.
  const scale = 10 ** Math.abs(power);
  return power > 0 ? Math.round(x / scale) * scale : Math.round(x * scale) / scale;
}

/** A rate for a row of a list. */
export function rowRate(rate: IoRate | null): IoRate | null {
  if (!rate) return null;
  const latency = (us: number | null) => (us === null ? null : threeDigits(us));
  return {
    readIops: threeDigits(rate.readIops),
    writeIops: threeDigits(rate.writeIops),
    readBytesPerSecond: threeDigits(rate.readBytesPerSecond),
    writeBytesPerSecond: threeDigits(rate.writeBytesPerSecond),
    readLatencyUs: latency(rate.readLatencyUs),
    writeLatencyUs: latency(rate.writeLatencyUs),
  };
}

/** A quoted entity tag over the given values. */
export function etagOf(values: unknown): string {
  const text = JSON.stringify(values, (_, v) =>
    typeof v === 'bigint' ? v.toString() : v instanceof Map ? [...v].sort() : v,
  );
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/** Sum of rates; a latency is weighted with its operations. Undefined for no rates at all: unknown is not 0. */
export function sumRates(rates: readonly IoRate[]): IoRate | null {
  if (rates.length === 0) return null;
  const sum = (f: (r: IoRate) => number) => rates.reduce((a, r) => a + f(r), 0);
  const mean = (value: (r: IoRate) => number | null, weight: (r: IoRate) => number) => {
    const known = rates.filter((r) => value(r) !== null && weight(r) > 0);
    const total = known.reduce((a, r) => a + weight(r), 0);
    return total > 0 ? known.reduce((a, r) => a + (value(r) ?? 0) * weight(r), 0) / total : null;
  };
  return {
    readIops: sum((r) => r.readIops),
    writeIops: sum((r) => r.writeIops),
    readBytesPerSecond: sum((r) => r.readBytesPerSecond),
    writeBytesPerSecond: sum((r) => r.writeBytesPerSecond),
    readLatencyUs: mean(
      (r) => r.readLatencyUs,
      (r) => r.readIops,
    ),
    writeLatencyUs: mean(
      (r) => r.writeLatencyUs,
      (r) => r.writeIops,
    ),
  };
}
