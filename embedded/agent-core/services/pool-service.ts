import type { Pool, PoolGrpcServer } from '@/gen/v1/pool/pool';
import type { Core } from '../core';
import { invalid, labelsExist, nodeNotFound, poolNotFound, precondition, Resource, unimplemented } from '../errors';
import { createPool, destroyPool, poolSpec } from '../operations/pools';
import type { PoolCordon, PoolSpec } from '../specs';
import { toPool, toPoolState } from '../wire/pool';
import { answer, filterUuid, replyError } from './handler';

const CREATED_BY = 'openebs.io/created-by';

/** All pools: those of the specs, then those that an io-engine has without a spec. */
function allPools(core: Core): Pool[] {
  const known = core.specs.pools.values().map((spec) => toPool(core, spec));
  const foreign = core.registry.nodes.flatMap((node) =>
    [...node.pools.values()]
      .filter((pool) => core.specs.pools.get(pool.name)?.node !== node.id)
      .map((pool) => ({ state: toPoolState(node, pool) })),
  );
  return [...known, ...foreign];
}

const nodeOf = (pool: Pool) => pool.definition?.spec?.nodeId ?? pool.state?.nodeId;
const idOf = (pool: Pool) => pool.definition?.spec?.poolId ?? pool.state?.poolId;

export function poolService(core: Core): PoolGrpcServer {
  const show = (spec: PoolSpec) => ({ reply: { $case: 'pool' as const, value: toPool(core, spec) } });
  const change = (id: string, apply: (spec: PoolSpec) => void) => {
    const spec = poolSpec(core, id);
    return core.guard.run(Resource.Pool, id, async () => {
      apply(spec);
      await core.specs.pools.put(spec);
      return show(spec);
    });
  };
  const cordon = (id: string, asked: PoolCordon, on: boolean) =>
    change(id, (spec) => {
      const now = spec.cordon ?? { replicas: false, snapshots: false, restores: false, import: false };
      const next = {
        replicas: asked.replicas ? on : now.replicas,
        snapshots: asked.snapshots ? on : now.snapshots,
        restores: asked.restores ? on : now.restores,
        import: asked.import ? on : now.import,
      };
      spec.cordon = Object.values(next).some(Boolean) ? next : undefined;
    });
  return {
    getPools: answer((request) => {
      const filter = request.filter;
      let pools = allPools(core);
      if (filter?.$case === 'node') pools = pools.filter((pool) => nodeOf(pool) === filter.value.nodeId);
      if (filter?.$case === 'pool' || filter?.$case === 'nodePool') {
        pools = pools.filter(
          (pool) =>
            idOf(pool) === filter.value.poolId && (filter.$case === 'pool' || nodeOf(pool) === filter.value.nodeId),
        );
        if (pools.length === 0) throw poolNotFound(filter.value.poolId);
      }
      if (filter?.$case === 'common') {
        const volume = filterUuid(Resource.Volume, filter.value.volumeId, 'volume_id');
        const used = new Set(core.specs.replicasOf(volume).map((replica) => replica.poolId));
        pools = pools.filter((pool) => used.has(idOf(pool) ?? ''));
      }
      return { reply: { $case: 'pools' as const, value: { pools } } };
    }, replyError),
    createPool: answer(async (request) => {
      if (request.encryption !== undefined)
        throw unimplemented(Resource.Pool, 'CreatePool', 'this cluster has no encrypted pools');
      if (core.specs.nodes.get(request.nodeId) === undefined) throw nodeNotFound(request.nodeId);
      const wanted: PoolSpec = {
        id: request.poolId,
        node: request.nodeId,
        disks: request.disks,
        labels: request.labels?.value ?? {},
        status: 'Creating',
        clusterSize: request.clusterSize,
      };
      return core.guard.run(Resource.Pool, wanted.id, async () => show(await createPool(core, wanted)));
    }, replyError),
    destroyPool: answer(async (request) => {
      if (request.purge) throw unimplemented(Resource.Pool, 'DestroyPool', 'this release cannot purge a pool');
      await core.guard.run(Resource.Pool, request.poolId, () => destroyPool(core, request.poolId, request.nodeId));
      return { reply: undefined };
    }, replyError),
    labelPool: answer(
      (request) =>
        change(request.poolId, (spec) => {
          for (const [key, value] of Object.entries(request.labels)) {
            const present = spec.labels[key];
            // The same value again is accepted here, other than for nodes (behaviour facts, 2.6).
            if (present === undefined || present === value || request.overwrite) continue;
            throw labelsExist(Resource.Pool, spec.id, { [key]: present }, true);
          }
          Object.assign(spec.labels, request.labels);
        }),
      replyError,
    ),
    unlabelPool: answer(
      (request) =>
        change(request.poolId, (spec) => {
          if (request.labelKey === '') throw invalid(Resource.Pool, 'InvalidLabel', 'A label key must not be empty');
          if (request.labelKey === CREATED_BY)
            throw invalid(Resource.Pool, 'ForbiddenUnlabelKey', `Label '${CREATED_BY}' cannot be removed`);
          if (!(request.labelKey in spec.labels))
            throw precondition(
              Resource.Pool,
              'LabelNotFound',
              `Pool '${spec.id}' does not have a label '${request.labelKey}'`,
            );
          delete spec.labels[request.labelKey];
        }),
      replyError,
    ),
    cordonPool: answer((request) => cordon(request.poolId, request, true), replyError),
    uncordonPool: answer((request) => cordon(request.poolId, request, false), replyError),
    expandPool: answer((request) => {
      throw unimplemented(
        Resource.Pool,
        'ExpandPool',
        `pool '${request.poolId}' cannot grow: its disk has a fixed size`,
      );
    }, replyError),
    clearErrors: answer((request) => {
      throw unimplemented(Resource.Pool, 'ClearErrors', `pool '${request.poolId}' keeps no error counters`);
    }, replyError),
  };
}
