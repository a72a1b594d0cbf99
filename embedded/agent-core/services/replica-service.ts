import { ShareProtocol } from '@/gen/mayastor/v1/common';
import { Protocol } from '@/gen/v1/misc/common';
import type { Replica, ReplicaGrpcServer } from '@/gen/v1/replica/replica';
import type { Core } from '../core';
import { alreadyExists, inUse, Kind, ofKind, poolNotFound, Resource, replicaNotFound } from '../errors';
import { destroyReplica, makeReplica, refreshPool, shareReplica, unshareReplica } from '../operations/replicas';
import type { ReplicaSpec } from '../specs';
import { toReplica } from '../wire/replica';
import { answer, bareError, bytes, replyError, requireUuid } from './handler';

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

/** Replicas one by one: building blocks; a volume's replicas are changed through the volume. */
export function replicaService(core: Core): ReplicaGrpcServer {
  return {
    getReplicas: answer((request) => {
      const filter = request.filter;
      let replicas = allReplicas(core);
      if (filter !== undefined) {
        const value: { nodeId?: string; poolId?: string; replicaId?: string; volumeId?: string } = filter.value;
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
        if (core.specs.replicas.get(uuid) !== undefined) throw alreadyExists(Resource.Replica, uuid);
        const pool = core.specs.pools.get(request.poolId);
        if (pool === undefined) throw poolNotFound(request.poolId);
        const share = request.share === Protocol.Nvmf;
        const spec: ReplicaSpec = {
          uuid,
          name: request.name ?? uuid,
          size: bytes(request.size, 'size'),
          poolId: request.poolId,
          thin: request.thin,
          share,
          allowedHosts: request.allowedHosts,
          status: 'Creating',
          managed: request.managed,
          volume: request.owners?.volume,
          kind: 'Regular',
        };
        core.registry.onlineNode(pool.node);
        await core.specs.replicas.put(spec);
        await makeReplica(core, spec, pool.node, (node) =>
          node.client.createReplica({
            name: spec.name,
            uuid,
            pooluuid: pool.uuid ?? pool.id,
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
      const spec = replicaSpec(core, uuid);
      const owner = spec.volume;
      if (owner !== undefined && request.disowners?.volume !== owner)
        throw inUse(Resource.Replica, uuid, `volume '${owner}'`);
      await core.guard.run(Resource.Replica, uuid, () => destroyReplica(core, spec));
      return {};
    }, bareError),
    shareReplica: answer((request) => {
      const uuid = requireUuid(request.replicaId, 'replica_id');
      return core.guard.run(Resource.Replica, uuid, async () => {
        const { node, replica } = liveReplica(core, uuid);
        if (replica.share === ShareProtocol.NVMF)
          throw ofKind(Kind.AlreadyShared, Resource.Replica, 'AlreadyShared', `Replica '${uuid}' is shared already`);
        const uri = await shareReplica(core, replicaSpec(core, uuid), node, request.allowedHosts);
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
