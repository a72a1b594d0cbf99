import { FabricError } from '@/embedded/fabric/fabric';
import type {
  ListSnapshotsRequest,
  NexusCreateSnapshotReplicaDescriptor,
  SnapshotRpcServer,
} from '@/gen/mayastor/v1/snapshot';
import type { Nexus } from '../nexus';
import type { NexusManager } from '../nexus-manager';
import type { Found, PoolManager } from '../pool-manager';
import { aborted, invalid, notFound, precondition, RpcError } from '../rpc-error';
import { createClone, createSnapshot, destroySnapshot } from '../snapshots';
import { replicaToWire, snapshotToWire, toTimestamp } from '../wire';
import type { Unary } from './unary';

// errno values, as `status_code` tells them.
const ENXIO = 6;
const EIO = 5;
const EEXIST = 17;
const ENOSPC = 28;

/** SnapshotRpc over the pools and nexuses of one node. */
export function snapshotRpc(
  pools: PoolManager,
  nexuses: NexusManager,
  fabricAddress: () => string,
  now: () => number,
  unary: Unary,
): SnapshotRpcServer {
  const find = (uuid: string): Found => {
    const found = pools.lvol(uuid);
    if (!found?.lvol.snapshot) throw notFound(`snapshot ${uuid} is not here`);
    return found;
  };
  return {
    createReplicaSnapshot: unary(async (r) => {
      const found = pools.lvol(r.replicaUuid);
      if (!found || found.lvol.snapshot) throw notFound(`replica ${r.replicaUuid} is not here`);
      await found.pool.disk.wait();
      const { snapshotUuid: uuid, snapshotName: name, entityId, txnId } = r;
      const snapshot = createSnapshot(found.pool, found.lvol, { uuid, name, entityId, txnId, timestampMs: now() });
      return { replicaUuid: r.replicaUuid, snapshot: snapshotToWire(found.pool, snapshot) };
    }),
    createNexusSnapshot: unary((r) =>
      nexuses.change(r.nexusUuid, async (nexus) => {
        const timestampMs = now();
        const wanted = plan(nexus, r.replicas);
        const common = { name: r.snapshotName, entityId: r.entityId, txnId: r.txnId, timestampMs };
        const replicasDone = await nexus.quiesced(() =>
          Promise.all(
            wanted.map(async ({ child, replicaUuid, uuid }) => ({
              replicaUuid,
              statusCode: await errnoOf(nexus.snapshotChild(child, { ...common, uuid })),
            })),
          ),
        );
        const replicasSkipped = r.replicas.filter((d) => d.skip).map((d) => d.replicaUuid);
        return { nexus: nexus.toWire(), snapshotTimestamp: toTimestamp(timestampMs), replicasDone, replicasSkipped };
      }),
    ),
    destroySnapshot: unary(async (r) => {
      const wanted = r.pool?.value;
      if (wanted && !pools.byNameOrUuid(wanted)) throw precondition(`pool ${wanted} is not here`);
      const { pool, lvol } = find(r.snapshotUuid);
      if (wanted && pools.byNameOrUuid(wanted) !== pool) throw aborted(`snapshot ${lvol.uuid} is in pool ${pool.name}`);
      await pool.disk.wait();
      destroySnapshot(pool, lvol);
      return {};
    }),
    listSnapshot: unary((r) => {
      if (r.snapshotUuid !== undefined) find(r.snapshotUuid);
      const all = pools.lvols().filter(({ lvol }) => lvol.snapshot);
      if (r.sourceUuid !== undefined && !pools.lvol(r.sourceUuid) && !all.some((f) => isOf(f, r.sourceUuid))) {
        throw notFound(`replica ${r.sourceUuid} is not here`);
      }
      return { snapshots: all.filter((f) => isWanted(f, r)).map(({ pool, lvol }) => snapshotToWire(pool, lvol)) };
    }),
    createSnapshotClone: unary(async (r) => {
      const { pool, lvol } = find(r.snapshotUuid);
      await pool.disk.wait();
      return replicaToWire(pool, createClone(pool, lvol, r.cloneUuid, r.cloneName || r.cloneUuid), fabricAddress());
    }),
    listSnapshotClone: unary((r) => {
      if (r.snapshotUuid !== undefined) find(r.snapshotUuid);
      const clones = pools
        .lvols()
        .filter(({ lvol }) => lvol.origin !== undefined && (r.snapshotUuid ?? lvol.origin) === lvol.origin);
      return { replicas: clones.map(({ pool, lvol }) => replicaToWire(pool, lvol, fabricAddress())) };
    }),
  };
}

const isOf = ({ lvol }: Found, sourceUuid: string | undefined) => lvol.snapshot?.sourceUuid === sourceUuid;

/** `invalid` is inverted upstream: true lists the valid ones (wire facts, 8). Here all are valid. */
function isWanted(found: Found, { sourceUuid, snapshotUuid, query }: ListSnapshotsRequest): boolean {
  if (sourceUuid !== undefined && !isOf(found, sourceUuid)) return false;
  if (snapshotUuid !== undefined && found.lvol.uuid !== snapshotUuid) return false;
  if (query?.invalid === false) return false;
  return query?.discarded === undefined || query.discarded === found.lvol.snapshot?.discarded;
}

/** Which child gets which snapshot: every child has to be named, to be taken or skipped. */
function plan(nexus: Nexus, descriptors: NexusCreateSnapshotReplicaDescriptor[]) {
  const named = new Set(descriptors.map((d) => d.replicaUuid));
  const missed = nexus.children.find((c) => !named.has(c.replicaUuid));
  if (missed) throw invalid(`replica ${missed.replicaUuid} of nexus ${nexus.uuid} is not mentioned`);
  return descriptors
    .filter((d) => !d.skip)
    .map(({ replicaUuid, snapshotUuid }) => {
      const child = nexus.children.find((c) => c.replicaUuid === replicaUuid);
      if (!child) throw invalid(`replica ${replicaUuid} is not in nexus ${nexus.uuid}`);
      if (!snapshotUuid) throw invalid(`no snapshot uuid for replica ${replicaUuid}`);
      return { child, replicaUuid, uuid: snapshotUuid };
    });
}

async function errnoOf(done: Promise<void>): Promise<number> {
  try {
    await done;
    return 0;
  } catch (error) {
    if (error instanceof FabricError) {
      if (error.code === 'no-space') return ENOSPC;
      return error.code === 'io-error' ? EIO : ENXIO;
    }
    return error instanceof RpcError ? EEXIST : EIO;
  }
}
