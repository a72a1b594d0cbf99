import { describe, expect, it } from 'vitest';
import type { CreateVolumeRequest } from '@/gen/v1/volume/volume';
import { clusterPerTest, type Driver, kindOf, nodesOf, poolsOf, sharedCluster } from './driver';

type Labels = Record<string, string>;

const onPools = (inclusion: Labels): Partial<CreateVolumeRequest> => ({
  topology: {
    pool: { topology: { $case: 'labelled', value: { inclusion: { value: inclusion }, exclusion: { value: {} } } } },
  },
});
const byNodes = (inclusion: Labels, exclusion: Labels = {}): Partial<CreateVolumeRequest> => ({
  topology: {
    node: {
      topology: { $case: 'labelled', value: { inclusion: { value: inclusion }, exclusion: { value: exclusion } } },
    },
  },
});

/** Makes a volume, tells nodes and pools of its replicas, and takes it away again. */
async function placed(d: Driver, replicas: number, more: Partial<CreateVolumeRequest>) {
  const volume = await d.get(await d.volume(replicas, more));
  await d.cluster.destroy(volume.definition?.spec?.uuid ?? '');
  return { nodes: nodesOf(volume).toSorted(), pools: poolsOf(volume).toSorted(), spec: volume.definition?.spec };
}

const ZONES = [
  ['zone-us', 'us-west-1'],
  ['zone-ap', 'ap-south-1'],
  ['zone-eu', 'eu-west-3'],
] as const;

describe('topology by labels of nodes', () => {
  // Three pools on each node, so that nodes run out before pools do.
  const shared = sharedCluster({ nodes: 5, disks: 3 }, async (d) => {
    for (const n of [1, 2, 3, 4, 5])
      for (const disk of [2, 3])
        await d.createPool(`node-${n}`, `pool-${n}-${disk}`, [d.cluster.disk(`node-${n}`, disk)]);
    for (const [index, [key, value]] of ZONES.entries()) {
      await d.labelNode(`node-${index + 1}`, { [key]: value });
      await d.labelNode('node-4', { [key]: value });
      await d.labelNode('node-5', { [key]: 'elsewhere' });
    }
  });

  it.each(ZONES)('A43: spreads over the values of %s, which every node of a replica has', async (key, value) => {
    const d = shared();
    const labels = new Map<string, string | undefined>();
    for (const n of [1, 2, 3, 4, 5])
      labels.set(`node-${n}`, (await d.cluster.node(`node-${n}`))?.spec?.labels?.value[key]);
    for (const replicas of [1, 2]) {
      const { nodes } = await placed(d, replicas, byNodes({}, { [key]: '' }));
      const values = nodes.map((node) => labels.get(node));
      expect(values).toHaveLength(replicas);
      expect(new Set(values).size).toBe(replicas);
      for (const found of values) expect([value, 'elsewhere']).toContain(found);
    }
    expect(await kindOf(() => d.volume(3, byNodes({}, { [key]: '' })))).toBe('ReplicaCreateNumber');
    expect((await d.cluster.specs()).volumes).toEqual([]);
  });

  it.each(ZONES)('goes to nodes with the label %s=%s, and to no others', async (key, value) => {
    const d = shared();
    const mine = [`node-${ZONES.findIndex(([zone]) => zone === key) + 1}`, 'node-4'];
    const one = await placed(d, 1, byNodes({ [key]: value }));
    expect(mine).toContain(one.nodes[0]);
    expect((await placed(d, 2, byNodes({ [key]: value }))).nodes).toEqual(mine);
    expect(await kindOf(() => d.volume(3, byNodes({ [key]: value })))).toBe('ReplicaCreateNumber');
  });

  it.each(ZONES)('goes to nodes that have the key %s, whatever its value', async (key) => {
    const d = shared();
    const mine = [`node-${ZONES.findIndex(([zone]) => zone === key) + 1}`, 'node-4', 'node-5'];
    for (const replicas of [1, 2]) {
      for (const node of (await placed(d, replicas, byNodes({ [key]: '' }))).nodes) expect(mine).toContain(node);
    }
    expect((await placed(d, 3, byNodes({ [key]: '' }))).nodes).toEqual(mine);
    expect(await kindOf(() => d.volume(4, byNodes({ [key]: '' })))).toBe('ReplicaCreateNumber');
  });
});

