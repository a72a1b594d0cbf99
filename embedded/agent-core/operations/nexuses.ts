import { NEXUS_INFO_ROOT, type NexusInfo, nexusInfoKey } from '@/embedded/store/store';
import { type Nexus, ShareProtocol } from '@/gen/mayastor/v1/common';
import { NexusNvmePreemption, NvmeReservation } from '@/gen/mayastor/v1/nexus';
import type { Core } from '../core';
import { isNotFound, nodeNotOnline } from '../errors';
import type { NexusSpec, VolumeSpec } from '../specs';
import { reservationKey } from '../wire/nexus';

/** What the last target of the volume wrote about its children; undefined when it never had one. */
export async function readNexusInfo(core: Core, volume: string, nexus: string): Promise<NexusInfo | undefined> {
  const text = await core.store.get(nexusInfoKey(volume, nexus));
  // Written by our io-engines only.
  return text === undefined ? undefined : (JSON.parse(text) as NexusInfo);
}

/** Removes what targets wrote that nobody goes by any more: an agent-core that died did not come to it. */
export async function sweepNexusInfo(core: Core): Promise<void> {
  const kept = new Set<string>();
  for (const volume of core.specs.volumes.values())
    if (volume.target !== undefined) kept.add(nexusInfoKey(volume.uuid, volume.target.nexus));
  // A target that was given up still writes until its node destroys it; its record goes with it.
  for (const nexus of core.specs.nexuses.values()) kept.add(nexusInfoKey(nexus.name, nexus.uuid));
  for (const [key] of await core.store.list(NEXUS_INFO_ROOT)) if (!kept.has(key)) await core.store.delete(key);
}

/** Makes the nexus of a stored spec on its node, over `children`. */
export async function createNexus(
  core: Core,
  spec: NexusSpec,
  preempt?: string,
  children = spec.children,
): Promise<Nexus> {
  const node = core.registry.onlineNode(spec.node);
  const nexus = await node.client.createNexus({
    name: spec.name,
    uuid: spec.uuid,
    size: BigInt(spec.size),
    minCntlId: spec.cntlIds[0],
    maxCntlId: spec.cntlIds[1],
    resvKey: reservationKey(spec.uuid),
    preemptKey: preempt === undefined ? 0n : reservationKey(preempt),
    children: children.map((child) => child.uri),
    nexusInfoKey: spec.owner === undefined ? '' : nexusInfoKey(spec.owner, spec.uuid),
    resvType: NvmeReservation.ExclusiveAccess,
    preemptPolicy: NexusNvmePreemption.Holder,
  });
  node.set('nexuses', spec.uuid, nexus);
  spec.status = 'Created';
  await core.specs.nexuses.put(spec);
  return nexus;
}

export async function shareNexus(core: Core, spec: NexusSpec, allowedHosts: string[]): Promise<Nexus> {
  const node = core.registry.onlineNode(spec.node);
  const nexus = await node.client.publishNexus({
    uuid: spec.uuid,
    key: '',
    share: ShareProtocol.NVMF,
    allowedHosts,
  });
  node.set('nexuses', spec.uuid, nexus);
  spec.share = true;
  spec.allowedHosts = allowedHosts;
  await core.specs.nexuses.put(spec);
  return nexus;
}

export async function unshareNexus(core: Core, spec: NexusSpec): Promise<void> {
  const node = core.registry.onlineNode(spec.node);
  node.set('nexuses', spec.uuid, await node.client.unpublishNexus(spec.uuid));
  spec.share = false;
  await core.specs.nexuses.put(spec);
}

/** Destroys a nexus on its node; one that is not there counts as destroyed. */
export async function endNexus(core: Core, spec: NexusSpec): Promise<void> {
  const node = core.registry.node(spec.node);
  if (node === undefined || !node.online) throw nodeNotOnline(spec.node);
  await node.client.destroyNexus(spec.uuid).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  node.remove('nexuses', spec.uuid);
}

/** Forgets a nexus, and what it kept about its children unless the volume still goes by that. */
export async function forgetNexus(core: Core, spec: NexusSpec): Promise<void> {
  await core.specs.nexuses.delete(spec.uuid);
  // The nexus of a volume has the volume's uuid as its name.
  if (spec.managed && core.specs.volumes.get(spec.name)?.target?.nexus !== spec.uuid)
    await core.store.delete(nexusInfoKey(spec.name, spec.uuid));
}

/** Destroys a nexus on its node and forgets it. */
export async function destroyNexus(core: Core, spec: NexusSpec): Promise<void> {
  await endNexus(core, spec);
  await forgetNexus(core, spec);
}

/** Every nexus of the volume, those too that were given up and not destroyed yet: they carry the volume's uuid as name. */
export const targetsOf = (core: Core, volume: VolumeSpec): NexusSpec[] =>
  core.specs.nexusesNamed(volume.uuid).filter((nexus) => nexus.managed);

/**
 * Gives up what an earlier publish or unpublish, cut short by the end of agent-core, left of targets: else a new one
 * would find its name taken. The caller holds the volume.
 */
export async function clearLeftTargets(core: Core, volume: VolumeSpec): Promise<void> {
  const active = volume.target?.active ? volume.target.nexus : undefined;
  for (const nexus of targetsOf(core, volume)) {
    const isLeft = nexus.owner === undefined || (nexus.uuid !== active && nexus.shutdown === undefined);
    if (isLeft) await disownNexus(core, nexus);
  }
}

/** Gives a nexus up: destroyed now if its node does it, else by the collector when the node can be reached. */
export async function disownNexus(core: Core, spec: NexusSpec): Promise<void> {
  spec.status = 'Deleting';
  spec.owner = undefined;
  await core.specs.nexuses.put(spec);
  await destroyNexus(core, spec).catch(() => undefined);
}

/** A child leaves the nexus of a target; it may be gone already. */
export async function removeChild(core: Core, spec: NexusSpec, uri: string): Promise<void> {
  const node = core.registry.onlineNode(spec.node);
  node.set('nexuses', spec.uuid, await node.client.removeChild(spec.uuid, uri));
  spec.children = spec.children.filter((child) => child.uri !== uri);
  await core.specs.nexuses.put(spec);
}

/** A child joins, which starts its rebuild. */
export async function addChild(core: Core, spec: NexusSpec, replica: string | undefined, uri: string, rebuild = true) {
  const node = core.registry.onlineNode(spec.node);
  const nexus = await node.client.addChild(spec.uuid, uri, !rebuild);
  node.set('nexuses', spec.uuid, nexus);
  spec.children = [...spec.children.filter((child) => child.uri !== uri), { replica, uri }];
  await core.specs.nexuses.put(spec);
  return nexus;
}

/** Controller ids of the next target: two per target, moved up each time (behaviour facts, 1.3). */
export function nextCntlIds(volume: VolumeSpec): [start: number, end: number] {
  const last = volume.target?.cntlIds[1];
  if (last === undefined || last + 2 >= 0xffef) return [1, 2];
  return [last + 1, last + 2];
}

/** Rebuild jobs that run in the cluster now. */
export function runningRebuilds(core: Core): number {
  let count = 0;
  for (const node of core.registry.nodes) for (const nexus of node.nexuses.values()) count += nexus.rebuilds;
  return count;
}
