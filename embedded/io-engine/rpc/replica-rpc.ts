import { PoolType, ShareProtocol } from '@/gen/mayastor/v1/common';
import type { ListReplicaOptions, ReplicaRpcServer } from '@/gen/mayastor/v1/replica';
import type { Found, PoolManager } from '../pool-manager';
import { createReplica, resizeReplica, setAttributes } from '../replicas';
import { aborted, invalid, notFound, precondition } from '../rpc-error';
import { destroyReplica } from '../snapshots';
import { replicaToWire } from '../wire';
import type { Unary } from './unary';

/** ReplicaRpc over the pools of one node. */
export function replicaRpc(pools: PoolManager, fabricAddress: () => string, unary: Unary): ReplicaRpcServer {
  const wire = ({ pool, lvol }: Found) => replicaToWire(pool, lvol, fabricAddress());
  const find = (uuid: string): Found => {
    const found = pools.lvol(uuid);
    if (!found || found.lvol.snapshot) throw notFound(`replica ${uuid} is not here`);
    return found;
  };
  const change = (uuid: string, attributes: Parameters<typeof setAttributes>[2]) => {
    const { pool, lvol } = find(uuid);
    return wire({ pool, lvol: setAttributes(pool, lvol, attributes) });
  };
  return {
    createReplica: unary(async (r) => {
      const pool = pools.byNameOrUuid(r.pooluuid);
      if (!pool) throw precondition(`pool ${r.pooluuid} is not here`);
      mustBeNvmfOrNone(r.share);
      await pool.disk.wait();
      const lvol = createReplica(pool, {
        uuid: r.uuid,
        name: r.name || r.uuid,
        sizeBytes: Number(r.size),
        thin: r.thin,
        entityId: r.entityId,
        share: r.share === ShareProtocol.NVMF ? { allowedHosts: r.allowedHosts } : undefined,
      });
      return wire({ pool, lvol });
    }),
    destroyReplica: unary(async (r) => {
      const wanted = r.pool?.value;
      if (wanted && !pools.byNameOrUuid(wanted)) throw precondition(`pool ${wanted} is not here`);
      const { pool, lvol } = find(r.uuid);
      if (wanted && pools.byNameOrUuid(wanted) !== pool) throw aborted(`replica ${r.uuid} is in pool ${pool.name}`);
      await pool.disk.wait();
      destroyReplica(pool, lvol);
      return {};
    }),
    listReplicas: unary((r) => ({
      replicas: pools
        .lvols()
        .filter((f) => isWanted(f, r))
        .map(wire),
    })),
    shareReplica: unary((r) => {
      if (r.share !== ShareProtocol.NVMF) throw invalid(`replicas cannot be shared over protocol ${r.share}`);
      return change(r.uuid, { share: { allowedHosts: r.allowedHosts } });
    }),
    unshareReplica: unary((r) => change(r.uuid, { share: undefined })),
    resizeReplica: unary((r) => {
      const { pool, lvol } = find(r.uuid);
      return wire({ pool, lvol: resizeReplica(pool, lvol, Number(r.requestedSize)) });
    }),
    setReplicaEntityId: unary((r) => change(r.uuid, { entityId: r.entityId })),
  };
}

function mustBeNvmfOrNone(share: ShareProtocol): void {
  if (share !== ShareProtocol.NVMF && share !== ShareProtocol.NONE) throw invalid(`unknown share protocol ${share}`);
}

/** Query absent: all; present: what its flags name, so an empty one names nothing (wire facts, 8). */
function isWanted({ pool, lvol }: Found, r: ListReplicaOptions): boolean {
  if (r.name !== undefined && lvol.name !== r.name) return false;
  if (r.uuid !== undefined && lvol.uuid !== r.uuid) return false;
  if (r.poolname !== undefined && pool.name !== r.poolname) return false;
  if (r.pooluuid !== undefined && pool.uuid !== r.pooluuid) return false;
  if (r.pooltypes.length > 0 && !r.pooltypes.includes(PoolType.Lvs)) return false;
  if (!r.query) return true;
  const isSnapshot = lvol.snapshot !== undefined;
  const isClone = lvol.origin !== undefined;
  return (r.query.snapshot && isSnapshot) || (r.query.clone && isClone) || (r.query.replica && !isSnapshot && !isClone);
}
