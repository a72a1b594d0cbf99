import { describe, expect, it } from 'vitest';
import { NexusStatus, RebuildJobState } from '@/gen/v1/nexus/nexus';
import { clusterPerTest, type Driver, kindOf, MIB, nodesOf, until } from './driver';

const start = clusterPerTest();
const WINDOW_MS = 3_600_000;

/** A published volume of three copies with 12 MiB in it, on node-1 with its target, node-2 and node-3; node-4 is spare. */
async function published(d: Driver): Promise<string> {
  const hasSpare = d.cluster.engines.has('node-4');
  if (hasSpare) await d.cordon('node-4', 'later');
  const id = await d.volume(3);
  if (hasSpare) await d.uncordon('node-4', 'later');
  await d.cluster.publish(id, 'node-1');
  await d.write(id, 12 * MIB);
  return id;
}

/** What the running rebuild of a node's replica says of itself. */
async function rebuildOn(d: Driver, id: string, node: string) {
  const replica = (await d.replicas(id)).find((candidate) => candidate.nodeId === node);
  const child = (await d.children(id)).find(({ uri }) => uri.includes(replica?.replicaId ?? 'none'));
  return child && d.rebuildStats(id, child.uri);
}

describe('a copy that is back', () => {
  it('A52: within the window is rebuilt in part, from what it missed', async () => {
    const d = await start({ nodes: 3, timings: { faultedChildWaitMs: WINDOW_MS } });
    const id = await published(d);
    const before = (await d.replicas(id)).map((replica) => replica.replicaId).toSorted();
    await d.kill('node-2');
    await d.write(id, 2 * MIB, { at: 4 * MIB, byte: 0x11 });
    await d.childLost(id, 3);
    await d.start('node-2');
    await d.whole(id, 3);
    expect((await d.replicas(id)).map((replica) => replica.replicaId).toSorted()).toEqual(before);
    const records = await d.rebuilds(id);
    expect(records).toMatchObject([{ isPartial: true, state: RebuildJobState.Completed }]);
    expect(Number(records[0]?.blocksTransferred) * 512).toBe(2 * MIB);
  });

  it('A52: later is given up: another takes its place and is rebuilt in full', async () => {
    const d = await start({ nodes: 4, timings: { faultedChildWaitMs: 100 } });
    const id = await published(d);
    await d.kill('node-2');
    await d.write(id, MIB, { byte: 0x11 });
    await until('a rebuild has ended', async () => (await d.rebuilds(id)).length > 0);
    expect(nodesOf(await d.whole(id, 3)).toSorted()).toEqual(['node-1', 'node-3', 'node-4']);
    expect(await d.rebuilds(id)).toMatchObject([{ isPartial: false, state: RebuildJobState.Completed }]);
    // Back after all: what it holds is old, and goes.
    await d.back('node-2');
    await until('the old copy is collected', async () => (await d.cluster.specs()).replicas.length === 3);
  });

  it('A53: and whose node dies in its partial rebuild is replaced in full, before the window ends', async () => {
    const d = await start({
      nodes: 4,
      timings: { faultedChildWaitMs: WINDOW_MS },
      rebuildBytesPerSecond: 4 * MIB,
    });
    const id = await published(d);
    await d.kill('node-2');
    await d.write(id, 12 * MIB, { byte: 0x11 });
    await d.childLost(id, 3);
    await d.start('node-2');
    await until('a partial rebuild runs', async () => (await rebuildOn(d, id, 'node-2'))?.isPartial === true);
    await d.kill('node-2');
    const full = await until('a rebuild runs elsewhere', () => rebuildOn(d, id, 'node-4'));
    expect(full.isPartial).toBe(false);
    expect(nodesOf(await d.get(id)).toSorted()).toEqual(['node-1', 'node-3', 'node-4']);
  });

  it('A53: is rebuilt in full, as is one for the target’s, when the target’s node dies in the partial rebuild', async () => {
    const d = await start({
      nodes: 4,
      timings: { faultedChildWaitMs: WINDOW_MS },
      rebuildBytesPerSecond: 4 * MIB,
    });
    const id = await published(d);
    await d.kill('node-2');
    await d.write(id, 12 * MIB, { byte: 0x11 });
    await d.childLost(id, 3);
    await d.start('node-2');
    await until('a partial rebuild runs', async () => (await rebuildOn(d, id, 'node-2'))?.isPartial === true);
    await d.lose('node-1');
    expect((await d.republish(id)).state?.target?.children).toHaveLength(1);
    for (const node of ['node-2', 'node-4']) {
      const full = await until(`a rebuild runs on ${node}`, () => rebuildOn(d, id, node));
      expect(full.isPartial).toBe(false);
    }
    expect(nodesOf(await d.get(id)).toSorted()).toEqual(['node-2', 'node-3', 'node-4']);
    const device = await d.open(id);
    expect((await device.read(0, MIB)).equals(Buffer.alloc(MIB, 0x11))).toBe(true);
    await device.close();
  });

  it('P10: has no history any more when its target is gone', async () => {
    const d = await start({ nodes: 2 });
    const id = await d.volume(1);
    await d.cluster.publish(id);
    await d.cluster.setReplicas(id, 2);
    await d.whole(id, 2);
    expect(await d.rebuilds(id)).toHaveLength(1);
    await d.cluster.unpublish(id);
    await d.cluster.publish(id);
    expect(await d.rebuilds(id)).toEqual([]);
  });

  it('P10: of an unclean target is one child at first, all others are rebuilt in full', async () => {
    const d = await start({ nodes: 3, timings: { faultedChildWaitMs: WINDOW_MS } });
    const id = await published(d);
    await d.lose('node-1');
    await d.start('node-1');
    await d.whole(id, 3);
    const records = await d.rebuilds(id);
    expect(records.map((record) => record.isPartial)).toEqual([false, false]);
  });
});

describe('the limit of rebuilds', () => {
  it('A54: keeps copies from being added', async () => {
    const d = await start({ nodes: 4, core: { maxRebuilds: 1 }, rebuildBytesPerSecond: MIB });
    const ids = [await d.volume(2), await d.volume(2)];
    for (const id of ids) {
      await d.cluster.publish(id);
      await d.write(id, 12 * MIB);
    }
    const [first = '', second = ''] = ids;
    await d.cluster.setReplicas(first, 3);
    await until('its rebuild runs', async () => (await d.get(first)).state?.target?.rebuilds === 1);
    expect(await kindOf(() => d.cluster.setReplicas(second, 3))).toBe('ResourceExhausted');
    const refused = await d.get(second);
    expect(refused.definition?.spec?.numReplicas).toBe(2);
    expect(refused.state).toMatchObject({ status: NexusStatus.Online, target: { rebuilds: 0 } });
    expect(nodesOf(refused)).toHaveLength(2);
  });

  it('A54: keeps lost copies from being replaced', async () => {
    const d = await start({ nodes: 3, core: { maxRebuilds: 0 }, timings: { faultedChildWaitMs: 100 } });
    const id = await d.volume(2);
    const [target = '', other = ''] = nodesOf(await d.get(id));
    await d.cluster.publish(id, target);
    await d.lose(other);
    await until('the lost copy is given up', async () => (await d.children(id)).length === 1);
    await d.passes(3);
    const volume = await d.get(id);
    expect(volume.state).toMatchObject({ status: NexusStatus.Degraded, target: { rebuilds: 0 } });
    expect(volume.state?.target?.children).toHaveLength(1);
    expect(nodesOf(volume)).toEqual([target]);
  });
});
