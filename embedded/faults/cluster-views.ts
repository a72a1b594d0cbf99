import { NotNow } from '@/embedded/cluster/cluster-node';
import type { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import { ChildState, ChildStateReason, NexusStatus } from '@/gen/v1/nexus/nexus';

const MOST_VOLUMES = 20;

/** Nodes, disks, agent-core and workloads as they are now. */
export function clusterState(cluster: EmbeddedCluster) {
  return {
    agentCore: { address: cluster.agentCoreAddress, state: cluster.coreState },
    nodes: cluster.nodeStates(),
    workloads: cluster.workloads.list().map((w) => ({
      id: w.id,
      volume: w.volume,
      offset: w.region.offset,
      pattern: w.spec.pattern,
      iops: w.spec.iops,
      connected: w.connected,
      writes: w.writes,
      verified: w.verified,
      mismatches: w.mismatches,
      errors: w.errors,
    })),
  };
}

/** The first volumes whose name or UUID contains the words, with their copies, as agent-core lists them. */
export async function volumesLike(cluster: EmbeddedCluster, words: string) {
  const wanted = words.toLowerCase();
  const listed = await cluster.control.listVolumes().catch((error: Error) => {
    throw new NotNow(`agent-core does not list its volumes: ${error.message}`);
  });
  const all = listed.map(({ definition, state }) => ({
    uuid: definition?.spec?.uuid ?? '',
    name: definition?.spec?.labels?.value.name ?? '',
    status: wordOf(NexusStatus, state?.status ?? -1),
    target: state?.target?.nodeId,
    copies: Object.entries(state?.replicaTopology ?? {}).map(([replica, copy]) => ({
      replica,
      node: copy.node,
      pool: copy.pool,
      state: copy.childStatus === undefined ? undefined : wordOf(ChildState, copy.childStatus).replace('child', ''),
      reason: copy.childStatusReason
        ? wordOf(ChildStateReason, copy.childStatusReason).replace('child_state_reason_', '')
        : undefined,
    })),
  }));
  const found = all.filter((v) => v.uuid.includes(wanted) || v.name.toLowerCase().includes(wanted));
  return { found: found.length, volumes: found.slice(0, MOST_VOLUMES) };
}

/** A value of an enum of the protocol as a word; a number for one that is not in it. */
const wordOf = (names: Record<number, string>, value: number) => (names[value] ?? String(value)).toLowerCase();
