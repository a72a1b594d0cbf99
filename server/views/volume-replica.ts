import type { VolumeReplica } from '@/contract/volume';
import { digitsOrNull, fromAgentCore, fromEngine, instantOrNull, staleOf, stateWords } from './facts';
import { reasonWords } from './health';
import { type Copy, type Joined, type JoinedVolume, targetReadAt } from './join';
import { rateOf } from './volume-row';

/** A lane of the I/O path: replica, child, pool and node. What lies on a silent node is unknown, with its reason. */
export function replicaLane(j: Joined, v: JoinedVolume, copy: Copy): VolumeReplica {
  const s = j.snapshot;
  const { replica, listed, child, silence } = copy;
  const pool = replica.pool === undefined ? undefined : s.pools?.items.get(replica.pool);
  const node = replica.node === undefined ? undefined : s.nodes?.items.get(replica.node);
  const target = v.target;
  const live = target.kind === 'known' && target.from === 'io-engine';
  const engine = replica.node === undefined || silence ? undefined : s.engines.get(replica.node);
  return {
    id: replica.id,
    uri: listed?.uri ?? child?.uri ?? null,
    status: silence ? 'unknown' : (listed?.status ?? replica.status),
    pool:
      replica.pool === undefined
        ? null
        : {
            id: replica.pool,
            status: silence ? 'unknown' : (pool?.state?.status ?? 'unknown'),
            disks: pool?.spec?.disks ?? pool?.state?.disks ?? [],
          },
    node:
      replica.node === undefined
        ? null
        : {
            id: replica.node,
            status: silence ? (node?.status === 'offline' ? 'offline' : 'unknown') : (node?.status ?? 'unknown'),
          },
    local: target.kind === 'known' && replica.node === target.nexus.node,
    child:
      child && target.kind === 'known'
        ? {
            uri: child.uri,
            state: child.state,
            reason: child.reason,
            faultedAt: instantOrNull(child.faultedAt),
            hasIoLog: child.hasIoLog ?? null,
            rebuildProgress: child.rebuildProgress ?? null,
            observed: live
              ? fromEngine(s, target.nexus.node, targetReadAt(s, target))
              : fromAgentCore(s, s.volumes?.at),
          }
        : null,
    sentence: sentenceOf(v, copy),
    sizeBytes: digitsOrNull(listed?.sizeBytes),
    allocatedBytes: silence ? null : digitsOrNull(listed?.allocatedBytes ?? replica.usage?.allocatedBytes),
    allocatedSnapshotBytes: silence
      ? null
      : digitsOrNull(listed?.allocatedSnapshotBytes ?? replica.usage?.allocatedSnapshotBytes),
    io: silence ? null : rateOf(s, `replica:${replica.id}`),
    nodeIo: silence || replica.node === undefined ? null : rateOf(s, `node:${replica.node}`),
    poolIo: silence || replica.pool === undefined ? null : rateOf(s, `pool:${replica.pool}`),
    observed:
      silence && replica.node !== undefined
        ? staleOf(j.snapshot, replica.node)
        : engine
          ? fromEngine(s, engine.node, engine.at)
          : fromAgentCore(s, s.replicas?.at),
  };
}

/** How the copy is and why, in words. */
export function sentenceOf(v: JoinedVolume, copy: Copy): string {
  const { child, silence } = copy;
  if (v.target.kind === 'unknown') return `Not known: ${v.target.why}.`;
  if (v.target.kind === 'known') {
    if (!child)
      return silence
        ? `Not part of the target: ${silence.sentence}.`
        : 'Not attached to the target; self-heal attaches it and rebuilds it.';
    const why = reasonWords(child.reason);
    if (child.state === 'online')
      return silence ? `The target still uses it, but ${silence.sentence}.` : 'Complete and in use.';
    const rebuild = v.rebuilds.find((r) => r.stats.childUri === child.uri);
    if (rebuild || child.rebuildProgress !== undefined) {
      const kind = rebuild ? (rebuild.stats.isPartial ? ' of the changes' : ' in full') : '';
      return `Being rebuilt${kind}: ${rebuild?.stats.progress ?? child.rebuildProgress} % done.`;
    }
    if (child.state === 'faulted') {
      const log = child.hasIoLog ? ' Changes are being logged, so a short rebuild will do.' : '';
      return `Out of use${why ? `: ${why}` : ''}${silence ? `; ${silence.sentence}` : ''}.${log}`;
    }
    if (child.state === 'degraded') return `Not complete yet${why ? `: ${why}` : ''}.`;
    return `In a state that this console cannot tell${why ? `: ${why}` : ''}.`;
  }
  if (silence) return `Not known: ${silence.sentence}.`;
  if (copy.replica.status === 'online') return 'Ready; the volume is not published.';
  return `The control plane says ${stateWords(copy.replica.status)}.`;
}
