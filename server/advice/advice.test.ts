import { describe, expect, it } from 'vitest';
import { CreateVolume, PlacementPlan, ReplicaCountPlan } from '@/contract/volume';
import { rebuilding, type TestCluster, type TestVolume, testSnapshot, volumeId } from '../views/fixtures.test-support';
import { join } from '../views/join';
import { canDecreaseReplicas, canIncreaseReplicas, canPublish } from './capabilities';
import { findingsOf } from './findings';
import { planVolume } from './placement';
import { planReplicaCount } from './replica-count';

const GIB = 1n << 30n;
const want = (more: Partial<CreateVolume> = {}) =>
  CreateVolume.parse({ sizeBytes: String(10n * GIB), thin: true, replicas: 1, ...more });
const plan = (cluster: TestCluster, more: Partial<CreateVolume> = {}) =>
  PlacementPlan.parse(planVolume(testSnapshot(cluster), want(more)));
const reason = (p: PlacementPlan, pool: string) => p.rejected.find((r) => r.pool === pool)?.reason;

describe('placement', () => {
  it.each<[string, TestCluster, Partial<CreateVolume>, RegExp]>([
    [
      'a cordoned node',
      { node: (n, m) => (n === 2 ? { ...m, cordon: { state: 'cordoned', cordonLabels: ['x'], drainLabels: [] } } : m) },
      {},
      /io-2 is cordoned/,
    ],
    ['a node that is away', { away: [2] }, {}, /io-2 does not answer/],
    ['a node that is not allowed', {}, { allowedNodes: ['io-1'] }, /not among the allowed/],
    ['a node without the label', {}, { nodeInclusion: { rack: '' } }, /no label rack/],
    ['a node with another label value', {}, { nodeInclusion: { zone: 'a' } }, /zone=b, not a/],
    ['a pool without the label', {}, { poolInclusion: { fast: '' } }, /no label fast/],
    [
      'a faulted pool',
      { pool: (n, p) => (n === 2 && p.state ? { ...p, state: { ...p.state, status: 'faulted' } } : p) },
      {},
      /the pool is faulted/,
    ],
    ['a pool as small as the volume', {}, { sizeBytes: String(100n * GIB) }, /capacity of 100 GiB is not larger/],
    ['too little room for a thick copy', {}, { thin: false, sizeBytes: String(80n * GIB) }, /only 80 GiB are free/],
    [
      'too little room to start a thin copy',
      { pool: (_, p) => (p.state ? { ...p, state: { ...p.state, usedBytes: 97n * GIB } } : p) },
      {},
      /only 3 GiB are free, and more than 4 GiB/,
    ],
    [
      'too much promised',
      { pool: (_, p) => (p.state ? { ...p, state: { ...p.state, committedBytes: 240n * GIB } } : p) },
      {},
      /250 % of its capacity/,
    ],
  ])('says why: %s', (_, cluster, more, why) => {
    expect(reason(plan(cluster, more), 'p-2')).toMatch(why);
  });

  it('takes one pool per node, the emptiest first, and names the rest as spare', () => {
    const p = plan(
      {
        nodes: 4,
        pool: (n, m) =>
          m.state
            ? {
                ...m,
                node: n === 4 ? 'io-1' : m.node,
                state: { ...m.state, usedBytes: BigInt(n === 4 ? 1 : n * 10) * GIB },
              }
            : m,
      },
      { replicas: 2 },
    );
    expect(p.chosen.map((c) => c.pool)).toEqual(['p-4', 'p-2']);
    expect(p.spare.map((c) => c.pool).sort()).toEqual(['p-1', 'p-3']);
    expect(p.shortfall).toBeNull();
  });
  it('spreads by label, and says which value is taken', () => {
    const p = plan({}, { replicas: 2, nodeSpread: ['zone'] });
    expect(p.chosen).toHaveLength(2);
    expect(new Set(p.chosen.map((c) => c.node)).has('io-2')).toBe(true);
    expect(p.rejected.map((r) => r.reason)).toEqual([expect.stringMatching(/zone is “a” too/)]);
  });
  it('says what lacks, in one sentence', () => {
    expect(plan({ nodes: 2 }, { replicas: 3 }).shortfall).toBe(
      '3 copies on different nodes are wanted, and there is room for 2. Every copy needs a node of its own.',
    );
  });
  it('offers nothing while the control plane is silent, though old readings have room', () => {
    const p = plan({ agentCoreDown: true }, { replicas: 2 });
    expect(p.chosen).toHaveLength(2);
    expect(p.shortfall).toMatch(/^The control plane does not answer since .* Nothing can be made until it is back/);
  });
  it('says which field lacks it: the size, the count, or the nodes that were named', () => {
    const field = (cluster: Parameters<typeof plan>[0], wish: Parameters<typeof plan>[1]) =>
      plan(cluster, wish).shortfallField;
    expect(field({}, { replicas: 3 })).toBeNull();
    expect(field({}, { replicas: 2, sizeBytes: String(900n << 40n) })).toMatchObject({
      path: 'sizeBytes',
      message: expect.stringMatching(/room for no copy of this size; 2 copies are wanted/),
    });
    expect(field({ nodes: 2 }, { replicas: 3 })).toMatchObject({
      path: 'replicas',
      message: expect.stringMatching(/a node of its own, and only 2 nodes can take one/),
    });
    const cordoned: Parameters<typeof plan>[0] = {
      node: (n, m) => (n === 2 ? { ...m, cordon: { ...m.cordon, state: 'cordoned' } } : m),
    };
    expect(field(cordoned, { replicas: 1, allowedNodes: ['io-2'] })).toEqual({
      path: 'allowedNodes',
      message: 'io-2 is cordoned, and takes no new copy.',
    });
    expect(field(cordoned, { replicas: 3 })).toMatchObject({ path: 'replicas' });
  });
  it('says at the field what only the cluster can know', () => {
    const volumes: TestVolume[] = [{ n: 1, on: [1] }];
    expect(
      plan({ volumes }, { id: volumeId(1), allowedNodes: ['io-9'], publish: { node: 'io-8' } }).fields.map(
        (f) => f.path,
      ),
    ).toEqual(['id', 'allowedNodes', 'publish.node']);
  });
  it('keeps single copies of an affinity group on different nodes', () => {
    const volumes: TestVolume[] = [{ n: 1, on: [1], model: { affinityGroup: 'g' } }];
    expect(reason(plan({ volumes }, { affinityGroup: 'g' }), 'p-1')).toMatch(/another volume of the group g/);
  });
});

