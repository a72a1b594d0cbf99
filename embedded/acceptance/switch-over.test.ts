import { describe, expect, it } from 'vitest';
import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { clusterPerTest, type Driver, kindOf, MIB, nodesOf, onNodes, until } from './driver';

const start = clusterPerTest();
const WINDOW_MS = 3_600_000;
const OLD = Buffer.alloc(4096, 0x01);
const NEW = Buffer.alloc(4096, 0x02);

/** A volume on node-1 and node-2 with its target on node-1, which its application has open. */
async function opened(nodes: number): Promise<{ d: Driver; id: string; old: RemoteDevice }> {
  const d = await start({ nodes, timings: { faultedChildWaitMs: WINDOW_MS } });
  const id = await d.volume(2, onNodes('node-1', 'node-2'));
  await d.cluster.publish(id, 'node-1');
  const old = await d.open(id);
  await old.write(0, OLD);
  return { d, id, old };
}

/** The target that the volume has now writes; one that was opened before does not, and leaves nothing. */
async function fenced(d: Driver, id: string, old: RemoteDevice): Promise<void> {
  const device = await d.open(id);
  expect((await device.read(0, 4096)).equals(OLD)).toBe(true);
  await device.write(0, NEW);
  await expect(old.write(0, OLD)).rejects.toThrow();
  expect((await device.read(0, 4096)).equals(NEW)).toBe(true);
  await device.close();
}

const targetOf = async (d: Driver, id: string) => (await d.get(id)).state?.target;

describe('a target that is moved', () => {
  it('A55: has read and write access, and the older one none, both nodes being well', async () => {
    const { d, id, old } = await opened(2);
    const before = await targetOf(d, id);
    const moved = await d.republish(id, { targetNode: 'node-2' });
    expect(moved.state?.target).toMatchObject({ nodeId: 'node-2', status: NexusStatus.Online });
    expect(moved.state?.target?.children).toHaveLength(2);
    expect(moved.state?.target?.uuid).not.toBe(before?.uuid);
    await fenced(d, id, old);
  });

  it('A55: has access with the older one’s node dead, and still when that is back', async () => {
    const { d, id, old } = await opened(2);
    const uri = (await targetOf(d, id))?.deviceUri ?? '';
    await d.lose('node-1');
    const moved = await d.republish(id, { targetNode: 'node-2' });
    expect(moved.state).toMatchObject({ status: NexusStatus.Degraded, target: { nodeId: 'node-2' } });
    await fenced(d, id, old);
    await d.back('node-1');
    await d.whole(id, 2);
    expect((await targetOf(d, id))?.uuid).toBe(moved.state?.target?.uuid);
    await expect(d.cluster.hosts.connect(uri, 'nqn.2014-08.org.nvmexpress:uuid:host')).rejects.toThrow();
  });

  it('A55: has access with the older one’s node cut off from everybody, and still when it is heard again', async () => {
    const { d, id, old } = await opened(2);
    d.hang('node-1', true);
    await d.away('node-1');
    const moved = await d.republish(id, { targetNode: 'node-2' });
    const device = await d.open(id);
    await device.write(0, NEW);
    d.hang('node-1', false);
    // What could not be told to end is ended as soon as its node is heard.
    await until('the older one is gone', async () => (await d.cluster.specs()).nexuses.length === 1);
    await expect(old.write(0, OLD)).rejects.toThrow();
    expect((await device.read(0, 4096)).equals(NEW)).toBe(true);
    await device.close();
    // Both copies are the newer target's in the end.
    expect((await d.whole(id, 2)).state?.target?.uuid).toBe(moved.state?.target?.uuid);
  });

  it.each(['well', 'cut off'])(
    'A55: can be moved again and again, its first node being %s, and when that is heard again',
    async (how) => {
      const { d, id, old } = await opened(3);
      if (how === 'cut off') {
        d.hang('node-1', true);
        await d.away('node-1');
      }
      const around = async () => {
        for (let i = 0; i < 5; i++) {
          const before = await targetOf(d, id);
          const moved = await d.republish(id);
          expect(moved.state?.target?.nodeId).not.toBe(before?.nodeId);
          await d.dropShutdownTargets(id);
          const device = await d.open(id);
          await device.write(i * 4096, NEW);
          await device.close();
        }
      };
      await around();
      d.hang('node-1', false);
      await until('the older ones are gone', async () => (await d.cluster.specs()).nexuses.length === 1);
      await expect(old.write(0, OLD)).rejects.toThrow();
      await around();
      const device = await d.open(id);
      for (let i = 0; i < 5; i++) expect((await device.read(i * 4096, 4096)).equals(NEW)).toBe(true);
      await device.close();
      expect((await d.cluster.specs()).nexuses).toHaveLength(1);
    },
  );

  it('P5: keeps its address within NVMe and gets a new uuid, and so does one that is published again', async () => {
    const d = await start({ nodes: 2 });
    const id = await d.volume(2);
    const seen = [(await d.cluster.publish(id)).state?.target, (await d.republish(id)).state?.target];
    await d.cluster.unpublish(id);
    seen.push((await d.cluster.publish(id)).state?.target);
    expect(new Set(seen.map((target) => target?.uuid)).size).toBe(3);
    for (const target of seen) expect(target?.deviceUri).toMatch(new RegExp(`/nqn\\.2019-05\\.io\\.openebs:${id}`));
  });

  it('P12: stays where it is, as it is, when the existing one may be used again and is well', async () => {
    const { d, id, old } = await opened(2);
    const before = await targetOf(d, id);
    expect((await d.republish(id, { reuseExisting: true })).state?.target).toEqual(before);
    await old.write(0, NEW);
  });
});

