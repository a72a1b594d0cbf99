import { describe, expect, it } from 'vitest';
import { FILTERS, type PlacementRequest, type PoolCandidate, thinNeed, withinCommitment } from './candidates';
import { rank, score, spreadClash } from './rank';
import { chooseRemoval, type RemovalCandidate } from './remove-choice';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

const pool = (more: Partial<PoolCandidate> = {}): PoolCandidate => ({
  pool: 'pool-1',
  node: 'node-1',
  nodeOnline: true,
  nodeCordoned: false,
  poolCordoned: false,
  nodeLabels: { zone: 'a' },
  poolLabels: { tier: 'hot' },
  status: 'Online',
  capacity: 10 * GIB,
  free: 10 * GIB,
  committed: 0,
  replicas: 0,
  groupReplicas: 0,
  groupOnNode: false,
  ...more,
});

const request = (more: Partial<PlacementRequest> = {}): PlacementRequest => ({
  size: GIB,
  numReplicas: 2,
  asThin: true,
  allocated: 0,
  inGroup: false,
  usedNodes: new Set(),
  usedPools: new Set(),
  ...more,
});

const labelled = (inclusion: Record<string, string>, exclusion: Record<string, string> = {}) => ({
  labelled: { inclusion, exclusion },
});

/** Name of the rule that rules the pool out, or 'fits'. */
const verdict = (p: PoolCandidate, r: PlacementRequest) => FILTERS.find(([, f]) => !f(p, r))?.[0] ?? 'fits';

describe('which pools may take a replica', () => {
  it.each<[string, Partial<PoolCandidate>, Partial<PlacementRequest>, string]>([
    ['a plain one', {}, {}, 'fits'],
    ['on a cordoned node', { nodeCordoned: true }, {}, 'node is not cordoned'],
    ['on a node that is away', { nodeOnline: false }, {}, 'node is online'],
    ['not among the allowed nodes', {}, { node: { explicit: { allowed: ['n9'], preferred: [] } } }, 'node is allowed'],
    ['on a node with a replica', {}, { usedNodes: new Set(['node-1']) }, 'node has no replica of the volume'],
    [
      'on the node that a move leaves, another pool',
      {},
      { usedNodes: new Set(['node-1']), usedPools: new Set(['p2']), movingFrom: { node: 'node-1', pool: 'p2' } },
      'fits',
    ],
    ['without the label value', {}, { node: labelled({ zone: 'b' }) }, 'node labels fit'],
    ['with the label key', {}, { node: labelled({ zone: '' }) }, 'fits'],
    ['without the spread key', {}, { node: labelled({}, { rack: '' }) }, 'node labels fit'],
    ['cordoned itself', { poolCordoned: true }, {}, 'pool is not cordoned'],
    ['not loaded', { status: 'Unknown' }, {}, 'pool is usable'],
    ['exactly as large as the volume', { capacity: GIB, free: GIB }, {}, 'pool is large enough'],
    ['thin, 16 MiB free', { free: 16 * MIB }, { size: MIB }, 'pool has free space'],
    ['thin, a little more free', { free: 16 * MIB + 1 }, { size: MIB }, 'fits'],
    ['thick, exactly the size free', { free: GIB }, { asThin: false }, 'pool has free space'],
    ['thick, more free', { free: GIB + 1 }, { asThin: false }, 'fits'],
    [
      'without labels where some are wanted',
      { poolLabels: {} },
      { pool: { inclusion: { tier: '' }, exclusion: {} } },
      'pool labels fit',
    ],
    [
      'beside a single-replica volume of the group',
      { groupOnNode: true },
      { inGroup: true, numReplicas: 1 },
      'node is free of the affinity group',
    ],
    ['beside a larger volume of the group', { groupOnNode: true }, { inGroup: true }, 'fits'],
    ['thin, 40 % free', { free: Math.floor(0.4 * GIB) }, {}, 'pool has room for the data'],
    ['thin, more than 40 % free', { free: Math.floor(0.4 * GIB) + 1 }, {}, 'fits'],
    ['thin, less free than is allocated', { free: 0.5 * GIB }, { allocated: 0.2 * GIB }, 'pool has room for the data'],
    ['thin, allocation unknown', { free: GIB }, { allocated: undefined }, 'pool has room for the data'],
    ['over-committed', { committed: 24 * GIB }, {}, 'pool is not over-committed'],
    ['just not over-committed', { committed: 24 * GIB - 1 }, {}, 'fits'],
  ])('%s', (_what, candidate, wanted, expected) => {
    expect(verdict(pool(candidate), request(wanted))).toBe(expected);
  });

  it('caps what a thin replica needs at its size', () => {
    expect(thinNeed(100, 90)).toBe(100);
    expect(thinNeed(100, 10)).toBe(50);
  });

  it('commits strictly less than 250 %', () => {
    expect(withinCommitment({ committed: 150, capacity: 100 }, 100)).toBe(false);
    expect(withinCommitment({ committed: 149, capacity: 100 }, 100)).toBe(true);
  });
});

