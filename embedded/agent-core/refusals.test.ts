import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplyErrorKind as Kind, type ReplyError, ResourceKind as Resource } from '@/gen/v1/misc/common';
import { CreateVolumeRequest, VolumeShareProtocol } from '@/gen/v1/volume/volume';
import { TestCluster } from './testing/test-cluster';

/**
 * Refusals as an agent-core 2.7.1 of Mayastor gave them to the same requests over the same io-engines: kind, resource,
 * the name at the head of `source`, and what stands in `extra`.
 */

const MIB = 1024 * 1024;
const NIL = '00000000-0000-0000-0000-000000000000';
let cluster: TestCluster;
let published: string;

beforeAll(async () => {
  cluster = await TestCluster.start({ nodes: 3, timings: { guardRetryMs: 200 } });
  const made = await cluster.createVolume({ replicas: 2n, size: BigInt(16 * MIB) });
  published = made.definition?.spec?.uuid ?? '';
  await cluster.publish(published, 'node-1');
});
afterAll(() => cluster.stop());

interface Reply {
  reply?: { $case: string; value: unknown } | undefined;
  error?: ReplyError | undefined;
}
type Clients = Pick<TestCluster, 'volumes' | 'nodes' | 'pools' | 'nexuses' | 'replicas'>;
type Ask = (c: Clients, answered: (error: { code: number } | null, reply: Reply) => void) => unknown;

/** A refusal in one line; `ok` without one. */
async function lineOf(ask: Ask): Promise<string> {
  const { error, reply } = await new Promise<{ error: { code: number } | null; reply: Reply }>((resolve) =>
    ask(cluster, (e, r) => resolve({ error: e, reply: r })),
  );
  if (error !== null) return `status ${status[error.code]}`;
  const inner = reply.reply?.$case === 'error' ? (reply.reply.value as ReplyError) : reply.error; // the case says so
  if (inner === undefined) return 'ok';
  const { kind, resource, source, extra } = inner;
  return [Kind[kind], Resource[resource], /^SvcError ?:: ?(\w+)/.exec(source)?.[1] ?? '-', extra].join(' ').trim();
}

const volume = (more: Partial<CreateVolumeRequest>) =>
  CreateVolumeRequest.fromPartial({ uuid: randomUUID(), size: BigInt(16 * MIB), replicas: 1n, thin: true, ...more });
const explicit = (allowedNodes: string[]) => ({
  node: { topology: { $case: 'explicit' as const, value: { allowedNodes, preferredNodes: [] } } },
});
const unknown = randomUUID();
const replicaOf = (replicaId: string, nodeId: string, poolId: string) => ({ nodeId, replicaId, poolId });
const onNode = (nodeId: string, poolId: string, replicaId = randomUUID()) => ({
  ...replicaOf(replicaId, nodeId, poolId),
  thin: true,
  size: BigInt(8 * MIB),
  share: 0,
  managed: false,
  owners: { nexuses: [] },
  allowedHosts: [],
});