describe('topology by labels of pools', () => {
  // On each node one pool for each zone.
  const shared = sharedCluster({ nodes: 3, disks: 3 }, async (d) => {
    for (const n of [1, 2, 3]) {
      await d.labelPool(`pool-${n}`, { [ZONES[0][0]]: ZONES[0][1] });
      for (const disk of [2, 3] as const) {
        const [key, value] = ZONES[disk - 1] ?? ZONES[0];
        await d.createPool(`node-${n}`, `pool-${n}-${disk}`, [d.cluster.disk(`node-${n}`, disk)], { [key]: value });
      }
    }
  });
  const poolsOfZone = (key: string) => {
    const disk = ZONES.findIndex(([zone]) => zone === key) + 1;
    return [1, 2, 3].map((n) => (disk === 1 ? `pool-${n}` : `pool-${n}-${disk}`));
  };

  it.each(ZONES)('A42: goes to pools with the label %s=%s, and not to more than there are', async (key, value) => {
    const d = shared();
    for (const replicas of [1, 2, 3]) {
      const { pools, spec } = await placed(d, replicas, onPools({ [key]: value }));
      expect(pools).toHaveLength(replicas);
      for (const pool of pools) expect(poolsOfZone(key)).toContain(pool);
      expect(spec?.topology).toMatchObject(onPools({ [key]: value }).topology ?? {});
    }
    expect(await kindOf(() => d.volume(4, onPools({ [key]: value })))).toBe('ResourceExhausted');
  });

  it.each(ZONES)('A42: goes to pools that have the key %s, whatever its value', async (key) => {
    const d = shared();
    for (const replicas of [1, 2, 3]) {
      const { pools } = await placed(d, replicas, onPools({ [key]: '' }));
      expect(pools).toHaveLength(replicas);
      for (const pool of pools) expect(poolsOfZone(key)).toContain(pool);
    }
    expect(await kindOf(() => d.volume(4, onPools({ [key]: '' })))).toBe('ResourceExhausted');
  });

  it('refuses labels that no pool has, and such of which a pool has only some', async () => {
    const d = shared();
    expect(await kindOf(() => d.volume(1, onPools({ 'zone-us': 'us-east-9' })))).toBe('ResourceExhausted');
    expect(await kindOf(() => d.volume(1, onPools({ 'zone-us': 'us-west-1', tier: 'gold' })))).toBe(
      'ResourceExhausted',
    );
    expect((await d.cluster.specs()).volumes).toEqual([]);
  });

  it('takes any pool for a volume that asks for no labels, and keeps none for it', async () => {
    const { pools, spec } = await placed(shared(), 3, {});
    expect(pools).toHaveLength(3);
    expect(spec?.topology?.pool).toBeUndefined();
  });

  it.each([
    ['with', onPools({ 'zone-us': 'us-west-1' })],
    ['without', {}],
  ])('adds a replica to a published volume %s labels where they allow it', async (what, more) => {
    const d = shared();
    const id = await d.volume(2, more);
    await d.cluster.publish(id);
    await d.cluster.setReplicas(id, 3);
    const pools = poolsOf(await d.whole(id, 3)).toSorted();
    if (what === 'with') expect(pools).toEqual(poolsOfZone('zone-us'));
    await d.cluster.destroy(id);
  });

  it('adds no replica to a published volume where no pool has its labels', async () => {
    const d = shared();
    await d.unlabelPool('pool-3', 'zone-us');
    const id = await d.volume(2, onPools({ 'zone-us': 'us-west-1' }));
    await d.cluster.publish(id);
    expect(await kindOf(() => d.cluster.setReplicas(id, 3))).toBe('ResourceExhausted');
    expect((await d.get(id)).definition?.spec?.numReplicas).toBe(2);
    expect(poolsOf(await d.get(id)).toSorted()).toEqual(['pool-1', 'pool-2']);
    await d.cluster.destroy(id);
    await d.labelPool('pool-3', { 'zone-us': 'us-west-1' });
  });
});

const group = (name: string, thin = true): Partial<CreateVolumeRequest> => ({ affinityGroup: { name }, thin });

/** So many pools on node-1, node-2, node-3. Volumes of a group are made at once: each has to wait for the others. */
async function layout(start: ReturnType<typeof clusterPerTest>, counts: [number, number, number]): Promise<Driver> {
  const d = await start({ nodes: 3, disks: 3, timings: { guardRetryMs: 200 } });
  for (const [index, count] of counts.entries()) {
    const node = `node-${index + 1}`;
    if (count === 0) await d.dropPool(`pool-${index + 1}`, node);
    for (let disk = 2; disk <= count; disk++)
      await d.createPool(node, `pool-${index + 1}-${disk}`, [d.cluster.disk(node, disk)]);
  }
  return d;
}

const THIN = [['thin', true] as const, ['thick', false] as const];

