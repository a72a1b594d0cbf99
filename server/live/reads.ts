import type { Choices, ClusterSummary } from '@/contract/cluster';
import type { IoSeries } from '@/contract/io';
import type { ListQuery } from '@/contract/list';
import type { Node, NodeWindow } from '@/contract/node';
import type { Operation } from '@/contract/operation';
import type { Overview } from '@/contract/overview';
import type { Pool, PoolWindow } from '@/contract/pool';
import type { RebuildsAnswer } from '@/contract/rebuild';
import type { ReplicaWindow } from '@/contract/replica';
import type { VolumeId } from '@/contract/scalars';
import type { SnapshotWindow } from '@/contract/snapshot';
import type { Volume, VolumeWindow } from '@/contract/volume';
import type { Principal } from '../auth/principal';
import { type Answer, answer, fail } from '../http/answer';
import type { Failure } from '../http/problem';
import type { ClusterSnapshot } from '../model/snapshot';
import type { Cluster, Runtime } from '../runtime';
import { choicesView, summaryView } from '../views/choices';
import { agentCoreSource, failingSources } from '../views/facts';
import { nodeView } from '../views/node';
import { nodesView } from '../views/nodes';
import { overviewView } from '../views/overview';
import { poolView } from '../views/pool';
import { poolsView } from '../views/pools';
import { rebuildsView } from '../views/rebuilds';
import { replicasView } from '../views/replicas';
import { snapshotsView } from '../views/snapshots';
import { volumeView } from '../views/volume';
import { volumesView } from '../views/volumes';
import type { Outcome } from '../views/window';

// The reads of one cluster: what a GET answers and what its live topic carries are the same function.

/** Whoever reads the snapshot looks at the cluster, or at one node of it, so that is read at the full rate. */
function snap(c: Cluster, node?: string): ClusterSnapshot {
  c.collector.look(node);
  return c.collector.snapshot;
}
const ofVolume = (c: Cluster, id: VolumeId) => snap(c, c.collector.snapshot.volumes?.items.get(id)?.target?.node);
const ofPool = (c: Cluster, id: string) => snap(c, c.collector.snapshot.pools?.items.get(id)?.node);
const ofNode = (c: Cluster, id: string) => snap(c, c.collector.snapshot.nodes?.items.has(id) ? id : undefined);

export const summary = (c: Cluster): Answer<ClusterSummary> => answer(summaryView(snap(c), c.agentCore.endpoint));

/** The clusters that somebody may look into. */
export async function readableClusters({ clusters, auth }: Runtime, principal: Principal): Promise<Cluster[]> {
  const all = await Promise.all(
    [...clusters.values()].map(async (c) => {
      const refusal = await auth.refuse(principal, 'clusters:read', { authorizer: c.authorizer });
      return refusal ? [] : [c];
    }),
  );
  return all.flat();
}

const OVERVIEW_MINUTES = 10;
export const overview = (c: Cluster): Answer<Overview> =>
  answer(overviewView(snap(c), c.collector.series.of('cluster', OVERVIEW_MINUTES)));

export const volumes = (c: Cluster, q: ListQuery): Answer<VolumeWindow> => windowAnswer(c, volumesView(snap(c), q));
export const replicas = (c: Cluster, q: ListQuery): Answer<ReplicaWindow> => windowAnswer(c, replicasView(snap(c), q));
export const pools = (c: Cluster, q: ListQuery): Answer<PoolWindow> => windowAnswer(c, poolsView(snap(c), q));
export const nodes = (c: Cluster, q: ListQuery): Answer<NodeWindow> => windowAnswer(c, nodesView(snap(c), q));
export const snapshots = (c: Cluster, q: ListQuery): Answer<SnapshotWindow> =>
  windowAnswer(c, snapshotsView(snap(c), q));
export const rebuilds = (c: Cluster, q: ListQuery): Answer<RebuildsAnswer> => windowAnswer(c, rebuildsView(snap(c), q));

export function volume(c: Cluster, id: VolumeId): Answer<Volume> {
  const view = volumeView(ofVolume(c, id), id);
  return view ? answer(view, { etag: view.etag }) : fail(missing(snap(c), snap(c).volumes, 'volume'));
}

export function pool(c: Cluster, id: string): Answer<Pool> {
  const view = poolView(ofPool(c, id), id);
  return view ? answer(view) : fail(missing(snap(c), snap(c).pools, 'pool'));
}

export function node(c: Cluster, id: string): Answer<Node> {
  const view = nodeView(ofNode(c, id), id);
  return view ? answer(view) : fail(missing(snap(c), snap(c).nodes, 'node'));
}

export function volumeMetrics(c: Cluster, id: VolumeId, minutes: number): Answer<IoSeries> {
  if (!ofVolume(c, id).volumes?.items.has(id)) return fail(missing(snap(c), snap(c).volumes, 'volume'));
  return answer(c.collector.series.of(`volume:${id}`, minutes));
}

export function poolMetrics(c: Cluster, id: string, minutes: number): Answer<IoSeries> {
  if (!ofPool(c, id).pools?.items.has(id)) return fail(missing(snap(c), snap(c).pools, 'pool'));
  return answer(c.collector.series.of(`pool:${id}`, minutes));
}

export function nodeMetrics(c: Cluster, id: string, minutes: number): Answer<IoSeries> {
  if (!ofNode(c, id).nodes?.items.has(id)) return fail(missing(snap(c), snap(c).nodes, 'node'));
  return answer(c.collector.series.of(`node:${id}`, minutes));
}

export const choices = (c: Cluster): Answer<Choices> => answer(choicesView(snap(c)));
export const operations = (c: Cluster): Answer<{ operations: Operation[] }> =>
  answer({ operations: c.operations.list() });

export function operation(c: Cluster, id: string): Answer<Operation> {
  const found = c.operations.get(id);
  if (found) return answer(found);
  return fail({
    code: 'not_found',
    detail: 'This console does not remember such an operation.',
    nextStep: 'Operations are forgotten when the console restarts; look at the volume itself.',
  });
}

function windowAnswer<T>(_: Cluster, outcome: Outcome<T>): Answer<T> {
  return outcome.ok ? answer(outcome.value) : fail(outcome.failure);
}

/** Absent from a list that was never read is not the same as absent. */
export function missing(s: ClusterSnapshot, collection: unknown, what: string): Failure {
  if (collection)
    return {
      code: 'not_found',
      detail: `This cluster has no ${what} of that name or id.`,
      nextStep: `Look it up in the list of ${what}s.`,
    };
  const core = agentCoreSource(s);
  const error = core?.error?.message;
  return {
    code: 'upstream_unavailable',
    detail: `The control plane at ${core?.endpoint ?? 'its address'} has not answered since this console started${error ? ` (${error})` : ''}.`,
    nextStep:
      failingSources(s).length > 0
        ? 'Check that the address is right and that it is running; the console keeps trying.'
        : 'The first reading is under way.',
  };
}
