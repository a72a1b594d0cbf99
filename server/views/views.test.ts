import { describe, expect, it } from 'vitest';
import { ListQuery } from '@/contract/list';
import { Node, NodeWindow } from '@/contract/node';
import { Overview } from '@/contract/overview';
import { Pool, PoolWindow } from '@/contract/pool';
import { RebuildsAnswer } from '@/contract/rebuild';
import { Volume, VolumeWindow } from '@/contract/volume';
import { safetyOf } from '../advice/safety';
import type { ClusterSnapshot } from '../model/snapshot';
import { NOW, nexusId, rebuilding, type TestVolume, testSnapshot, volumeId } from './fixtures.test-support';
import { nodeView } from './node';
import { nodesView } from './nodes';
import { overviewView } from './overview';
import { poolView } from './pool';
import { poolsView } from './pools';
import { rebuildsView } from './rebuilds';
import { volumeView } from './volume';
import { volumesView } from './volumes';

const NO_SERIES = {
  at: [],
  readIops: [],
  writeIops: [],
  readBytesPerSecond: [],
  writeBytesPerSecond: [],
  readLatencyUs: [],
  writeLatencyUs: [],
  stepSeconds: 1,
};
const query = (q: Partial<ListQuery> = {}) => ListQuery.parse(q);

/** The volume's row as the list shows it. */
function rowOf(s: ClusterSnapshot, n = 1) {
  const list = volumesView(s, query());
  if (!list.ok) throw new Error(list.failure.detail);
  const row = list.value.rows.find((r) => r.id === volumeId(n));
  if (!row) throw new Error('no such row');
  return row;
}

const faulted: TestVolume = {
  n: 1,
  on: [1, 2, 3],
  target: 1,
  child: { 2: { state: 'faulted', reason: 'io-failure' } },
};

describe('status of a volume', () => {
  const cases: Array<
    [name: string, s: ClusterSnapshot, status: string, healthy: number | null, reason: RegExp | null]
  > = [
    ['published and whole', testSnapshot({ volumes: [{ n: 1, on: [1, 2], target: 1 }] }), 'online', 2, null],
    ['a faulted child', testSnapshot({ volumes: [faulted] }), 'degraded', 2, /lost the copy on io-2: I\/O failure/],
    [
      'one child too few',
      testSnapshot({ volumes: [{ n: 1, on: [1, 2], target: 1, wanted: 3 }] }),
      'degraded',
      2,
      /1 copy is missing/,
    ],
    [
      'a copy that is not attached',
      testSnapshot({ volumes: [{ n: 1, on: [1, 2], target: 1, detached: [2] }] }),
      'degraded',
      1,
      /not attached/,
    ],
    [
      'the target’s node is away',
      testSnapshot({ volumes: [{ n: 1, on: [1, 2], target: 2 }], away: [2] }),
      'unknown',
      null,
      /io-2 does not answer since 11:59:00 UTC/,
    ],
    [
      'the target’s node is silent and agent-core has not noticed',
      testSnapshot({ volumes: [{ n: 1, on: [1, 2], target: 2 }], silent: [2] }),
      'unknown',
      null,
      /io-2 does not answer/,
    ],
    [
      'unpublished, a copy cannot be checked',
      testSnapshot({ volumes: [{ n: 1, on: [1, 2] }], away: [2] }),
      'unknown',
      null,
      /1 copy cannot be checked: node io-2/,
    ],
    ['unpublished and whole', testSnapshot({ volumes: [{ n: 1, on: [1, 2] }] }), 'online', 2, null],
    [
      'every child faulted',
      testSnapshot({
        volumes: [{ n: 1, on: [1], target: 1, child: { 1: { state: 'faulted', reason: 'cannot-open' } } }],
      }),
      'faulted',
      0,
      /cannot be opened/,
    ],
    [
      'a nexus status of a newer server',
      testSnapshot({ volumes: [{ n: 1, on: [1], target: 1, nexusStatus: 'unrecognized:9' }] }),
      'unrecognized:9',
      1,
      /says unknown \(9\)/,
    ],
    [
      'a child state of a newer server, which is neither well nor lost',
      testSnapshot({
        volumes: [
          {
            n: 1,
            on: [1, 2],
            target: 1,
            nexusStatus: 'unrecognized:9',
            child: { 2: { state: 'unrecognized:8', reason: 'unrecognized:7' } },
          },
        ],
      }),
      'unrecognized:9',
      null,
      /says unknown \(9\)/,
    ],
  ];
  it.each(cases)('%s', (_, s, status, healthy, reason) => {
    const row = rowOf(s);
    expect(row.status).toBe(status);
    expect(row.replicas.healthy).toBe(healthy);
    if (reason) expect(row.statusReason).toMatch(reason);
    else expect(row.statusReason).toBeNull();
  });

  it('a copy elsewhere that is away does not hide that the target still serves', () => {
    const s = testSnapshot({
      volumes: [{ ...faulted, child: { 2: { state: 'faulted', reason: 'timed-out' } } }],
      away: [2],
    });
    expect(rowOf(s)).toMatchObject({ status: 'degraded', replicas: { wanted: 3, healthy: 2 } });
  });
});

