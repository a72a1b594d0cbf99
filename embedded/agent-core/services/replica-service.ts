import { ShareProtocol } from '@/gen/mayastor/v1/common';
import { Protocol } from '@/gen/v1/misc/common';
import type { Replica, ReplicaGrpcServer } from '@/gen/v1/replica/replica';
import type { Core } from '../core';
import {
  alreadyExists,
  inUse,
  isDeleting,
  Kind,
  nodeNotFound,
  ofKind,
  poolNotFound,
  Resource,
  replicaNotFound,
  volumeNotFound,
} from '../errors';
import { destroyReplica, makeReplica, refreshPool, shareReplica, unshareReplica } from '../operations/replicas';
import type { ReplicaSpec } from '../specs';
import { toReplica } from '../wire/replica';
import { answer, bareError, bytes, hostNqns, replyError, requireUuid } from './handler';

function allReplicas(core: Core): Replica[] {
  return core.registry.nodes.flatMap((node) =>
    [...node.replicas.values()].map((replica) => toReplica(node.id, replica)),
  );
}

function replicaSpec(core: Core, id: string): ReplicaSpec {
  const spec = core.specs.replicas.get(id);
  if (spec === undefined) throw replicaNotFound(id);
  return spec;
}

function liveReplica(core: Core, id: string) {
  const found = core.registry.replica(replicaSpec(core, id));
  if (found === undefined) throw replicaNotFound(id);
  return found;
}

interface ReplicaFilterValue {
  nodeId?: string;
  poolId?: string;
  replicaId?: string;
  volumeId?: string;
}

/** What the list is asked for by has to exist, other than with pools. */
function mustBeKnown(core: Core, by: ReplicaFilterValue): void {
  if (by.nodeId !== undefined && core.specs.nodes.get(by.nodeId) === undefined) throw nodeNotFound(by.nodeId);
  if (by.poolId !== undefined && core.specs.pools.get(by.poolId) === undefined) throw poolNotFound(by.poolId);
  if (by.volumeId === undefined) return;
  const volume = requireUuid(by.volumeId, 'volume_id');
  if (core.specs.volumes.get(volume) === undefined) throw volumeNotFound(volume);
}

