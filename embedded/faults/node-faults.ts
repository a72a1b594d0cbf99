import type { ClusterNode } from '@/embedded/cluster/cluster-node';
import type { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import type { Fault, FaultAmount } from './fault';

interface NodeFault {
  id: string;
  title: string;
  is: string;
  end: string;
  effect: string;
  amount?: FaultAmount;
  /** `amount` undefined: the fault ends. */
  set(node: ClusterNode, amount: number | undefined): void | Promise<void>;
  /** How strong it is on that node now; undefined: not at all. */
  now(node: ClusterNode): number | undefined;
}

const flag = (on: boolean) => (on ? 1 : undefined);

const KINDS: readonly NodeFault[] = [
  {
    id: 'node-kill',
    title: 'Kill the io-engine',
    is: 'io-engine killed',
    end: 'Start it',
    effect:
      'As kill -9. Its node counts as lost after the deadline, its pools, copies and targets become unknown; volumes with a copy there are degraded and repaired when it is back.',
    set: (node, amount) => (amount === undefined ? node.start() : node.kill()),
    now: (node) => flag(node.state === 'stopped'),
  },
  {
    id: 'node-hang',
    title: 'Hang the io-engine',
    is: 'io-engine hangs',
    end: 'Let it go on',
    effect:
      'It accepts connections and never answers: no heart-beat, calls run into their deadline, I/O into the NVMe timeout.',
    set: (node, amount) => node.hang(amount !== undefined),
    now: (node) => flag(node.state === 'hung'),
  },
  {
    id: 'partition-core',
    title: 'Part it from agent-core',
    is: 'parted from agent-core',
    end: 'Mend the network',
    effect:
      'No packet passes between the node and agent-core, which takes it for lost, while applications and the other nodes go on with it as if nothing were wrong.',
    set: (node, amount) => {
      node.condition.isCutFromCore = amount !== undefined;
    },
    now: (node) => flag(node.condition.isCutFromCore),
  },
  {
    id: 'partition-peers',
    title: 'Part it from the other nodes',
    is: 'parted from the other nodes',
    end: 'Mend the network',
    effect:
      'agent-core sees it online, but targets elsewhere lose their copies here, and targets here those elsewhere: each is timed out by its next I/O.',
    set: (node, amount) => node.cutFromPeers(amount !== undefined),
    now: (node) => flag(node.isCutFromPeers),
  },
  {
    id: 'rebuild-fail',
    title: 'Let its rebuilds fail',
    is: 'rebuilds fail',
    end: 'Let them work',
    effect:
      'Every rebuild of a target on this node errs at its next copy: the copy is faulted for a failed rebuild, given up and made anew, until that is over.',
    set: (node, amount) => {
      node.condition.failsRebuilds = amount !== undefined;
    },
    now: (node) => flag(node.condition.failsRebuilds),
  },
  {
    id: 'node-store-slow',
    title: 'Slow its store down',
    is: 'store slow',
    end: 'Full speed',
    effect:
      'What its targets know of their copies is written slowly: after a fault of a copy, writes of the application wait for it.',
    amount: { label: 'by', unit: 'ms', usual: 1_000, least: 1, most: 60_000 },
    set: (node, amount) => node.store.become({ delayMs: amount ?? 0 }),
    now: (node) => node.store.condition.delayMs || undefined,
  },
  {
    id: 'node-store-fail',
    title: 'Let its store fail',
    is: 'store fails',
    end: 'Let it work',
    effect:
      'What its targets know of their copies cannot be written: at the next fault of a copy writes block, after 30 tries the target shuts itself down, and it is made again when the store is back.',
    set: (node, amount) => node.store.become({ isFailing: amount !== undefined }),
    now: (node) => flag(node.store.condition.isFailing),
  },
  {
    id: 'node-clock',
    title: 'Set its clock wrong',
    is: 'clock wrong',
    end: 'Set it right',
    effect:
      'Moments of faults, rebuilds and snapshots that it tells are off. When it is behind, agent-core takes a fresh fault of a copy for an old one and gives the copy up.',
    amount: { label: 'ahead by', unit: 's', usual: 3_600, least: -86_400, most: 86_400 },
    set: (node, amount) => {
      node.condition.clockSkewMs = (amount ?? 0) * 1_000;
    },
    now: (node) => node.condition.clockSkewMs / 1_000 || undefined,
  },
  {
    id: 'node-newer',
    title: 'Make it of a later release',
    is: 'of a later release',
    end: 'Of this release again',
    effect:
      'Whatever is not online, and every pool, has a state that nobody knows; reasons are unknown too, and messages carry unknown fields.',
    set: (node, amount) => {
      node.condition.isNewer = amount !== undefined;
    },
    now: (node) => flag(node.condition.isNewer),
  },
];

/** Faults of a whole node. */
export const NODE_FAULTS: readonly Fault[] = KINDS.map(({ id, title, effect, amount, is, end, set, now }) => ({
  id,
  scope: 'node',
  title,
  effect,
  ...(amount && { amount }),
  begin: (cluster, target, strength) => set(cluster.node(target), strength),
  lasting: {
    is,
    end,
    finish: (cluster, target) => set(cluster.node(target), undefined),
    places: (cluster) => places(cluster, now),
  },
}));

function places(cluster: EmbeddedCluster, now: NodeFault['now']) {
  return cluster.nodes.flatMap((node) => {
    const amount = now(node);
    return amount === undefined ? [] : [{ target: node.name, amount }];
  });
}