describe('a silent node', () => {
  const s = testSnapshot({
    volumes: [
      { n: 1, on: [1, 2], target: 1 },
      { n: 2, on: [1, 3], target: 1 },
    ],
    silent: [2],
  });
  it('makes its pool unknown: no capacity, no rate, and an old age', () => {
    const list = poolsView(s, query());
    const row = list.ok ? list.value.rows.find((r) => r.id === 'p-2') : undefined;
    expect(row).toMatchObject({
      status: 'unknown',
      capacity: { capacityBytes: null, usedBytes: null, committedBytes: null },
      io: null,
    });
    expect(row?.observed).toEqual({
      source: 'io-engine',
      node: 'io-2',
      at: new Date(NOW - 60_000).toISOString(),
      stale: true,
    });
  });
  it('makes a volume with its target there unknown, as old as the node’s last word', () => {
    expect(rowOf(s, 1)).toMatchObject({ status: 'online', observed: { stale: false } });
    const own = testSnapshot({
      volumes: [
        { n: 4, on: [2], target: 2 },
        { n: 5, on: [1, 2] },
      ],
      silent: [2],
    });
    for (const n of [4, 5]) {
      expect(rowOf(own, n)).toMatchObject({
        status: 'unknown',
        observed: { source: 'io-engine', node: 'io-2', at: new Date(NOW - 60_000).toISOString(), stale: true },
      });
    }
  });
  it('is unknown itself while agent-core still says online, with the reason', () => {
    expect(nodeView(s, 'io-2')?.row).toMatchObject({
      status: 'unknown',
      statusReason: 'node io-2 does not answer since 11:59:00 UTC',
      rebuilds: null,
    });
  });
  it('leaves other nodes as they are', () => {
    expect(nodeView(s, 'io-1')?.row.status).toBe('online');
    expect(rowOf(s, 2).status).toBe('online');
  });
  it('is left out of the capacity, and counted as left out', () => {
    expect(overviewView(s, NO_SERIES).capacity).toMatchObject({
      capacityBytes: String(200n << 30n),
      pools: 3,
      unknownPools: 1,
    });
  });
});

describe('the safety sentence', () => {
  const many = (n: number): TestVolume[] => Array.from({ length: n }, (_, i) => ({ n: i + 10, on: [1, 3], target: 1 }));
  it('counts lost copies and rebuilds, with the time left', () => {
    const s = testSnapshot({
      volumes: [
        faulted,
        { n: 2, on: [1, 2], target: 1, child: { 2: { state: 'degraded', reason: 'out-of-sync' } } },
        ...many(39),
      ],
      running: [rebuilding(2, 1, 2, 170)],
    });
    expect(safetyOf(s)).toEqual({
      sentence: '2 of 41 volumes have lost a copy; 1 is rebuilding, about 3 min left.',
      level: 'at-risk',
    });
  });
  it('says all is well only when everything is known to be', () => {
    expect(safetyOf(testSnapshot({ volumes: many(40) }))).toEqual({
      sentence: 'All 40 volumes have all their copies.',
      level: 'safe',
    });
  });
  it('says for how many volumes it cannot tell, and since when', () => {
    const s = testSnapshot({ volumes: [{ n: 1, on: [1, 2], target: 2 }, { n: 2, on: [2, 3] }, ...many(5)], away: [2] });
    expect(safetyOf(s)).toEqual({
      sentence: 'Cannot tell for 2 volumes: node io-2 does not answer since 11:59:00 UTC.',
      level: 'unknown',
    });
  });
  it('is not green when the control plane is away', () => {
    const safety = safetyOf(testSnapshot({ volumes: many(2), agentCoreDown: true }));
    expect(safety.level).toBe('unknown');
    expect(safety.sentence).toMatch(/control plane does not answer since 11:59:00 UTC/);
  });
  it('knows nothing before the first reading', () => {
    const { volumes: _, ...s } = testSnapshot({ agentCoreDown: true });
    expect(safetyOf(s).level).toBe('unknown');
    expect(overviewView(s, NO_SERIES).volumes.total).toBeNull();
  });
  it('names volumes without any usable copy first', () => {
    const s = testSnapshot({
      volumes: [{ n: 1, on: [1], target: 1, child: { 1: { state: 'faulted', reason: 'io-failure' } } }],
    });
    expect(safetyOf(s)).toMatchObject({
      level: 'data-lost',
      sentence: expect.stringMatching(/^1 of 1 volume has no usable copy/),
    });
  });
});

