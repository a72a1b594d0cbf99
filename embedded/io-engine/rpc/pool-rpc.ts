import { PoolType } from '@/gen/mayastor/v1/common';
import type { PoolRpcServer } from '@/gen/mayastor/v1/pool';
import type { PoolManager } from '../pool-manager';
import { invalid, unimplemented } from '../rpc-error';
import { poolToWire } from '../wire';
import type { Unary } from './unary';

const LVM = 'this node has no LVM support';
const ENCRYPTION = 'pools cannot be encrypted here';

/** PoolRpc over the pools of one node. */
export function poolRpc(pools: PoolManager, unary: Unary): PoolRpcServer {
  return {
    createPool: unary(async (r) => {
      if (r.pooltype !== PoolType.Lvs) throw invalid(LVM);
      if (r.encryption) throw unimplemented(ENCRYPTION);
      return poolToWire(await pools.create(r.name, r.uuid || undefined, r.disks, r.clusterSize));
    }),
    importPool: unary(async (r) => {
      if (r.pooltype !== PoolType.Lvs) throw invalid(LVM);
      if (r.encryption) throw unimplemented(ENCRYPTION);
      return poolToWire(await pools.import(r.name, r.uuid || undefined, r.disks));
    }),
    exportPool: unary((r) => {
      pools.export(r.name, r.uuid || undefined);
      return {};
    }),
    destroyPool: unary(async (r) => {
      await pools.destroy(r.name, r.uuid || undefined);
      return {};
    }),
    listPools: unary((r) => ({
      pools: pools
        .pools()
        .filter((p) => r.name === undefined || p.name === r.name)
        .filter((p) => r.uuid === undefined || p.uuid === r.uuid)
        .filter(() => r.pooltype === undefined || r.pooltype.value === PoolType.Lvs)
        .map(poolToWire),
    })),
    growPool: unary(() => {
      throw unimplemented('the disks of this node do not grow');
    }),
    growPoolV2: unary(() => {
      throw unimplemented('the disks of this node do not grow');
    }),
    clearErrors: unary(() => {
      throw unimplemented('this node keeps no error tallies');
    }),
  };
}
