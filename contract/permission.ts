import * as z from 'zod';

/** Each includes those before it. `breakglass` may also do what an admin may not: take the last healthy copy. */
export const Role = z.enum(['viewer', 'operator', 'admin', 'breakglass']);
export type Role = z.infer<typeof Role>;

interface Rule {
  /** The least role that holds it; `anyone` is everybody who has signed in. */
  least: Role | 'anyone';
  /** `destroy`: data, access or protection is lost by it; asks for a typed confirmation. */
  kind: 'read' | 'change' | 'destroy';
  /** What it allows, behind "to". */
  what: string;
  /** Verb and resource in the API group console.openebs.io, where Kubernetes decides; null: decided by role alone. */
  kubernetes: readonly [verb: string, resource: string] | null;
}

/**
 * What the console lets people do. Each route and live topic names one of these; what is not here does not compile, and what
 * a request does not hold is refused.
 */
export const PERMISSIONS = {
  'session:read': { least: 'anyone', kind: 'read', what: 'see who is signed in', kubernetes: null },
  'clusters:list': { least: 'anyone', kind: 'read', what: 'see which clusters one may open', kubernetes: null },
  'openapi:read': { least: 'anyone', kind: 'read', what: 'read the description of the API', kubernetes: null },
  'sessions:end': { least: 'admin', kind: 'change', what: 'end everybody’s sessions', kubernetes: null },
  'permissions:read': { least: 'anyone', kind: 'read', what: 'see what one may do', kubernetes: null },
  'clusters:read': { least: 'viewer', kind: 'read', what: 'see the cluster', kubernetes: ['get', 'clusters'] },
  'nodes:list': { least: 'viewer', kind: 'read', what: 'see nodes', kubernetes: ['list', 'nodes'] },
  'nodes:read': { least: 'viewer', kind: 'read', what: 'see nodes', kubernetes: ['get', 'nodes'] },
  'blockdevices:list': {
    least: 'operator',
    kind: 'read',
    what: 'see the disks of a node',
    kubernetes: ['list', 'blockdevices'],
  },
  'nodes:label': { least: 'operator', kind: 'change', what: 'label nodes', kubernetes: ['update', 'nodes/labels'] },
  'nodes:cordon': { least: 'operator', kind: 'change', what: 'cordon nodes', kubernetes: ['cordon', 'nodes'] },
  'nodes:drain': { least: 'admin', kind: 'destroy', what: 'drain nodes', kubernetes: ['drain', 'nodes'] },
  'pools:list': { least: 'viewer', kind: 'read', what: 'see pools', kubernetes: ['list', 'pools'] },
  'pools:read': { least: 'viewer', kind: 'read', what: 'see pools', kubernetes: ['get', 'pools'] },
  'pools:label': { least: 'operator', kind: 'change', what: 'label pools', kubernetes: ['update', 'pools/labels'] },
  'pools:create': { least: 'admin', kind: 'destroy', what: 'create pools', kubernetes: ['create', 'pools'] },
  'pools:delete': { least: 'admin', kind: 'destroy', what: 'delete pools', kubernetes: ['delete', 'pools'] },
  'replicas:list': { least: 'viewer', kind: 'read', what: 'see replicas', kubernetes: ['list', 'replicas'] },
  'rebuilds:list': { least: 'viewer', kind: 'read', what: 'see rebuilds', kubernetes: ['list', 'rebuilds'] },
  'operations:list': { least: 'viewer', kind: 'read', what: 'see changes', kubernetes: ['list', 'operations'] },
  'operations:read': { least: 'viewer', kind: 'read', what: 'see changes', kubernetes: ['get', 'operations'] },
  'volumes:list': { least: 'viewer', kind: 'read', what: 'see volumes', kubernetes: ['list', 'volumes'] },
  'volumes:read': { least: 'viewer', kind: 'read', what: 'see volumes', kubernetes: ['get', 'volumes'] },
  'volumes:create': { least: 'operator', kind: 'change', what: 'create volumes', kubernetes: ['create', 'volumes'] },
  'volumes:resize': {
    least: 'operator',
    kind: 'change',
    what: 'resize volumes',
    kubernetes: ['update', 'volumes/size'],
  },
  'volumes:scale': {
    least: 'operator',
    kind: 'change',
    what: 'change the number of copies',
    kubernetes: ['update', 'volumes/replicas'],
  },
  'volumes:reduce': {
    least: 'admin',
    kind: 'destroy',
    what: 'take copies away',
    kubernetes: ['reduce', 'volumes/replicas'],
  },
  'volumes:publish': { least: 'admin', kind: 'change', what: 'publish volumes', kubernetes: ['publish', 'volumes'] },
  'volumes:unpublish': {
    least: 'admin',
    kind: 'destroy',
    what: 'unpublish volumes',
    kubernetes: ['unpublish', 'volumes'],
  },
  'volumes:delete': { least: 'admin', kind: 'destroy', what: 'delete volumes', kubernetes: ['delete', 'volumes'] },
  'volumes:force': {
    least: 'breakglass',
    kind: 'destroy',
    what: 'take the last healthy copy, or a volume that is in use',
    kubernetes: ['force', 'volumes'],
  },
  'snapshots:list': { least: 'viewer', kind: 'read', what: 'see snapshots', kubernetes: ['list', 'snapshots'] },
  'snapshots:create': {
    least: 'operator',
    kind: 'change',
    what: 'take snapshots',
    kubernetes: ['create', 'snapshots'],
  },
  'snapshots:delete': {
    least: 'admin',
    kind: 'destroy',
    what: 'delete snapshots',
    kubernetes: ['delete', 'snapshots'],
  },
  'audit:list': { least: 'admin', kind: 'read', what: 'read the audit log', kubernetes: ['list', 'audit'] },
} as const satisfies Record<string, Rule>;

export type Permission = keyof typeof PERMISSIONS;
const names = Object.keys(PERMISSIONS) as [Permission, ...Permission[]]; // the table's own keys
export const Permission = z.enum(names);
export const ALL_PERMISSIONS: readonly Permission[] = names;

/** Whether it changes something, in a cluster or for other people. */
export const isChange = (permission: Permission): boolean => PERMISSIONS[permission].kind !== 'read';
