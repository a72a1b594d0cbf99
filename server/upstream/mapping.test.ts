import { describe, expect, it } from 'vitest';
import * as engine from '@/gen/mayastor/v1/common';
import { IoStats } from '@/gen/mayastor/v1/stats';
import { BlockDevice } from '@/gen/v1/blockdevice/blockdevice';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import { Node } from '@/gen/v1/node/target_node';
import { Pool } from '@/gen/v1/pool/pool';
import { VolumeReplicaSnapshotState } from '@/gen/v1/snapshot/snapshot';
import { Volume, VolumeSnapshot } from '@/gen/v1/volume/volume';
import { blockDeviceModel, nodeModel, poolModel, snapshotModel, volumeModel } from './core-mapping';
import { engineNexusModel, ioTotals } from './engine-mapping';
import { childReason, coreNexusStatus, engineNexusStatus, poolStatus, specStatus } from './enums';

const VOLUME = '11111111-1111-4111-8111-111111111111';
const NEXUS = '22222222-2222-4222-8222-222222222222';
const REPLICA = '33333333-3333-4333-8333-333333333333';
/** Over the wire and back, so that what is tested is what the decoder gives. */
const wire = <T>(codec: { encode(m: T): { finish(): Uint8Array }; decode(b: Uint8Array): T }, message: T): T =>
  codec.decode(codec.encode(message).finish());

describe('enums', () => {
  it('keeps Shutdown and ShuttingDown apart: the two APIs number them the other way round', () => {
    expect([coreNexusStatus(4), coreNexusStatus(5)]).toEqual(['shutdown', 'shutting-down']);
    expect([engineNexusStatus(4), engineNexusStatus(5)]).toEqual(['shutting-down', 'shutdown']);
  });

  it('keeps the number of a value that a newer server sends', () => {
    expect(poolStatus(7)).toBe('unrecognized:7');
    expect(childReason(99)).toBe('unrecognized:99');
    const decoded = Volume.decode(new Uint8Array([0x12, 0x02, 0x18, 42])); // state { status: 42 }
    expect(coreNexusStatus(decoded.state?.status ?? -1)).toBe('unrecognized:42');
  });

  it('takes zero for the live value that it is', () => {
    expect(specStatus(0)).toBe('creating');
  });
});

describe('numbers', () => {
  it('keeps a pool of 2^60 bytes exact', () => {
    const capacity = (1n << 60n) + 1n;
    const pool = Pool.fromPartial({ state: { nodeId: 'n', poolId: 'p', capacity, used: capacity - 2n, status: 1 } });
    expect(poolModel(wire(Pool, pool))?.state).toMatchObject({ capacityBytes: capacity, usedBytes: capacity - 2n });
  });

  it('keeps counters near 2^63 and above exact', () => {
    const stats = IoStats.fromPartial({
      readLatencyTicks: (1n << 63n) - 1n,
      numReadOps: (1n << 64n) - 1n,
      tickRate: 2_000_000_001n,
    });
    expect(ioTotals(wire(IoStats, stats))).toMatchObject({
      readLatencyTicks: (1n << 63n) - 1n,
      readOps: (1n << 64n) - 1n,
      tickRate: 2_000_000_001n,
    });
  });

  it('P5: counts block devices in sectors of 512 bytes', () => {
    expect(blockDeviceModel(BlockDevice.fromPartial({ size: 2n })).sizeBytes).toBe(1024n);
  });
});