describe('volumes', () => {
  it.each<[string, string, Ask]>([
    [
      'the nil uuid',
      'InvalidArgument Volume InvalidUuid',
      (c, cb) => c.volumes.createVolume(volume({ uuid: NIL }), cb),
    ],
    ['no uuid', 'status INVALID_ARGUMENT', (c, cb) => c.volumes.createVolume(volume({ uuid: 'zz' }), cb)],
    [
      'more replicas than a byte counts',
      'ResourceExhausted Pool NotEnoughResources Not enough suitable pools available, 3/300',
      (c, cb) => c.volumes.createVolume(volume({ replicas: 300n }), cb),
    ],
    [
      'fewer allowed nodes than replicas',
      'InvalidArgument Unknown InvalidArguments',
      (c, cb) => c.volumes.createVolume(volume({ replicas: 2n, topology: explicit(['node-1']) }), cb),
    ],
    [
      'an id in a filter that is no uuid',
      'InvalidArgument Volume - Invalid volume_id',
      (c, cb) =>
        c.volumes.getVolumes({ ignoreNotfound: true, filter: { $case: 'volume', value: { volumeId: 'zz' } } }, cb),
    ],
    [
      'too many replicas at once',
      'ReplicaChangeCount Volume ReplicaChangeCount',
      (c, cb) => c.volumes.setVolumeReplica({ uuid: published, replicas: 300 }, cb),
    ],
    [
      'growth that fits nowhere',
      'ResourceExhausted Replica ResizeReplError',
      (c, cb) => c.volumes.resizeVolume({ uuid: published, requestedSize: BigInt(3e12) }, cb),
    ],
    [
      'a protocol that is none of this release',
      'InvalidArgument Volume InvalidShareProtocol',
      (c, cb) =>
        c.volumes.publishVolume(
          { uuid: published, share: VolumeShareProtocol.Iscsi, publishContext: {}, frontendNodes: [] },
          cb,
        ),
    ],
  ])('%s: %s', async (_what, expected, ask) => {
    expect(await lineOf(ask)).toBe(expected);
  });

  it('without a replica has nothing to take a snapshot of, and nothing to unshare', async () => {
    const uuid = randomUUID();
    expect(await lineOf((c, cb) => c.volumes.createVolume(volume({ uuid, replicas: 0n }), cb))).toBe('ok');
    expect(await lineOf((c, cb) => c.volumes.createSnapshot({ volumeId: uuid, snapshotId: randomUUID() }, cb))).toBe(
      'VolumeNoReplicas Volume NoHealthyReplicas',
    );
    expect(await lineOf((c, cb) => c.volumes.unshareVolume({ uuid }, cb))).toBe('NotShared Volume NotShared');
  });

  it('in an affinity group keep two replicas: the group is what refuses', async () => {
    const uuid = randomUUID();
    await cluster.createVolume({ uuid, replicas: 2n, size: BigInt(16 * MIB), affinityGroup: { name: 'group' } });
    expect(await lineOf((c, cb) => c.volumes.setVolumeReplica({ uuid, replicas: 1 }, cb))).toBe(
      'FailedPrecondition AffinityGroup RestrictedReplicaCount',
    );
  });

  it('of a snapshot say the snapshot’s own names', async () => {
    const snapshotId = randomUUID();
    const sourceSnapshot = snapshotId;
    const restore = (more: Partial<CreateVolumeRequest>) =>
      lineOf((c, cb) => c.volumes.createSnapshotVolume({ sourceSnapshot, volume: volume(more) }, cb));
    expect(await lineOf((c, cb) => c.volumes.createSnapshot({ volumeId: published, snapshotId }, cb))).toBe('ok');
    expect(await restore({ thin: false })).toBe('InvalidArgument VolumeSnapshotClone ClonedSnapshotVolumeThin');
    expect(await restore({ size: 1n })).toBe('OutOfRange VolumeSnapshotClone ClonedSnapshotVolumeSize');
    expect(await restore({ replicas: 3n })).toBe('FailedPrecondition VolumeSnapshot InsufficientSnapshotsForClone');
    expect(await lineOf((c, cb) => c.volumes.destroySnapshot({ snapshotId, volumeId: randomUUID() }, cb))).toBe(
      'InvalidArgument VolumeSnapshot InvalidSnapshotSource',
    );
    expect(await lineOf((c, cb) => c.volumes.destroySnapshot({ snapshotId }, cb))).toBe('ok');
  });
});

describe('nodes and pools', () => {
  it.each<[string, string, Ask]>([
    [
      'taking away a label without a name',
      'InvalidArgument Node InvalidLabel',
      (c, cb) => c.nodes.unlabelNode({ nodeId: 'node-1', labelKey: '' }, cb),
    ],
    [
      'taking away a label without a name from a pool',
      'InvalidArgument Pool InvalidLabel',
      (c, cb) => c.pools.unlabelPool({ poolId: 'pool-1', labelKey: '' }, cb),
    ],
    ['the pools of an unknown node', 'ok', (c, cb) => c.pools.getPools(byNode('nowhere'), cb)],
    [
      'the pools of an unknown volume',
      'ok',
      (c, cb) => c.pools.getPools({ filter: { $case: 'common', value: { volumeId: unknown } } }, cb),
    ],
    [
      'a pool to be destroyed on an unknown node',
      'NotFound Node NodeNotFound',
      (c, cb) => c.pools.destroyPool({ poolId: 'pool-1', nodeId: 'nowhere' }, cb),
    ],
    ['an empty cordon label', 'ok', (c, cb) => c.nodes.cordonNode({ nodeId: 'node-3', label: '' }, cb)],
    [
      'an empty cordon label again',
      'FailedPrecondition Node CordonLabel',
      (c, cb) => c.nodes.drainNode({ nodeId: 'node-3', label: '' }, cb),
    ],
    ['an empty cordon label away', 'ok', (c, cb) => c.nodes.uncordonNode({ nodeId: 'node-3', label: '' }, cb)],
  ])('%s: %s', async (_what, expected, ask) => {
    expect(await lineOf(ask)).toBe(expected);
  });

  it('tells labels that exist by one name, as they are equal or not', async () => {
    const node = (labels: Record<string, string>) =>
      lineOf((c, cb) => c.nodes.labelNode({ nodeId: 'node-1', label: { value: labels }, overwrite: false }, cb));
    const pool = (labels: Record<string, string>) =>
      lineOf((c, cb) => c.pools.labelPool({ poolId: 'pool-1', labels, overwrite: false }, cb));
    expect(await node({ k: '1' })).toBe('ok');
    expect(await node({ k: '1' })).toBe('AlreadyExists Node LabelsExists');
    expect(await node({ k: '2' })).toBe('FailedPrecondition Node LabelsExists');
    expect(await pool({ k: '1' })).toBe('ok');
    expect(await pool({ k: '1' })).toBe('ok');
    expect(await pool({ k: '2' })).toBe('FailedPrecondition Pool LabelsExists');
    expect(await pool({ '': '' })).toBe('ok');
  });
});