describe('windows', () => {
  const s = testSnapshot({
    volumes: [
      faulted,
      { n: 2, on: [1], target: 1, model: { sizeBytes: 1n << 60n } },
      {
        n: 3,
        on: [3],
        model: {
          labels: new Map([
            ['pvc-name', 'orders'],
            ['pvc-namespace', 'shop'],
          ]),
        },
      },
    ],
  });
  const ids = (q: Partial<ListQuery>) => {
    const list = volumesView(s, query(q));
    return list.ok ? list.value.rows.map((r) => r.name) : list.failure.code;
  };
  it.each<[Partial<ListQuery>, string[] | string]>([
    [{}, ['orders', 'vol-1', 'vol-2']],
    [{ q: 'status:degraded' }, ['vol-1']],
    [{ q: '-status:online' }, ['vol-1']],
    [{ q: 'size>10GiB' }, ['vol-2']],
    [{ q: 'pvc:shop/*' }, ['orders']],
    [{ q: 'node:io-1 published:true' }, ['vol-1', 'vol-2']],
    [{ sort: '-size' }, ['vol-2', 'orders', 'vol-1']],
    [{ sort: 'target' }, ['vol-1', 'vol-2', 'orders']],
    [{ sort: '-target' }, ['vol-1', 'vol-2', 'orders']],
    [{ offset: 1, limit: 1 }, ['vol-1']],
    [{ q: 'color:red' }, 'invalid_query'],
    [{ sort: 'constructor' }, 'invalid_query'],
  ])('%j', (q, want) => {
    const got = ids(q);
    // Equal sizes are ordered by id.
    expect(Array.isArray(got) && q.sort === '-size' ? [got[0], ...got.slice(1).sort()] : got).toEqual(want);
  });
  it('counts the whole set, whatever the window', () => {
    const list = volumesView(s, query({ q: 'name:vol-1', limit: 1 }));
    expect(list.ok && list.value).toMatchObject({
      matched: 1,
      total: 3,
      facets: { status: { online: 2, degraded: 1 }, published: { true: 2, false: 1 } },
    });
  });
});

