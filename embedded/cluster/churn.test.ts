import { afterEach, describe, expect, it } from 'vitest';
import { Churn } from './churn';
import { EmbeddedCluster } from './embedded-cluster';
import { MiB } from './testing';

let cluster: EmbeddedCluster;
afterEach(async () => {
  await cluster.stop();
});

/** Two nodes and volumes of one copy, those of `published` with a target. */
async function volumes(count: number, published: number): Promise<string[]> {
  cluster = await EmbeddedCluster.start({
    nodes: 2,
    disksPerNode: 1,
    diskBytes: 512 * MiB,
    timeFactor: 10,
    rebuildBytesPerSecond: undefined,
    agentCorePort: 0,
    seed: 1,
  });
  const uuids = Array.from({ length: count }, (_, i) => `00000000-0000-4000-8000-00000000000${i + 1}`);
  for (const [i, uuid] of uuids.entries()) {
    await cluster.control.createVolume({ uuid, size: BigInt(16 * MiB), replicas: 1n, thin: true });
    if (i < published) await cluster.control.publish(uuid);
  }
  return uuids;
}

/** What of each volume a watcher can see changed. */
async function seen(): Promise<Map<string, string>> {
  const list = await cluster.control.listVolumes();
  return new Map(
    list.map(({ definition }) => {
      const spec = definition?.spec;
      return [spec?.uuid ?? '', `${spec?.target?.nexusId} ${spec?.maxSnapshots}`];
    }),
  );
}

/** Volumes that look different after a change. */
async function changedBy(change: () => Promise<void>): Promise<string[]> {
  const before = await seen();
  await change();
  const after = await seen();
  return [...after].filter(([uuid, look]) => before.get(uuid) !== look).map(([uuid]) => uuid);
}

describe('churn', () => {
  it('changes exactly one volume each time, publishing and taking back, and leaves those of others alone', async () => {
    const uuids = await volumes(9, 1);
    const churn = new Churn(cluster, 1);
    await churn.choose();
    const changed: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      const now = await changedBy(() => churn.change());
      expect(now).toHaveLength(1);
      changed.push(...now);
    }
    expect(changed).not.toContain(uuids[0]);
    expect(new Set(changed).size).toBeGreaterThan(6);
    const published = (await cluster.control.listVolumes()).filter((v) => v.definition?.spec?.target);
    // The one that was published before, and those that are held.
    expect(published.length).toBeGreaterThanOrEqual(6);
    expect(published.length).toBeLessThanOrEqual(7);
  });

  it('changes a property where every volume is published', async () => {
    const uuids = await volumes(2, 2);
    const churn = new Churn(cluster, 1);
    await churn.choose();
    expect(await changedBy(() => churn.change())).toEqual([uuids[0]]);
    expect(await changedBy(() => churn.change())).toEqual([uuids[1]]);
    expect(await changedBy(() => churn.change())).toEqual([uuids[0]]);
  });

  it('goes on when a volume was published by somebody else, and when agent-core was away', async () => {
    const uuids = await volumes(3, 0);
    const churn = new Churn(cluster, 1);
    await churn.choose();
    await cluster.control.publish(uuids[0] ?? '');
    expect(await changedBy(() => churn.change())).toEqual([uuids[1]]);
    await cluster.killCore();
    await churn.change();
    await cluster.startCore();
    await cluster.whenOnline(['io-1', 'io-2']);
    expect(await changedBy(() => churn.change())).toEqual([uuids[2]]);
  });
});
