import { VolumeId } from '@/contract/scalars';
import type {
  AppNodeModel,
  NodeModel,
  PoolModel,
  ReplicaModel,
  SnapshotModel,
  VolumeModel,
} from '@/server/model/model';
import type { Collection } from '@/server/model/snapshot';
import type { AgentCoreClient } from '@/server/upstream/agent-core';
import { err, ok, type Result, type UpstreamError } from '@/server/upstream/result';
import { confirmAbsent } from './absent';
import type { Clock } from './clock';
import { sharedLargeMap } from './share';

/** What the collector asks of agent-core. */
export type CoreReads = Pick<
  AgentCoreClient,
  | 'endpoint'
  | 'listNodes'
  | 'listPools'
  | 'listReplicas'
  | 'listVolumes'
  | 'getVolume'
  | 'listSnapshots'
  | 'listAppNodes'
> &
  Partial<Pick<AgentCoreClient, 'explain'>>;

/** What agent-core said last, list by list. */
export interface CoreLists {
  nodes?: Collection<NodeModel>;
  pools?: Collection<PoolModel>;
  replicas?: Collection<ReplicaModel>;
  volumes?: Collection<VolumeModel>;
  snapshots?: Collection<SnapshotModel>;
  appNodes?: Collection<AppNodeModel>;
}

/** Entries of paged lists that the last pass missed and that nobody could ask for one by one. */
export interface Doubts {
  volumes: ReadonlySet<string>;
  snapshots: ReadonlySet<string>;
}

/** Fewer entries than a page holds came in one piece, between which nothing can hide. */
const ONE_PAGE = 500;

/**
 * One pass over agent-core. A list that fails keeps what it had, with its age; the others go on. `slow` also reads
 * snapshots and app nodes. The result is the first error, if any.
 */
export async function readCore(
  client: CoreReads,
  clock: Clock,
  before: CoreLists,
  slow: boolean,
  doubts: Doubts = { volumes: new Set(), snapshots: new Set() },
): Promise<{ lists: CoreLists; doubts: Doubts; result: Result<undefined> }> {
  let firstError: UpstreamError | undefined;
  const read = async <T>(
    known: Collection<T> | undefined,
    list: () => Promise<Result<ReadonlyMap<string, T>>>,
    optional = false,
  ): Promise<Collection<T> | undefined> => {
    // The moment of asking: what changed while the pages came may be missing from them.
    const at = clock.now();
    const reply = await list();
    if (reply.ok) return { at, items: await sharedLargeMap(known?.items, reply.value) };
    if (optional && reply.error.kind === 'Unimplemented')
      return { at, items: await sharedLargeMap(known?.items, new Map()) };
    firstError ??= reply.error;
    return known;
  };
  let { volumes: doubtedVolumes, snapshots: doubtedSnapshots } = doubts;
  const listVolumes = async () => {
    const reply = await client.listVolumes();
    if (!reply.ok) return reply;
    const ask = async (id: string) => {
      const one = await client.getVolume(VolumeId.parse(id)); // a key of the list that agent-core gave
      return one.ok ? ok(one.value?.model) : one;
    };
    const kept = await confirmAbsent(before.volumes?.items, reply.value, doubtedVolumes, { isPaged: true, ask });
    doubtedVolumes = kept.doubted;
    return ok(kept.items);
  };
  const listSnapshots = async () => {
    const reply = await client.listSnapshots();
    if (!reply.ok) return reply;
    const isPaged = reply.value.size >= ONE_PAGE;
    const kept = await confirmAbsent(before.snapshots?.items, reply.value, doubtedSnapshots, { isPaged });
    doubtedSnapshots = kept.doubted;
    return ok(kept.items);
  };
  const [nodes, pools, replicas, volumes, snapshots, appNodes] = await Promise.all([
    read(before.nodes, () => client.listNodes()),
    read(before.pools, () => client.listPools()),
    read(before.replicas, () => client.listReplicas()),
    read(before.volumes, listVolumes),
    slow ? read(before.snapshots, listSnapshots, true) : before.snapshots,
    slow ? read(before.appNodes, () => client.listAppNodes(), true) : before.appNodes,
  ]);
  const lists = { nodes, pools, replicas, volumes, snapshots, appNodes };
  const pass = { lists, doubts: { volumes: doubtedVolumes, snapshots: doubtedSnapshots } };
  if (!firstError) return { ...pass, result: ok(undefined) };
  // Where even the nodes cannot be listed, something else may be at that address.
  const isAway = nodes === before.nodes;
  return { ...pass, result: err((isAway && (await client.explain?.(firstError))) || firstError) };
}

/** Whether two sets of lists hold different objects; their ages do not count. */
export function listsDiffer(a: CoreLists, b: CoreLists): boolean {
  return (
    a.nodes?.items !== b.nodes?.items ||
    a.pools?.items !== b.pools?.items ||
    a.replicas?.items !== b.replicas?.items ||
    a.volumes?.items !== b.volumes?.items ||
    a.snapshots?.items !== b.snapshots?.items ||
    a.appNodes?.items !== b.appNodes?.items
  );
}
