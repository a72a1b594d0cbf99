import { PoolType } from '@/gen/mayastor/v1/common';
import type { Pool } from '@/gen/mayastor/v1/pool';
import type { Core } from '../core';
import {
  alreadyExists,
  inUse,
  invalid,
  isDeleting,
  isNotFound,
  isRefusal,
  Kind,
  nodeCordoned,
  nodeNotFound,
  nodeNotOnline,
  ofKind,
  poolNotFound,
  Resource,
  reCreateMismatch,
  SvcError,
} from '../errors';
import type { EngineNode } from '../registry/node';
import { isCordoned, type PoolSpec } from '../specs';

/** Checks in upstream's order (behaviour facts, 2.2), then create or import. */
export async function createPool(core: Core, wanted: PoolSpec): Promise<PoolSpec> {
  const nodeSpec = core.specs.nodes.get(wanted.node);
  if (nodeSpec === undefined) throw nodeNotFound(wanted.node);
  if (isCordoned(nodeSpec)) throw nodeCordoned(wanted.node);
  if (wanted.disks.length !== 1)
    throw invalid(Resource.Pool, 'InvalidPoolDeviceNum', `A pool needs exactly one disk, not ${wanted.disks.length}`);
  const existing = core.specs.pools.get(wanted.id);
  if (existing?.status === 'Created') throw alreadyExists(Resource.Pool, wanted.id);
  if (existing?.status === 'Deleting') throw isDeleting(Resource.Pool, wanted.id);
  if (existing !== undefined && (existing.node !== wanted.node || existing.disks.join() !== wanted.disks.join()))
    throw reCreateMismatch(Resource.Pool, wanted.id);
  const node = core.registry.onlineNode(wanted.node);
  await core.specs.pools.put(wanted);
  try {
    const pool = await node.client
      .createPool({
        name: wanted.id,
        disks: wanted.disks,
        pooltype: PoolType.Lvs,
        clusterSize: wanted.clusterSize,
      })
      .catch((error: unknown) => adopt(node, wanted.id, error));
    node.set('pools', wanted.id, pool);
    wanted.uuid = pool.uuid;
    wanted.status = 'Created';
    await core.specs.pools.put(wanted);
    return wanted;
  } catch (raw) {
    const error = missingDisk(raw, wanted.disks[0] ?? '');
    if (isRefusal(error)) {
      await core.specs.pools.delete(wanted.id);
    } else {
      // It may be there: the collector takes it away when the node can be reached (behaviour facts, 1.2).
      wanted.status = 'Deleting';
      await core.specs.pools.put(wanted);
    }
    throw error;
  }
}

/** A pool that is listed already under this name counts as created. */
async function adopt(node: EngineNode, id: string, error: unknown): Promise<Pool> {
  if (!(error instanceof SvcError) || error.kind !== Kind.AlreadyExists) throw error;
  const listed = (await node.client.listPools(id)).pools.find((pool) => pool.name === id);
  if (listed === undefined) throw error;
  return listed;
}

/** An io-engine without the disk says so in these words with INTERNAL; agent-core makes NOT_FOUND of it, as upstream. */
function missingDisk(error: unknown, disk: string): unknown {
  if (!(error instanceof SvcError) || error.kind !== Kind.Internal) return error;
  if (!error.sentence.includes(`Failed to create a BDEV '${disk}'`)) return error;
  const words = error.sentence.replace('::status: Internal', '::status: NotFound');
  return ofKind(Kind.NotFound, Resource.Pool, 'GrpcRequestError', words);
}

export function poolSpec(core: Core, id: string): PoolSpec {
  const spec = core.specs.pools.get(id);
  if (spec === undefined) throw poolNotFound(id);
  return spec;
}

/** Snapshots with a replica snapshot on the pool. */
export function snapshotsOn(core: Core, pool: string): number {
  return core.specs.snapshots
    .values()
    .filter((snapshot) => Object.values(snapshot.transactions).some((txn) => txn.some((r) => r.poolId === pool)))
    .length;
}

export async function destroyPool(core: Core, id: string, nodeId: string): Promise<void> {
  const spec = poolSpec(core, id);
  if (core.specs.nodes.get(nodeId) === undefined) throw nodeNotFound(nodeId);
  const replicas = core.specs.replicaCountOn(id);
  if (replicas > 0) throw inUse(Resource.Pool, id, `${replicas} replicas`);
  const snapshots = snapshotsOn(core, id);
  if (snapshots > 0) throw inUse(Resource.Pool, id, `${snapshots} snapshots`);
  spec.status = 'Deleting';
  await core.specs.pools.put(spec);
  await finishDestroyPool(core, spec, nodeId);
}

/** Destroys a pool in Deleting; one that is not loaded is imported first, one whose disk lost it counts as gone. */
export async function finishDestroyPool(core: Core, spec: PoolSpec, nodeId = spec.node): Promise<void> {
  const node = core.registry.node(nodeId);
  if (node === undefined || !node.online) throw nodeNotOnline(nodeId);
  await node.client.destroyPool(spec.id).catch(async (error: unknown) => {
    if (!isNotFound(error)) throw error;
    const gone = await importPool(core, spec, nodeId).then(
      () => false,
      (failure: unknown) => {
        if (isRefusal(failure)) return true;
        throw failure;
      },
    );
    if (!gone) await node.client.destroyPool(spec.id);
  });
  node.remove('pools', spec.id);
  await core.specs.pools.delete(spec.id);
}

/** Loads a pool again after its node restarted; its replicas come with it. */
export async function importPool(core: Core, spec: PoolSpec, nodeId = spec.node): Promise<void> {
  const node = core.registry.onlineNode(nodeId);
  const pool = await node.client.importPool({
    name: spec.id,
    uuid: spec.uuid,
    disks: spec.disks,
    pooltype: PoolType.Lvs,
  });
  node.set('pools', spec.id, pool);
}
