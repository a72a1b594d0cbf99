import type { RouteHandler } from '@/server/http/route';
import * as audit from './clusters/[cluster]/audit/route';
import * as choices from './clusters/[cluster]/choices/route';
import * as exportNodes from './clusters/[cluster]/export/nodes/route';
import * as exportPools from './clusters/[cluster]/export/pools/route';
import * as exportRebuilds from './clusters/[cluster]/export/rebuilds/route';
import * as exportReplicas from './clusters/[cluster]/export/replicas/route';
import * as exportSnapshots from './clusters/[cluster]/export/snapshots/route';
import * as exportVolumes from './clusters/[cluster]/export/volumes/route';
import * as nodesNodeBlockDevices from './clusters/[cluster]/nodes/[node]/block-devices/route';
import * as nodesNodeMetrics from './clusters/[cluster]/nodes/[node]/metrics/route';
import * as nodesNode from './clusters/[cluster]/nodes/[node]/route';
import * as nodes from './clusters/[cluster]/nodes/route';
import * as operationsId from './clusters/[cluster]/operations/[id]/route';
import * as operations from './clusters/[cluster]/operations/route';
import * as overview from './clusters/[cluster]/overview/route';
import * as permissions from './clusters/[cluster]/permissions/route';
import * as poolsPoolMetrics from './clusters/[cluster]/pools/[pool]/metrics/route';
import * as poolsPool from './clusters/[cluster]/pools/[pool]/route';
import * as pools from './clusters/[cluster]/pools/route';
import * as rebuilds from './clusters/[cluster]/rebuilds/route';
import * as replicas from './clusters/[cluster]/replicas/route';
import * as snapshotsId from './clusters/[cluster]/snapshots/[id]/route';
import * as snapshots from './clusters/[cluster]/snapshots/route';
import * as summary from './clusters/[cluster]/summary/route';
import * as volumesUuidMetrics from './clusters/[cluster]/volumes/[uuid]/metrics/route';
import * as volumesUuidPublish from './clusters/[cluster]/volumes/[uuid]/publish/route';
import * as volumesUuidRaw from './clusters/[cluster]/volumes/[uuid]/raw/route';
import * as volumesUuidReplicaCount from './clusters/[cluster]/volumes/[uuid]/replica-count/route';
import * as volumesUuid from './clusters/[cluster]/volumes/[uuid]/route';
import * as volumesUuidSize from './clusters/[cluster]/volumes/[uuid]/size/route';
import * as volumesUuidSnapshots from './clusters/[cluster]/volumes/[uuid]/snapshots/route';
import * as volumesUuidUnpublish from './clusters/[cluster]/volumes/[uuid]/unpublish/route';
import * as volumesPlan from './clusters/[cluster]/volumes/plan/route';
import * as volumes from './clusters/[cluster]/volumes/route';
import * as clusters from './clusters/route';
import * as session from './session/route';
import * as sessionsEnd from './sessions/end/route';

/** One method of one path, with its definition. */
export interface RouteEntry {
  path: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  handler: RouteHandler;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/** Every route of the API but this list's own document; a test compares it with the folder. */
export function allRoutes(): RouteEntry[] {
  const modules: Array<readonly [path: string, module: Partial<Record<(typeof METHODS)[number], RouteHandler>>]> = [
    ['/api/v1/clusters', clusters],
    ['/api/v1/clusters/{cluster}/audit', audit],
    ['/api/v1/clusters/{cluster}/choices', choices],
    ['/api/v1/clusters/{cluster}/export/nodes', exportNodes],
    ['/api/v1/clusters/{cluster}/export/pools', exportPools],
    ['/api/v1/clusters/{cluster}/export/rebuilds', exportRebuilds],
    ['/api/v1/clusters/{cluster}/export/replicas', exportReplicas],
    ['/api/v1/clusters/{cluster}/export/snapshots', exportSnapshots],
    ['/api/v1/clusters/{cluster}/export/volumes', exportVolumes],
    ['/api/v1/clusters/{cluster}/permissions', permissions],
    ['/api/v1/clusters/{cluster}/nodes', nodes],
    ['/api/v1/clusters/{cluster}/nodes/{node}', nodesNode],
    ['/api/v1/clusters/{cluster}/nodes/{node}/block-devices', nodesNodeBlockDevices],
    ['/api/v1/clusters/{cluster}/nodes/{node}/metrics', nodesNodeMetrics],
    ['/api/v1/clusters/{cluster}/operations', operations],
    ['/api/v1/clusters/{cluster}/operations/{id}', operationsId],
    ['/api/v1/clusters/{cluster}/overview', overview],
    ['/api/v1/clusters/{cluster}/pools', pools],
    ['/api/v1/clusters/{cluster}/pools/{pool}', poolsPool],
    ['/api/v1/clusters/{cluster}/pools/{pool}/metrics', poolsPoolMetrics],
    ['/api/v1/clusters/{cluster}/rebuilds', rebuilds],
    ['/api/v1/clusters/{cluster}/replicas', replicas],
    ['/api/v1/clusters/{cluster}/snapshots', snapshots],
    ['/api/v1/clusters/{cluster}/snapshots/{id}', snapshotsId],
    ['/api/v1/clusters/{cluster}/summary', summary],
    ['/api/v1/clusters/{cluster}/volumes', volumes],
    ['/api/v1/clusters/{cluster}/volumes/{uuid}', volumesUuid],
    ['/api/v1/clusters/{cluster}/volumes/{uuid}/metrics', volumesUuidMetrics],
    ['/api/v1/clusters/{cluster}/volumes/{uuid}/publish', volumesUuidPublish],
    ['/api/v1/clusters/{cluster}/volumes/{uuid}/raw', volumesUuidRaw],
    ['/api/v1/clusters/{cluster}/volumes/{uuid}/replica-count', volumesUuidReplicaCount],
    ['/api/v1/clusters/{cluster}/volumes/{uuid}/size', volumesUuidSize],
    ['/api/v1/clusters/{cluster}/volumes/{uuid}/snapshots', volumesUuidSnapshots],
    ['/api/v1/clusters/{cluster}/volumes/{uuid}/unpublish', volumesUuidUnpublish],
    ['/api/v1/clusters/{cluster}/volumes/plan', volumesPlan],
    ['/api/v1/session', session],
    ['/api/v1/sessions/end', sessionsEnd],
  ];
  return modules.flatMap(([path, module]) =>
    METHODS.flatMap((method) => {
      const handler = module[method];
      return handler ? [{ path, method, handler }] : [];
    }),
  );
}
