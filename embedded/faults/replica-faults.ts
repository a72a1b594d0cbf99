import type { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import type { Fault } from './fault';

/** Faults of one copy of a volume, named by its replica's UUID. */
export const REPLICA_FAULTS: readonly Fault[] = [
  {
    id: 'replica-error',
    scope: 'replica',
    title: 'Let its next I/O err',
    effect: 'The copy is faulted by it, and rebuilt in part from its log in the next pass.',
    begin: (cluster, target) => cluster.faultReplica(target),
  },
  {
    id: 'replica-bad',
    scope: 'replica',
    title: 'Spoil its blocks',
    effect: 'Every I/O on it errs, and so does a rebuild of it: then the copy is given up and another is made.',
    begin: (cluster, target) => cluster.spoilReplica(target),
    lasting: {
      is: 'blocks spoiled',
      end: 'Heal its blocks',
      finish: (cluster, target) => cluster.spoilReplica(target, false),
      places: (cluster) => listed(cluster, (faults) => faults.failingReplicas()),
    },
  },
  {
    id: 'replica-offline',
    scope: 'replica',
    title: 'Take it offline',
    effect: 'As io-engine-client does: the copy is degraded by client, and stays so until it is taken back online.',
    begin: (cluster, target) => cluster.operateChild(target, 'offline'),
    lasting: {
      is: 'offline by client',
      end: 'Take it online',
      finish: (cluster, target) => cluster.operateChild(target, 'online'),
      places: (cluster) => listed(cluster, (faults) => faults.offlineReplicas()),
    },
  },
  {
    id: 'replica-fault',
    scope: 'replica',
    title: 'Fault it as a client',
    effect: 'As io-engine-client does for good: the copy is faulted by client, given up at once and another is made.',
    begin: (cluster, target) => cluster.operateChild(target, 'fault'),
  },
];

type EngineFaults = EmbeddedCluster['nodes'][number]['engine']['faults'];

function listed(cluster: EmbeddedCluster, list: (faults: EngineFaults) => string[]) {
  const running = cluster.nodes.filter((node) => node.state !== 'stopped');
  return running.flatMap((node) => list(node.engine.faults)).map((target) => ({ target }));
}
