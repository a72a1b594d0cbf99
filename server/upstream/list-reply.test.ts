import { describe, expect, it } from 'vitest';
import { ReplyErrorKind, ResourceKind } from '@/gen/v1/misc/common';
import { GetReplicasReply, Replica, ReplicaKind } from '@/gen/v1/replica/replica';
import { GetVolumesReply } from '@/gen/v1/volume/volume';
import { decodeListReply } from './list-reply';

const replicas = (n: number) =>
  Array.from({ length: n }, (_, i) =>
    Replica.fromPartial({
      replicaId: `r${i}`,
      poolId: 'p',
      size: BigInt(i),
      kind: ReplicaKind.Regular,
      uri: 'u'.repeat(100),
    }),
  );
const encode = (list: Replica[]) =>
  GetReplicasReply.encode({ reply: { $case: 'replicas', value: { replicas: list } } }).finish();

describe('a list reply decoded bit by bit', () => {
  it('has what the generated decoder finds, and the token of the next page', async () => {
    const list = replicas(100);
    const got = await decodeListReply(encode(list), Replica.decode);
    expect(got).toEqual({ ok: true, value: { reply: { $case: 'list', value: { entries: list } } } });
    const page = GetVolumesReply.encode({
      reply: { $case: 'volumes', value: { entries: [], nextToken: 500n } },
    }).finish();
    expect(await decodeListReply(page, () => undefined)).toEqual({
      ok: true,
      value: { reply: { $case: 'list', value: { entries: [], nextToken: 500n } } },
    });
  });

  it('has the error that stands in place of the list', async () => {
    const error = { kind: ReplyErrorKind.NotFound, resource: ResourceKind.Volume, source: 's', extra: 'e' };
    const got = await decodeListReply(
      GetReplicasReply.encode({ reply: { $case: 'error', value: error } }).finish(),
      Replica.decode,
    );
    expect(got).toMatchObject({
      ok: true,
      value: { reply: { $case: 'error', value: { kind: ReplyErrorKind.NotFound } } },
    });
  });

  it('is an error and no crash when the bytes are none', async () => {
    const cut = encode(replicas(3)).slice(0, -5);
    expect(await decodeListReply(cut, Replica.decode)).toMatchObject({ ok: false, error: { kind: 'Internal' } });
    expect(await decodeListReply(new Uint8Array(), Replica.decode)).toEqual({ ok: true, value: {} });
  });

  it('lets other work in between while it decodes very many', async () => {
    const bytes = encode(replicas(60_000));
    let isDone = false;
    let turns = 0;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const got = await decodeListReply(bytes, Replica.decode);
    isDone = true;
    expect(got.ok && got.value.reply?.$case === 'list' && got.value.reply.value.entries.length).toBe(60_000);
    expect(turns).toBeGreaterThan(2);
  });
});
