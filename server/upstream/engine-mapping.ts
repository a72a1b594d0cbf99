import type { NexusId } from '@/contract/scalars';
import type { Nexus, RegisterRequest } from '@/gen/mayastor/v1/common';
import type { MayastorInfoResponse, ResourceUsage } from '@/gen/mayastor/v1/host';
import type { RebuildHistoryRecord, RebuildStatsResponse } from '@/gen/mayastor/v1/nexus';
import type { IoStats } from '@/gen/mayastor/v1/stats';
import type { EngineInfo, EngineReading, IoTotalsModel, NexusModel, RebuildStatsModel } from '../model/model';
import { childReason, engineChildState, engineNexusStatus, rebuildState } from './enums';
import { millis, nexusId, text, textOrAbsent, volumeId } from './scalars';

export function engineInfo(reply: MayastorInfoResponse): EngineInfo {
  const info = reply.registrationInfo;
  return {
    version: text(reply.version),
    instanceUuid: textOrAbsent(info?.instanceUuid),
    nodeName: textOrAbsent(info?.id),
    nqn: textOrAbsent(info?.hostnqn),
    features: featureNames(info),
  };
}

function featureNames(info: RegisterRequest | undefined): string[] {
  const f = info?.features;
  const names: Array<[boolean | undefined, string]> = [
    [f?.asymmetricNamespaceAccess, 'ANA'],
    [f?.logicalVolumeManager, 'LVM'],
    [f?.snapshotRebuild, 'Snapshot rebuild'],
    [f?.rdmaCapableIoEngine, 'RDMA'],
    [f?.diskpoolEncryption, 'Pool encryption'],
  ];
  return names.flatMap(([on, name]) => (on ? [name] : []));
}

/** A nexus as its io-engine has it now. Its name is the volume's id, its uuid the nexus' own. */
export function engineNexusModel(nexus: Nexus, node: string): NexusModel | undefined {
  const id = nexusId(nexus.uuid);
  if (!id) return undefined;
  return {
    id,
    volume: volumeId(nexus.name),
    node,
    sizeBytes: nexus.size,
    status: engineNexusStatus(nexus.state),
    deviceUri: textOrAbsent(nexus.deviceUri),
    rebuilds: nexus.rebuilds,
    children: nexus.children.map((c) => ({
      uri: text(c.uri),
      state: engineChildState(c.state),
      reason: childReason(c.stateReason),
      // -1 says that no job runs (wire facts, 10).
      rebuildProgress: c.rebuildProgress < 0 ? undefined : c.rebuildProgress,
      faultedAt: millis(c.faultTimestamp),
      hasIoLog: c.hasIoLog,
    })),
  };
}

export function ioTotals(stats: IoStats): IoTotalsModel {
  return {
    readOps: stats.numReadOps,
    writeOps: stats.numWriteOps,
    unmapOps: stats.numUnmapOps,
    bytesRead: stats.bytesRead,
    bytesWritten: stats.bytesWritten,
    bytesUnmapped: stats.bytesUnmapped,
    readLatencyTicks: stats.readLatencyTicks,
    writeLatencyTicks: stats.writeLatencyTicks,
    unmapLatencyTicks: stats.unmapLatencyTicks,
    tickRate: stats.tickRate,
  };
}

export function rebuildStats(nexus: NexusId, childUri: string, stats: RebuildStatsResponse): RebuildStatsModel {
  return {
    nexus,
    childUri,
    state: 'running',
    isPartial: stats.isPartial,
    blockSize: Number(stats.blockSize),
    blocksTotal: stats.blocksTotal,
    blocksRecovered: stats.blocksRecovered,
    blocksTransferred: stats.blocksTransferred,
    blocksRemaining: stats.blocksRemaining,
    progress: Number(stats.progress),
    startedAt: millis(stats.startTime),
  };
}

export function rebuildRecord(nexus: NexusId, record: RebuildHistoryRecord): RebuildStatsModel {
  const total = record.blocksTotal;
  return {
    nexus,
    childUri: text(record.childUri),
    sourceUri: textOrAbsent(record.srcUri),
    state: rebuildState(record.state),
    isPartial: record.isPartial,
    blockSize: Number(record.blockSize),
    blocksTotal: total,
    blocksRecovered: record.blocksRecovered,
    blocksTransferred: record.blocksTransferred,
    blocksRemaining: record.blocksRemaining,
    progress: total > 0n ? Number((record.blocksRecovered * 100n) / total) : 0,
    startedAt: millis(record.startTime),
    endedAt: millis(record.endTime),
  };
}

export function resourceUsage(usage: ResourceUsage): NonNullable<EngineReading['usage']> {
  return {
    softFaults: usage.softFaults,
    hardFaults: usage.hardFaults,
    inBlockOps: usage.inBlockOps,
    outBlockOps: usage.outBlockOps,
    voluntarySwitches: usage.volCsw,
    involuntarySwitches: usage.involCsw,
  };
}
