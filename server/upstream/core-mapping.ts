import type { BlockDevice } from '@/gen/v1/blockdevice/blockdevice';
import { Protocol } from '@/gen/v1/misc/common';
import type { Nexus } from '@/gen/v1/nexus/nexus';
import type { AppNode } from '@/gen/v1/node/app_node';
import type { Node } from '@/gen/v1/node/target_node';
import type { Pool } from '@/gen/v1/pool/pool';
import { type Replica, ReplicaKind } from '@/gen/v1/replica/replica';
import type { Topology, Volume, VolumeSnapshot } from '@/gen/v1/volume/volume';
import type {
  AppNodeModel,
  BlockDeviceModel,
  NexusModel,
  NodeModel,
  PoolModel,
  ReplicaModel,
  ReplicaTopologyModel,
  SnapshotModel,
  TopologyModel,
  VolumeModel,
} from '../model/model';
import {
  appNodeStatus,
  childReason,
  coreChildState,
  coreNexusStatus,
  nodeStatus,
  poolStatus,
  replicaStatus,
  specStatus,
} from './enums';
import { labels, millis, nexusId, replicaId, snapshotId, text, textOrAbsent, volumeId } from './scalars';

// Each mapper answers undefined for an object without a usable identity: a broken reply must not become a row.

export function nodeModel(node: Node): NodeModel | undefined {
  const id = node.nodeId || node.spec?.nodeId || node.state?.nodeId;
  if (!id) return undefined;
  const status = node.state?.status ?? node.status;
  return {
    id: text(id),
    endpoint: text(node.state?.endpoint || node.spec?.endpoint || ''),
    labels: labels(node.spec?.labels),
    cordon: cordonOf(node),
    nqn: textOrAbsent(node.state?.nodeNqn ?? node.spec?.nodeNqn),
    version: textOrAbsent(node.state?.version ?? node.spec?.version),
    status: status === undefined ? undefined : nodeStatus(status),
    features: [],
    raw: { spec: node.spec, state: node.state },
  };
}

function cordonOf(node: Node): NodeModel['cordon'] {
  const state = node.spec?.cordonDrainState?.cordondrainstate;
  switch (state?.$case) {
    case undefined:
      return { state: 'none', cordonLabels: [], drainLabels: [] };
    case 'cordoned':
      return { state: 'cordoned', cordonLabels: state.value.cordonLabels.map(text), drainLabels: [] };
    case 'draining':
    case 'drained':
      return {
        state: state.$case,
        cordonLabels: state.value.cordonLabels.map(text),
        drainLabels: state.value.drainLabels.map(text),
      };
  }
}

export function poolModel(pool: Pool): PoolModel | undefined {
  const spec = pool.definition?.spec;
  const id = spec?.poolId || pool.state?.poolId;
  const node = spec?.nodeId || pool.state?.nodeId;
  if (!id || !node) return undefined;
  return {
    id: text(id),
    node: text(node),
    spec: spec && {
      disks: spec.disks.map(text),
      labels: labels(spec.labels),
      status: specStatus(pool.definition?.metadata?.specStatus ?? -1),
      cordoned: spec.CordonDrain?.$case === 'cordoned',
    },
    state: pool.state && {
      status: poolStatus(pool.state.status),
      disks: pool.state.disksUri.map(text),
      capacityBytes: pool.state.capacity,
      usedBytes: pool.state.used,
      committedBytes: pool.state.committed,
      clusterSizeBytes: pool.state.clusterSize === undefined ? undefined : BigInt(pool.state.clusterSize),
    },
    raw: { spec: pool.definition, state: pool.state },
  };
}

export function replicaModel(replica: Replica): ReplicaModel | undefined {
  const id = replicaId(replica.replicaId);
  if (!id) return undefined;
  return {
    id,
    node: text(replica.nodeId),
    pool: text(replica.poolId),
    status: replicaStatus(replica.status),
    sizeBytes: replica.size,
    thin: replica.thin,
    uri: text(replica.uri),
    shared: replica.share !== Protocol.None,
    kind: ReplicaKind[replica.kind] ?? `Unknown (${replica.kind})`,
    allocatedBytes: replica.space?.allocatedBytes,
    allocatedSnapshotBytes: replica.space?.allocatedBytesSnapshots,
  };
}

export function coreNexusModel(nexus: Nexus): NexusModel | undefined {
  const id = nexusId(nexus.uuid);
  if (!id) return undefined;
  return {
    id,
    volume: volumeId(nexus.name),
    node: text(nexus.nodeId),
    sizeBytes: nexus.size,
    status: coreNexusStatus(nexus.status),
    deviceUri: textOrAbsent(nexus.deviceUri),
    rebuilds: nexus.rebuilds,
    children: nexus.children.map((c) => ({
      uri: text(c.uri),
      state: coreChildState(c.state),
      reason: childReason(c.reason),
      rebuildProgress: c.rebuildProgress,
    })),
  };
}

