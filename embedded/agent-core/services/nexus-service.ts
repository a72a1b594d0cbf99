import type { Nexus as EngineNexus } from '@/gen/mayastor/v1/common';
import type { Nexus, NexusGrpcServer, RebuildHistoryRecord } from '@/gen/v1/nexus/nexus';
import type { Core } from '../core';
import {
  alreadyExists,
  childExists,
  childNotFound,
  inUse,
  invalidArguments,
  isNotFound,
  Kind,
  nexusNotFound,
  nodeNotFound,
  ofKind,
  Resource,
} from '../errors';
import {
  addChild,
  createNexus,
  destroyNexus,
  disownNexus,
  removeChild,
  shareNexus,
  unshareNexus,
} from '../operations/nexuses';
import type { NexusSpec } from '../specs';
import { uriUuid } from '../volume-view';
import { toChild, toNexus } from '../wire/nexus';
import { answer, bareError, bytes, hostNqns, replyError, requireUuid } from './handler';

function nexusSpec(core: Core, id: string): NexusSpec {
  const spec = core.specs.nexuses.get(id);
  if (spec === undefined) throw nexusNotFound(id);
  return spec;
}

function liveNexus(core: Core, id: string) {
  const found = core.registry.nexus(nexusSpec(core, id));
  if (found === undefined) throw nexusNotFound(id);
  return found;
}

function childReply(nexusId: string, nexus: EngineNexus, uri: string) {
  const child = nexus.children.find((candidate) => candidate.uri === uri);
  if (child === undefined) throw childNotFound(nexusId, uri);
  return { reply: { $case: 'child' as const, value: toChild(child) } };
}

