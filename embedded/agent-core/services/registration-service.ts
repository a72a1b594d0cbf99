import type { RegistrationServer } from '@/gen/mayastor/v1/registration';
import type { AppNodeGrpcServer } from '@/gen/v1/node/app_node';
import { AppNodeStatus } from '@/gen/v1/node/app_node';
import type { RegistrationServer as AppRegistrationServer } from '@/gen/v1/registration/app_node_registration';
import type { Core } from '../core';
import { appNodeNotFound, nodeNotFound } from '../errors';
import type { AppNodeSpec } from '../specs';
import { answerByStatus } from './handler';
import { pageOf } from './pages';

/** Where io-engines report themselves every few seconds. */
export function registrationService(core: Core): RegistrationServer {
  return {
    register: answerByStatus(async (request) => {
      await core.registry.register(request);
      return {};
    }),
    deregister: answerByStatus((request) => {
      const node = core.registry.node(request.id);
      if (node === undefined) throw nodeNotFound(request.id);
      node.deregistered();
      return {};
    }),
  };
}

/** Where CSI nodes (app nodes) report themselves. */
export function appRegistrationService(core: Core): AppRegistrationServer {
  return {
    register: answerByStatus(async (request) => {
      await core.specs.appNodes.put({
        id: request.id,
        endpoint: request.grpcEndpoint,
        labels: request.labels?.value,
      });
      return {};
    }),
    deregister: answerByStatus(async (request) => {
      // One that is not known is as good as gone.
      if (core.specs.appNodes.get(request.id) !== undefined) await core.specs.appNodes.delete(request.id);
      return {};
    }),
  };
}

const toAppNode = (spec: AppNodeSpec) => ({
  id: spec.id,
  spec: { id: spec.id, grpcEndpoint: spec.endpoint, labels: spec.labels && { value: spec.labels } },
  state: { id: spec.id, grpcEndpoint: spec.endpoint, status: AppNodeStatus.Online },
});

export function appNodeService(core: Core): AppNodeGrpcServer {
  return {
    getAppNode: answerByStatus((request) => {
      const id = request.filter?.value.appNodeId ?? '';
      const spec = core.specs.appNodes.get(id);
      if (spec === undefined) throw appNodeNotFound(id);
      return { appNode: toAppNode(spec) };
    }),
    listAppNodes: answerByStatus((request) => {
      const page = pageOf(core.specs.appNodes.values(), request.pagination);
      return { appNodes: { entries: page.entries.map(toAppNode), nextToken: page.nextToken } };
    }),
  };
}
