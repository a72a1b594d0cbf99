import { describe, expect, it } from 'vitest';
import { ListQuery } from '@/contract/list';
import { Node, NodeWindow } from '@/contract/node';
import { Pool } from '@/contract/pool';
import { SnapshotWindow } from '@/contract/snapshot';
import { CreateVolume, Volume } from '@/contract/volume';
import { canDestroy, canIncreaseReplicas } from '../advice/capabilities';
import { planVolume } from '../advice/placement';
import { placeCopies, planReplicaCount } from '../advice/replica-count';
import { safetyOf } from '../advice/safety';
import type { BlockDeviceModel, SnapshotModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { NOW, snapshotId, type TestCluster, testSnapshot, volumeId } from './fixtures.test-support';
import { join } from './join';
import { blockDevicesView, nodeView } from './node';
import { nodesView } from './nodes';
import { poolView } from './pool';
import { snapshotsView } from './snapshots';
import { volumeView } from './volume';
import { volumeRows } from './volume-row';

const GIB = 1n << 30n;
const query = ListQuery.parse({});

function rowOf(s: ClusterSnapshot, n: number) {
  const row = volumeRows(s)?.find((candidate) => candidate.id === volumeId(n));
  if (row === undefined) throw new Error(`no row ${n}`);
  return row;
}

function at(cluster: TestCluster, n = 1) {
  const s = testSnapshot(cluster);
  const v = join(s).volumes.get(volumeId(n));
  if (v === undefined) throw new Error(`no volume ${n}`);
  return { s, v };
}

/** What Mayastor says and easily is misread (behaviour facts, 12): the console reads it right. */
describe('pitfalls', () => {
  it('P2: an idle volume is online for agent-core with every node down, and here unknown', () => {
    const s = testSnapshot({ volumes: [{ n: 1, on: [1, 2], model: { status: 'online' } }], away: [1, 2] });
    expect(rowOf(s, 1)).toMatchObject({ status: 'unknown', replicas: { wanted: 2, healthy: null } });
    expect(safetyOf(s).level).toBe('unknown');
  });

  it('P2: a volume whose target’s node is away is unknown and not lost, one whose target has no usable child is', () => {
    const s = testSnapshot({
      volumes: [
        { n: 1, on: [1, 2], target: 2 },
        { n: 2, on: [1], target: 3, child: { 1: { state: 'faulted', reason: 'io-failure' } } },
      ],
      away: [2],
    });
    expect(rowOf(s, 1).status).toBe('unknown');
    expect(rowOf(s, 2).status).toBe('faulted');
    expect(safetyOf(s)).toMatchObject({ level: 'data-lost', sentence: expect.stringMatching(/^1 of 2 volumes/) });
  });

  it('P3: of a node that is away nothing is shown as 0, empty or well: pool, copy, space, target', () => {
    const usage = {
      capacityBytes: 10n * GIB,
      allocatedBytes: 0n,
      totalAllocatedBytes: 0n,
      allocatedSnapshotBytes: 0n,
      totalAllocatedSnapshotBytes: 0n,
    };
    const s = testSnapshot({ volumes: [{ n: 1, on: [2], target: 2, model: { usage } }], away: [2] });
    const pool = Pool.parse(poolView(s, 'p-2'));
    expect(pool.row).toMatchObject({
      status: 'unknown',
      capacity: { capacityBytes: null, usedBytes: null, committedBytes: null },
      io: null,
    });
    const volume = Volume.parse(volumeView(s, volumeId(1)));
    expect(volume).toMatchObject({ target: null, targetUnknown: true, usage: null });
    expect(volume.row).toMatchObject({ allocatedBytes: null, io: null, replicas: { healthy: null } });
    expect(volume.replicas).toMatchObject([
      { status: 'unknown', node: { id: 'io-2' }, pool: { id: 'p-2', status: 'unknown' }, allocatedBytes: null },
    ]);
  });

  it('P4: a copy without space is degraded for want of room, does not count as healthy, and is not called lost to a fault', () => {
    const { s, v } = at({
      nodes: 4,
      volumes: [{ n: 1, on: [1, 2], target: 1, child: { 2: { state: 'degraded', reason: 'no-space' } } }],
    });
    expect(rowOf(s, 1)).toMatchObject({
      status: 'degraded',
      statusReason: expect.stringMatching(/its pool is full/),
      replicas: { wanted: 2, healthy: 1 },
    });
    const [, full] = Volume.parse(volumeView(s, volumeId(1))).replicas;
    expect(full?.child).toMatchObject({ state: 'degraded', reason: 'no-space' });
    expect(canIncreaseReplicas(s, v).allowed).toBe(false);
  });

  it.each(['/dev/sdb', '/dev/disk/by-id/ata-1'])(
    'P5: a disk given as %s is that of the pool, however its state writes it',
    (given) => {
      const s = testSnapshot({
        pool: (_n, pool) => ({
          ...pool,
          spec: pool.spec && { ...pool.spec, disks: [given] },
          state: pool.state && { ...pool.state, disks: [`aio://${given}?blk_size=512&uuid=4cc6ee64`] },
        }),
      });
      const device = (devname: string, devlinks: string[]): BlockDeviceModel => ({
        devname,
        devtype: 'disk',
        devlinks,
        model: '',
        sizeBytes: 1024n,
        available: true,
      });
      const devices = [device('/dev/sdb', ['/dev/disk/by-id/ata-1']), device('/dev/sdc', ['/dev/disk/by-id/ata-2'])];
      expect(blockDevicesView(s, 'io-1', devices)).toMatchObject([
        { devname: '/dev/sdb', available: false, usedBy: 'p-1', sizeBytes: '1024' },
        { devname: '/dev/sdc', available: true, usedBy: null },
      ]);
      // A pool that is not loaded still has its disk.
      const unloaded: ClusterSnapshot = {
        ...s,
        pools: s.pools && {
          ...s.pools,
          items: new Map([...s.pools.items].map(([id, pool]) => [id, { ...pool, state: undefined }] as const)),
        },
      };
      expect(blockDevicesView(unloaded, 'io-1', devices)[0]).toMatchObject({ available: false, usedBy: 'p-1' });
    },
  );

  it('P7: a volume in use is deleted by force alone, which Mayastor does not ask for; one with snapshots may be, and they stay', () => {
    const { s, v } = at({ volumes: [{ n: 1, on: [1], target: 1 }] });
    expect(canDestroy(s, v)).toMatchObject({
      allowed: false,
      needsForce: true,
      reason: expect.stringMatching(/published on io-1/),
    });
    const unused = at({ volumes: [{ n: 1, on: [1], model: { numSnapshots: 2 } }] });
    expect(canDestroy(unused.s, unused.v)).toEqual({ allowed: true });
    const orphan: SnapshotModel = {
      id: snapshotId(1),
      volume: volumeId(9),
      specStatus: 'created',
      createdAt: NOW,
      sizeBytes: GIB,
      specSizeBytes: GIB,
      totalAllocatedBytes: 0n,
      restores: 1,
      replicas: [{ id: 'r', pool: 'p-1', status: 'offline' }],
    };
    const list = snapshotsView({ ...s, snapshots: { at: NOW, items: new Map([[orphan.id, orphan]]) } }, query);
    const [row] = list.ok ? SnapshotWindow.parse(list.value).rows : [];
    expect(row).toMatchObject({ sourceVolume: { id: volumeId(9), exists: false }, allocatedBytes: null, restores: 1 });
  });

  it('P8: a drained node still shows the targets, copies and pools that it has', () => {
    const s = testSnapshot({
      volumes: [
        { n: 1, on: [1], target: 1 },
        { n: 2, on: [1, 2], target: 2 },
      ],
      node: (n, node) =>
        n === 1 ? { ...node, cordon: { state: 'drained', cordonLabels: [], drainLabels: ['service'] } } : node,
    });
    const view = Node.parse(nodeView(s, 'io-1'));
    expect(view.row.cordon).toBe('drained');
    expect(view.targets.map((target) => target.volume.id)).toEqual([volumeId(1)]);
    expect(view.pools.map((pool) => pool.id)).toEqual(['p-1']);
    expect(view.ifLost).toMatchObject({
      unavailable: [{ id: volumeId(1) }],
      degraded: [{ id: volumeId(2) }],
      targetsToMove: 1,
    });
  });

  it('P9: every comparison of space is strict: exactly as much as is needed is too little', () => {
    const free = (bytes: bigint) =>
      planVolume(
        testSnapshot({
          nodes: 1,
          pool: (_n, pool) => ({
            ...pool,
            state: pool.state && { ...pool.state, usedBytes: pool.state.capacityBytes - bytes },
          }),
        }),
        CreateVolume.parse({ sizeBytes: String(10n * GIB), thin: false, replicas: 1 }),
      ).chosen.length;
    expect([free(10n * GIB), free(10n * GIB + 1n)]).toEqual([0, 1]);
    const thin = (sizeBytes: bigint, usedBytes: bigint, committedBytes: bigint) =>
      planVolume(
        testSnapshot({
          nodes: 1,
          pool: (_n, pool) => ({ ...pool, state: pool.state && { ...pool.state, usedBytes, committedBytes } }),
        }),
        CreateVolume.parse({ sizeBytes: String(sizeBytes), thin: true, replicas: 1 }),
      ).chosen.length;
    const MIB = 1n << 20n;
    // 16 MiB free; 40 % of the size free; 250 % of the capacity committed; as large as the pool.
    expect([thin(MIB, 100n * GIB - 16n * MIB, 0n), thin(MIB, 100n * GIB - 17n * MIB, 0n)]).toEqual([0, 1]);
    expect([thin(10n * GIB, 96n * GIB, 0n), thin(10n * GIB, 96n * GIB - 1n, 0n)]).toEqual([0, 1]);
    expect([thin(10n * GIB, 0n, 240n * GIB), thin(10n * GIB, 0n, 240n * GIB - 1n)]).toEqual([0, 1]);
    expect([thin(100n * GIB, 0n, 0n), thin(100n * GIB - 1n, 0n, 0n)]).toEqual([0, 1]);
  });

  it('P9: a thick volume that was snapshotted is placed as a thin one', () => {
    const full = (asThin: boolean) =>
      at({
        nodes: 2,
        volumes: [{ n: 1, on: [1], target: 1, model: { thin: false, asThin, sizeBytes: 50n * GIB } }],
        pool: (_n, pool) => ({ ...pool, state: pool.state && { ...pool.state, usedBytes: 60n * GIB } }),
      });
    const places = ({ s, v }: ReturnType<typeof at>) => placeCopies(s, v, 2, 1).chosen.map((c) => c.pool.id);
    expect(places(full(false))).toEqual([]);
    expect(places(full(true))).toEqual(['p-2']);
  });

  it('P9: a volume of an affinity group is not taken below two copies', () => {
    const { s, v } = at({ volumes: [{ n: 1, on: [1, 2], target: 1, model: { affinityGroup: 'g' } }] });
    expect(planReplicaCount(s, v, 1).allowed).toEqual({
      allowed: false,
      reason: expect.stringMatching(/affinity group/),
    });
  });

  it('P13: a pool without the label of the DiskPool operator is named as one that CSI’s volumes do not get', () => {
    const label = 'openebs.io/created-by';
    const plan = planVolume(
      testSnapshot({
        pool: (n, pool) =>
          n === 1 && pool.spec
            ? { ...pool, spec: { ...pool.spec, labels: new Map([[label, 'operator-diskpool']]) } }
            : pool,
      }),
      CreateVolume.parse({
        sizeBytes: String(GIB),
        thin: true,
        replicas: 2,
        poolInclusion: { [label]: 'operator-diskpool' },
      }),
    );
    expect(plan.chosen.map((c) => c.pool)).toEqual(['p-1']);
    expect(plan.rejected.map((r) => r.reason)).toEqual([`it has no label ${label}`, `it has no label ${label}`]);
    expect(plan.shortfall).toMatch(/there is room for 1/);
  });

  it('P14: a node that is gone for good stays in the list, as one of which nothing is known', () => {
    const s = testSnapshot({
      nodes: 2,
      away: [2],
      node: (n, node) => (n === 2 ? { ...node, status: undefined } : node),
    });
    const list = nodesView(s, query);
    const rows = list.ok ? NodeWindow.parse(list.value).rows : [];
    expect(rows.find((row) => row.id === 'io-2')?.status).toBe('unknown');
  });
});
