import { type VolumeGrpcServer, VolumeShareProtocol } from '@/gen/v1/volume/volume';
import type { Core } from '../core';
import {
  InvalidRequest,
  Kind,
  notReady,
  nvmfOnly,
  ofKind,
  pendingCreation,
  pendingDeletion,
  Resource,
  unimplemented,
  volumeNotFound,
} from '../errors';
import { CreateLimit } from '../operations/create-limit';
import { checkCapacityLimit, createVolume } from '../operations/create-volume';
import { destroyVolume } from '../operations/destroy-volume';
import { shareNexus, unshareNexus } from '../operations/nexuses';
import { publishVolume } from '../operations/publish';
import { checkTargetReady, setReplicaCount } from '../operations/replica-count';
import { resizeVolume } from '../operations/resize-volume';
import { destroyShutdownTargets, notPublished, republishVolume, unpublishVolume } from '../operations/unpublish';
import { activeTarget, type NexusSpec, type VolumeSpec } from '../specs';
import { toVolume } from '../wire/volume';
import { answer, bareError, bytes, filterUuid, replyError, requireUuid } from './handler';
import { pageOf } from './pages';
import { snapshotHandlers } from './snapshot-handlers';
import { toVolumeSpec } from './volume-requests';

export function volumeService(core: Core): VolumeGrpcServer {
  const limit = new CreateLimit(core.timings.createWaitMs);
  const show = (spec: VolumeSpec) => ({ reply: { $case: 'volume' as const, value: toVolume(core, spec) } });
  const specOf = (id: string) => {
    const spec = core.specs.volumes.get(id);
    if (spec === undefined) throw volumeNotFound(id);
    return spec;
  };
  /** Changes a volume that is neither being made nor deleted, alone. */
  const change = (id: string, work: (spec: VolumeSpec) => Promise<void>) => {
    specOf(id);
    return core.guard.run(Resource.Volume, id, async () => {
      const spec = specOf(id);
      if (spec.status === 'Creating') throw pendingCreation(Resource.Volume, id);
      if (spec.status === 'Deleting') throw pendingDeletion(Resource.Volume, id);
      await work(spec);
      return show(spec);
    });
  };
  return {
    ...snapshotHandlers(core, limit),
    probe: answer(
      () => ({ ready: true }),
      () => ({ ready: true }),
    ),
    getVolumes: answer((request) => {
      if (request.filter !== undefined) {
        const id = filterUuid(Resource.Volume, request.filter.value.volumeId, 'volume_id');
        const spec = core.specs.volumes.get(id);
        if (spec === undefined && !request.ignoreNotfound) throw volumeNotFound(id);
        const entries = spec === undefined ? [] : [toVolume(core, spec)];
        return { reply: { $case: 'volumes' as const, value: { entries } } };
      }
      const page = pageOf(core.specs.volumes, request.pagination);
      const entries = page.entries.map((spec) => toVolume(core, spec));
      return { reply: { $case: 'volumes' as const, value: { entries, nextToken: page.nextToken } } };
    }, replyError),
    createVolume: answer((request) => {
      const spec = toVolumeSpec(request);
      if (request.encrypted)
        throw unimplemented(Resource.Volume, 'CreateVolume', 'this cluster has no encrypted pools');
      return core.guard.run(Resource.Volume, spec.uuid, () =>
        limit.run(spec.uuid, async () => {
          checkCapacityLimit(
            core,
            spec.size,
            request.clusterCapacityLimit === undefined
              ? undefined
              : bytes(request.clusterCapacityLimit, 'cluster_capacity_limit'),
          );
          return show(await createVolume(core, spec));
        }),
      );
    }, replyError),
    destroyVolume: answer(async (request) => {
      const id = requireUuid(request.uuid, 'uuid');
      specOf(id);
      await core.guard.run(Resource.Volume, id, () => destroyVolume(core, specOf(id)));
      return {};
    }, bareError),
    publishVolume: answer((request) => {
      const id = requireUuid(request.uuid, 'uuid');
      refuseIscsi(request.share);
      return change(id, (spec) =>
        publishVolume(core, spec, {
          node: request.targetNode,
          nvmf: request.share === VolumeShareProtocol.Nvmf,
          context: request.publishContext,
          frontend: request.frontendNodes,
        }),
      );
    }, replyError),
    unpublishVolume: answer((request) => {
      const id = requireUuid(request.uuid, 'uuid');
      return change(id, (spec) => unpublishVolume(core, spec, request.force));
    }, replyError),
    republishVolume: answer((request) => {
      const id = requireUuid(request.uuid, 'uuid');
      return change(id, (spec) =>
        republishVolume(core, spec, {
          nvmf: request.share === VolumeShareProtocol.Nvmf,
          node: request.targetNode,
          reuseExisting: request.reuseExisting,
          frontend: request.frontendNode,
        }),
      );
    }, replyError),
    shareVolume: answer(async (request) => {
      const id = requireUuid(request.uuid, 'uuid');
      refuseIscsi(request.share);
      let uri = '';
      await change(id, async (spec) => {
        const nexus = readyTarget(core, spec);
        if (nexus.share)
          throw ofKind(Kind.AlreadyShared, Resource.Volume, 'AlreadyShared', `Volume '${id}' is shared already`);
        // These are host NQNs, for this sharing only: who may publish again stays as it was.
        uri = (await shareNexus(core, nexus, request.frontendHosts)).deviceUri;
        if (spec.target !== undefined) spec.target.nvmf = true;
        await core.specs.volumes.put(spec);
      });
      return { reply: { $case: 'response' as const, value: uri } };
    }, replyError),
    unshareVolume: answer(async (request) => {
      const id = requireUuid(request.uuid, 'uuid');
      await change(id, async (spec) => {
        const notShared = ofKind(Kind.NotShared, Resource.Volume, 'NotShared', `Volume '${id}' is not shared`);
        if (activeTarget(spec) === undefined) throw notShared;
        const nexus = readyTarget(core, spec);
        if (!nexus.share) throw notShared;
        await unshareNexus(core, nexus);
        if (spec.target !== undefined) spec.target.nvmf = false;
        await core.specs.volumes.put(spec);
      });
      return {};
    }, bareError),
    setVolumeReplica: answer((request) => {
      const id = requireUuid(request.uuid, 'uuid');
      return change(id, (spec) => setReplicaCount(core, spec, request.replicas));
    }, replyError),
    setVolumeProperty: answer((request) => {
      const id = requireUuid(request.uuid, 'uuid');
      const attr = request.property?.attr;
      if (attr === undefined) throw new InvalidRequest('property: missing');
      return change(id, async (spec) => {
        checkTargetReady(core, spec);
        if (attr.$case === 'encrypted')
          throw unimplemented(Resource.Volume, 'SetVolumeProperty', 'this cluster has no encrypted pools');
        spec.maxSnapshots = attr.value.value;
        await core.specs.volumes.put(spec);
      });
    }, replyError),
    resizeVolume: answer((request) => {
      const id = requireUuid(request.uuid, 'uuid');
      const size = bytes(request.requestedSize, 'requested_size');
      const cap = request.capacityLimit === undefined ? undefined : bytes(request.capacityLimit, 'capacity_limit');
      return change(id, (spec) => resizeVolume(core, spec, size, cap));
    }, replyError),
    destroyShutdownTarget: answer(async (request) => {
      const id = requireUuid(request.volumeId, 'volume_id');
      await change(id, () => destroyShutdownTargets(core, id));
      return {};
    }, bareError),
  };
}

function refuseIscsi(share: VolumeShareProtocol | undefined): void {
  if (share === VolumeShareProtocol.Iscsi) throw nvmfOnly();
}

function readyTarget(core: Core, volume: VolumeSpec): NexusSpec {
  const target = activeTarget(volume);
  if (target === undefined) throw notPublished(volume.uuid);
  const nexus = core.specs.nexuses.get(target.nexus);
  if (nexus === undefined || core.registry.nexus(nexus) === undefined) throw notReady(Resource.Volume, volume.uuid);
  return nexus;
}
