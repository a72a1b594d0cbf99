import { describe, expect, it } from 'vitest';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { clusterPerTest, type Driver, kindOf, nodesOf, onNodes, until } from './driver';

const start = clusterPerTest();

const targetOf = async (d: Driver, id: string) => (await d.get(id)).definition?.spec?.target?.nodeId;
const drained = (d: Driver, node: string) =>
  until(`${node} is drained`, async () => (await d.cordonStateOf(node)) === 'drained');

/** Two nodes, a volume on both with its target on node-1, and node-2 closed to anything new. */
async function stuck(): Promise<{ d: Driver; id: string }> {
  const d = await start({ nodes: 2 });
  const id = await d.volume(2);
  await d.cluster.publish(id, 'node-1');
  await d.cordon('node-2', 'service');
  return { d, id };
}

/** Cordon and drain labels of a node. */
async function labelsOf(d: Driver, node: string): Promise<{ cordon: string[]; drain: string[] }> {
  const state = (await d.cluster.node(node))?.spec?.cordonDrainState?.cordondrainstate;
  if (state === undefined) return { cordon: [], drain: [] };
  if (state.$case === 'cordoned') return { cordon: state.value.cordonLabels, drain: [] };
  return { cordon: state.value.cordonLabels, drain: state.value.drainLabels };
}