describe('affinity groups', () => {
  const start = clusterPerTest();

  it.each(THIN)('A44: single copies of a group are on different nodes (%s)', async (_name, thin) => {
    const d = await layout(start, [2, 1, 2]);
    const ids = await Promise.all([1, 2, 3].map(() => d.volume(1, group('g', thin))));
    const nodes = await Promise.all(ids.map(async (id) => nodesOf(await d.get(id))[0]));
    expect(nodes.toSorted()).toEqual(['node-1', 'node-2', 'node-3']);
  });

  it.each(THIN)('A44: a third single copy is refused on two nodes (%s)', async (_name, thin) => {
    const d = await layout(start, [1, 0, 1]);
    const kinds = await Promise.all([1, 2, 3].map(() => kindOf(() => d.volume(1, group('g', thin)))));
    expect(kinds.toSorted()).toEqual(['ResourceExhausted', 'accepted', 'accepted']);
    const nodes = (await d.list()).entries.flatMap(nodesOf);
    expect(nodes.toSorted()).toEqual(['node-1', 'node-3']);
  });

  it.each(THIN)('A45: nine copies of three volumes are on nine pools (%s)', async (_name, thin) => {
    const d = await layout(start, [3, 3, 3]);
    await Promise.all([1, 2, 3].map(() => d.volume(3, group('g', thin))));
    expect(new Set((await d.list()).entries.flatMap(poolsOf)).size).toBe(9);
  });

  it.each([
    ['thin', true, [2, 1, 2]],
    ['thick', false, [2, 1, 2]],
    ['thin', true, [1, 1, 1]],
    ['thick', false, [1, 1, 1]],
  ] as const)(
    'three copies each share pools where there are too few, never a node (%s, pools %o)',
    async (_name, thin, [a, b, c]) => {
      const d = await layout(start, [a, b, c]);
      await Promise.all([1, 2, 3].map(() => d.volume(3, group('g', thin))));
      const { entries } = await d.list();
      expect(entries).toHaveLength(3);
      for (const volume of entries) expect(nodesOf(volume).toSorted()).toEqual(['node-1', 'node-2', 'node-3']);
      // node-2 has one pool for all of them.
      expect(entries.flatMap(poolsOf).filter((pool) => pool === 'pool-2')).toHaveLength(3);
    },
  );

  it.each(THIN)('volumes of a group are each given one more copy (%s)', async (_name, thin) => {
    const d = await layout(start, [1, 1, 1]);
    const ids = await Promise.all([1, 2, 3].map(() => d.volume(2, group('g', thin))));
    await Promise.all(ids.map((id) => d.cluster.setReplicas(id, 3)));
    for (const id of ids) expect(nodesOf(await d.get(id)).toSorted()).toEqual(['node-1', 'node-2', 'node-3']);
  });

  it.each(THIN)('copies are taken from the fullest nodes, so that none keeps more than two (%s)', async (_n, thin) => {
    const d = await layout(start, [1, 1, 1]);
    const ids = await Promise.all([1, 2, 3].map(() => d.volume(3, group('g', thin))));
    await Promise.all(ids.map((id) => d.cluster.setReplicas(id, 2)));
    const left = (await d.list()).entries.flatMap(nodesOf);
    expect(left).toHaveLength(6);
    for (const n of [1, 2, 3]) expect(left.filter((node) => node === `node-${n}`)).toHaveLength(2);
  });

  it.each(THIN)('A46: volumes of a group keep two copies (%s)', async (_name, thin) => {
    const d = await layout(start, [1, 1, 1]);
    const ids = await Promise.all([1, 2, 3].map(() => d.volume(2, group('g', thin))));
    for (const id of ids) {
      expect(await kindOf(() => d.cluster.setReplicas(id, 1))).toBe('FailedPrecondition');
      expect((await d.get(id)).definition?.spec?.numReplicas).toBe(2);
      expect(nodesOf(await d.get(id))).toHaveLength(2);
    }
  });

  it.each(THIN)('a copy added to one volume bars its node to single ones of the group (%s)', async (_name, thin) => {
    const d = await layout(start, [1, 0, 1]);
    const id = await d.volume(1, group('g', thin));
    await d.cluster.setReplicas(id, 2);
    expect(await kindOf(() => d.volume(1, group('g', thin)))).toBe('ResourceExhausted');
    await d.createPool('node-2', 'new', [d.cluster.disk('node-2', 2)]);
    expect(poolsOf(await d.get(await d.volume(1, group('g', thin))))).toEqual(['new']);
  });

  it('A47: a target is not put where one of its group is, although that node has no more targets', async () => {
    const d = await start({ nodes: 2 });
    const [first, other, second] = [await d.volume(2, group('g')), await d.volume(2), await d.volume(2, group('g'))];
    await d.cluster.publish(first, 'node-1');
    await d.cluster.publish(other, 'node-2');
    expect((await d.cluster.publish(second)).state?.target?.nodeId).toBe('node-2');
  });

  it('targets of a group published at once are on different nodes, and a republished one joins the other', async () => {
    const d = await start({ nodes: 2, timings: { guardRetryMs: 200 } });
    const ids = [await d.volume(2, group('g')), await d.volume(2, group('g'))] as const;
    const nodes = await Promise.all(ids.map(async (id) => (await d.cluster.publish(id)).state?.target?.nodeId));
    expect(nodes.toSorted()).toEqual(['node-1', 'node-2']);
    expect((await d.republish(ids[1])).state?.target?.nodeId).toBe(nodes[0]);
    expect((await d.get(ids[0])).state?.target?.nodeId).toBe(nodes[0]);
  });
});
