import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { call, value } from '@/embedded/agent-core/testing/test-cluster';
import { ReplyErrorKind } from '@/gen/v1/misc/common';
import { type CreateReplicaReply, CreateReplicaRequest } from '@/gen/v1/replica/replica';
import { clusterPerTest, MIB, until } from './driver';

const start = clusterPerTest();

it('a replica that agent-core made and nobody owns is destroyed, and one that it did not make is left alone', async () => {
  const d = await start({ nodes: 1 });
  const make = async (managed: boolean) => {
    const replicaId = randomUUID();
    const request = CreateReplicaRequest.fromPartial({
      nodeId: 'node-1',
      poolId: 'pool-1',
      replicaId,
      size: BigInt(8 * MIB),
      managed,
    });
    return { replicaId, reply: await call<CreateReplicaReply>((cb) => d.cluster.replicas.createReplica(request, cb)) };
  };
  const { replicaId: foreign, reply } = await make(false);
  value(reply, 'replica');
  // Made, but it may be destroyed again before the reply is written.
  const orphan = (await make(true)).reply.reply;
  if (orphan?.$case === 'error') expect(orphan.value.kind).toBe(ReplyErrorKind.NotFound);
  await until('the orphan is destroyed', async () => (await d.cluster.specs()).replicas.length === 1);
  await d.passes();
  expect((await d.cluster.specs()).replicas.map((replica) => replica.replicaId)).toEqual([foreign]);
  await d.usedIs('pool-1', 8 * MIB);
});
