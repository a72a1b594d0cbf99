import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SwapRemoveMap } from '@/embedded/agent-core/swap-remove-map';
import { EmbeddedCluster } from './embedded-cluster';
import { planFleet } from './fleet';
import { seedFleet } from './seed-fleet';

const NODES = 5;
const VOLUMES = 500;

let cluster: EmbeddedCluster;
/** Entries of lists of specs that were gone through as a whole. */
let gone = 0;

beforeEach(async () => {
  gone = 0;
  const values = SwapRemoveMap.prototype.values;
  vi.spyOn(SwapRemoveMap.prototype, 'values').mockImplementation(function (this: SwapRemoveMap<unknown>) {
    gone += this.size;
    return values.call(this);
  });
  cluster = await EmbeddedCluster.start({
    nodes: NODES,
    disksPerNode: 1,
    diskBytes: 1024 ** 4,
    // Mayastor's own clocks: what is counted is the work of the volumes, and little of that which comes by the clock.
    timeFactor: 1,
    rebuildBytesPerSecond: undefined,
    agentCorePort: 0,
    seed: 1,
  });
});

afterEach(async () => {
  await cluster.stop();
  vi.restoreAllMocks();
});

// Counted, not timed: work that grows with the square of the volumes would be a hundred times what is allowed here.
it('makes, publishes and lists many volumes with the same work for each', async () => {
  const plan = planFleet({ seed: 1, volumes: VOLUMES, nodes: NODES, stories: false });
  const copies = plan.reduce((sum, v) => sum + v.replicas, 0);
  const published = plan.filter((v) => v.published).length;
  await seedFleet(
    cluster,
    plan.map((v) => ({ ...v, workload: undefined })),
  );
  const { network } = cluster;
  expect(network.calls('CreateReplica')).toBe(copies);
  expect(network.calls('CreateNexus')).toBe(published);
  expect(network.calls('PublishNexus')).toBe(published);
  expect(network.calls('ShareReplica')).toBeLessThanOrEqual(copies);
  // The figures of a pool after each change of it, and each node's lists when it registered.
  expect(network.calls('ListPools')).toBeLessThanOrEqual(copies + 10 * NODES);
  expect(network.calls('ListReplicas')).toBeLessThanOrEqual(10 * NODES);
  // Pools and nodes for each volume, and all of them in a few passes of the reconcilers.
  expect(gone).toBeLessThan(VOLUMES * 100);

  const before = gone;
  const listed = await cluster.control.listVolumes();
  expect(new Set(listed.map((v) => v.definition?.spec?.uuid)).size).toBe(VOLUMES);
  expect(gone - before).toBeLessThan(VOLUMES * 20);
});
