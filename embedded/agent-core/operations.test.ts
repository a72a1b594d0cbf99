import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplyErrorKind as Kind } from '@/gen/v1/misc/common';
import { type CordonNodeReply, type DrainNodeReply, type LabelNodeReply, NodeStatus } from '@/gen/v1/node/target_node';
import type { DestroyPoolReply, PoolGrpcClient } from '@/gen/v1/pool/pool';
import type {
  CreateSnapshotReply,
  CreateSnapshotVolumeReply,
  DestroySnapshotReply,
  GetSnapshotsReply,
  GetVolumesReply,
  RepublishVolumeReply,
  ResizeVolumeReply,
  Volume,
} from '@/gen/v1/volume/volume';
import { CreateVolumeRequest, VolumeShareProtocol } from '@/gen/v1/volume/volume';
import { call, Replied, TestCluster, until, value } from './testing/test-cluster';

const MIB = 1024 * 1024;
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start({ nodes: 3 });
});
afterAll(async () => {
  await cluster.stop();
});

const idOf = (volume: Volume) => volume.definition?.spec?.uuid ?? '';
const make = async (replicas: bigint, more: Partial<CreateVolumeRequest> = {}) =>
  idOf(await cluster.createVolume({ replicas, size: BigInt(16 * MIB), ...more }));

/** Kind and name of the error that a request is answered with. */
async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Replied)
      return `${Kind[error.error.kind]} ${/^SvcError ?:: ?(\w+)/.exec(error.error.source)?.[1]}`;
    throw error;
  }
  return 'accepted';
}

const cordon = async (nodeId: string, label: string) =>
  value(await call<CordonNodeReply>((cb) => cluster.nodes.cordonNode({ nodeId, label }, cb)), 'node');
const uncordon = async (nodeId: string, label: string) =>
  value(await call<CordonNodeReply>((cb) => cluster.nodes.uncordonNode({ nodeId, label }, cb)), 'node');
const label = async (nodeId: string, labels: Record<string, string>, overwrite = false) =>
  value(
    await call<LabelNodeReply>((cb) => cluster.nodes.labelNode({ nodeId, label: { value: labels }, overwrite }, cb)),
    'node',
  );
const resize = async (uuid: string, bytes: number) =>
  value(
    await call<ResizeVolumeReply>((cb) => cluster.volumes.resizeVolume({ uuid, requestedSize: BigInt(bytes) }, cb)),
    'volume',
  );
const snapshot = async (volumeId: string, snapshotId: string) =>
  value(
    await call<CreateSnapshotReply>((cb) => cluster.volumes.createSnapshot({ volumeId, snapshotId }, cb)),
    'snapshot',
  );
const dropSnapshot = async (snapshotId: string) => {
  const reply = await call<DestroySnapshotReply>((cb) => cluster.volumes.destroySnapshot({ snapshotId }, cb));
  if (reply.error !== undefined) throw new Replied(reply.error);
};
const restore = async (sourceSnapshot: string, request: Partial<CreateVolumeRequest>) =>
  value(
    await call<CreateSnapshotVolumeReply>((cb) =>
      cluster.volumes.createSnapshotVolume(
        {
          sourceSnapshot,
          volume: CreateVolumeRequest.fromPartial({
            uuid: randomUUID(),
            size: BigInt(16 * MIB),
            replicas: 2n,
            thin: true,
            policy: { selfHeal: true },
            ...request,
          }),
        },
        cb,
      ),
    ),
    'volume',
  );
const dropPool = async (pools: PoolGrpcClient, poolId: string, nodeId: string) => {
  const reply = await call<DestroyPoolReply>((cb) => pools.destroyPool({ poolId, nodeId }, cb));
  if (reply.reply?.$case === 'error') throw new Replied(reply.reply.value);
};

