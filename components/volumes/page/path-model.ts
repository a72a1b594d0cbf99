import type { IoRate } from '@/contract/io';
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
  /** A second line: size, reason, disk. */
  detail?: string;
  href?: string;
  /** The rate on the way into this box; null: not known; undefined: nothing to say. */
  rate?: IoRate | null;
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

const reasonText = (reason: string) => (reason === 'none' ? undefined : statusText(reason).toLowerCase());

/** The way of an I/O from the application to the disks, as boxes in order. */
export function ioPath(cluster: string, v: Volume): IoPath {
  const base = `/c/${cluster}`;
  return { front: front(base, v), lanes: v.replicas.map((r) => lane(base, v, r)) };
}

function front(base: string, v: Volume): Hop[] {
  if (!v.row.published) return [];
  const names = v.appNodes.length > 0 ? v.appNodes.join(', ') : 'Any host';
  const app: Hop = {
    key: 'app',
    kind: 'Application node',
    name: names,
    tone: 'unknown',
    state: v.appNodes.length > 0 ? 'allowed to connect' : 'no host is named',
  };
  const node = v.target?.node ?? v.row.targetNode;
  const target: Hop = v.target
    ? {
        key: 'target',
        kind: 'Target (nexus)',
        name: v.target.node,
        tone: statusTone(v.target.status),
        state: statusText(v.target.status),
        rate: v.target.io,
        href: `${base}/nodes/${encodeURIComponent(v.target.node)}`,
      }
    : {
        key: 'target',
        kind: 'Target (nexus)',
        name: node ?? 'unknown',
        tone: 'unknown',
        state: 'Unknown',
        detail: 'its node does not answer',
        rate: null,
        href: node ? `${base}/nodes/${encodeURIComponent(node)}` : undefined,
      };
  return [app, target];
}

function lane(base: string, v: Volume, r: VolumeReplica): Lane {
  const hops: Hop[] = [];
  if (v.row.published) {
    hops.push(
      r.child
        ? {
            key: 'child',
            kind: 'Child',
            name: r.local ? 'local' : 'over NVMe-oF',
            tone: statusTone(r.child.state),
            state: statusText(r.child.state),
            detail: reasonText(r.child.reason),
            rate: r.io,
          }
        : {
            key: 'child',
            kind: 'Child',
            name: v.targetUnknown ? 'not known' : 'not in the target',
            tone: 'unknown',
            state: v.targetUnknown ? 'Unknown' : 'None',
            rate: r.io,
          },
    );
  }
  hops.push({
    key: 'replica',
    kind: 'Replica',
    name: r.id.slice(0, 8),
    tone: statusTone(r.status),
    state: statusText(r.status),
  });
  hops.push(
    r.pool
      ? {
          key: 'pool',
          kind: 'Pool',
          name: r.pool.id,
          tone: statusTone(r.pool.status),
          state: statusText(r.pool.status),
          rate: r.poolIo,
          href: `${base}/pools/${encodeURIComponent(r.pool.id)}`,
        }
      : { key: 'pool', kind: 'Pool', name: 'unknown', tone: 'unknown', state: 'Unknown' },
  );
  const disk = r.pool?.disks[0];
  hops.push({
    key: 'disk',
    kind: 'Disk',
    name: disk ? diskName(disk) : 'unknown',
    tone: 'unknown',
    state: disk ?? 'Unknown',
  });
  hops.push(
    r.node
      ? {
          key: 'node',
          kind: 'Node',
          name: r.node.id,
          tone: statusTone(r.node.status),
          state: statusText(r.node.status),
          href: `${base}/nodes/${encodeURIComponent(r.node.id)}`,
        }
      : { key: 'node', kind: 'Node', name: 'unknown', tone: 'unknown', state: 'Unknown' },
  );
  return { id: r.id, hops, rebuild: r.child?.rebuildProgress ?? null, sentence: r.sentence };
}
