import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nexusInfoKey } from '@/embedded/store/store';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { ReplicaStatus } from '@/gen/v1/replica/replica';
import { VolumeShareProtocol } from '@/gen/v1/volume/volume';
import { clusterPerTest, type Driver, idOf, kindOf, nodesOf, onNodes, SIZE, sharedCluster, until } from './driver';

describe('a volume', () => {
  const shared = sharedCluster({ nodes: 3 });

  it('A25: is created and returned when there are pools enough', async () => {
    const d = shared();
    const uuid = randomUUID();
    const volume = await d.cluster.createVolume({ uuid, replicas: 3n, size: BigInt(SIZE), thin: false });
    expect(volume.definition?.spec).toMatchObject({
      uuid,
      numReplicas: 3,
      size: BigInt(SIZE),
      thin: false,
      numSnapshots: 0,
      policy: { selfHeal: true },
    });
    expect(volume.definition?.spec?.target).toBeUndefined();
    expect(volume.state).toMatchObject({ uuid, size: BigInt(SIZE), status: NexusStatus.Online, target: undefined });
    const copies = Object.values(volume.state?.replicaTopology ?? {});
    expect(copies.map((copy) => copy.status)).toEqual(Array(3).fill(ReplicaStatus.Online));
    expect(copies.map((copy) => `${copy.node} ${copy.pool}`).toSorted()).toEqual(
      [1, 2, 3].map((n) => `node-${n} pool-${n}`),
    );
    await d.cluster.destroy(uuid);
  });

  it('is answered with what was asked for, what runs for it and what it takes', async () => {
    const d = shared();
    const id = await d.volume(2, { labels: { value: { app: 'shop' } }, maxSnapshots: 5 });
    const published = await d.cluster.publish(id, 'node-1');
    const volume = await d.get(id);
    expect(volume).toEqual(published);
    expect(volume.definition?.spec).toMatchObject({
      labels: { value: { app: 'shop' } },
      maxSnapshots: 5,
      target: { nodeId: 'node-1', protocol: VolumeShareProtocol.Nvmf },
    });
    expect(volume.state).toMatchObject({
      status: NexusStatus.Online,
      target: { nodeId: 'node-1', status: NexusStatus.Online, size: BigInt(SIZE), rebuilds: 0 },
      usage: {
        capacity: BigInt(SIZE),
        allocated: BigInt(SIZE / 2),
        totalAllocated: BigInt(SIZE),
        allocatedSnapshots: 0n,
      },
    });
    expect((await d.list()).entries).toEqual([volume]);
    await d.cluster.destroy(id);
  });

  it('A26: is refused for want of resources with fewer suitable pools than replicas, and leaves nothing', async () => {
    const d = shared();
    expect(await kindOf(() => d.volume(4))).toBe('ResourceExhausted');
    expect(await d.cluster.specs()).toMatchObject({ volumes: [], replicas: [] });
  });

  it('A28: has a share URI when published, and is not published twice', async () => {
    const d = shared();
    const id = await d.volume(1);
    const volume = await d.cluster.publish(id);
    expect(volume.state?.target?.deviceUri).toMatch(
      new RegExp(`^nvmf://127\\.0\\.0\\.1:\\d+/nqn\\.2019-05\\.io\\.openebs:${id}$`),
    );
    expect(await kindOf(() => d.cluster.publish(id))).toBe('AlreadyPublished');
    expect((await d.get(id)).state?.target?.uuid).toBe(volume.state?.target?.uuid);
    await d.cluster.destroy(id);
  });

  it('A29: has no target when unpublished, and is not unpublished twice', async () => {
    const d = shared();
    const id = await d.volume(1);
    await d.cluster.publish(id);
    const before = (await d.get(id)).state?.target?.deviceUri ?? '';
    const volume = await d.cluster.unpublish(id);
    expect(volume.definition?.spec?.target).toBeUndefined();
    expect(volume.state?.target).toBeUndefined();
    await expect(d.cluster.hosts.connect(before, 'nqn.2014-08.org.nvmexpress:uuid:host')).rejects.toThrow();
    expect(await kindOf(() => d.cluster.unpublish(id))).toBe('NotPublished');
    await d.cluster.destroy(id);
  });

  it.each([false, true])('A30: is deleted with all its replicas (published: %s)', async (published) => {
    const d = shared();
    const id = await d.volume(2);
    if (published) await d.cluster.publish(id);
    await d.cluster.destroy(id);
    expect(await kindOf(() => d.get(id))).toBe('NotFound');
    expect(await d.cluster.specs()).toMatchObject({ volumes: [], replicas: [], nexuses: [] });
    for (const n of [1, 2, 3]) await d.usedIs(`pool-${n}`, 0);
    expect(await kindOf(() => d.cluster.destroy(id))).toBe('NotFound');
  });

  describe('among five', () => {
    const five = async (d: Driver) => {
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.push(await d.volume(1));
      return ids;
    };
    const drop = async (d: Driver, ids: string[]) => {
      for (const id of ids) await d.cluster.destroy(id);
    };

    it('A32: is listed with all others and no token, which REST asks for with max_entries 0', async () => {
      const d = shared();
      const ids = await five(d);
      const all = await d.list();
      expect(all.entries.map(idOf)).toEqual(ids);
      expect(all.nextToken).toBeUndefined();
      await drop(d, ids);
    });

    it('A33: is found on one page, with a token while there are more', async () => {
      const d = shared();
      const ids = await five(d);
      const page = async (max: number, token = 0) => {
        const { entries, nextToken } = await d.page(max, token);
        return { ids: entries.map(idOf), nextToken };
      };
      expect(await page(3)).toEqual({ ids: ids.slice(0, 3), nextToken: 3n });
      expect(await page(3, 3)).toEqual({ ids: ids.slice(3), nextToken: undefined });
      expect(await page(2, 1)).toEqual({ ids: ids.slice(1, 3), nextToken: 3n });
      expect(await page(10)).toEqual({ ids, nextToken: undefined });
      expect(await page(5)).toEqual({ ids, nextToken: undefined });
      expect(await page(3, 500)).toEqual({ ids: [], nextToken: undefined });
      await drop(d, ids);
    });
  });
});