describe('large numbers', () => {
  it('carries 2^60 bytes and counters near 2^63 into JSON digit by digit', () => {
    const s = testSnapshot({
      volumes: [{ n: 1, on: [1], target: 1, model: { sizeBytes: (1n << 60n) + 1n } }],
      pool: (_, p) => ({ ...p, state: p.state && { ...p.state, capacityBytes: (1n << 60n) + 1n } }),
    });
    const engine = s.engines.get('io-1');
    if (!engine) throw new Error('no engine');
    const totals = {
      readOps: 1n,
      writeOps: 1n,
      unmapOps: 0n,
      bytesRead: 0n,
      bytesWritten: 0n,
      bytesUnmapped: 0n,
      readLatencyTicks: (1n << 63n) - 1n,
      writeLatencyTicks: 0n,
      unmapLatencyTicks: 0n,
      tickRate: 1_000_000_000n,
    };
    const live = {
      ...s,
      engines: new Map([
        ...s.engines,
        ['io-1', { ...engine, nexusIo: new Map([[nexusId(1), totals]]), poolIo: new Map([['p-1', totals]]) }],
      ]),
    };
    const volume = JSON.parse(JSON.stringify(volumeView(live, volumeId(1))));
    expect(volume.row.sizeBytes).toBe('1152921504606846977');
    expect(volume.target.totals.readLatencyTicks).toBe('9223372036854775807');
    const pool = JSON.parse(JSON.stringify(poolView(live, 'p-1')));
    expect(pool.row.capacity.capacityBytes).toBe('1152921504606846977');
  });
  it('turns blocks of a rebuild into bytes beyond 2^53', () => {
    const s = testSnapshot({ volumes: [faulted], running: [rebuilding(1, 1, 2, 60)] });
    const answer = rebuildsView(s, query());
    expect(answer.ok && answer.value.running[0]).toMatchObject({
      bytesTotal: String(1n << 60n),
      bytesTransferred: String(1n << 59n),
      kind: 'full',
      destination: { pool: 'p-2', node: 'io-2' },
    });
  });

  it('names the source of a running rebuild where the rule of io-engines leaves one only', () => {
    const sourceIn = (volume: TestVolume) => {
      const s = testSnapshot({ nodes: 4, volumes: [volume], running: [rebuilding(1, 1, 2, 60)] });
      const answer = rebuildsView(s, query());
      const running = answer.ok ? answer.value.running[0] : undefined;
      return [running?.source?.node, running?.isSourceConcluded];
    };
    // The healthy copy on the target's own node comes first.
    expect(sourceIn(faulted)).toEqual(['io-1', true]);
    const remote = { ...faulted, on: [2, 3] };
    expect(sourceIn(remote)).toEqual(['io-3', true]);
    // Two copies elsewhere are equal: nobody can tell.
    expect(sourceIn({ ...faulted, on: [2, 3, 4] })).toEqual([undefined, false]);
  });
});

describe('impact of losing a node', () => {
  it('tells volumes that would be degraded from those that would be gone', () => {
    const s = testSnapshot({
      volumes: [{ n: 1, on: [1, 2], target: 1 }, { n: 2, on: [1] }, { n: 3, on: [3] }, faulted].map((v, i) => ({
        ...v,
        n: i + 1,
      })),
    });
    const lost = nodeView(s, 'io-1')?.ifLost;
    expect(lost?.degraded.map((v) => v.name)).toEqual(['vol-1', 'vol-4']);
    expect(lost?.unavailable.map((v) => v.name)).toEqual(['vol-2']);
    expect(lost?.targetsToMove).toBe(2);
  });
  it('does not count on a copy that cannot be checked', () => {
    const s = testSnapshot({ volumes: [{ n: 1, on: [1, 2] }], away: [2] });
    expect(nodeView(s, 'io-1')?.ifLost.unavailable.map((v) => v.name)).toEqual(['vol-1']);
  });
  it('lists the volumes of which a pool has the only healthy copy', () => {
    expect(
      poolView(
        testSnapshot({
          volumes: [
            { n: 1, on: [1] },
            { n: 2, on: [1, 2] },
          ],
        }),
        'p-1',
      )?.soleCopies.map((v) => v.name),
    ).toEqual(['vol-1']);
  });
});

describe('answers', () => {
  const whole = { volumes: [faulted, { n: 2, on: [2, 3] }], running: [rebuilding(1, 1, 2, 60)] };
  it.each([
    ['a healthy cluster', testSnapshot(whole)],
    ['a node away', testSnapshot({ ...whole, away: [1] })],
    ['a silent node', testSnapshot({ ...whole, silent: [2] })],
    ['agent-core down', testSnapshot({ ...whole, agentCoreDown: true })],
    ['an empty cluster', testSnapshot({ nodes: 0 })],
  ])('keep to the contract with %s', (_, s) => {
    const unwrap = (x: { ok: true; value: unknown } | { ok: false }) => (x.ok ? x.value : undefined);
    Overview.parse(overviewView(s, NO_SERIES));
    VolumeWindow.parse(unwrap(volumesView(s, query())));
    PoolWindow.parse(unwrap(poolsView(s, query())));
    NodeWindow.parse(unwrap(nodesView(s, query())));
    RebuildsAnswer.parse(unwrap(rebuildsView(s, query())));
    for (const id of s.volumes?.items.keys() ?? []) Volume.parse(volumeView(s, id as never));
    for (const id of s.pools?.items.keys() ?? []) Pool.parse(poolView(s, id));
    for (const id of s.nodes?.items.keys() ?? []) Node.parse(nodeView(s, id));
  });
});
