import type { BlockDevice, Node } from '@/contract/node';
import type { BlockDeviceModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { digits, fromEngine, nameOf, openSources } from './facts';
import { copyIsHealthy } from './health';
import { type JoinedVolume, join } from './join';
import { nodeRowOf, poolsOfNode } from './nodes';
import { poolRowOf } from './pools';
import { plain } from './volume';
import { volumeRate } from './volume-row';

/** Everything the node page shows; undefined when there is no such node. */
export function nodeView(s: ClusterSnapshot, id: string): Node | undefined {
  const m = s.nodes?.items.get(id);
  if (!m) return undefined;
  const j = join(s);
  const engine = s.engines.get(id);
  const all = [...j.volumes.values()];
  const targets = all.filter((v) => v.model.target?.node === id);
  return {
    row: nodeRowOf(j, m),
    nqn: m.nqn ?? engine?.info?.nqn ?? null,
    instanceUuid: engine?.info?.instanceUuid ?? null,
    features: m.features.length > 0 ? m.features : (engine?.info?.features ?? []),
    pools: poolsOfNode(s, id).map((p) => poolRowOf(j, p)),
    targets: targets.map((v) => ({
      volume: { id: v.model.id, name: nameOf(v.model) },
      status: v.target.kind === 'known' ? v.target.nexus.status : ('unknown' as const),
      children: childrenOf(v),
      io: volumeRate(s, v),
    })),
    ifLost: impactOfLoss(all, id),
    usage: engine?.usage
      ? {
          softFaults: digits(engine.usage.softFaults),
          hardFaults: digits(engine.usage.hardFaults),
          inBlockOps: digits(engine.usage.inBlockOps),
          outBlockOps: digits(engine.usage.outBlockOps),
          voluntarySwitches: digits(engine.usage.voluntarySwitches),
          involuntarySwitches: digits(engine.usage.involuntarySwitches),
          observed: fromEngine(s, id, engine.at),
        }
      : null,
    raw: { spec: plain(m.raw.spec), state: plain(m.raw.state) },
    sources: openSources(s),
  };
}

function childrenOf(v: JoinedVolume): { healthy: number; total: number } | null {
  if (v.target.kind !== 'known') return null;
  const { children } = v.target.nexus;
  return { healthy: children.filter((c) => c.state === 'online').length, total: children.length };
}

/**
 * Volumes that would have fewer copies, and those that would have none that is known to be healthy. A copy that cannot be
 * checked now is not counted on.
 */
export function impactOfLoss(all: readonly JoinedVolume[], node: string): Node['ifLost'] {
  const degraded: Node['ifLost']['degraded'] = [];
  const unavailable: Node['ifLost']['unavailable'] = [];
  for (const v of all) {
    const here = v.copies.filter((c) => c.replica.node === node);
    const used = here.some((c) => copyIsHealthy(v, c) !== false);
    if (!used) continue;
    const others = v.copies.filter((c) => c.replica.node !== node && copyIsHealthy(v, c) === true).length;
    const entry = { id: v.model.id, name: nameOf(v.model) };
    if (others > 0) degraded.push(entry);
    else unavailable.push(entry);
  }
  return { degraded, unavailable, targetsToMove: all.filter((v) => v.model.target?.node === node).length };
}

/** Disks of a node, with the pool that uses each: io-engine calls a disk of a pool available (behaviour facts, 2.1). */
export function blockDevicesView(
  s: ClusterSnapshot,
  node: string,
  devices: readonly BlockDeviceModel[],
): BlockDevice[] {
  const used = new Map<string, string>();
  for (const pool of poolsOfNode(s, node)) {
    for (const disk of [...(pool.spec?.disks ?? []), ...(pool.state?.disks ?? [])]) used.set(pathOf(disk), pool.id);
  }
  return devices.map((d) => {
    const usedBy = [d.devname, ...d.devlinks].map((path) => used.get(path)).find((x) => x !== undefined) ?? null;
    return {
      devname: d.devname,
      devtype: d.devtype,
      devlinks: d.devlinks,
      model: d.model,
      sizeBytes: digits(d.sizeBytes),
      available: d.available && usedBy === null,
      usedBy,
      connectionType: d.connectionType ?? null,
      rotational: d.rotational ?? null,
      filesystem: d.filesystem ?? null,
      mountpoint: d.mountpoint ?? null,
    };
  });
}

/** `aio:///dev/sdb?blk_size=512` and `/dev/sdb` are one disk. */
const pathOf = (disk: string): string => disk.replace(/^[a-z+]+:\/\//, '').replace(/\?.*$/, '');
