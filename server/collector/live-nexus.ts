import type { VolumeStatus } from '@/contract/scalars';
import type { EngineReading, NexusModel, VolumeModel } from '@/server/model/model';
import type { ClusterSnapshot } from '@/server/model/snapshot';

/** A target with where and when it was read. */
export interface LiveNexus {
  nexus: NexusModel;
  source: 'io-engine' | 'agent-core';
  at: number;
}

/** Every nexus that an io-engine reported, by nexus id. */
export function engineNexuses(engines: ReadonlyMap<string, EngineReading>): ReadonlyMap<string, LiveNexus> {
  const all = new Map<string, LiveNexus>();
  for (const reading of engines.values()) {
    for (const nexus of reading.nexuses) all.set(nexus.id, { nexus, source: 'io-engine', at: reading.at });
  }
  return all;
}

/**
 * The target of a published volume: what its io-engine said, unless agent-core's word is clearly newer (its state may
 * itself be 30 s old, wire facts 5, so only a reading older than that gives way). Undefined: not published, or nobody knows.
 */
export function liveNexus(
  snapshot: Pick<ClusterSnapshot, 'engines' | 'volumes'>,
  volume: VolumeModel,
  nexuses: ReadonlyMap<string, LiveNexus> = engineNexuses(snapshot.engines),
): LiveNexus | undefined {
  if (!volume.target) return undefined;
  const live = nexuses.get(volume.target.nexus);
  const cachedAt = snapshot.volumes?.at ?? 0;
  if (live && isCurrent(live.at, cachedAt)) return live;
  return volume.nexus ? { nexus: volume.nexus, source: 'agent-core', at: cachedAt } : live;
}

const CACHE_PERIOD_MS = 30_000;

/** Whether an io-engine's word of `at` stands beside what agent-core said at `cachedAt`. */
export const isCurrent = (at: number, cachedAt: number): boolean => at >= cachedAt - CACHE_PERIOD_MS;

/**
 * Status of a volume with the io-engine's word first: agent-core's rule (wire facts, 5) applied to the live target. Falls
 * back to agent-core's own status when no io-engine reported the target.
 */
export function liveStatus(volume: VolumeModel, live: LiveNexus | undefined): VolumeStatus {
  if (live?.source !== 'io-engine' || volume.status === 'unknown') return volume.status;
  const { status, children } = live.nexus;
  return status === 'online' && children.length !== volume.replicas ? 'degraded' : status;
}
