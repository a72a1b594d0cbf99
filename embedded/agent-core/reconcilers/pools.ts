import type { Core } from '../core';
import { Resource } from '../errors';
import { createPool, finishDestroyPool, importPool } from '../operations/pools';

/** Imports pools that a restarted node has not loaded, and finishes deletions (behaviour facts, 2.4, 2.5). */
export async function poolStep(core: Core): Promise<boolean> {
  const due = core.specs.pools.values().filter((spec) => {
    const node = core.registry.node(spec.node);
    if (!node?.online) return false;
    return spec.status !== 'Created' || (spec.status === 'Created' && !node.pools.has(spec.id) && !spec.cordon?.import);
  });
  // Side by side: one node that answers slowly must not keep the others' pools away.
  await Promise.all(
    due.map((spec) =>
      core.guard
        .tryRun(Resource.Pool, spec.id, async () => {
          if (core.specs.pools.get(spec.id) !== spec) return;
          if (spec.status === 'Deleting') return finishDestroyPool(core, spec);
          // Nobody holds it: left by an agent-core that died, and its disk may carry it already.
          if (spec.status === 'Creating') return void (await createPool(core, spec));
          await importPool(core, spec);
          // Its replicas and snapshots are back too.
          await core.registry.node(spec.node)?.poll();
        })
        .catch(() => undefined),
    ),
  );
  return due.length > 0;
}