/** Nexuses one by one: building blocks; a volume's target is changed through the volume. */
export function nexusService(core: Core): NexusGrpcServer {
  const list = (): Nexus[] =>
    core.registry.nodes.flatMap((node) => [...node.nexuses.values()].map((nexus) => toNexus(node.id, nexus)));
  return {
    getNexuses: answer((request) => {
      const filter = request.filter;
      let nexuses = list();
      if (filter?.$case === 'node') {
        if (core.specs.nodes.get(filter.value.nodeId) === undefined) throw nodeNotFound(filter.value.nodeId);
        nexuses = nexuses.filter((nexus) => nexus.nodeId === filter.value.nodeId);
      }
      if (filter?.$case === 'nexus' || filter?.$case === 'nodeNexus') {
        const id = requireUuid(filter.value.nexusId, 'nexus_id');
        nexuses = nexuses.filter(
          (nexus) => nexus.uuid === id && (filter.$case === 'nexus' || nexus.nodeId === filter.value.nodeId),
        );
        if (nexuses.length === 0) throw nexusNotFound(id);
      }
      return { reply: { $case: 'nexuses' as const, value: { nexuses } } };
    }, replyError),
    createNexus: answer((request) => {
      const uuid = requireUuid(request.nexusId, 'nexus_id');
      return core.guard.run(Resource.Nexus, uuid, async () => {
        if (core.specs.nexuses.get(uuid) !== undefined) throw alreadyExists(Resource.Nexus, uuid);
        if (core.specs.nodes.get(request.nodeId) === undefined) throw nodeNotFound(request.nodeId);
        core.registry.onlineNode(request.nodeId);
        if (request.children.length === 0) throw invalidArguments('a nexus has to have a child');
        const spec: NexusSpec = {
          uuid,
          name: request.owner ?? uuid,
          node: request.nodeId,
          children: request.children.flatMap(({ child }) =>
            child === undefined
              ? []
              : [{ uri: child.value.ChildUri, replica: child.$case === 'replica' ? child.value.replicaId : undefined }],
          ),
          size: bytes(request.size, 'size'),
          status: 'Creating',
          share: false,
          managed: request.managed,
          owner: request.owner,
          cntlIds: [request.config?.controllerIdRange?.start ?? 1, request.config?.controllerIdRange?.end ?? 2],
          allowedHosts: [],
        };
        await core.specs.nexuses.put(spec);
        try {
          const nexus = await createNexus(core, spec);
          return { reply: { $case: 'nexus' as const, value: toNexus(spec.node, nexus) } };
        } catch (error) {
          spec.managed = true;
          await disownNexus(core, spec);
          throw error;
        }
      });
    }, replyError),
    destroyNexus: answer(async (request) => {
      const uuid = requireUuid(request.nexusId, 'nexus_id');
      const spec = core.specs.nexuses.get(uuid);
      // Nobody here knows it: its node makes sure, and one that it does not have counts as destroyed.
      if (spec === undefined) {
        const node = core.registry.onlineNode(request.nodeId);
        await node.client.destroyNexus(uuid).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
        return {};
      }
      if (spec.owner !== undefined) throw inUse(Resource.Nexus, uuid, `volume '${spec.owner}'`);
      await core.guard.run(Resource.Nexus, uuid, () => destroyNexus(core, spec));
      return {};
    }, bareError),
    shareNexus: answer((request) => {
      const uuid = requireUuid(request.nexusId, 'nexus_id');
      return core.guard.run(Resource.Nexus, uuid, async () => {
        const { nexus } = liveNexus(core, uuid);
        if (nexus.deviceUri !== '')
          throw ofKind(Kind.AlreadyShared, Resource.Nexus, 'AlreadyShared', `Nexus '${uuid}' is shared already`);
        const shared = await shareNexus(core, nexusSpec(core, uuid), hostNqns(request.allowedHosts));
        return { reply: { $case: 'response' as const, value: shared.deviceUri } };
      });
    }, replyError),
    unshareNexus: answer(async (request) => {
      const uuid = requireUuid(request.nexusId, 'nexus_id');
      await core.guard.run(Resource.Nexus, uuid, async () => {
        if (liveNexus(core, uuid).nexus.deviceUri === '')
          throw ofKind(Kind.NotShared, Resource.Nexus, 'NotShared', `Nexus '${uuid}' is not shared`);
        await unshareNexus(core, nexusSpec(core, uuid));
      });
      return {};
    }, bareError),
    addNexusChild: answer((request) => {
      const uuid = requireUuid(request.nexusId, 'nexus_id');
      return core.guard.run(Resource.Nexus, uuid, async () => {
        const spec = core.specs.nexuses.get(uuid);
        if (spec === undefined) {
          const known = await core.registry
            .onlineNode(request.nodeId)
            .client.addChild(uuid, request.uri, !request.autoRebuild);
          return childReply(uuid, known, request.uri);
        }
        if (spec.children.some((child) => child.uri === request.uri)) throw childExists(uuid, request.uri);
        const nexus = await addChild(core, spec, uriUuid(request.uri), request.uri, request.autoRebuild);
        return childReply(uuid, nexus, request.uri);
      });
    }, replyError),
    removeNexusChild: answer(async (request) => {
      const uuid = requireUuid(request.nexusId, 'nexus_id');
      await core.guard.run(Resource.Nexus, uuid, async () => {
        const spec = core.specs.nexuses.get(uuid);
        if (spec === undefined) {
          await core.registry.onlineNode(request.nodeId).client.removeChild(uuid, request.uri);
          return;
        }
        if (!spec.children.some((child) => child.uri === request.uri)) throw childNotFound(uuid, request.uri);
        await removeChild(core, spec, request.uri);
      });
      return {};
    }, bareError),
    getRebuildHistory: answer(async (request) => {
      const uuid = requireUuid(request.uuid, 'uuid');
      const { node, nexus } = liveNexus(core, uuid);
      const history = await node.client.rebuildHistory(uuid);
      if (history.records.length === 0)
        throw ofKind(Kind.NotFound, Resource.Nexus, 'RebuildHistoryNotFound', `Nexus '${uuid}' has no rebuild history`);
      const records = history.records.map(
        // The job states have the same numbers on both sides.
        (record): RebuildHistoryRecord => ({ ...record, state: record.state as number }),
      );
      return { reply: { $case: 'record' as const, value: { uuid, name: nexus.name, records } } };
    }, replyError),
  };
}