const at = (cluster: TestCluster) => {
  const s = testSnapshot(cluster);
  const v = join(s).volumes.get(volumeId(1));
  if (!v) throw new Error('no volume');
  return { s, v };
};

describe('capabilities', () => {
  it.each<[string, TestCluster, RegExp | true]>([
    ['three healthy copies', { volumes: [{ n: 1, on: [1, 2, 3], target: 1 }] }, true],
    ['one copy', { volumes: [{ n: 1, on: [1], target: 1 }] }, /last copy/],
    ['the target is unknown', { volumes: [{ n: 1, on: [1, 2], target: 2 }], away: [2] }, /cannot be told/],
    ['the other copy cannot be checked', { volumes: [{ n: 1, on: [1, 2] }], away: [2] }, /cannot be told/],
    [
      'no copy is healthy',
      { volumes: [{ n: 1, on: [1, 2], target: 1, child: { 1: { state: 'faulted' }, 2: { state: 'faulted' } } }] },
      /No copy is healthy/,
    ],
    ['wanted two, left one', { volumes: [{ n: 1, on: [1], wanted: 2, target: 1 }] }, /last healthy copy/],
    [
      'agent-core is away',
      { volumes: [{ n: 1, on: [1, 2], target: 1 }], agentCoreDown: true },
      /control plane does not answer/,
    ],
  ])('decrease with %s', (_, cluster, want) => {
    const { s, v } = at(cluster);
    const can = canDecreaseReplicas(s, v);
    if (want === true) expect(can).toEqual({ allowed: true });
    else expect(can).toMatchObject({ allowed: false, reason: expect.stringMatching(want) });
  });
  it('adds copies to an online volume only, and publishes none twice', () => {
    const { s, v } = at({
      nodes: 4,
      volumes: [{ n: 1, on: [1, 2], target: 1, child: { 2: { state: 'faulted', reason: 'no-space' } } }],
    });
    expect(canIncreaseReplicas(s, v)).toEqual({
      allowed: false,
      reason: expect.stringMatching(/degraded: lost the copy on io-2: its pool is full/),
    });
    expect(canPublish(s, v)).toEqual({ allowed: false, reason: expect.stringMatching(/published on io-1/) });
  });
});

