import { type ClusterNode, UnknownThing } from '@/embedded/cluster/cluster-node';
import type { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import type { Fault, FaultAmount } from './fault';

interface DiskFault {
  id: string;
  title: string;
  is: string;
  end: string;
  effect: string;
  amount?: FaultAmount;
  /** `amount` undefined: the fault ends. */
  set(node: ClusterNode, index: number, amount: number | undefined): void;
  now(node: ClusterNode, index: number): number | undefined;
}

const flag = (on: boolean) => (on ? 1 : undefined);

const KINDS: readonly DiskFault[] = [
  {
    id: 'disk-fail',
    title: 'Let it err',
    is: 'errs',
    end: 'Let it work',
    effect:
      'Every I/O on it errs: each copy on it is faulted by its next I/O. Its pool stays online, as Mayastor shows it.',
    set: (node, index, amount) => {
      node.disk(index).condition.isFailing = amount !== undefined;
    },
    now: (node, index) => flag(node.disk(index).condition.isFailing),
  },
  {
    id: 'disk-slow',
    title: 'Make it slow',
    is: 'slow',
    end: 'Full speed',
    effect:
      'Every I/O takes longer. No status changes: the latency of its pool rises, and that of each volume with a copy there.',
    amount: { label: 'by', unit: 'ms', usual: 50, least: 1, most: 10_000 },
    set: (node, index, amount) => {
      node.disk(index).condition.delayMs = amount ?? 0;
    },
    now: (node, index) => node.disk(index).condition.delayMs || undefined,
  },
  {
    id: 'disk-full',
    title: 'Fill it',
    is: 'full',
    end: 'Make room',
    effect:
      'Another logical volume takes all that is free. Thin copies that need more are out of space and degraded; agent-core moves them elsewhere.',
    set: (node, index, amount) => node.fillDisk(index, amount !== undefined),
    now: (node, index) => flag(node.isDiskFull(index)),
  },
  {
    id: 'disk-gone',
    title: 'Pull it out',
    is: 'pulled out',
    end: 'Put it back',
    effect:
      'It is no longer among the block devices and every I/O errs; after a restart of its io-engine the pool cannot be imported and has no state.',
    set: (node, index, amount) => {
      node.disk(index).condition.isGone = amount !== undefined;
    },
    now: (node, index) => flag(node.disk(index).condition.isGone),
  },
];

/** Faults of one disk. */
export const DISK_FAULTS: readonly Fault[] = KINDS.map(({ id, title, effect, amount, is, end, set, now }) => ({
  id,
  scope: 'disk',
  title,
  effect,
  ...(amount && { amount }),
  begin: (cluster, target, strength) => set(...find(cluster, target), strength),
  lasting: {
    is,
    end,
    finish: (cluster, target) => set(...find(cluster, target), undefined),
    places: (cluster) => places(cluster, now),
  },
}));

/** A disk by `node/index`. Throws UnknownThing. */
function find(cluster: EmbeddedCluster, target: string): [node: ClusterNode, index: number] {
  const [, name = '', digits = ''] = /^(.+)\/(\d{1,3})$/.exec(target) ?? [];
  if (name === '') throw new UnknownThing(`a disk is named node/index, not '${target}'`);
  const node = cluster.node(name);
  node.disk(Number(digits));
  return [node, Number(digits)];
}

function places(cluster: EmbeddedCluster, now: DiskFault['now']) {
  return cluster.nodes.flatMap((node) =>
    node.disks.flatMap((_, index) => {
      const amount = now(node, index);
      return amount === undefined ? [] : [{ target: `${node.name}/${index}`, amount }];
    }),
  );
}
