import { formatBytes } from '@/contract/size';
import type { CreateVolume } from '@/contract/volume';

const quote = (text: string): string => JSON.stringify(text);

/** `key: value` lines, as the CSI driver reads label parameters. */
const lines = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([k, v]) => `    ${k}: ${v}`)
    .join('\n');

/**
 * The same volume as Kubernetes would ask for it: a StorageClass and a claim (behaviour facts, 5.5). What a StorageClass
 * cannot say (own labels, named nodes, no self-healing) is listed as comments.
 */
export function manifestOf(v: CreateVolume): string {
  const name = v.name ?? 'my-volume';
  const parameters: string[] = [
    '  protocol: nvmf',
    `  repl: ${quote(String(v.replicas))}`,
    `  thin: ${quote(String(v.thin))}`,
  ];
  if (v.maxSnapshots !== undefined) parameters.push(`  maxSnapshots: ${quote(String(v.maxSnapshots))}`);
  if (v.affinityGroup) parameters.push('  stsAffinityGroup: "true"');
  if (Object.keys(v.poolInclusion).length > 0)
    parameters.push(`  poolAffinityTopologyLabel: |\n${lines(v.poolInclusion)}`);
  if (Object.keys(v.nodeInclusion).length > 0)
    parameters.push(`  nodeAffinityTopologyLabel: |\n${lines(v.nodeInclusion)}`);
  if (v.nodeSpread.length > 0)
    parameters.push(`  nodeSpreadTopologyKey: |\n${v.nodeSpread.map((k) => `    ${k}`).join('\n')}`);
  return [
    ...unsaid(v),
    'apiVersion: storage.k8s.io/v1',
    'kind: StorageClass',
    'metadata:',
    `  name: ${quote(`mayastor-${v.replicas}`)}`,
    'provisioner: io.openebs.csi-mayastor',
    'allowVolumeExpansion: true',
    'parameters:',
    ...parameters,
    '---',
    'apiVersion: v1',
    'kind: PersistentVolumeClaim',
    'metadata:',
    `  name: ${quote(name.toLowerCase())}`,
    'spec:',
    '  accessModes: [ReadWriteOnce]',
    `  storageClassName: ${quote(`mayastor-${v.replicas}`)}`,
    '  resources:',
    '    requests:',
    `      storage: ${quantity(BigInt(v.sizeBytes))}`,
  ].join('\n');
}

/** Kubernetes writes sizes whole: the largest unit that divides them. */
function quantity(bytes: bigint): string {
  for (const [power, unit] of [
    [40n, 'Ti'],
    [30n, 'Gi'],
    [20n, 'Mi'],
  ] as const) {
    if (bytes % (1n << power) === 0n) return `${bytes >> power}${unit}`;
  }
  return String(bytes);
}

function unsaid(v: CreateVolume): string[] {
  const out: string[] = [];
  if (Object.keys(v.labels).length > 0) out.push('# Labels of the volume cannot be given in Kubernetes.');
  if (v.allowedNodes.length > 0) out.push('# Named nodes cannot be given in Kubernetes: use node labels.');
  if (!v.selfHeal) out.push('# In Kubernetes self-healing is always on.');
  if (v.id) out.push('# In Kubernetes the id is made from the claim.');
  if (v.affinityGroup) out.push(`# The group is named after the StatefulSet’s claim, not ${quote(v.affinityGroup)}.`);
  if (out.length > 0) out.unshift(`# ${formatBytes(BigInt(v.sizeBytes))}, ${v.replicas} replica(s).`);
  return out;
}
