import { describe, expect, it } from 'vitest';
import type { IoRate } from '@/contract/io';
import type { Volume, VolumeReplica } from '@/contract/volume';
import { ioPath, rateWords } from './path-model';

const rate = (iops: number): IoRate => ({
  readIops: iops,
  writeIops: 0,
  readBytesPerSecond: iops * 4096,
  writeBytesPerSecond: 0,
  readLatencyUs: 100,
  writeLatencyUs: null,
});
const AT = '2026-01-01T00:00:00.000Z';
const fresh = { source: 'io-engine' as const, node: 'io-1', at: AT, stale: false };
const old = { ...fresh, stale: true };

const copy = (over: Partial<VolumeReplica> = {}): VolumeReplica =>
  ({
    id: 'aaaaaaaa-0000-4000-8000-000000000001',
    uri: null,
    status: 'online',
    pool: { id: 'pool-1', status: 'online', disks: ['aio:///dev/disk-1'] },
    node: { id: 'io 1', status: 'online' },
    local: false,
    child: {
      uri: 'nvmf://x',
      state: 'online',
      reason: 'none',
      faultedAt: null,
      hasIoLog: null,
      rebuildProgress: null,
      observed: fresh,
    },
    sentence: 'Complete and in use.',
    sizeBytes: '1',
    allocatedBytes: '1',
    allocatedSnapshotBytes: '0',
    io: rate(10),
    poolIo: rate(20),
    nodeIo: rate(30),
    observed: fresh,
    ...over,
  }) as VolumeReplica; // the ids are branded
const volume = (replicas: VolumeReplica[], over: object = {}): Volume =>
  ({
    row: { published: true, targetNode: 'io-1' },
    appNodes: [],
    target: { node: 'io-1', status: 'online', io: rate(12), observed: fresh },
    targetUnknown: false,
    replicas,
    ...over,
  }) as unknown as Volume; // what the path does not look at is left out
const lane = (r: VolumeReplica, over: object = {}) => ioPath('c', volume([r], over)).lanes[0]?.hops ?? [];
const hop = (hops: ReturnType<typeof lane>, kind: string) => hops.find((h) => h.kind === kind);

describe('the I/O path', () => {
  it('goes from the application to the disk, with a rate and a way on at every hop', () => {
    const { front } = ioPath('c', volume([copy()]));
    const hops = [...front, ...lane(copy())];
    expect(hops.map((h) => h.kind)).toEqual([
      'Application node',
      'Target (nexus)',
      'Child',
      'Replica',
      'Pool',
      'Disk',
      'Node',
    ]);
    for (const h of hops) {
      expect(h.href, h.kind).toMatch(/^(#|\/c\/c\/(nodes|pools)\/)/);
      expect(rateWords(h.rate), h.kind).toMatch(/IOPS/);
      expect(h.tone, h.kind).toBe('ok');
    }
    expect(hop(hops, 'Node')?.href).toBe('/c/c/nodes/io%201');
  });

  it('names the reason of a child and suspects the disk whose I/O failed', () => {
    const child = { ...copy().child, state: 'faulted', reason: 'io-failure' } as VolumeReplica['child'];
    const hops = lane(copy({ child }));
    expect(hop(hops, 'Child')).toMatchObject({ tone: 'bad', state: 'Faulted', detail: 'I/O failure' });
    expect(hop(hops, 'Disk')).toMatchObject({ tone: 'warn', state: 'Suspected' });
    const away = lane(
      copy({ child: { ...copy().child, state: 'faulted', reason: 'timed-out' } as VolumeReplica['child'] }),
    );
    expect(hop(away, 'Disk')).toMatchObject({ tone: 'ok' });
  });

  it('is unknown and not green behind a silent node, with the age of what was read last', () => {
    const silent = copy({
      status: 'unknown',
      pool: { id: 'pool-1', status: 'unknown', disks: ['aio:///dev/disk-1'] },
      node: { id: 'io-1', status: 'unknown' },
      io: null,
      poolIo: null,
      nodeIo: null,
      observed: old,
    });
    const hops = lane(silent, { target: null, targetUnknown: true });
    for (const kind of ['Replica', 'Pool', 'Disk', 'Node']) {
      expect(hop(hops, kind), kind).toMatchObject({ tone: 'unknown', asOf: AT });
      expect(rateWords(hop(hops, kind)?.rate), kind).toBe('rate unknown');
    }
  });

  it('has no target and no children while the volume is not published', () => {
    const path = ioPath('c', volume([copy({ child: null })], { row: { published: false }, target: null }));
    expect(path.front).toEqual([]);
    expect(path.lanes[0]?.hops.map((h) => h.kind)).toEqual(['Replica', 'Pool', 'Disk', 'Node']);
  });
});