/** Replicas one by one: building blocks; a volume's replicas are changed through the volume. */
export function replicaService(core: Core): ReplicaGrpcServer {
  return {
    getReplicas: answer((request) => {
      const filter = request.filter;
      let replicas = allReplicas(core);
      if (filter !== undefined) {
        const value: ReplicaFilterValue = filter.value;
        mustBeKnown(core, value);
        const { nodeId, poolId } = value;
        const replicaId = value.replicaId === undefined ? undefined : requireUuid(value.replicaId, 'replica_id');
        const volume = value.volumeId === undefined ? undefined : requireUuid(value.volumeId, 'volume_id');
        replicas = replicas.filter(
          (replica) =>
            (nodeId === undefined || replica.nodeId === nodeId) &&
            (poolId === undefined || replica.poolId === poolId) &&
            (replicaId === undefined || replica.replicaId === replicaId) &&
            (volume === undefined || core.specs.replicas.get(replica.replicaId ?? '')?.volume === volume),
        );
        if (replicaId !== undefined && replicas.length === 0) throw replicaNotFound(replicaId);
      }
      return { reply: { $case: 'replicas' as const, value: { replicas } } };
    }, replyError),
    createReplica: answer((request) => {
      const uuid = requireUuid(request.replicaId, 'replica_id');
      return core.guard.run(Resource.Replica, uuid, async () => {
        core.registry.onlineNode(request.nodeId);
        const existing = core.specs.replicas.get(uuid);
        if (existing?.status === 'Deleting') throw isDeleting(Resource.Replica, uuid);
        if (existing !== undefined) throw alreadyExists(Resource.Replica, uuid);
        // The pool is for the node to know; a name that it does not have fails there.
        const pool = core.specs.pools.get(request.poolId);
        const allowedHosts = hostNqns(request.allowedHosts);
        const share = request.share === Protocol.Nvmf;
        const spec: ReplicaSpec = {
          uuid,
          name: request.name ?? uuid,
          size: bytes(request.size, 'size'),
          poolId: request.poolId,
          thin: request.thin,
          share,
          allowedHosts,
          status: 'Creating',
          managed: request.managed,
          volume: request.owners?.volume,
          kind: 'Regular',
        };
        await core.specs.replicas.put(spec);
        await makeReplica(core, spec, request.nodeId, (node) =>
          node.client.createReplica({
            name: spec.name,
            uuid,
            pooluuid: pool?.uuid ?? request.poolId,
            size: request.size,
            thin: spec.thin,
            share: share ? ShareProtocol.NVMF : ShareProtocol.NONE,
            allowedHosts: spec.allowedHosts,
            entityId: request.entityId,
          }),
        );
        const { node, replica } = liveReplica(core, uuid);
        return { reply: { $case: 'replica' as const, value: toReplica(node.id, replica) } };
      });
    }, replyError),
    destroyReplica: answer(async (request) => {
      const uuid = requireUuid(request.replicaId, 'replica_id');
      const spec = core.specs.replicas.get(uuid);
      if (spec === undefined) {
        const node = core.registry.onlineNode(request.nodeId);
        await node.client.destroyReplica(uuid, request.poolId);
        return {};
      }
      const owner = spec.volume;
      if (owner !== undefined && request.disowners?.volume !== owner)
        throw inUse(Resource.Replica, uuid, `volume '${owner}'`);
      await core.guard.run(Resource.Replica, uuid, () => destroyReplica(core, spec));
      return {};
    }, bareError),
    shareReplica: answer((request) => {
      const uuid = requireUuid(request.replicaId, 'replica_id');
      return core.guard.run(Resource.Replica, uuid, async () => {
        const allowedHosts = hostNqns(request.allowedHosts);
        const spec = core.specs.replicas.get(uuid);
        // Nobody here knows it: what its node says is the answer.
        if (spec === undefined) {
          const node = core.registry.onlineNode(request.nodeId);
          const shared = await node.client.shareReplica({ uuid, share: ShareProtocol.NVMF, allowedHosts });
          return { reply: { $case: 'response' as const, value: shared.uri } };
        }
        const { node, replica } = liveReplica(core, uuid);
        // Shared over the same protocol already: fine as it is.
        if (replica.share === ShareProtocol.NVMF) return { reply: { $case: 'response' as const, value: replica.uri } };
        const uri = await shareReplica(core, spec, node, allowedHosts);
        return { reply: { $case: 'response' as const, value: uri } };
      });
    }, replyError),
    unshareReplica: answer(async (request) => {
      const uuid = requireUuid(request.replicaId, 'replica_id');
      await core.guard.run(Resource.Replica, uuid, async () => {
        const { node, replica } = liveReplica(core, uuid);
        if (replica.share === ShareProtocol.NONE)
          throw ofKind(Kind.NotShared, Resource.Replica, 'NotShared', `Replica '${uuid}' is not shared`);
        await unshareReplica(core, replicaSpec(core, uuid), node, replica);
      });
      return {};
    }, bareError),
    resizeReplica: answer((request) => {
      const uuid = requireUuid(request.replicaId, 'replica_id');
      return core.guard.run(Resource.Replica, uuid, async () => {
        const spec = replicaSpec(core, uuid);
        const { node } = liveReplica(core, uuid);
        const resized = await node.client.resizeReplica(uuid, request.requestedSize);
        node.set('replicas', uuid, resized);
        spec.size = bytes(request.requestedSize, 'requested_size');
        await core.specs.replicas.put(spec);
        void refreshPool(node, spec.poolId);
        return { reply: { $case: 'replica' as const, value: toReplica(node.id, resized) } };
      });
    }, replyError),
  };
}