describe('what is refused, and how', () => {
  it.each<[string, string, () => Promise<unknown>]>([
    ['an unknown volume', 'NotFound VolumeNotFound', () => cluster.getVolume(randomUUID())],
    [
      'a volume id that exists',
      'AlreadyExists AlreadyExists',
      async () => {
        const uuid = await make(1n);
        await make(1n, { uuid });
      },
    ],
    ['more replicas than pools', 'ResourceExhausted NotEnoughResources', () => make(4n)],
    [
      'fewer allowed nodes than replicas',
      'InvalidArgument InvalidArguments',
      () =>
        make(2n, {
          topology: {
            node: { topology: { $case: 'explicit', value: { allowedNodes: ['node-1'], preferredNodes: [] } } },
          },
        }),
    ],
    [
      'beyond the caller limit',
      'CapacityLimitExceeded CapacityLimitExceeded',
      () => make(1n, { clusterCapacityLimit: 1n }),
    ],
    [
      'unpublishing an unpublished volume',
      'NotPublished VolumeNotPublished',
      async () => cluster.unpublish(await make(1n)),
    ],
    [
      'publishing twice',
      'AlreadyPublished VolumeAlreadyPublished',
      async () => {
        const id = await make(1n);
        await cluster.publish(id);
        await cluster.publish(id);
      },
    ],
    [
      'the count it has',
      'ReplicaCountAchieved ReplicaCountAchieved',
      async () => cluster.setReplicas(await make(1n), 1),
    ],
    ['no replicas', 'FailedPrecondition LastReplica', async () => cluster.setReplicas(await make(1n), 0)],
    ['two more at once', 'ReplicaChangeCount ReplicaChangeCount', async () => cluster.setReplicas(await make(1n), 3)],
    [
      'one more without a pool',
      'ResourceExhausted NotEnoughResources',
      async () => cluster.setReplicas(await make(3n), 4),
    ],
    [
      'one replica in an affinity group',
      'FailedPrecondition RestrictedReplicaCount',
      async () => cluster.setReplicas(await make(2n, { affinityGroup: { name: 'group' } }), 1),
    ],
    ['the same size', 'NotAcceptable VolumeResizeSize', async () => resize(await make(1n), 16 * MIB)],
    [
      'a size without room',
      'ResourceExhausted ResizeReplError',
      async () => resize(await make(1n, { thin: false }), 4096 * MIB),
    ],
    [
      'a cordon label twice',
      'FailedPrecondition CordonLabel',
      async () => {
        await cordon('node-1', 'twice');
        await cordon('node-1', 'twice').finally(() => uncordon('node-1', 'twice'));
      },
    ],
    ['an absent cordon label', 'FailedPrecondition UncordonLabel', () => uncordon('node-1', 'absent')],
    ['an unknown node', 'NotFound NodeNotFound', () => cordon('nowhere', 'x')],
    [
      'the same node label',
      'AlreadyExists LabelsExists',
      async () => {
        await label('node-1', { a: '1' }, true);
        await label('node-1', { a: '1' });
      },
    ],
    [
      'another value of a node label',
      'FailedPrecondition LabelsExists',
      async () => {
        await label('node-1', { a: '1' }, true);
        await label('node-1', { a: '2' });
      },
    ],
    [
      'a pool name that exists',
      'AlreadyExists AlreadyExists',
      async () => value(await cluster.createPoolReply('node-2', 'pool-1', ['/x']), 'pool'),
    ],
    [
      'a pool of two disks',
      'InvalidArgument InvalidPoolDeviceNum',
      async () => value(await cluster.createPoolReply('node-1', 'p', ['/x', '/y']), 'pool'),
    ],
    [
      'a pool on a missing disk',
      'NotFound GrpcRequestError',
      async () => value(await cluster.createPoolReply('node-1', 'p', ['/nowhere/disk']), 'pool'),
    ],
    [
      'a pool in use',
      'InUse InUse',
      async () => {
        await make(3n);
        await dropPool(cluster.pools, 'pool-1', 'node-1');
      },
    ],
    ['an unknown snapshot to restore', 'NotFound VolSnapshotNotFound', () => restore(randomUUID(), {})],
    [
      'a snapshot beyond the limit',
      'OutOfRange SnapshotMaxLimit',
      async () => {
        const id = await make(1n, { maxSnapshots: 1 });
        await snapshot(id, randomUUID());
        await snapshot(id, randomUUID());
      },
    ],
  ])('%s: %s', async (_what, expected, work) => {
    expect(await refusal(work)).toBe(expected);
  });

  it('in the words that agent-core 2.7.1 uses: the name before the sentence, an io-engine as a printed status', async () => {
    const errorOf = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error: unknown) => (error instanceof Replied ? error.error : error),
      );
    const id = await make(1n);
    expect(await errorOf(cluster.unpublish(id))).toMatchObject({
      source: `SvcError :: VolumeNotPublished: Volume '${id}' is not published`,
      extra: '',
    });
    expect(await errorOf(make(1n, { uuid: id }))).toMatchObject({
      source: `SvcError :: AlreadyExists: Volume Resource id ${id} already exists`,
      extra: `id: ${id}`,
    });
    const missing = async () => value(await cluster.createPoolReply('node-1', 'gone', ['/nowhere/disk']), 'pool');
    expect(await errorOf(missing())).toMatchObject({
      source: 'SvcError::GrpcRequestError',
      extra: expect.stringMatching(
        /^create_pool::status: NotFound, message: "Failed to create a BDEV '\/nowhere\/disk'", /,
      ),
    });
    // The pool is forgotten at once: it could never be made.
    expect((await cluster.specs()).pools.map((pool) => pool.spec?.poolId)).not.toContain('gone');
  });

  it('a bad uuid by gRPC status INVALID_ARGUMENT', async () => {
    await expect(cluster.destroy('no-uuid')).rejects.toMatchObject({ code: 3 });
  });
});