describe('which pool comes first', () => {
  it('the one with more free space, other things equal', () => {
    const small = pool({ pool: 'a', free: 4 * GIB });
    const large = pool({ pool: 'b', node: 'node-2', free: 8 * GIB });
    expect(rank([small, large], request()).map((p) => p.pool)).toEqual(['b', 'a']);
  });

  it('the one with fewer replicas, other things equal', () => {
    const busy = pool({ pool: 'a', replicas: 4 });
    const idle = pool({ pool: 'b', node: 'node-2', replicas: 1 });
    expect(rank([busy, idle], request()).map((p) => p.pool)).toEqual(['b', 'a']);
  });

  it('cuts the shares of both, and the sum, to whole numbers', () => {
    const [a, b] = [pool({ replicas: 1 }), pool({ replicas: 2 })];
    // 40 of 66 and 60 of 50 in a hundred against 40 of 33 and 60 of 50: 56.4 and 43.2.
    expect([score(a, b, request({ asThin: false })), score(b, a, request({ asThin: false }))]).toEqual([56, 43]);
  });

  it('scores 25/40/35 for thin pools', () => {
    const a = pool({ replicas: 1, free: 3, committed: 10, capacity: 5 });
    const b = pool({ replicas: 3, free: 1, committed: 20, capacity: 5 });
    // replicas 75 % of 25, free 75 % of 40, over-commit 5 against 15: 75 % of 35
    expect(score(a, b, request())).toBeCloseTo(75, 0);
  });

  it('weighs the group only when one of both pools has some of it', () => {
    const wanted = request({ inGroup: true });
    const taken = pool({ pool: 'a', groupReplicas: 1, replicas: 1 });
    const free = pool({ pool: 'b', replicas: 1 });
    expect(score(free, taken, wanted) - score(taken, free, wanted)).toBeCloseTo(10, 0);
  });

  it('refuses an equal value of a spread key', () => {
    const wanted = request({ node: labelled({}, { zone: '' }) });
    expect(spreadClash(pool(), [{ zone: 'a' }], wanted)).toBe(true);
    expect(spreadClash(pool(), [{ zone: 'b' }], wanted)).toBe(false);
  });
});

describe('which replica is removed', () => {
  const replica = (uuid: string, more: Partial<RemovalCandidate> = {}): RemovalCandidate => ({
    uuid,
    healthy: true,
    online: true,
    childRank: 3,
    rebuildProgress: undefined,
    local: false,
    groupReplicasOnPool: 0,
    ...more,
  });

  it.each<[string, RemovalCandidate[], number, string | undefined]>([
    ['the unhealthy one', [replica('a'), replica('b', { healthy: false, childRank: 1 })], 1, 'b'],
    ['a remote one before the local one', [replica('a', { local: true }), replica('b')], 1, 'b'],
    [
      'the least rebuilt one',
      [replica('a', { healthy: false, rebuildProgress: 60 }), replica('b', { healthy: false, rebuildProgress: 5 })],
      1,
      'b',
    ],
    ['one in the target before one that is not', [replica('a', { childRank: undefined }), replica('b')], 1, 'b'],
    ['the one on the crowded pool', [replica('a'), replica('b', { groupReplicasOnPool: 2 })], 1, 'b'],
    ['none when no more are healthy than wanted', [replica('a')], 1, undefined],
    [
      'none of those that are away, while too few are online',
      [replica('a'), replica('b', { online: false })],
      1,
      undefined,
    ],
  ])('%s', (_what, candidates, desired, expected) => {
    expect(chooseRemoval(candidates, desired)).toBe(expected);
  });
});
