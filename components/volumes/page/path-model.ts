import type { IoRate } from '@/contract/io';
import type { Observed } from '@/contract/source';
import type { Volume, VolumeReplica } from '@/contract/volume';
import { diskName, rateText, statusText, statusTone, type Tone, throughputText } from '../../ui/format';

/** One box of the I/O path. */
export interface Hop {
  key: string;
  kind: string;
  name: string;
  tone: Tone;
  /** State in words. */
  state: string;
  /** What is to be said beside the state: a reason. */
  detail?: string;
  /** Where more is said of it: its page, or its place on this one. */
  href?: string;
  /** The rate on the way into this box; null: not known; undefined: nothing to say. */
  rate?: IoRate | null;
  /** Set where the state is an old one: when it was read. */
  asOf?: string;
}

export interface Lane {
  id: string;
  hops: Hop[];
  /** Percent of a rebuild into this lane's replica. */
  rebuild: number | null;
  /** What is to be said about this copy, in one sentence. */
  sentence: string;
}

export interface IoPath {
  /** Application node and target; empty for a volume without a target. */
  front: Hop[];
  lanes: Lane[];
}

/** A rate in few words: "120 IOPS, 1.2 MiB/s"; null is "rate unknown". */
export function rateWords(rate: IoRate | null | undefined): string | undefined {
  if (rate === undefined) return undefined;
  if (rate === null) return 'rate unknown';
  return `${rateText(rate.readIops + rate.writeIops)} IOPS, ${throughputText(rate.readBytesPerSecond + rate.writeBytesPerSecond)}`;
}

/** Places of the volume's own page. */
export const replicaAnchor = (id: string): string => `replica-${id.slice(0, 8)}`;
export const SPEC_ANCHOR = 'wanted-and-found';

/** A reason behind a state, as the rest of a sentence: `I/O failure` keeps its letters. */
const reasonText = (reason: string) =>
  reason === 'none' ? undefined : statusText(reason).replace(/^[A-Z](?!\/)/, (first) => first.toLowerCase());
const asOf = (o: Observed): { asOf?: string } => (o.stale ? { asOf: o.at } : {});
const UNKNOWN = { name: 'unknown', tone: 'unknown', state: 'Unknown', rate: null } as const;

/** The way of an I/O from the application to the disks, as boxes in order. */
export function ioPath(cluster: string, v: Volume): IoPath {
  const base = `/c/${cluster}`;
  return {
    front: v.row.published ? [application(v), target(base, v)] : [],
    lanes: v.replicas.map((r) => lane(base, v, r)),
  };
}

function application(v: Volume): Hop {
  return {
    key: 'app',
    kind: 'Application node',
    name: v.appNodes.join(', ') || 'Any host',
    ...served(v.target?.status),
    // What the target takes is what applications send.
    rate: v.target?.io ?? null,
    href: `#${SPEC_ANCHOR}`,
  };
}

/** What a target of this status does for those who use it: a degraded one serves all their I/O. */
function served(status: string | undefined): Pick<Hop, 'tone' | 'state'> {
  if (status === 'online' || status === 'degraded') return { tone: 'ok', state: 'I/O is served' };
  if (status === 'faulted') return { tone: 'bad', state: 'I/O fails' };
  return { tone: 'unknown', state: 'Unknown' };
}

function target(base: string, v: Volume): Hop {
  const node = v.target?.node ?? v.row.targetNode;
  const href = node ? `${base}/nodes/${encodeURIComponent(node)}` : undefined;
  const hop = { key: 'target', kind: 'Target (nexus)', href };
  if (!v.target) return { ...UNKNOWN, ...hop, name: node ?? 'unknown', detail: 'its node does not answer' };
  const { status, io, observed } = v.target;
  return {
    ...hop,
    name: v.target.node,
    tone: statusTone(status),
    state: statusText(status),
    rate: io,
    ...asOf(observed),
  };
}

function lane(base: string, v: Volume, r: VolumeReplica): Lane {
  const hops = [...(v.row.published ? [child(v, r)] : []), replica(r), pool(base, r), disk(base, r), node(base, r)];
  return { id: r.id, hops, rebuild: r.child?.rebuildProgress ?? null, sentence: r.sentence };
}

function child(v: Volume, { id, child: c, local, io }: VolumeReplica): Hop {
  const hop = { key: 'child', kind: 'Child', href: `#${replicaAnchor(id)}`, rate: io };
  if (!c) {
    const name = v.targetUnknown ? 'not known' : 'not in the target';
    return { ...hop, name, tone: 'unknown', state: v.targetUnknown ? 'Unknown' : 'None' };
  }
  return {
    ...hop,
    name: local ? 'local' : 'over NVMe-oF',
    tone: statusTone(c.state),
    state: statusText(c.state),
    detail: reasonText(c.reason),
    ...asOf(c.observed),
  };
}

const replica = (r: VolumeReplica): Hop => ({
  key: 'replica',
  kind: 'Replica',
  name: r.id.slice(0, 8),
  tone: statusTone(r.status),
  state: statusText(r.status),
  rate: r.io,
  href: `#${replicaAnchor(r.id)}`,
  ...asOf(r.observed),
});

function pool(base: string, { pool: p, poolIo, observed }: VolumeReplica): Hop {
  const hop = { key: 'pool', kind: 'Pool' };
  if (!p) return { ...UNKNOWN, ...hop };
  const href = `${base}/pools/${encodeURIComponent(p.id)}`;
  const state = { tone: statusTone(p.status), state: statusText(p.status), ...asOf(observed) };
  return { ...hop, ...state, name: p.id, rate: poolIo, href };
}

/** Reasons of a child for which its disk is the first to look at. */
const DISK_REASONS = new Set<string>(['io-failure', 'admin-failed']);

/**
 * Mayastor tells no state of a disk. It serves as long as its pool is online; and where a target saw I/O fail on the copy that
 * lies on it, it is under suspicion.
 */
function disk(base: string, { pool: p, poolIo, child: c, node: n, observed }: VolumeReplica): Hop {
  const path = p?.disks[0];
  const hop = {
    key: 'disk',
    kind: 'Disk',
    href: n ? `${base}/nodes/${encodeURIComponent(n.id)}#block-devices` : undefined,
  };
  if (!p || path === undefined) return { ...UNKNOWN, ...hop };
  const known = { ...hop, name: diskName(path), rate: poolIo, ...asOf(observed) };
  if (p.status !== 'online' && p.status !== 'degraded')
    return { ...known, tone: statusTone(p.status), state: statusText(p.status) };
  if (c?.state === 'faulted' && DISK_REASONS.has(c.reason))
    return { ...known, tone: 'warn', state: 'Suspected', detail: 'I/O failed on this copy' };
  return { ...known, tone: 'ok', state: 'Serves its pool' };
}

function node(base: string, { node: n, nodeIo, observed }: VolumeReplica): Hop {
  const hop = { key: 'node', kind: 'Node' };
  if (!n) return { ...UNKNOWN, ...hop };
  const state = { tone: statusTone(n.status), state: statusText(n.status), ...asOf(observed) };
  return { ...hop, ...state, name: n.id, rate: nodeIo, href: `${base}/nodes/${encodeURIComponent(n.id)}` };
}
