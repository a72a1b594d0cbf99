import { afterEach, describe, expect, it } from 'vitest';
import { LoopbackFabric } from '@/embedded/fabric/loopback-fabric';
import { Volume } from '@/gen/v1/volume/volume';
import { Workloads } from './workloads';

const MiB = 1024 ** 2;
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const volume = (uuid: string, isPublished: boolean) =>
  Volume.fromPartial({
    definition: {
      spec: {
        uuid,
        size: BigInt(64 * MiB),
        ...(isPublished && { target: { nodeId: 'n', nexusId: id(1) } }),
      },
    },
    state: { ...(isPublished && { target: { deviceUri: `nvmf://nowhere:1/nqn.${uuid}` } }) },
  });

/** A control plane of these volumes, which counts how often all of them were asked for. */
class Volumes {
  readonly all = new Map<string, Volume>();
  lists = 0;

  put(n: number, isPublished: boolean): void {
    this.all.set(id(n), volume(id(n), isPublished));
  }

  listVolumes = async () => {
    this.lists += 1;
    return [...this.all.values()];
  };

  findVolume = async (uuid: string) => this.all.get(uuid);
}

let workloads: Workloads;
afterEach(() => workloads.stop());

const start = (volumes: Volumes) => {
  workloads = new Workloads(new LoopbackFabric(), volumes, 1);
  workloads.auto = true;
  workloads.follow();
};

/** Awaits until so many volumes carry load. */
async function loads(count: number): Promise<string[]> {
  for (const end = Date.now() + 30_000; workloads.list().length !== count; ) {
    if (Date.now() > end) throw new Error(`${workloads.list().length} workloads, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return workloads.list().map((w) => w.volume);
}

describe('load that volumes get by themselves', () => {
  it('goes to those that are published, also later, and not to those that are left alone', async () => {
    const volumes = new Volumes();
    volumes.put(1, true);
    volumes.put(2, false);
    volumes.put(3, true);
    start(volumes);
    workloads.leaveAlone(id(3));
    expect(await loads(1)).toEqual([id(1)]);
    volumes.put(2, true);
    expect(await loads(2)).toEqual([id(1), id(2)]);
  });

  it('ends where the target is gone for good', async () => {
    const volumes = new Volumes();
    volumes.put(1, true);
    start(volumes);
    await loads(1);
    volumes.all.delete(id(1));
    await loads(0);
  });

  it('stops at a hundred', async () => {
    const volumes = new Volumes();
    for (let n = 1; n <= 150; n += 1) volumes.put(n, true);
    start(volumes);
    await loads(100);
    const { lists } = volumes;
    while (volumes.lists < lists + 2) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(workloads.list()).toHaveLength(100);
  });

  it('leaves out a volume of which others have all', async () => {
    const volumes = new Volumes();
    volumes.put(1, true);
    volumes.put(2, true);
    workloads = new Workloads(new LoopbackFabric(), volumes, 1);
    await workloads.look();
    workloads.reserve(id(1), 64 * MiB);
    workloads.auto = true;
    workloads.follow();
    expect(await loads(1)).toEqual([id(2)]);
  });
});
