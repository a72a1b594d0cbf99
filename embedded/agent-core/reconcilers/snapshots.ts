import type { Core } from '../core';
import { Resource } from '../errors';
import { finishDestroySnapshot, pruneOne } from '../operations/snapshots';
import type { SnapshotSpec } from '../specs';

/** Garbage collectors run in every fifth pass (behaviour facts, 4.1). */
const GC_EVERY = 5;
const PRUNE_PER_PASS = 10;

/** Finishes deletions, prunes failed transactions, destroys replica snapshots that no transaction knows. */
export async function snapshotStep(core: Core, pass: number): Promise<boolean> {
  let worked = false;
  for (const spec of core.specs.snapshots.values()) {
    const isLeft = spec.status === 'Creating' && core.specs.volumes.get(spec.volume) === undefined;
    if (spec.status !== 'Deleting' && !isLeft && !hasFailed(spec)) continue;
    worked = true;
    await core.guard.tryRun(Resource.VolumeSnapshot, spec.uuid, () => tidy(core, spec)).catch(() => undefined);
  }
  if (pass % GC_EVERY === 0) await destroyUnknown(core);
  return worked;
}

const hasFailed = (spec: SnapshotSpec) =>
  spec.status === 'Created' && Object.keys(spec.transactions).some((txn) => txn !== spec.txnId);

async function tidy(core: Core, spec: SnapshotSpec): Promise<void> {
  if (core.specs.snapshots.get(spec.uuid) !== spec) return;
  if (spec.status === 'Creating' && core.specs.volumes.get(spec.volume) === undefined) {
    spec.status = 'Deleting';
    await core.specs.snapshots.put(spec);
  }
  if (spec.status === 'Deleting') return finishDestroySnapshot(core, spec);
  for (let i = 0; i < PRUNE_PER_PASS && hasFailed(spec); i++) if (!(await pruneOne(core, spec))) return;
}

const OURS = /^([0-9a-f-]{36})\/\d+$/;

async function destroyUnknown(core: Core): Promise<void> {
  const known = new Set<string>();
  for (const spec of core.specs.snapshots.values())
    for (const replicas of Object.values(spec.transactions)) for (const replica of replicas) known.add(replica.uuid);
  for (const node of core.registry.nodes) {
    for (const info of [...node.snapshots.values()]) {
      const owner = OURS.exec(info.snapshotName)?.[1];
      // One with clones was discarded by us before and goes with its last clone.
      if (owner === undefined || known.has(info.snapshotUuid) || info.discardedSnapshot) continue;
      await core.guard
        .tryRun(Resource.VolumeSnapshot, owner, async () => {
          await node.client.destroySnapshot(info.snapshotUuid, info.poolName);
          node.remove('snapshots', info.snapshotUuid);
        })
        .catch(() => undefined);
    }
  }
}