describe('what a target knows of its children', () => {
  const shared = sharedCluster({ nodes: 2 });
  const keyOf = async (id: string) => nexusInfoKey(id, (await shared().get(id)).state?.target?.uuid ?? '');

  it('is in the store from publish on, through unpublish until the next publish, and goes with the volume', async () => {
    const d = shared();
    const id = await d.volume(1);
    expect(await d.cluster.nexusInfoKeys()).toEqual([]);
    await d.cluster.publish(id);
    const first = await keyOf(id);
    expect(await d.cluster.nexusInfoKeys()).toEqual([first]);
    await d.cluster.unpublish(id);
    expect(await d.cluster.nexusInfoKeys()).toEqual([first]);
    await d.cluster.publish(id);
    const second = await keyOf(id);
    expect(second).not.toBe(first);
    expect(await d.cluster.nexusInfoKeys()).toEqual([second]);
    await d.cluster.destroy(id);
    expect(await d.cluster.nexusInfoKeys()).toEqual([]);
  });
});

describe('a volume whose nodes are away', () => {
  const start = clusterPerTest();

  it('A27: is not created when the engines died a moment ago, and leaves nothing behind', async () => {
    // Still online for agent-core: neither deadline nor poll notices meanwhile.
    const d = await start({ nodes: 2, timings: { nodeDeadlineMs: 600_000, cachePeriodMs: 600_000 } });
    await d.kill('node-1');
    await d.kill('node-2');
    // 412 at REST.
    expect(await kindOf(() => d.volume(2))).toBe('ReplicaCreateNumber');
    expect((await d.cluster.specs()).volumes).toEqual([]);
    await d.start('node-1');
    await d.start('node-2');
    await until('no specs remain', async () => {
      const specs = await d.cluster.specs();
      return specs.volumes.length === 0 && specs.replicas.length === 0;
    });
  });

  it('A27: is not created when that takes too long, and leaves nothing behind, not even in the store', async () => {
    const d = await start({ nodes: 1 });
    d.hang('node-1', true);
    expect(await kindOf(() => d.volume(1))).toBe('ReplicaCreateNumber');
    expect((await d.cluster.specs()).volumes).toEqual([]);
    d.hang('node-1', false);
    await d.cluster.restartCore();
    await until('no specs remain', async () => {
      const specs = await d.cluster.specs();
      return specs.volumes.length + specs.replicas.length + specs.nexuses.length === 0;
    });
    // Also the replica that was made too late.
    await d.usedIs('pool-1', 0);
  });

  it('A30, A31: goes with a replica node dead, and the orphan there is destroyed when the node returns', async () => {
    const d = await start({ nodes: 2 });
    const id = await d.volume(2);
    await d.cluster.publish(id, 'node-1');
    await d.lose('node-2');
    await d.cluster.destroy(id);
    const specs = await d.cluster.specs();
    expect(specs).toMatchObject({ volumes: [], nexuses: [] });
    // Nobody owns it any more.
    expect(specs.replicas).toMatchObject([{ poolId: 'pool-2', managed: true }]);
    expect(specs.replicas[0]?.owners?.volume).toBeUndefined();
    await d.back('node-2');
    await until('the orphan is collected', async () => (await d.cluster.specs()).replicas.length === 0);
    await d.usedIs('pool-2', 0);
  });

  it('A30, A31: goes with its target node dead, and what is left there when the node returns', async () => {
    const d = await start({ nodes: 3 });
    const id = await d.volume(2);
    const [target = ''] = nodesOf(await d.get(id));
    await d.cluster.publish(id, target);
    await d.lose(target);
    await d.cluster.destroy(id);
    expect((await d.cluster.specs()).volumes).toEqual([]);
    await d.back(target);
    await until('nothing is left', async () => {
      const specs = await d.cluster.specs();
      return specs.replicas.length + specs.nexuses.length === 0;
    });
    for (const n of [1, 2, 3]) await d.usedIs(`pool-${n}`, 0);
  });

  it('A29: is unpublished with its target’s node away by force only, and published elsewhere then', async () => {
    const d = await start({ nodes: 2 });
    const id = await d.volume(2);
    await d.cluster.publish(id, 'node-1');
    await d.write(id, 4096, { byte: 0x21 });
    await d.lose('node-1');
    expect(await kindOf(() => d.cluster.unpublish(id))).toBe('FailedPrecondition');
    expect((await d.get(id)).definition?.spec?.target?.nodeId).toBe('node-1');
    await d.cluster.unpublish(id, true);
    const published = await d.cluster.publish(id);
    expect(published.state?.target?.nodeId).toBe('node-2');
    const device = await d.open(id);
    expect((await device.read(0, 4096)).equals(Buffer.alloc(4096, 0x21))).toBe(true);
    await device.close();
    // The old one is destroyed when its node is back.
    await d.back('node-1');
    await until('one target is left', async () => (await d.cluster.specs()).nexuses.length === 1);
  });

  it('P2: counts as online while nobody uses it, whatever its nodes do, and as unknown with its target away', async () => {
    const d = await start({ nodes: 2 });
    const idle = await d.volume(2);
    const used = await d.volume(2);
    await d.cluster.publish(used, 'node-1');
    await d.lose('node-1');
    const view = await d.volumeIs(used, NexusStatus.Unknown);
    expect(view.definition?.spec?.target?.nodeId).toBe('node-1');
    expect(view.state).toMatchObject({ target: undefined, size: BigInt(SIZE) });
    await d.lose('node-2');
    const off = await d.get(idle);
    expect(off.state?.status).toBe(NexusStatus.Online);
    expect(Object.values(off.state?.replicaTopology ?? {}).map((copy) => copy.status)).toEqual([
      ReplicaStatus.Unknown,
      ReplicaStatus.Unknown,
    ]);
  });

  it('P2: is faulted when its target lives and has no usable child', async () => {
    const d = await start({ nodes: 2, timings: { faultedChildWaitMs: 600_000 } });
    const id = await d.volume(1, onNodes('node-2'));
    await d.cluster.publish(id, 'node-1');
    await d.lose('node-2');
    const volume = await d.volumeIs(id, NexusStatus.Faulted);
    expect(volume.state?.target).toMatchObject({ nodeId: 'node-1', status: NexusStatus.Faulted });
  });
});
