import type { Core } from '../core';
import { Resource } from '../errors';
import { finishDestroyPool, importPool } from '../operations/pools';

/** Imports pools that a restarted node has not loaded, and finishes deletions (behaviour facts, 2.4, 2.5). */
export async function poolStep(core: Core): Promise<boolean> {
  const due = core.specs.pools.values().filter((spec) => {
    const node = core.registry.node(spec.node);
    if (!node?.online) return false;
    return (
      spec.status === 'Deleting' || (spec.status === 'Created' && !node.pools.has(spec.id) && !spec.cordon?.import)
    );
  });
  // Side by side: one node that answers slowly must not keep the others' pools away.
  await Promise.all(
    due.map((spec) =>
      core.guard
        .tryRun(Resource.Pool, spec.id, async () => {
          if (spec.status === 'Deleting') return finishDestroyPool(core, spec);
          await importPool(core, spec);
          // Its replicas and snapshots are back too.
          await core.registry.node(spec.node)?.poll();
        })
        .catch(() => undefined),
    ),
  );
  return due.length > 0;
}