describe('volumes', () => {
  it('tell of the last target and of thin provisioning by a snapshot as agent-core 2.7.1 does', async () => {
    const id = await make(1n);
    const metadata = async () => (await cluster.getVolume(id)).definition?.metadata;
    expect(await metadata()).toMatchObject({ targetConfig: undefined, publishContext: undefined, asThin: undefined });
    const published = await cluster.publish(id);
    expect(published.definition?.metadata).toMatchObject({ publishContext: { map: {} }, asThin: undefined });
    await snapshot(id, randomUUID());
    const after = await cluster.unpublish(id);
    expect(after.definition?.spec?.target).toBeUndefined();
    expect(after.definition?.metadata).toMatchObject({
      targetConfig: { target: { nexusId: published.state?.target?.uuid } },
      publishContext: undefined,
      asThin: true,
    });
    await cluster.destroy(id);
  });

  it('grows offline and online, target included', async () => {
    const id = await make(2n);
    await resize(id, 24 * MIB);
    await cluster.publish(id);
    const grown = await resize(id, 32 * MIB);
    expect(grown.state?.size).toBe(BigInt(32 * MIB));
    expect(grown.definition?.spec?.size).toBe(BigInt(32 * MIB));
  });

  it('moves a target and keeps the NQN while the nexus uuid changes', async () => {
    const id = await make(2n);
    const before = await cluster.publish(id);
    const moved = value(
      await call<RepublishVolumeReply>((cb) =>
        cluster.volumes.republishVolume(
          {
            uuid: id,
            share: VolumeShareProtocol.Nvmf,
            reuseExisting: false,
            frontendNode: '',
            reuseExistingFallback: false,
          },
          cb,
        ),
      ),
      'volume',
    );
    const [was, is] = [before.state?.target, moved.state?.target];
    expect(is?.nodeId).not.toBe(was?.nodeId);
    expect(is?.uuid).not.toBe(was?.uuid);
    expect(is?.deviceUri.split('/').at(-1)).toBe(was?.deviceUri.split('/').at(-1));
    expect(is?.children).toHaveLength(2);
  });

  it('pages by offset, and gives an empty page with the same token for max_entries 0', async () => {
    await make(1n);
    await make(1n);
    const page = (maxEntries: bigint, startingToken: bigint) =>
      call<GetVolumesReply>((cb) =>
        cluster.volumes.getVolumes({ ignoreNotfound: false, pagination: { maxEntries, startingToken } }, cb),
      );
    const first = value(await page(1n, 0n), 'volumes');
    expect(first).toMatchObject({ nextToken: 1n });
    expect(first.entries).toHaveLength(1);
    expect(value(await page(0n, 1n), 'volumes')).toMatchObject({ entries: [], nextToken: 1n });
    expect(value(await page(1000n, 500n), 'volumes')).toEqual({ entries: [], nextToken: undefined });
  });
});

