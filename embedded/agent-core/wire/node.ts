import { type CordonDrainState, type Node, NodeStatus as WireStatus } from '@/gen/v1/node/target_node';
import type { EngineNode, NodeStatus } from '../registry/node';
import type { NodeSpec } from '../specs';

const STATUS = {
  Unknown: WireStatus.Unknown,
  Online: WireStatus.Online,
  Offline: WireStatus.Offline,
} satisfies Record<NodeStatus, WireStatus>;

function cordonDrain(spec: NodeSpec): CordonDrainState | undefined {
  const cordonLabels = spec.cordonLabels;
  if (spec.drainLabels.length > 0) {
    const value = { cordonLabels, drainLabels: spec.drainLabels };
    return { cordondrainstate: { $case: spec.drained ? 'drained' : 'draining', value } };
  }
  return cordonLabels.length > 0 ? { cordondrainstate: { $case: 'cordoned', value: { cordonLabels } } } : undefined;
}

/** State is absent until the node registered since agent-core's start; then it stays, with status. */
export function toNode(spec: NodeSpec, node: EngineNode | undefined): Node {
  const status = node?.status ?? 'Unknown';
  return {
    nodeId: spec.id,
    spec: {
      nodeId: spec.id,
      endpoint: spec.endpoint,
      labels: { value: spec.labels },
      cordonDrainState: cordonDrain(spec),
      nodeNqn: spec.nqn,
      version: spec.version,
    },
    state: node?.seen
      ? {
          nodeId: spec.id,
          endpoint: spec.endpoint,
          status: STATUS[status],
          nodeNqn: spec.nqn,
          version: spec.version,
        }
      : undefined,
  };
}