describe('a target that cannot be moved', () => {
  it('A56: waits while all other nodes are cordoned, and moves when one is not', async () => {
    const { d, id } = await opened(2);
    await d.cordon('node-2', 'service');
    await d.lose('node-1');
    for (let i = 0; i < 3; i++) expect(await kindOf(() => d.republish(id))).toBe('ResourceExhausted');
    expect((await d.get(id)).state?.status).toBe(NexusStatus.Unknown);
    await d.uncordon('node-2', 'service');
    expect((await d.republish(id)).state?.target?.nodeId).toBe('node-2');
    await d.write(id, MIB);
  });

  it('A56: waits while all other nodes are cordoned, and is there again when its own node is back', async () => {
    const { d, id } = await opened(2);
    await d.cordon('node-2', 'service');
    await d.end('node-1');
    for (let i = 0; i < 3; i++) expect(await kindOf(() => d.republish(id))).toBe('ResourceExhausted');
    await d.back('node-1');
    expect((await d.whole(id, 2)).state?.target?.nodeId).toBe('node-1');
    await d.write(id, MIB);
  });

  it('A56: serves on where it is when it is only cut off for a while and there is no other node', async () => {
    const { d, id, old } = await opened(2);
    await d.cordon('node-2', 'service');
    const before = await targetOf(d, id);
    d.hang('node-1', true);
    await d.away('node-1');
    const late = old.write(0, NEW);
    expect(await kindOf(() => d.republish(id))).toBe('ResourceExhausted');
    d.hang('node-1', false);
    await late;
    expect((await d.whole(id, 2)).state?.target?.uuid).toBe(before?.uuid);
    expect((await old.read(0, 4096)).equals(NEW)).toBe(true);
  });

  it('A56: with its only copy on its restarted node is made there again', async () => {
    const d = await start({ nodes: 1 });
    const id = await d.volume(1);
    await d.cluster.publish(id);
    await d.write(id, MIB, { byte: 0x33 });
    await d.lose('node-1');
    await d.back('node-1');
    const again = await d.republish(id, { reuseExisting: true });
    expect(again.state).toMatchObject({ status: NexusStatus.Online, target: { nodeId: 'node-1' } });
    const device = await d.open(id);
    expect((await device.read(0, MIB)).equals(Buffer.alloc(MIB, 0x33))).toBe(true);
    await device.close();
  });

  it('A57: and is faulted is removed and made anew when a healthy replica is back', async () => {
    const d = await start({ nodes: 2, timings: { faultedChildWaitMs: WINDOW_MS } });
    const id = await d.volume(1, onNodes('node-2'));
    await d.cluster.publish(id, 'node-1');
    await d.write(id, 4096, { byte: 0x01 });
    await d.end('node-2');
    await d.volumeIs(id, NexusStatus.Faulted);
    await d.back('node-2');
    const volume = await d.whole(id, 1);
    expect(volume.state?.target?.nodeId).toBe('node-1');
    expect(nodesOf(volume)).toEqual(['node-2']);
    // Made anew, not repaired: nothing was rebuilt.
    expect(await d.rebuilds(id)).toEqual([]);
    const device = await d.open(id);
    expect((await device.read(0, 4096)).equals(OLD)).toBe(true);
    await device.close();
  });
});