describe('snapshots', () => {
  it('are taken published and unpublished, restored, and outlive their volume', async () => {
    const id = await make(2n);
    const cold = randomUUID();
    const hot = randomUUID();
    expect((await snapshot(id, cold)).meta?.specStatus).toBe(1);
    await cluster.publish(id);
    const taken = await snapshot(id, hot);
    expect(taken.meta?.transactions['1']?.snapshots).toHaveLength(2);
    expect(taken.state?.replicas.map((r) => r.state?.$case)).toEqual(['online', 'online']);
    expect(await refusal(() => snapshot(id, hot))).toBe('AlreadyExists AlreadyExists');
    expect(await refusal(() => restore(hot, { thin: false }))).toBe('InvalidArgument ClonedSnapshotVolumeThin');
    expect(await refusal(() => restore(hot, { size: 1n }))).toBe('OutOfRange ClonedSnapshotVolumeSize');
    expect(await refusal(() => restore(hot, { replicas: 3n }))).toBe(
      'FailedPrecondition InsufficientSnapshotsForClone',
    );
    const clone = await restore(hot, {});
    expect(clone.definition?.spec?.contentSource?.volumeContentSource?.value.snapshot).toBe(hot);
    await cluster.destroy(id);
    const left = value(
      await call<GetSnapshotsReply>((cb) =>
        cluster.volumes.getSnapshots(
          { ignoreNotfound: false, filter: { $case: 'volume', value: { volumeId: id } } },
          cb,
        ),
      ),
      'response',
    );
    expect(left.snapshots).toHaveLength(2);
    expect(left.snapshots.find((s) => s.spec?.snapshotId === hot)?.meta?.numRestores).toBe(1);
    await dropSnapshot(cold);
    await dropSnapshot(hot);
    await cluster.destroy(idOf(clone));
  });
});

describe('nodes', () => {
  it('get no replicas while cordoned', async () => {
    await cordon('node-1', 'maintenance');
    expect(await refusal(() => make(3n))).toBe('ResourceExhausted NotEnoughResources');
    await uncordon('node-1', 'maintenance');
    expect(await refusal(() => make(3n))).toBe('accepted');
  });

  it('are drained of targets, and only of targets', async () => {
    const id = await make(2n);
    await cluster.publish(id, 'node-2');
    value(
      await call<DrainNodeReply>((cb) => cluster.nodes.drainNode({ nodeId: 'node-2', label: 'drain' }, cb)),
      'node',
    );
    await until('drained', async () => {
      const node = await cluster.node('node-2');
      return node?.spec?.cordonDrainState?.cordondrainstate?.$case === 'drained';
    });
    const volume = await cluster.getVolume(id);
    expect(volume.definition?.spec?.target?.nodeId).not.toBe('node-2');
    expect(volume.state?.status).toBe(1);
    await uncordon('node-2', 'drain');
  });

  it('that hang do not hold up the others', async () => {
    const id = await make(1n, {
      topology: {
        node: { topology: { $case: 'explicit', value: { allowedNodes: ['node-1'], preferredNodes: [] } } },
      },
    });
    cluster.engine('node-3').faults.hang(true);
    await until('node-3 is away', () => cluster.isAway('node-3'));
    const start = Date.now();
    await cluster.publish(id, 'node-1');
    expect(Date.now() - start).toBeLessThan(1_000);
    cluster.engine('node-3').faults.hang(false);
    await until('node-3 online', async () => (await cluster.node('node-3'))?.state?.status === NodeStatus.Online);
  });
});