const byNode = (nodeId: string) => ({ filter: { $case: 'node' as const, value: { nodeId } } });

describe('replicas and nexuses one by one', () => {
  it.each<[string, string, Ask]>([
    ['replicas of an unknown node', 'NotFound Node NodeNotFound', (c, cb) => c.replicas.getReplicas(byNode('x'), cb)],
    [
      'replicas of an unknown pool',
      'NotFound Pool PoolNotFound',
      (c, cb) => c.replicas.getReplicas({ filter: { $case: 'pool', value: { poolId: 'x' } } }, cb),
    ],
    [
      'replicas of an unknown volume',
      'NotFound Volume VolumeNotFound',
      (c, cb) => c.replicas.getReplicas({ filter: { $case: 'volume', value: { volumeId: unknown } } }, cb),
    ],
    ['nexuses of an unknown node', 'NotFound Node NodeNotFound', (c, cb) => c.nexuses.getNexuses(byNode('x'), cb)],
    [
      'a replica on an unknown node',
      'NotFound Node NodeNotFound',
      (c, cb) => c.replicas.createReplica(onNode('nowhere', 'pool-1'), cb),
    ],
    [
      'a replica shared with what is no host',
      'status INVALID_ARGUMENT',
      (c, cb) =>
        c.replicas.shareReplica({ ...replicaOf(unknown, 'node-1', 'pool-1'), protocol: 0, allowedHosts: ['x'] }, cb),
    ],
    [
      'a nexus without children',
      'InvalidArgument Unknown InvalidArguments',
      (c, cb) =>
        c.nexuses.createNexus({ nodeId: 'node-1', nexusId: unknown, size: 1n, children: [], managed: false }, cb),
    ],
    [
      'a nexus that nobody knows, to be destroyed',
      'ok',
      (c, cb) => c.nexuses.destroyNexus({ nodeId: 'node-1', nexusId: unknown }, cb),
    ],
  ])('%s: %s', async (_what, expected, ask) => {
    expect(await lineOf(ask)).toBe(expected);
  });

  it('what nobody knows is for its node to refuse, as the thing that was asked about', async () => {
    const nexus = { nodeId: 'node-1', nexusId: unknown, uri: 'bdev:///x' };
    const child = await lineOf((c, cb) => c.nexuses.addNexusChild({ ...nexus, autoRebuild: true }, cb));
    expect(child).toMatch(/^NotFound Child GrpcRequestError add_child_nexus::status: NotFound, /);
    const replica = replicaOf(unknown, 'node-1', 'pool-1');
    expect(await lineOf((c, cb) => c.replicas.destroyReplica({ ...replica, disowners: { nexuses: [] } }, cb))).toMatch(
      /^NotFound Replica GrpcRequestError destroy_replica::status: NotFound, /,
    );
    const pool = await lineOf((c, cb) => c.replicas.createReplica(onNode('node-1', 'nowhere'), cb));
    expect(pool).toMatch(/^FailedPrecondition Replica GrpcRequestError create_replica::status: FailedPrecondition, /);
  });

  it('sharing again is answered with the URI, a child twice or gone with the child', async () => {
    const spare = onNode('node-3', 'pool-3');
    expect(await lineOf((c, cb) => c.replicas.createReplica(spare, cb))).toBe('ok');
    const share = { ...replicaOf(spare.replicaId, 'node-3', 'pool-3'), protocol: 0, allowedHosts: [] };
    expect(await lineOf((c, cb) => c.replicas.shareReplica(share, cb))).toBe('ok');
    expect(await lineOf((c, cb) => c.replicas.shareReplica(share, cb))).toBe('ok');
    const { target } = (await cluster.getVolume(published)).state ?? {};
    const nexus = { nodeId: 'node-1', nexusId: target?.uuid, uri: target?.children[0]?.uri ?? '' };
    expect(await lineOf((c, cb) => c.nexuses.addNexusChild({ ...nexus, autoRebuild: true }, cb))).toBe(
      'AlreadyExists Child ChildAlreadyExists',
    );
    expect(await lineOf((c, cb) => c.nexuses.removeNexusChild({ ...nexus, uri: 'bdev:///gone' }, cb))).toBe(
      'NotFound Child ChildNotFound',
    );
  });
});

it('a node that cannot be reached is an error of the node, whatever was asked of it', async () => {
  await cluster.engine('node-2').kill();
  const line = await lineOf((c, cb) => c.nodes.getBlockDevices({ nodeId: 'node-2', all: true }, cb));
  expect(line).toMatch(/^Unavailable Node GrpcConnect ./);
});
