import { afterEach, describe, expect, it } from 'vitest';
import { RebuildJobState } from '@/gen/mayastor/v1/nexus';
import { ChildState, NexusStatus } from '@/gen/v1/nexus/nexus';
import { EmbeddedCluster } from './embedded-cluster';
import { type PlannedVolume, planFleet, TIER } from './fleet';
import { seedFleet } from './seed-fleet';
import { service } from './stories';
import { allocatedBytes, healthy, MiB, rebuildsOf, until } from './testing';

const clusters: EmbeddedCluster[] = [];

afterEach(async () => {
  await Promise.all(clusters.splice(0).map((c) => c.stop()));
});

const VOLUMES = 12;

async function fleet(seed: number, stories: boolean, rebuildMiB: number) {
  const cluster = await EmbeddedCluster.start({
    nodes: 3,
    disksPerNode: 2,
    diskBytes: 64 * 1024 * MiB,
    timeFactor: 50,
    rebuildBytesPerSecond: rebuildMiB * MiB,
    agentCorePort: 0,
    seed,
  });
  clusters.push(cluster);
  const plan = planFleet({ seed, volumes: VOLUMES, nodes: 3, stories });
  await seedFleet(cluster, plan);
  return { cluster, plan };
}

function told(plan: readonly PlannedVolume[], kind: PlannedVolume['story']['kind']): PlannedVolume {
  const found = plan.find((v) => v.story.kind === kind);
  if (!found) throw new Error(`no volume with the story ${kind}`);
  return found;
}

/** What was asked for, without what the cluster chose. */
async function specs(cluster: EmbeddedCluster) {
  const volumes = (await cluster.control.listVolumes()).map((v) => v.definition?.spec);
  return volumes
    .map((s) => ({
      uuid: s?.uuid,
      size: s?.size,
      replicas: s?.numReplicas,
      thin: s?.thin,
      labels: s?.labels,
      topology: s?.topology,
      isPublished: s?.target !== undefined,
    }))
    .sort((a, b) => String(a.uuid).localeCompare(String(b.uuid)));
}

describe('a seeded fleet', () => {
  it('has the same specs for the same seed', async () => {
    const [one, two] = await Promise.all([fleet(5, false, 16), fleet(5, false, 16)]);
    const first = await specs(one.cluster);
    expect(first).toHaveLength(VOLUMES);
    expect(first).toEqual(await specs(two.cluster));
  });

  it('keeps one volume degraded for want of a pool with its label, and only for that', async () => {
    const { cluster, plan } = await fleet(1, true, 2);
    const { uuid } = told(plan, 'stranded');
    const stateNow = async () => (await cluster.control.volume(uuid)).state;
    const state = await until('the bad copy is given up', async () => {
      const s = await stateNow();
      return Object.keys(s?.replicaTopology ?? {}).length === 2 && s;
    });
    expect(state.status).toBe(NexusStatus.Degraded);
    expect(state.target?.children.map((c) => c.state)).toEqual([ChildState.ChildOnline, ChildState.ChildOnline]);
    const held = new Set(Object.values(state.replicaTopology).map((r) => r.node));
    const pools = (await cluster.control.listPools()).filter((p) => !held.has(p.state?.nodeId));
    expect(pools).toHaveLength(2);
    for (const pool of pools) expect(pool.definition?.spec?.labels?.value).not.toHaveProperty(TIER.key);
    // It heals when the reason is gone, so that was the reason.
    const [pool] = pools;
    await cluster.control.labelPool(pool?.definition?.spec?.poolId ?? '', { [TIER.key]: TIER.value });
    await until('a third copy is being made', async () => {
      const children = (await stateNow())?.target?.children ?? [];
      return children.length === 3 && children.some((c) => c.rebuildProgress !== undefined);
    });
  });

  it('has two rebuilds of minutes, at the limit of two nodes, that copy all that is allocated', async () => {
    const { cluster, plan } = await fleet(1, true, 2);
    for (const kind of ['replaced', 'raised'] as const) {
      const { uuid, story } = told(plan, kind);
      const running = async (least: number) => {
        const { state } = await cluster.control.volume(uuid);
        const rebuilding = state?.target?.children.find((c) => (c.rebuildProgress ?? -1) >= least);
        return state?.target?.children.length === 3 && rebuilding && state;
      };
      const first = await until(`${kind}: a rebuild runs`, () => running(0));
      expect(first.status).toBe(NexusStatus.Degraded);
      await until(`${kind}: it gets on`, () => running(1));
      const allocated = Math.max(...Object.values(await allocatedBytes(cluster, uuid)));
      // Minutes at 2 MiB/s, because so much is allocated.
      expect(allocated / (2 * MiB)).toBeGreaterThan(240);
      expect('fillBytes' in story && allocated >= story.fillBytes).toBe(true);
    }
    const nodes = await Promise.all(
      (['replaced', 'raised'] as const).map(
        async (kind) => (await cluster.control.volume(told(plan, kind).uuid)).state?.target?.nodeId,
      ),
    );
    expect(new Set(nodes).size).toBe(2);
  });

  it('services a copy: offline, missed writes, back, and a rebuild of what was missed', async () => {
    const { cluster, plan } = await fleet(1, true, 64);
    const volume = told(plan, 'serviced');
    await healthy(cluster, volume.uuid, 2);
    const region = cluster.workloads.reserve(volume.uuid, 16 * MiB);
    const done = service(cluster, volume, region, AbortSignal.timeout(60_000));
    await until('degraded while the copy is away', async () => {
      const { state } = await cluster.control.volume(volume.uuid);
      return state?.status === NexusStatus.Degraded;
    });
    await done;
    await healthy(cluster, volume.uuid, 2);
    const record = (await rebuildsOf(cluster, volume.uuid)).at(-1);
    expect(record).toMatchObject({ state: RebuildJobState.Completed, isPartial: true });
    // Each segment of the region, and what the application wrote beside it meanwhile.
    const copied = Number(record?.blocksTransferred) * 512;
    expect(copied).toBeGreaterThanOrEqual(16 * MiB);
    expect(copied).toBeLessThanOrEqual(16 * MiB + 2 * (volume.workload?.workingSetBytes ?? 0));
    expect(cluster.workloads.list().reduce((sum, w) => sum + w.mismatches, 0)).toBe(0);
  });
});