describe('drain', () => {
  it('A20: targets move to other nodes, and the node ends drained and without new work', async () => {
    const d = await start({ nodes: 3 });
    const ids = [await d.volume(2), await d.volume(2), await d.volume(3)];
    for (const id of ids) await d.cluster.publish(id, 'node-1');
    await d.drain('node-1', 'move');
    await drained(d, 'node-1');
    for (const id of ids) {
      expect((await d.volumeIs(id, NexusStatus.Online)).state?.target?.nodeId).not.toBe('node-1');
      await d.write(id, 4096);
    }
    expect((await labelsOf(d, 'node-1')).drain).toEqual(['move']);
    expect(await kindOf(() => d.volume(3))).toBe('ResourceExhausted');
    // No target comes either, asked for or not.
    const late = await d.volume(2);
    expect(await kindOf(() => d.cluster.publish(late, 'node-1'))).toBe('FailedPrecondition');
    expect((await d.cluster.publish(late)).state?.target?.nodeId).not.toBe('node-1');
  });

  it('A21: without another node it goes on draining with its targets, and finishes when there is one', async () => {
    const { d, id } = await stuck();
    await d.drain('node-1', 'move');
    await d.passes();
    expect(await d.cordonStateOf('node-1')).toBe('draining');
    expect(await targetOf(d, id)).toBe('node-1');
    await d.write(id, 4096);
    await d.uncordon('node-2', 'service');
    await drained(d, 'node-1');
    expect(await targetOf(d, id)).toBe('node-2');
    expect((await labelsOf(d, 'node-1')).drain).toEqual(['move']);
  });

  it('A21: a node lost while another drains leaves the targets there until it is back', async () => {
    const { d, id } = await stuck();
    await d.drain('node-1', 'move');
    await d.lose('node-2');
    await d.uncordon('node-2', 'service');
    await d.passes();
    expect(await d.cordonStateOf('node-1')).toBe('draining');
    expect(await targetOf(d, id)).toBe('node-1');
    await d.back('node-2');
    await drained(d, 'node-1');
    expect(await targetOf(d, id)).toBe('node-2');
  });

  it('A22: the drain label stops it, a foreign one changes nothing', async () => {
    const { d, id } = await stuck();
    await d.drain('node-1', 'move');
    expect(await kindOf(() => d.uncordon('node-1', 'foreign'))).toBe('FailedPrecondition');
    expect(await d.cordonStateOf('node-1')).toBe('draining');
    expect(await labelsOf(d, 'node-1')).toEqual({ cordon: [], drain: ['move'] });
    await d.uncordon('node-1', 'move');
    expect(await d.cordonStateOf('node-1')).toBe('none');
    // Now there would be room, but nobody asks for it any more.
    await d.uncordon('node-2', 'service');
    await d.passes();
    expect(await targetOf(d, id)).toBe('node-1');
  });

  it('A23: a cordon label is not taken again as a drain label, another is, and both stay', async () => {
    const d = await start({ nodes: 2 });
    const id = await d.volume(2);
    await d.cluster.publish(id, 'node-1');
    await d.cordon('node-1', 'x');
    expect(await kindOf(() => d.drain('node-1', 'x'))).toBe('FailedPrecondition');
    await d.passes();
    expect(await d.cordonStateOf('node-1')).toBe('cordoned');
    expect(await targetOf(d, id)).toBe('node-1');
    await d.drain('node-1', 'y');
    await drained(d, 'node-1');
    expect(await targetOf(d, id)).toBe('node-2');
    expect(await labelsOf(d, 'node-1')).toEqual({ cordon: ['x'], drain: ['y'] });
    // The last drain label gone, the cordon is left.
    await d.uncordon('node-1', 'y');
    expect(await d.cordonStateOf('node-1')).toBe('cordoned');
  });

  it('A24: it completes although the node restarts meanwhile', async () => {
    const { d, id } = await stuck();
    await d.drain('node-1', 'move');
    await d.lose('node-1');
    await d.back('node-1');
    expect(await d.cordonStateOf('node-1')).toBe('draining');
    await d.uncordon('node-2', 'service');
    await drained(d, 'node-1');
    expect(await targetOf(d, id)).toBe('node-2');
  });

  it('a second drain label is taken while it drains and afterwards, and undoes nothing', async () => {
    const { d, id } = await stuck();
    await d.drain('node-1', 'one');
    await d.drain('node-1', 'two');
    expect(await d.cordonStateOf('node-1')).toBe('draining');
    await d.uncordon('node-2', 'service');
    await drained(d, 'node-1');
    await d.drain('node-1', 'three');
    expect(await d.cordonStateOf('node-1')).toBe('drained');
    expect((await labelsOf(d, 'node-1')).drain.toSorted()).toEqual(['one', 'three', 'two']);
    expect(await targetOf(d, id)).toBe('node-2');
  });

  it('the target of a volume with one replica elsewhere moves to that replica, not to any node', async () => {
    const d = await start({ nodes: 3 });
    const ids = [await d.volume(1, onNodes('node-3')), await d.volume(1, onNodes('node-2'))];
    for (const id of ids) await d.cluster.publish(id, 'node-1');
    await d.drain('node-1', 'move');
    await drained(d, 'node-1');
    expect(await Promise.all(ids.map((id) => targetOf(d, id)))).toEqual(['node-3', 'node-2']);
  });

  it('P8: a label that is there already is refused by agent-core, where the plugin shrugs, and changes nothing', async () => {
    const { d } = await stuck();
    expect(await kindOf(() => d.cordon('node-2', 'service'))).toBe('FailedPrecondition');
    expect(await labelsOf(d, 'node-2')).toEqual({ cordon: ['service'], drain: [] });
    await d.drain('node-1', 'move');
    expect(await kindOf(() => d.drain('node-1', 'move'))).toBe('FailedPrecondition');
    expect(await kindOf(() => d.cordon('node-1', 'move'))).toBe('FailedPrecondition');
    expect(await d.cordonStateOf('node-1')).toBe('draining');
    await d.uncordon('node-2', 'service');
    await drained(d, 'node-1');
    expect(await kindOf(() => d.drain('node-1', 'move'))).toBe('FailedPrecondition');
    expect(await d.cordonStateOf('node-1')).toBe('drained');
    expect(await labelsOf(d, 'node-1')).toEqual({ cordon: [], drain: ['move'] });
  });

  it('P8: drained is not empty: replicas and the target of a single local one stay and serve', async () => {
    const d = await start({ nodes: 2 });
    const many = await d.volume(2);
    const single = await d.volume(1, onNodes('node-1'));
    const remote = await d.volume(1, onNodes('node-2'));
    for (const id of [many, single, remote]) await d.cluster.publish(id, 'node-1');
    await d.drain('node-1', 'move');
    await drained(d, 'node-1');
    expect(await targetOf(d, many)).toBe('node-2');
    expect(await targetOf(d, remote)).toBe('node-2');
    expect(await targetOf(d, single)).toBe('node-1');
    await d.write(single, 4096);
    expect(nodesOf(await d.get(many)).toSorted()).toEqual(['node-1', 'node-2']);
    expect(nodesOf(await d.get(single))).toEqual(['node-1']);
  });
});
