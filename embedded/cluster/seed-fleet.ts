import { openTarget } from '@/embedded/fabric/open-target';
import type { EmbeddedCluster } from './embedded-cluster';
import type { PlannedVolume } from './fleet';

/** Makes the planned volumes through agent-core, side by side with a bound, then lets their stories happen. */
export async function seedFleet(cluster: EmbeddedCluster, plan: readonly PlannedVolume[]): Promise<void> {
  const queue = [...plan];
  const worker = async () => {
    for (let v = queue.shift(); v; v = queue.shift()) await make(cluster, v);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  await cluster.workloads.look();
  for (const v of plan) {
    if (v.workload) cluster.workloads.add(v.uuid, { ...v.workload, depth: 4 });
  }
  cluster.workloads.follow();
  for (const v of plan) if (v.story !== 'none') await play(cluster, v);
}

async function make(cluster: EmbeddedCluster, v: PlannedVolume): Promise<void> {
  await cluster.control.createVolume({
    uuid: v.uuid,
    size: BigInt(v.sizeBytes),
    replicas: BigInt(v.replicas),
    thin: v.thin,
    policy: { selfHeal: true },
    labels: { value: { name: v.name, namespace: v.namespace } },
  });
  if (v.published) await cluster.control.publish(v.uuid);
  for (const snapshot of v.snapshots) await cluster.control.snapshot(v.uuid, snapshot);
}

const CHUNK = 1024 * 1024;

/** Fills some of the volume, then faults a copy that is not on the target's node. Self-healing does the rest. */
async function play(cluster: EmbeddedCluster, v: PlannedVolume): Promise<void> {
  const volume = (await cluster.control.listVolumes()).find((x) => x.definition?.spec?.uuid === v.uuid);
  const target = volume?.state?.target;
  if (!target?.uuid) return;
  const device = await openTarget(cluster.fabricForHosts, target.deviceUri);
  // Behind the workload's own working set, so that its stamps stay.
  const start = v.workload?.workingSetBytes ?? 0;
  const data = Buffer.alloc(CHUNK, v.name);
  for (let at = start; at < start + v.fillBytes; at += CHUNK) await device.write(at, data);
  await device.close();
  const remote = target.children.find((c) => c.uri.startsWith('nvmf'));
  const replica = /[?&]uuid=([0-9a-f-]{36})/.exec(remote?.uri ?? '')?.[1];
  if (replica) cluster.faultChild(target.uuid, replica, target.nodeId);
}
