import type { Nexus, RegisterRequest, Replica } from '@/gen/mayastor/v1/common';
import type { Pool } from '@/gen/mayastor/v1/pool';
import { nodeCordoned, nodeNotFound, nodeNotOnline } from '../errors';
import type { Specs } from '../spec-store';
import { isCordoned, type NexusSpec, type ReplicaSpec } from '../specs';
import type { EngineClient } from './engine-client';
import { EngineNode, type NodeStatus } from './node';

/** All io-engines and what they said last. Look-ups go over the specs' ids, so they cost the same for any size. */
export class Registry {
  readonly #nodes = new Map<string, EngineNode>();

  constructor(
    private readonly specs: Specs,
    private readonly connect: (endpoint: string) => EngineClient,
    private readonly statusChanged: (node: EngineNode, before: NodeStatus) => void,
  ) {}

  get nodes(): EngineNode[] {
    return [...this.#nodes.values()];
  }

  /** Nodes of the specs are known, with status Unknown, before they register. */
  load(): void {
    for (const spec of this.specs.nodes.values()) this.#ensure(spec.id);
  }

  async register(request: RegisterRequest): Promise<void> {
    const before = this.specs.nodes.get(request.id);
    const spec = before ?? {
      id: request.id,
      endpoint: '',
      labels: {},
      cordonLabels: [],
      drainLabels: [],
      drained: false,
    };
    const changed =
      before === undefined ||
      spec.endpoint !== request.grpcEndpoint ||
      spec.nqn !== request.hostnqn ||
      spec.version !== request.version;
    if (changed) {
      spec.endpoint = request.grpcEndpoint;
      spec.nqn = request.hostnqn;
      spec.version = request.version;
      await this.specs.nodes.put(spec);
    }
    this.#ensure(request.id).registered(request);
  }

  node(id: string): EngineNode | undefined {
    return this.#nodes.get(id);
  }

  /** The node, if it is Online. Throws NodeNotFound or NodeNotOnline. */
  onlineNode(id: string): EngineNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw nodeNotFound(id);
    if (!node.online) throw nodeNotOnline(id);
    return node;
  }

  /** The node, if new things may be put on it. Throws also CordonedNode. */
  usableNode(id: string): EngineNode {
    const spec = this.specs.nodes.get(id);
    if (spec !== undefined && isCordoned(spec)) throw nodeCordoned(id);
    return this.onlineNode(id);
  }

  pool(id: string): { node: EngineNode; pool: Pool } | undefined {
    const node = this.#nodes.get(this.specs.pools.get(id)?.node ?? '');
    const pool = node?.pools.get(id);
    return node !== undefined && pool !== undefined ? { node, pool } : undefined;
  }

  nodeOfReplica(spec: ReplicaSpec): EngineNode | undefined {
    return this.#nodes.get(this.specs.pools.get(spec.poolId)?.node ?? '');
  }

  replica(spec: ReplicaSpec): { node: EngineNode; replica: Replica } | undefined {
    const node = this.nodeOfReplica(spec);
    const replica = node?.replicas.get(spec.uuid);
    return node !== undefined && replica !== undefined ? { node, replica } : undefined;
  }

  nexus(spec: NexusSpec): { node: EngineNode; nexus: Nexus } | undefined {
    const node = this.#nodes.get(spec.node);
    const nexus = node?.nexuses.get(spec.uuid);
    return node !== undefined && nexus !== undefined ? { node, nexus } : undefined;
  }

  close(): void {
    for (const node of this.#nodes.values()) node.close();
  }

  cut(): void {
    for (const node of this.#nodes.values()) node.cut();
  }

  #ensure(id: string): EngineNode {
    const node = this.#nodes.get(id) ?? new EngineNode(id, this.connect, this.statusChanged);
    this.#nodes.set(id, node);
    return node;
  }
}