describe('replica count plan', () => {
  it('estimates an increase from the largest allocation and a measured rate', () => {
    const { s, v } = at({ nodes: 3, volumes: [{ n: 1, on: [1, 2], target: 1 }], running: [rebuilding(9, 1, 2)] });
    const p = ReplicaCountPlan.omit({ consequence: true }).parse(planReplicaCount(s, v, 3));
    expect(p).toMatchObject({
      allowed: { allowed: true },
      adds: [{ pool: 'p-3', node: 'io-3' }],
      estimatedBytes: String(2n * GIB),
      estimatedSeconds: 21,
      healthyAfter: 3,
    });
    expect(p.protection).toBe('3 healthy copies: 2 failures of a disk or node are survived.');
  });
  it('invents no time without a measurement', () => {
    const { s, v } = at({ volumes: [{ n: 1, on: [1, 2], target: 1 }] });
    expect(planReplicaCount(s, v, 3)).toMatchObject({
      estimatedSeconds: null,
      warnings: [expect.stringMatching(/No rebuild has been measured/)],
    });
  });
  it('takes the copy that is not complete first, then a remote one', () => {
    const { s, v } = at({
      volumes: [{ n: 1, on: [1, 2, 3], target: 1, child: { 3: { state: 'faulted', reason: 'io-failure' } } }],
    });
    expect(planReplicaCount(s, v, 2)).toMatchObject({
      removes: [{ node: 'io-3' }],
      healthyAfter: 2,
      allowed: { allowed: true },
    });
    expect(planReplicaCount(s, v, 1)).toMatchObject({
      removes: [{ node: 'io-3' }, { node: 'io-2' }],
      healthyAfter: 1,
      protection: expect.stringMatching(/no failure/),
    });
  });
  it('speaks of a local copy that stays only where there is one', () => {
    const why = (target: number) => {
      const { s, v } = at({ volumes: [{ n: 1, on: [1, 2], target }] });
      return planReplicaCount(s, v, 1).removes[0]?.why;
    };
    expect(why(1)).toMatch(/its local copy stays/);
    expect(why(3)).toMatch(
      /^the copies are equal, and the control plane is free to take the one on io-2 in its place$/,
    );
  });
  it('names the copies that the control plane may take in place of the one it is expected to', () => {
    const { s, v } = at({ volumes: [{ n: 1, on: [1, 2, 3], target: 1 }] });
    const [first] = planReplicaCount(s, v, 2).removes;
    expect(first?.node).toBe('io-2');
    expect(first?.why).toMatch(/its local copy stays; the control plane is free to take the one on io-3 in its place/);
    // Where both go, there is nothing to choose.
    expect(planReplicaCount(s, v, 1).removes.map((r) => r.why)).toEqual([
      expect.stringMatching(/its local copy stays$/),
      expect.stringMatching(/its local copy stays$/),
    ]);
  });
  it.each([0, 2])('refuses %i copies of a volume with two', (to) => {
    const { s, v } = at({ volumes: [{ n: 1, on: [1, 2], target: 1 }] });
    expect(planReplicaCount(s, v, to).allowed.allowed).toBe(false);
  });
});

describe('findings', () => {
  const stranded: TestVolume = {
    n: 1,
    on: [1, 2],
    wanted: 3,
    target: 1,
    model: {
      topology: { node: undefined, pool: { inclusion: new Map([['tier', 'gold']]), exclusion: new Map() } },
    },
  };
  const gold =
    (numbers: number[]): TestCluster['pool'] =>
    (n, p) =>
      numbers.includes(n) && p.spec ? { ...p, spec: { ...p.spec, labels: new Map([['tier', 'gold']]) } } : p;
  const next = (cluster: TestCluster) =>
    findingsOf(testSnapshot(cluster)).find((f) => f.id === `volume:${volumeId(1)}`)?.next;

  it('say why no pool takes the copy that a volume lacks', () => {
    const text = next({ nodes: 3, volumes: [stranded], pool: gold([1, 2]) });
    expect(text).toMatch(/^No pool can take the missing copy \(p-3: it has no label tier\)\./);
  });

  it('say that it heals by itself when a pool can take the copy', () => {
    expect(next({ nodes: 3, volumes: [stranded], pool: gold([1, 2, 3]) })).toMatch(/repairs it by itself/);
  });

  it('say that a node is missing when every node has a copy', () => {
    expect(next({ nodes: 2, volumes: [stranded], pool: gold([1, 2]) })).toMatch(/one more node/);
  });

  it('tell of a silent node once, and not of every volume of which nothing can be told because of it', () => {
    const volumes: TestVolume[] = [
      { n: 1, on: [1, 2], target: 2 },
      { n: 2, on: [1, 2], target: 2 },
    ];
    const found = findingsOf(testSnapshot({ volumes, away: [2] }));
    expect(found.map((f) => f.id)).not.toContain(`volume:${volumeId(1)}`);
    const node = found.find((f) => f.id === 'node:io-2');
    expect(node?.next).toMatch(/^2 volumes have a copy there, and of 2 volumes nothing can be told meanwhile\./);
  });

  it('name some of many pools', () => {
    const text = next({ nodes: 9, volumes: [stranded], pool: gold([1, 2]) });
    expect(text).toMatch(/p-6: it has no label tier; and 3 more pools\)/);
  });
});
