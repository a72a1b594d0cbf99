import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SpecStatus } from '@/gen/v1/misc/common';
import type { VolumeSnapshot } from '@/gen/v1/volume/volume';
import { clusterPerTest, type Driver, kindOf, nodesOf, onNodes, SIZE, sharedCluster, until } from './driver';

const idOf = (snapshot: VolumeSnapshot) => snapshot.spec?.snapshotId ?? '';
const byVolume = (volumeId: string) => ({ filter: { $case: 'volume' as const, value: { volumeId } } });
const bySnapshot = (snapshotId: string) => ({ filter: { $case: 'snapshot' as const, value: { snapshotId } } });
const byBoth = (volumeId: string, snapshotId: string) => ({
  filter: { $case: 'volumeSnapshot' as const, value: { volumeId, snapshotId } },
});

const one = async (d: Driver, id: string) => (await d.snapshots(bySnapshot(id))).snapshots[0];
const statesOf = (snapshot: VolumeSnapshot | undefined) => snapshot?.state?.replicas.map((r) => r.state?.$case);
const secondsAgo = (time: { seconds: bigint } | undefined) => Date.now() / 1000 - Number(time?.seconds ?? 0n);

const PUBLISHED = [['published', true] as const, ['unpublished', false] as const];

describe('a snapshot', () => {
  const shared = sharedCluster({ nodes: 3 });

  it.each([
    ['published', 1, 'local'],
    ['published', 1, 'remote'],
    ['unpublished', 1, ''],
    ['published', 3, 'local and remote'],
    ['unpublished', 3, ''],
  ])(
    'A58: of a volume that is %s with %i %s replicas has size, time and a state of each',
    async (how, replicas, where) => {
      const d = shared();
      const id = await d.volume(replicas, { thin: false });
      const [node = ''] = nodesOf(await d.get(id));
      const other = ['node-1', 'node-2', 'node-3'].find((name) => name !== node);
      if (how === 'published') await d.cluster.publish(id, where === 'remote' ? other : node);
      const snapshot = await d.snapshot(id);
      expect(snapshot.spec?.volumeId).toBe(id);
      expect(snapshot.meta).toMatchObject({
        specStatus: SpecStatus.Created,
        size: BigInt(SIZE),
        specSize: BigInt(SIZE),
      });
      // A thick volume holds all it may.
      expect(snapshot.state?.state?.allocatedSize).toBe(BigInt(SIZE));
      for (const time of [snapshot.meta?.timestamp, snapshot.state?.state?.timestamp]) {
        expect(secondsAgo(time)).toBeGreaterThanOrEqual(0);
        expect(secondsAgo(time)).toBeLessThan(60);
      }
      expect(statesOf(snapshot)).toEqual(Array(replicas).fill('online'));
      for (const { state } of snapshot.state?.replicas ?? []) {
        if (state?.$case !== 'online') continue;
        expect(state.value).toMatchObject({ readyAsSource: false, valid: true, entityId: id });
        expect(secondsAgo(state.value.timestamp)).toBeLessThan(60);
      }
      await d.dropSnapshot(idOf(snapshot));
      await d.cluster.destroy(id);
    },
  );

  it('A59: is made once under its id, also when its volume is gone', async () => {
    const d = shared();
    const id = await d.volume(1);
    const uuid = idOf(await d.snapshot(id));
    expect(await kindOf(() => d.snapshot(id, uuid))).toBe('AlreadyExists');
    await d.cluster.destroy(id);
    expect(await kindOf(() => d.snapshot(id, uuid))).toBe('AlreadyExists');
    expect(await kindOf(() => d.snapshot(id))).toBe('NotFound');
    await d.dropSnapshot(uuid);
  });

  it.each(PUBLISHED)('A60: of a volume that is %s is deleted, with its volume or without', async (_how, published) => {
    const d = shared();
    const [kept, gone] = [await d.volume(1), await d.volume(1)];
    if (published) for (const id of [kept, gone]) await d.cluster.publish(id);
    const [first, second] = [idOf(await d.snapshot(kept)), idOf(await d.snapshot(gone))];
    await d.cluster.destroy(gone);
    for (const uuid of [first, second]) {
      await d.dropSnapshot(uuid);
      expect(await kindOf(() => one(d, uuid))).toBe('NotFound');
    }
    expect((await d.snapshots()).snapshots).toEqual([]);
    await d.cluster.destroy(kept);
  });

  it.each(PUBLISHED)('A60: of a volume that was %s outlives it', async (_how, published) => {
    const d = shared();
    const id = await d.volume(1);
    if (published) await d.cluster.publish(id);
    const uuid = idOf(await d.snapshot(id));
    await d.cluster.destroy(id);
    expect(await kindOf(() => d.get(id))).toBe('NotFound');
    expect((await d.snapshots()).snapshots.map(idOf)).toEqual([uuid]);
    expect((await d.snapshots(byVolume(id))).snapshots.map(idOf)).toEqual([uuid]);
    expect(statesOf(await one(d, uuid))).toEqual(['online']);
    await d.dropSnapshot(uuid);
  });

  it.each(PUBLISHED)(
    'A61: of a volume that is %s is listed by volume, by its id, by both and by neither',
    async (_how, published) => {
      const d = shared();
      const id = await d.volume(1);
      const other = await d.volume(1);
      if (published) await d.cluster.publish(id);
      const mine = [idOf(await d.snapshot(id)), idOf(await d.snapshot(id))].toSorted();
      const [first = ''] = mine;
      const foreign = idOf(await d.snapshot(other));
      const ids = async (request: Parameters<Driver['snapshots']>[0]) => {
        const { snapshots } = await d.snapshots(request);
        for (const snapshot of snapshots) expect(statesOf(snapshot)).toEqual(['online']);
        return snapshots.map(idOf).toSorted();
      };
      expect(await ids({})).toEqual([...mine, foreign].toSorted());
      expect(await ids(byVolume(id))).toEqual(mine);
      expect(await ids(bySnapshot(first))).toEqual([first]);
      expect(await ids(byBoth(id, first))).toEqual([first]);
      expect(await kindOf(() => ids(byBoth(other, first)))).toBe('InvalidArgument');
      expect(await kindOf(() => ids(bySnapshot(randomUUID())))).toBe('NotFound');
      for (const uuid of [...mine, foreign]) await d.dropSnapshot(uuid);
      for (const each of [id, other]) await d.cluster.destroy(each);
    },
  );

  it('A61: is found once when all are read in pages, of one volume or of all', async () => {
    const d = shared();
    const [id, other] = [await d.volume(1), await d.volume(1)];
    const [mine, foreign] = [[] as string[], [] as string[]];
    for (let i = 0; i < 3; i++) {
      foreign.push(idOf(await d.snapshot(other)));
      mine.push(idOf(await d.snapshot(id)));
    }
    const inPages = async (filter: Parameters<Driver['snapshots']>[0], maxEntries: bigint) => {
      const found: string[] = [];
      for (let token: bigint | undefined = 0n; token !== undefined; ) {
        const page: Awaited<ReturnType<Driver['snapshots']>> = await d.snapshots({
          ...filter,
          pagination: { maxEntries, startingToken: token },
        });
        expect(page.snapshots.length).toBeLessThanOrEqual(Number(maxEntries));
        found.push(...page.snapshots.map(idOf));
        token = page.nextToken;
      }
      return found.toSorted();
    };
    for (const max of [1n, 2n, 100n]) {
      expect(await inPages({}, max)).toEqual([...mine, ...foreign].toSorted());
      expect(await inPages(byVolume(id), max)).toEqual(mine.toSorted());
    }
    for (const uuid of [...mine, ...foreign]) await d.dropSnapshot(uuid);
    for (const each of [id, other]) await d.cluster.destroy(each);
  });

  it('P11: is never said to be ready as source, and is restored thin, at its size, on its pools only', async () => {
    const d = shared();
    const id = await d.volume(1);
    const snapshot = await d.snapshot(id);
    const uuid = idOf(snapshot);
    expect(snapshot.state?.replicas[0]?.state).toMatchObject({ value: { readyAsSource: false } });
    expect(await kindOf(() => d.restore(uuid, { thin: false }))).toBe('InvalidArgument');
    expect(await kindOf(() => d.restore(uuid, { size: BigInt(2 * SIZE) }))).toBe('OutOfRange');
    const restored = await d.restore(uuid);
    expect(nodesOf(restored)).toEqual(nodesOf(await d.get(id)));
    for (const each of [restored.definition?.spec?.uuid ?? '', id]) await d.cluster.destroy(each);
    await d.dropSnapshot(uuid);
  });
});

