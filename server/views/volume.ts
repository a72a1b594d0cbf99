import type { VolumeId } from '@/contract/scalars';
import type { Volume, VolumeRaw } from '@/contract/volume';
import { actionsOf } from '../advice/capabilities';
import type { IoTotalsModel, VolumeModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { digits, etagOf, fromAgentCore, fromEngine, instant, instantOrNull, labelsOf, openSources } from './facts';
import { healthOf } from './health';
import { type JoinedVolume, join, targetReadAt } from './join';
import { rebuildOf, unique } from './rebuilds';
import { snapshotRow } from './snapshots';
import { replicaLane } from './volume-replica';
import { rateOf, volumeRowOf } from './volume-row';

/** Entity tag over what a change would overwrite: a change of health alone does not make it stale. */
export function volumeEtag(m: VolumeModel): string {
  return etagOf([
    m.id,
    m.sizeBytes,
    m.replicas,
    m.specStatus,
    m.labels,
    m.target,
    m.maxSnapshots,
    m.numSnapshots,
    m.selfHeal,
  ]);
}

/** Everything the volume page shows; undefined when agent-core lists no such volume. */
export function volumeView(s: ClusterSnapshot, id: VolumeId): Volume | undefined {
  const j = join(s);
  const v = j.volumes.get(id);
  if (!v) return undefined;
  const m = v.model;
  const row = volumeRowOf(j, v);
  const past = s.ended.map((r) => rebuildOf(j, r)).filter((r) => r.volume?.id === id);
  return {
    row,
    selfHeal: m.selfHeal,
    asThin: m.asThin,
    affinityGroup: m.affinityGroup ?? null,
    maxSnapshots: m.maxSnapshots ?? null,
    contentSource: m.contentSource ?? null,
    topology: topologyOf(m),
    // agent-core counts what it sees: with every copy away that is 0, and not known.
    usage:
      m.usage && row.allocatedBytes !== null
        ? {
            capacityBytes: digits(m.usage.capacityBytes),
            allocatedBytes: digits(m.usage.allocatedBytes),
            totalAllocatedBytes: digits(m.usage.totalAllocatedBytes),
            allocatedSnapshotBytes: digits(m.usage.allocatedSnapshotBytes),
            totalAllocatedSnapshotBytes: digits(m.usage.totalAllocatedSnapshotBytes),
          }
        : null,
    appNodes: (m.target?.frontend ?? []).map((f) => f.name).filter((n) => n !== ''),
    target: targetView(s, v),
    targetUnknown: v.target.kind === 'unknown',
    replicas: v.copies.map((copy) => replicaLane(j, v, copy)),
    rebuilds: {
      running: unique(v.rebuilds.map((r) => rebuildOf(j, r))),
      past: unique(past.slice(0, 50)),
    },
    snapshots: (j.snapshotsOf.get(id) ?? []).map((x) => snapshotRow(s, x)),
    differences: differencesOf(v, row.since),
    actions: actionsOf(s, v),
    etag: volumeEtag(m),
    sources: openSources(s),
  };
}

function topologyOf(m: VolumeModel): Volume['topology'] {
  const { node, pool } = m.topology;
  return {
    node: !node
      ? null
      : node.kind === 'explicit'
        ? node
        : { kind: 'labelled', inclusion: labelsOf(node.inclusion), exclusion: labelsOf(node.exclusion) },
    pool: pool ? { inclusion: labelsOf(pool.inclusion), exclusion: labelsOf(pool.exclusion) } : null,
  };
}

/** Counters as digits, exact. */
export function totalsView(totals: IoTotalsModel, observed: ReturnType<typeof fromEngine>) {
  return {
    readOps: digits(totals.readOps),
    writeOps: digits(totals.writeOps),
    unmapOps: digits(totals.unmapOps),
    bytesRead: digits(totals.bytesRead),
    bytesWritten: digits(totals.bytesWritten),
    bytesUnmapped: digits(totals.bytesUnmapped),
    readLatencyTicks: digits(totals.readLatencyTicks),
    writeLatencyTicks: digits(totals.writeLatencyTicks),
    unmapLatencyTicks: digits(totals.unmapLatencyTicks),
    tickRate: digits(totals.tickRate),
    observed,
  };
}

function targetView(s: ClusterSnapshot, v: JoinedVolume): Volume['target'] {
  if (v.target.kind !== 'known') return null;
  const { nexus, from } = v.target;
  const at = targetReadAt(s, v.target);
  const engine = s.engines.get(nexus.node);
  const totals = engine?.nexusIo.get(nexus.id);
  return {
    nexus: nexus.id,
    node: nexus.node,
    nodeStatus: s.nodes?.items.get(nexus.node)?.status ?? 'unknown',
    status: nexus.status,
    deviceUri: nexus.deviceUri ?? v.model.nexus?.deviceUri ?? null,
    sizeBytes: digits(nexus.sizeBytes),
    rebuilds: nexus.rebuilds,
    frontendNodes: v.model.target?.frontend ?? [],
    io: rateOf(s, `nexus:${nexus.id}`),
    totals: engine && totals ? totalsView(totals, fromEngine(s, engine.node, engine.at)) : null,
    observed: from === 'io-engine' ? fromEngine(s, nexus.node, at) : fromAgentCore(s, at),
  };
}

function differencesOf(v: JoinedVolume, since: string | null): Volume['differences'] {
  const m = v.model;
  const out: Volume['differences'] = [];
  const health = healthOf(v);
  const healer = m.selfHeal
    ? 'agent-core’s self-heal creates, attaches and rebuilds copies by itself'
    : 'nobody: self-heal is off for this volume';
  if (v.copies.length !== m.replicas) {
    out.push({ what: 'Copies', spec: String(m.replicas), state: String(v.copies.length), reconciler: healer, since });
  }
  if (v.target.kind === 'known') {
    const attached = v.target.nexus.children.length;
    if (attached !== m.replicas)
      out.push({
        what: 'Children of the target',
        spec: String(m.replicas),
        state: String(attached),
        reconciler: healer,
        since,
      });
    const online = v.target.nexus.children.filter((c) => c.state === 'online').length;
    if (online !== attached)
      out.push({ what: 'Complete children', spec: String(attached), state: String(online), reconciler: healer, since });
    if (v.target.nexus.sizeBytes < m.sizeBytes) {
      out.push({
        what: 'Size of the target',
        spec: digits(m.sizeBytes),
        state: digits(v.target.nexus.sizeBytes),
        reconciler: 'agent-core retries the growth',
        since,
      });
    }
  }
  if (v.target.kind === 'unknown') {
    out.push({
      what: 'Target',
      spec: `on ${m.target?.node ?? 'a node'}`,
      state: `unknown: ${v.target.why}`,
      reconciler: 'agent-core makes it again when the node is back',
      since,
    });
  }
  if (v.target.kind === 'none' && m.status !== health.status) {
    out.push({
      what: 'Status',
      spec: `${m.status}, by the control plane`,
      state: `${health.status}${health.reason ? `: ${health.reason}` : ''}`,
      reconciler: 'nobody while it is not published: its copies are looked at when it is published',
      since,
    });
  }
  return out;
}

/** What upstream said of a volume, for the raw view: `agentCore` is the reply as it came. */
export function volumeRawView(s: ClusterSnapshot, id: VolumeId, agentCore: unknown): VolumeRaw {
  const v = join(s).volumes.get(id);
  const nexusId = v?.model.target?.nexus;
  const engine = v?.model.target ? s.engines.get(v.model.target.node) : undefined;
  const replicaStats = (v?.copies ?? []).flatMap((c) => {
    const totals =
      c.replica.node === undefined ? undefined : s.engines.get(c.replica.node)?.replicaIo.get(c.replica.id);
    return totals ? [[c.replica.id, totals] as const] : [];
  });
  return {
    agentCore: plain(agentCore),
    ioEngine: plain(engine?.nexuses.find((n) => n.id === nexusId) ?? null),
    stats: plain({
      target: (nexusId && engine?.nexusIo.get(nexusId)) ?? null,
      replicas: Object.fromEntries(replicaStats),
    }),
    rebuildStats: plain({
      running: engine?.rebuilds.filter((r) => r.nexus === nexusId) ?? [],
      history: engine?.history.filter((r) => r.nexus === nexusId) ?? [],
    }),
    observedAt: engine ? instant(engine.at) : instantOrNull(s.volumes?.at),
  };
}

/** JSON with 64-bit values as digits, maps as objects and bytes left out. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [String(k), plain(v)]));
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value ?? null;
}
