// Writes charts/mayastor-console/roles.yaml, the rules of the chart's ClusterRoles, from contract/permission.ts; a test compares them.
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { PERMISSIONS, Role } from '../contract/permission.ts';

/** Rules by role: everything whose least role is this one or one below it, by resource. */
export function chartRoles() {
  const roles = {};
  for (const [rank, role] of Role.options.entries()) {
    const verbs = new Map();
    for (const { least, kubernetes } of Object.values(PERMISSIONS)) {
      if (!kubernetes || Role.options.indexOf(least) > rank) continue;
      const [verb, resource] = kubernetes;
      verbs.set(resource, [...(verbs.get(resource) ?? []), verb]);
    }
    roles[role] = [...verbs].sort().map(([resource, list]) => ({
      apiGroups: ['console.openebs.io'],
      resources: [resource],
      verbs: list.sort(),
    }));
  }
  return roles;
}

if (process.argv[1] === new URL(import.meta.url).pathname)
  writeFileSync('charts/mayastor-console/roles.yaml', stringify(chartRoles()));