describe('a snapshot whose nodes come and go', () => {
  const start = clusterPerTest();

  it('A59: is not made with a replica away, and nothing of it is listed', async () => {
    const d = await start({ nodes: 2 });
    const [single, both] = [await d.volume(1, onNodes('node-2')), await d.volume(2)];
    await d.lose('node-2');
    for (const id of [single, both]) {
      const uuid = randomUUID();
      expect(await kindOf(() => d.snapshot(id, uuid))).toBe('FailedPrecondition');
      expect(await kindOf(() => one(d, uuid))).toBe('NotFound');
    }
    await d.back('node-2');
    for (const id of [single, both]) {
      const uuid = randomUUID();
      await until('it is made', async () => (await kindOf(() => d.snapshot(id, uuid))) === 'accepted');
    }
  });

  it('A59: that failed because a node stood still is made by the next try, of which alone it keeps a record', async () => {
    const d = await start({ nodes: 2 });
    const volumes = [
      await d.volume(1, onNodes('node-1')),
      await d.volume(1, onNodes('node-1')),
      await d.volume(2),
    ] as const;
    await d.cluster.publish(volumes[0], 'node-1');
    const tries = volumes.map((id) => ({ id, uuid: randomUUID() }));
    d.hang('node-1', true);
    const kinds = await Promise.all(tries.map(({ id, uuid }) => kindOf(() => d.snapshot(id, uuid))));
    expect(kinds).not.toContain('accepted');
    for (const { uuid } of tries) expect((await one(d, uuid))?.meta?.specStatus).toBe(SpecStatus.Creating);
    d.hang('node-1', false);
    await d.online('node-1');
    for (const { id, uuid } of tries) {
      await until('it is made', async () => (await kindOf(() => d.snapshot(id, uuid))) === 'accepted');
      const made = await until('only the good try is left', async () => {
        const snapshot = await one(d, uuid);
        return Object.keys(snapshot?.meta?.transactions ?? {}).length === 1 && snapshot;
      });
      expect(made.meta?.specStatus).toBe(SpecStatus.Created);
      const [txnId, good] = Object.entries(made.meta?.transactions ?? {})[0] ?? [];
      expect(txnId).toBe(made.meta?.txnId);
      expect(good?.snapshots.map((s) => s.specStatus)).toEqual(
        Array(id === volumes[2] ? 2 : 1).fill(SpecStatus.Created),
      );
    }
    for (const { id, uuid } of tries) {
      await d.dropSnapshot(uuid);
      await d.cluster.destroy(id);
    }
    // Nor have the nodes anything left of the failed tries.
    for (const n of [1, 2]) await d.usedIs(`pool-${n}`, 0);
  });

  it('A59: that failed and lost its volume cannot be made any more, and goes when its node is back', async () => {
    const d = await start({ nodes: 2 });
    const id = await d.volume(1, onNodes('node-1'));
    await d.cluster.publish(id, 'node-2');
    const uuid = randomUUID();
    d.hang('node-1', true);
    expect(await kindOf(() => d.snapshot(id, uuid))).not.toBe('accepted');
    await d.lose('node-1');
    await d.cluster.destroy(id);
    expect(await kindOf(() => d.snapshot(id, uuid))).toBe('FailedPrecondition');
    expect(await one(d, uuid)).toBeDefined();
    await d.back('node-1');
    await until('it is deleted', async () => (await kindOf(() => one(d, uuid))) === 'NotFound');
    await d.usedIs('pool-1', 0);
  });

  it('is deleted by itself when it is stuck in creation and its volume goes', async () => {
    const d = await start({ nodes: 1 });
    const volumes = [await d.volume(1), await d.volume(1)] as const;
    await d.cluster.publish(volumes[0]);
    const tries = volumes.map((id) => ({ id, uuid: randomUUID() }));
    d.hang('node-1', true);
    const kinds = await Promise.all(tries.map(({ id, uuid }) => kindOf(() => d.snapshot(id, uuid))));
    expect(kinds).not.toContain('accepted');
    d.hang('node-1', false);
    await d.online('node-1');
    for (const id of volumes) await d.cluster.destroy(id);
    await until('they are gone', async () => (await d.snapshots()).snapshots.length === 0);
    await d.usedIs('pool-1', 0);
  });

  it.each(['stop', 'kill'])('A61: is offline after its node is gone (%s), and online when it is back', async (how) => {
    const d = await start({ nodes: 1 });
    const id = await d.volume(1);
    const uuids = [idOf(await d.snapshot(id)), idOf(await d.snapshot(id))];
    await (how === 'stop' ? d.end('node-1') : d.kill('node-1'));
    const all = (state: string) =>
      until(`all ${state}`, async () => {
        const { snapshots } = await d.snapshots(byVolume(id));
        return snapshots.length === 2 && snapshots.every((snapshot) => statesOf(snapshot)?.[0] === state) && snapshots;
      });
    expect((await all('offline')).map(idOf).toSorted()).toEqual(uuids.toSorted());
    await d.start('node-1');
    expect((await all('online')).map(idOf).toSorted()).toEqual(uuids.toSorted());
  });

  it.each(PUBLISHED)(
    'A60: of a volume that is %s keeps its pool from being deleted, until both are gone',
    async (_how, published) => {
      const d = await start({ nodes: 1 });
      const id = await d.volume(1);
      if (published) await d.cluster.publish(id);
      const uuid = idOf(await d.snapshot(id));
      const dropPool = () => kindOf(() => d.dropPool('pool-1', 'node-1'));
      expect(await dropPool()).toBe('InUse');
      await d.cluster.destroy(id);
      expect(await dropPool()).toBe('InUse');
      expect((await d.snapshots()).snapshots.map(idOf)).toEqual([uuid]);
      await d.dropSnapshot(uuid);
      expect(await dropPool()).toBe('accepted');
    },
  );

  it('A60: of which the elder was deleted is whole after a restart, and the last leaves nothing', async () => {
    const d = await start({ nodes: 1 });
    const id = await d.volume(1, { thin: false });
    const [elder, younger] = [idOf(await d.snapshot(id)), idOf(await d.snapshot(id))];
    await d.cluster.destroy(id);
    await d.dropSnapshot(elder);
    await d.lose('node-1');
    await d.back('node-1');
    await until('online', async () => statesOf(await one(d, younger))?.[0] === 'online');
    // The elder's clusters are the younger's now.
    expect((await one(d, younger))?.state?.state?.allocatedSize).toBe(BigInt(SIZE));
    await d.dropSnapshot(younger);
    await d.usedIs('pool-1', 0);
  });
});