describe('absence', () => {
  it('leaves a pool without state unknown instead of empty', () => {
    const pool = poolModel(wire(Pool, Pool.fromPartial({ definition: { spec: { nodeId: 'n', poolId: 'p' } } })));
    expect(pool?.spec).toBeDefined();
    expect(pool?.state).toBeUndefined();
  });

  it('takes a pool that was not made through this control plane', () => {
    expect(poolModel(Pool.fromPartial({ state: { nodeId: 'n', poolId: 'p' } }))?.spec).toBeUndefined();
  });

  it('leaves committed bytes absent when agent-core does not know them', () => {
    const pool = poolModel(wire(Pool, Pool.fromPartial({ state: { nodeId: 'n', poolId: 'p', used: 0n } })));
    expect(pool?.state?.committedBytes).toBeUndefined();
    expect(pool?.state?.usedBytes).toBe(0n);
  });

  it('takes a volume without state for unknown', () => {
    const volume = volumeModel(wire(Volume, Volume.fromPartial({ definition: { spec: { uuid: VOLUME, size: 5n } } })));
    expect(volume).toMatchObject({ id: VOLUME, status: 'unknown', sizeBytes: 5n, replicaTopology: [] });
    expect(volume?.target).toBeUndefined();
  });

  it('counts a volume made thin as thin, which agent-core does not repeat in the metadata', () => {
    const made = (thin: boolean, asThin?: boolean) =>
      volumeModel(
        wire(Volume, Volume.fromPartial({ definition: { spec: { uuid: VOLUME, thin }, metadata: { asThin } } })),
      )?.asThin;
    expect([made(true), made(false), made(false, true)]).toEqual([true, false, true]);
  });

  it('takes no row from an object without an identity', () => {
    expect(volumeModel(Volume.fromPartial({ definition: { spec: { uuid: 'not-a-uuid' } } }))).toBeUndefined();
    expect(nodeModel(Node.fromPartial({}))).toBeUndefined();
    expect(poolModel(Pool.fromPartial({}))).toBeUndefined();
  });

  it('takes the rebuild progress of -1 for no job', () => {
    const child = engine.Child.fromPartial({ uri: 'bdev:///x', rebuildProgress: -1, state: 1 });
    const nexus = engine.Nexus.fromPartial({ uuid: NEXUS, name: VOLUME, children: [child], state: 1 });
    const model = engineNexusModel(wire(engine.Nexus, nexus), 'io-1');
    expect(model?.children[0]?.rebuildProgress).toBeUndefined();
    expect(model).toMatchObject({ volume: VOLUME, status: 'online', node: 'io-1' });
  });
});

