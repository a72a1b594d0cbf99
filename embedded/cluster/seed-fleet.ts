import type { EmbeddedCluster } from './embedded-cluster';
import type { PlannedVolume } from './fleet';
import { patiently } from './patiently';
import { begin } from './stories';

/** Makes the planned volumes through agent-core, side by side with a bound, then lets their stories begin. */
export async function seedFleet(cluster: EmbeddedCluster, plan: readonly PlannedVolume[]): Promise<void> {
  // All workers take from the same iterator.
  const queue = plan.values();
  const worker = async () => {
    for (const v of queue) await make(cluster, v);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  await cluster.workloads.look();
  for (const v of plan) {
    if (v.workload) cluster.workloads.add(v.uuid, { ...v.workload, depth: 4 });
  }
  cluster.workloads.follow();
  await Promise.all(plan.map((v) => begin(cluster, v)));
}

/** Publishes the volume. An earlier try that was not answered in time may have done it. */
async function publish(cluster: EmbeddedCluster, v: PlannedVolume): Promise<void> {
  try {
    await cluster.control.publish(v.uuid, v.target);
  } catch (error) {
    const { definition } = await cluster.control.volume(v.uuid);
    if (!definition?.spec?.target) throw error;
  }
}

async function make(cluster: EmbeddedCluster, v: PlannedVolume): Promise<void> {
  const { poolLabel } = v;
  const inclusion = poolLabel && { value: { [poolLabel.key]: poolLabel.value } };
  const ready = () => cluster.whenOnline();
  await patiently(
    () =>
      cluster.control.createVolume({
        uuid: v.uuid,
        size: BigInt(v.sizeBytes),
        replicas: BigInt(v.replicas),
        thin: v.thin,
        policy: { selfHeal: true },
        labels: { value: { name: v.name, namespace: v.namespace } },
        ...(inclusion && { topology: { pool: { topology: { $case: 'labelled', value: { inclusion } } } } }),
      }),
    ready,
  );
  if (v.published) await patiently(() => publish(cluster, v), ready);
  for (const snapshot of v.snapshots) await cluster.control.snapshot(v.uuid, snapshot);
}
