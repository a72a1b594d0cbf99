import { drainStep } from './drain';
import { garbageStep } from './garbage';
import { HotSpare } from './hot-spare';
import { nexusStep } from './nexuses';
import { poolStep } from './pools';
import type { ReconcileStep } from './reconciler';
import { snapshotStep } from './snapshots';

/** The parts of one pass, in upstream's order (behaviour facts, 4.1). */
export function reconcileSteps(): ReconcileStep[] {
  const hotSpare = new HotSpare();
  // What could not be written comes first.
  const storeStep: ReconcileStep = (core) => core.specs.flush();
  return [storeStep, poolStep, nexusStep(), (core) => hotSpare.pass(core), garbageStep, drainStep(), snapshotStep];
}