describe('pitfalls', () => {
  it('P3: leaves unknown what a node that is away took along: a pool’s figures, a copy’s state and space, the target', () => {
    const spec = { uuid: VOLUME, numReplicas: 1, target: { nodeId: 'n', nexusId: NEXUS } };
    const state = {
      uuid: VOLUME,
      status: NexusStatus.Unknown,
      replicaTopology: { [REPLICA]: { node: 'n', pool: 'p', status: 0 } },
    };
    const volume = volumeModel(wire(Volume, Volume.fromPartial({ definition: { spec }, state })));
    expect(volume).toMatchObject({ status: 'unknown', target: { node: 'n', nexus: NEXUS } });
    expect(volume?.nexus).toBeUndefined();
    expect(volume?.replicaTopology).toMatchObject([{ id: REPLICA, node: 'n', pool: 'p', status: 'unknown' }]);
    expect(volume?.replicaTopology[0]?.usage).toBeUndefined();
    const pool = poolModel(wire(Pool, Pool.fromPartial({ definition: { spec: { nodeId: 'n', poolId: 'p' } } })));
    expect(pool?.state).toBeUndefined();
  });

  it('P4: takes a copy without space for degraded, with its reason, and not for faulted', () => {
    const child = engine.Child.fromPartial({
      uri: 'bdev:///x',
      state: engine.ChildState.CHILD_STATE_DEGRADED,
      stateReason: engine.ChildStateReason.CHILD_STATE_REASON_NO_SPACE,
      rebuildProgress: -1,
    });
    const nexus = engine.Nexus.fromPartial({ uuid: NEXUS, name: VOLUME, children: [child], state: 2 });
    expect(engineNexusModel(wire(engine.Nexus, nexus), 'io-1')?.children).toMatchObject([
      { state: 'degraded', reason: 'no-space' },
    ]);
  });

  it('P5: keeps the disk that was given and the one that is used apart', () => {
    const definition = { spec: { nodeId: 'n', poolId: 'p', disks: ['/dev/sdb'] } };
    const state = { nodeId: 'n', poolId: 'p', disksUri: ['aio:///dev/sdb?blk_size=512&uuid=1'], status: 1 };
    const pool = poolModel(wire(Pool, Pool.fromPartial({ definition, state })));
    expect(pool?.spec?.disks).toEqual(['/dev/sdb']);
    expect(pool?.state?.disks).toEqual(['aio:///dev/sdb?blk_size=512&uuid=1']);
  });

  it('P11: tells a snapshot that can be restored by its status, whatever it says of being ready as source', () => {
    const SNAPSHOT = '55555555-5555-4555-8555-555555555555';
    const replica = {
      online: VolumeReplicaSnapshotState.fromPartial({
        state: { $case: 'online', value: { uuid: REPLICA, readyAsSource: false } },
      }),
      offline: VolumeReplicaSnapshotState.fromPartial({ state: { $case: 'offline', value: { uuid: REPLICA } } }),
    };
    const model = (specStatusOf: number, state: 'online' | 'offline', allocatedSize: bigint) =>
      snapshotModel(
        wire(
          VolumeSnapshot,
          VolumeSnapshot.fromPartial({
            spec: { snapshotId: SNAPSHOT, volumeId: VOLUME },
            meta: { specStatus: specStatusOf, size: 8n, specSize: 5n },
            state: { state: { uuid: SNAPSHOT, allocatedSize }, replicas: [replica[state]] },
          }),
        ),
      );
    expect(model(1, 'online', 4n)).toMatchObject({ specStatus: 'created', specSizeBytes: 5n, allocatedBytes: 4n });
    expect(model(0, 'online', 4n)).toMatchObject({ specStatus: 'creating', createdAt: undefined });
    // With every replica away the 0 on the wire is no figure.
    expect(model(1, 'offline', 0n)?.allocatedBytes).toBeUndefined();
  });

  it('P14: takes a node that has not registered since agent-core started for unknown, not for online', () => {
    const node = nodeModel(wire(Node, Node.fromPartial({ nodeId: 'n', spec: { nodeId: 'n', endpoint: 'h:1' } })));
    expect(node).toMatchObject({ id: 'n', status: undefined });
  });
});

describe('hostile replies', () => {
  it('cuts names at 4 KiB', () => {
    const node = nodeModel(Node.fromPartial({ nodeId: 'x'.repeat(1_000_000) }));
    expect(node?.id.length).toBeLessThanOrEqual(4097);
  });

  it('keeps labels in a map of their own, whatever their names', () => {
    const labels = { value: 'v', constructor: 'c', toString: 't' };
    const spec = { uuid: VOLUME, labels: { value: labels } };
    const volume = volumeModel(wire(Volume, Volume.fromPartial({ definition: { spec } })));
    expect(volume?.labels.get('constructor')).toBe('c');
    expect(volume?.labels.get('value')).toBe('v');
  });

  it('leaves out replicas without a uuid and keeps the others in a stable order', () => {
    const other = '44444444-4444-4444-8444-444444444444';
    const replicaTopology = { [other]: { status: 1 }, nonsense: { status: 1 }, [REPLICA]: { status: 0 } };
    const state = { uuid: VOLUME, status: NexusStatus.Online, replicaTopology };
    const volume = volumeModel(wire(Volume, Volume.fromPartial({ definition: { spec: { uuid: VOLUME } }, state })));
    expect(volume?.replicaTopology.map((r) => [r.id, r.status])).toEqual([
      [REPLICA, 'unknown'],
      [other, 'online'],
    ]);
  });
});