export function volumeModel(volume: Volume): VolumeModel | undefined {
  const spec = volume.definition?.spec;
  const state = volume.state;
  const id = volumeId(spec?.uuid ?? state?.uuid);
  // Without a definition there is nothing desired to show; agent-core never sends such a volume.
  if (!id || !spec) return undefined;
  const meta = volume.definition?.metadata;
  const source = spec.contentSource?.volumeContentSource?.value;
  const nexus = nexusId(spec.target?.nexusId);
  return {
    id,
    sizeBytes: spec.size,
    labels: labels(spec.labels),
    replicas: spec.numReplicas,
    specStatus: specStatus(meta?.specStatus ?? -1),
    thin: spec.thin,
    // agent-core tells it of what a snapshot made so, not of a volume that was made thin.
    asThin: spec.thin || (meta?.asThin ?? false),
    selfHeal: spec.policy?.selfHeal ?? false,
    affinityGroup: textOrAbsent(spec.affinityGroup?.name),
    topology: topologyModel(spec.topology),
    target:
      spec.target && nexus
        ? {
            node: text(spec.target.nodeId),
            nexus,
            frontend: (meta?.targetConfig?.frontend?.nodes ?? []).map((n) => ({
              name: text(n.name),
              nqn: text(n.nqn),
            })),
          }
        : undefined,
    contentSource: source
      ? { snapshot: text(source.snapshot ?? ''), volume: text(source.snapSourceVol ?? '') }
      : undefined,
    numSnapshots: spec.numSnapshots,
    maxSnapshots: spec.maxSnapshots,
    publishContext: labels(meta?.publishContext?.map),
    status: state ? coreNexusStatus(state.status) : 'unknown',
    stateSizeBytes: state?.size,
    nexus: state?.target && coreNexusModel(state.target),
    replicaTopology: replicaTopology(state?.replicaTopology),
    usage: state?.usage && {
      capacityBytes: state.usage.capacity,
      allocatedBytes: state.usage.allocated,
      totalAllocatedBytes: state.usage.totalAllocated,
      allocatedSnapshotBytes: state.usage.allocatedSnapshots,
      totalAllocatedSnapshotBytes: state.usage.totalAllocatedSnapshots,
    },
  };
}

type WireTopology = NonNullable<Volume['state']>['replicaTopology'];

function replicaTopology(topology: WireTopology | undefined): ReplicaTopologyModel[] {
  const list: ReplicaTopologyModel[] = [];
  for (const [uuid, r] of Object.entries(topology ?? {})) {
    const id = replicaId(uuid);
    if (!id) continue;
    list.push({
      id,
      node: textOrAbsent(r.node),
      pool: textOrAbsent(r.pool),
      status: replicaStatus(r.status),
      childState: r.childStatus === undefined ? undefined : coreChildState(r.childStatus),
      childReason: r.childStatusReason === undefined ? undefined : childReason(r.childStatusReason),
      rebuildProgress: r.rebuildProgress,
      usage: r.usage && {
        capacityBytes: r.usage.capacity,
        allocatedBytes: r.usage.allocated,
        allocatedSnapshotBytes: r.usage.allocatedSnaps,
      },
    });
  }
  // The wire carries a map in any order; a stable order keeps rows and revisions still.
  return list.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function topologyModel(topology: Topology | undefined): TopologyModel {
  const node = topology?.node?.topology;
  const pool = topology?.pool?.topology;
  return {
    node:
      node?.$case === 'explicit'
        ? {
            kind: 'explicit',
            allowed: node.value.allowedNodes.map(text),
            preferred: node.value.preferredNodes.map(text),
          }
        : node?.$case === 'labelled'
          ? { kind: 'labelled', inclusion: labels(node.value.inclusion), exclusion: labels(node.value.exclusion) }
          : undefined,
    pool:
      pool?.$case === 'labelled'
        ? { inclusion: labels(pool.value.inclusion), exclusion: labels(pool.value.exclusion) }
        : undefined,
  };
}

export function snapshotModel(snapshot: VolumeSnapshot): SnapshotModel | undefined {
  const id = snapshotId(snapshot.spec?.snapshotId);
  const volume = volumeId(snapshot.spec?.volumeId);
  const meta = snapshot.meta;
  if (!id || !volume || !meta) return undefined;
  const replicas = snapshot.state?.replicas ?? [];
  return {
    id,
    volume,
    specStatus: specStatus(meta.specStatus),
    createdAt: millis(meta.timestamp),
    sizeBytes: meta.size,
    specSizeBytes: meta.specSize,
    // 0 on the wire while no replica of it is online (behaviour facts, 6.2).
    allocatedBytes: replicas.some((r) => r.state?.$case === 'online')
      ? snapshot.state?.state?.allocatedSize
      : undefined,
    totalAllocatedBytes: meta.totalAllocatedSize,
    restores: meta.numRestores,
    replicas: replicas.flatMap((r) => {
      if (!r.state) return [];
      return [{ id: text(r.state.value.uuid), pool: textOrAbsent(r.state.value.poolId), status: r.state.$case }];
    }),
  };
}

export function appNodeModel(node: AppNode): AppNodeModel | undefined {
  if (!node.id) return undefined;
  return {
    id: text(node.id),
    endpoint: text(node.spec?.grpcEndpoint ?? node.state?.grpcEndpoint ?? ''),
    status: node.state ? appNodeStatus(node.state.status) : undefined,
  };
}

/** `size` counts 512-byte sectors on the wire (wire facts, 12). */
export function blockDeviceModel(device: BlockDevice): BlockDeviceModel {
  return {
    devname: text(device.devname),
    devtype: text(device.devtype),
    devlinks: device.devlinks.slice(0, 64).map(text),
    model: text(device.model),
    sizeBytes: device.size * 512n,
    available: device.available,
    connectionType: textOrAbsent(device.connectionType),
    rotational: device.isRotational,
    filesystem: textOrAbsent(device.filesystem?.fstype),
    mountpoint: textOrAbsent(device.filesystem?.mountpoint),
  };
}
