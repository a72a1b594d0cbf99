import type { Permission } from '@/contract/permission';
import type { Principal } from '../auth/principal';
import type { ClusterSnapshot } from '../model/snapshot';
import type { Cluster, Runtime } from '../runtime';

interface Kind {
  permission: Permission;
  /** Undefined while the control plane has not listed them: then nothing can be told. */
  known(s: ClusterSnapshot): ReadonlyMap<string, unknown> | undefined;
}

const KINDS: Readonly<Record<string, Kind>> = {
  volumes: { permission: 'volumes:read', known: (s) => s.volumes?.items },
  pools: { permission: 'pools:read', known: (s) => s.pools?.items },
  nodes: { permission: 'nodes:read', known: (s) => s.nodes?.items },
};
/** Places below a list that are no object of it. */
const NO_OBJECT = new Set(['new']);

/**
 * Whether the page of a path shows something that is certainly not there: a cluster that is not configured, or a volume, pool
 * or node that the control plane does not list. Whoever may not see such an object does not learn that it is not there.
 */
export async function isMissing(
  { clusters, auth }: Pick<Runtime, 'clusters' | 'auth'>,
  principal: Principal | undefined,
  path: string,
): Promise<boolean> {
  const [, root, id = '', list = '', object = ''] = decodeURIComponent(path).split('/');
  if (root !== 'c' || id === '') return false;
  const cluster: Cluster | undefined = clusters.get(id);
  if (!cluster) return true;
  const kind = Object.hasOwn(KINDS, list) ? KINDS[list] : undefined;
  if (!kind || object === '' || NO_OBJECT.has(object)) return false;
  const items = kind.known(cluster.collector.snapshot);
  if (!items || items.has(object)) return false;
  return (await auth.refuse(principal, kind.permission, { authorizer: cluster.authorizer, object })) === undefined;
}
