import type { NodeGrpcServer } from '@/gen/v1/node/target_node';
import type { Core } from '../core';
import {
  InvalidRequest,
  invalid,
  labelsExist,
  nodeNotFound,
  nodeNotOnline,
  precondition,
  Resource,
  unimplemented,
} from '../errors';
import type { NodeSpec } from '../specs';
import { toNode } from '../wire/node';
import { answer, replyError } from './handler';

function nodeSpec(core: Core, id: string): NodeSpec {
  const spec = core.specs.nodes.get(id);
  if (spec === undefined) throw nodeNotFound(id);
  return spec;
}

export function nodeService(core: Core): NodeGrpcServer {
  const show = (spec: NodeSpec) => ({
    reply: { $case: 'node' as const, value: toNode(spec, core.registry.node(spec.id)) },
  });
  const change = async (id: string, apply: (spec: NodeSpec) => void) => {
    const spec = nodeSpec(core, id);
    return core.guard.run(Resource.Node, id, async () => {
      apply(spec);
      await core.specs.nodes.put(spec);
      core.wake();
      return show(spec);
    });
  };
  return {
    probe: answer(
      () => ({ ready: true }),
      () => ({ ready: false }),
    ),
    getNodes: answer((request) => {
      const filter = request.filter;
      const specs = filter === undefined ? core.specs.nodes.values() : [nodeSpec(core, filter.value.nodeId)];
      const nodes = specs.map((spec) => toNode(spec, core.registry.node(spec.id)));
      return { reply: { $case: 'nodes' as const, value: { nodes } } };
    }, replyError),
    getBlockDevices: answer(async (request) => {
      const node = core.registry.node(request.nodeId);
      if (node === undefined) throw nodeNotFound(request.nodeId);
      if (!node.seen) throw nodeNotOnline(request.nodeId);
      const answered = await node.client.listBlockDevices(request.all);
      return {
        reply: {
          $case: 'blockdevices' as const,
          value: {
            blockdevices: answered.devices.map((device) => ({
              ...device,
              filesystem: device.filesystem && {
                ...device.filesystem,
                // Only the first one has a place in this message (wire facts, 7).
                mountpoint: device.filesystem.mountpoints[0] ?? '',
              },
            })),
          },
        },
      };
    }, replyError),
    cordonNode: answer(
      (request) =>
        change(request.nodeId, (spec) => {
          refuseLabelInUse(spec, request.label);
          spec.cordonLabels.push(request.label);
        }),
      replyError,
    ),
    uncordonNode: answer(
      (request) =>
        change(request.nodeId, (spec) => {
          const has = spec.cordonLabels.includes(request.label) || spec.drainLabels.includes(request.label);
          if (!has)
            throw precondition(
              Resource.Node,
              'UncordonLabel',
              `Node '${spec.id}' does not have a cordon label '${request.label}'`,
            );
          spec.cordonLabels = spec.cordonLabels.filter((label) => label !== request.label);
          spec.drainLabels = spec.drainLabels.filter((label) => label !== request.label);
          if (spec.drainLabels.length > 0) return;
          spec.drained = false;
          spec.movedVolumes = undefined;
        }),
      replyError,
    ),
    drainNode: answer(
      (request) =>
        change(request.nodeId, (spec) => {
          if (!core.highAvailability)
            throw precondition(
              Resource.Node,
              'DrainNotAllowedWhenHAisDisabled',
              'Nodes can only be drained with high availability enabled',
            );
          refuseLabelInUse(spec, request.label);
          spec.drainLabels.push(request.label);
        }),
      replyError,
    ),
    labelNode: answer((request) => {
      const labels = request.label?.value;
      if (labels === undefined) throw new InvalidRequest('label: missing');
      return change(request.nodeId, (spec) => {
        for (const [key, value] of Object.entries(labels)) {
          const present = spec.labels[key];
          if (present === undefined || request.overwrite) continue;
          throw labelsExist(Resource.Node, spec.id, { [key]: present }, present !== value);
        }
        Object.assign(spec.labels, labels);
      });
    }, replyError),
    unlabelNode: answer(
      (request) =>
        change(request.nodeId, (spec) => {
          if (request.labelKey === '') throw invalid(Resource.Node, 'InvalidLabel', 'A label key must not be empty');
          if (!(request.labelKey in spec.labels))
            throw precondition(
              Resource.Node,
              'LabelNotFound',
              `Node '${spec.id}' does not have a label '${request.labelKey}'`,
            );
          delete spec.labels[request.labelKey];
        }),
      replyError,
    ),
    deleteNode: answer(
      (request) => {
        throw unimplemented(Resource.Node, 'DeleteNode', `node '${request.nodeId}' cannot be deleted by this release`);
      },
      (error) => ({ volumeLoss: [], snapshotLoss: [], ...replyError(error) }),
    ),
  };
}

function refuseLabelInUse(spec: NodeSpec, label: string): void {
  if (!spec.cordonLabels.includes(label) && !spec.drainLabels.includes(label)) return;
  throw precondition(Resource.Node, 'CordonLabel', `Node '${spec.id}' already has the cordon label '${label}'`);
}
