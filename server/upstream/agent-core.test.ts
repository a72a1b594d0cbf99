import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { VolumeId } from '@/contract/scalars';
import { AppNodeGrpcService } from '@/gen/v1/node/app_node';
import { NodeGrpcService } from '@/gen/v1/node/target_node';
import { type GetVolumesReply, type GetVolumesRequest, Volume, VolumeGrpcService } from '@/gen/v1/volume/volume';
import { AgentCoreClient } from './agent-core';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as VolumeId; // the shape is right
const volume = (n: number) => Volume.fromPartial({ definition: { spec: { uuid: id(n) } } });

type Handler<Req = unknown, Res = unknown> = (call: { request: Req }, callback: sendUnaryData<Res>) => void;
let close: (() => void) | undefined;
afterEach(() => {
  close?.();
  close = undefined;
});

/** A server that has the given rpcs and answers UNIMPLEMENTED to all others, as an older one does. */
async function connect(handlers: UntypedServiceImplementation): Promise<AgentCoreClient> {
  const server = new Server();
  for (const service of [VolumeGrpcService, NodeGrpcService, AppNodeGrpcService]) {
    server.addService(service, handlers);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = new AgentCoreClient(`127.0.0.1:${port}`);
  close = () => {
    client.close();
    server.forceShutdown();
  };
  return client;
}

const pages =
  (
    page: (start: bigint, asked: bigint) => { entries: Volume[]; nextToken?: bigint },
  ): Handler<GetVolumesRequest, GetVolumesReply> =>
  ({ request }, callback) =>
    callback(null, {
      reply: {
        $case: 'volumes',
        value: page(request.pagination?.startingToken ?? 0n, request.pagination?.maxEntries ?? 0n),
      },
    });

describe('listVolumes', () => {
  it('follows the token through short and empty pages, and takes a repeated volume once', async () => {
    const asked: bigint[] = [];
    const client = await connect({
      getVolumes: pages((start, size) => {
        asked.push(start);
        expect(size).toBe(500n);
        if (start === 0n) return { entries: [volume(1), volume(2)], nextToken: 500n };
        if (start === 500n) return { entries: [], nextToken: 1000n };
        return { entries: [volume(2), volume(3)] };
      }),
    });
    const all = await client.listVolumes();
    expect(all.ok && [...all.value.keys()]).toEqual([id(1), id(2), id(3)]);
    expect(asked).toEqual([0n, 500n, 1000n]);
  });

  it('stops with an error when the token does not move', async () => {
    const client = await connect({ getVolumes: pages(() => ({ entries: [volume(1)], nextToken: 0n })) });
    const all = await client.listVolumes();
    expect(all).toMatchObject({ ok: false, error: { kind: 'Internal' } });
  });

  it('P6: never asks for pages of no entries, which agent-core answers for ever with the token that it was given', async () => {
    const asked: bigint[] = [];
    const client = await connect({
      getVolumes: pages((start, size) => {
        asked.push(size);
        return size === 0n ? { entries: [], nextToken: start } : { entries: [volume(1)] };
      }),
    });
    expect(await client.listVolumes()).toMatchObject({ ok: true });
    expect(asked.every((size) => size > 0n)).toBe(true);
  });
});

describe('errors', () => {
  const inside =
    (kind: number): Handler<unknown, unknown> =>
    (_call, callback) =>
      callback(null, {
        reply: { $case: 'error', value: { kind, resource: 8, source: 'SvcError::X', extra: 'the useful half' } },
      });

  it.each([
    [6, 'NotFound', 'refused'],
    [9, 'ResourceExhausted', 'refused'],
    [0, 'WithMessage', 'failed'],
    [5, 'DeadlineExceeded', 'unknown'],
    [49, 'Kind(49)', 'refused'],
  ])('opens the error %i inside an OK reply as %s', async (number, kind, outcome) => {
    const client = await connect({ setVolumeReplica: inside(number) });
    expect(await client.setVolumeReplica(id(1), 2)).toEqual({
      ok: false,
      error: expect.objectContaining({
        source: 'agent-core',
        kind,
        outcome,
        resource: 'Volume',
        message: 'SvcError::X',
        extra: 'the useful half',
      }),
    });
  });

  it('P1: takes an error for the same, whether it comes inside an OK reply, bare in one, or as gRPC status', async () => {
    const error = { kind: 6, resource: 8, source: 's', extra: '' };
    const client = await connect({
      setVolumeReplica: inside(6),
      destroyVolume: (_call: unknown, callback: sendUnaryData<unknown>) => callback(null, { error }),
      resizeVolume: (_call: unknown, callback: sendUnaryData<unknown>) =>
        callback({ code: status.NOT_FOUND, details: 's' }),
    });
    const answers = [
      await client.setVolumeReplica(id(1), 2),
      await client.destroyVolume(id(1)),
      await client.resizeVolume(id(1), 2n),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({
        ok: false,
        error: { kind: 'NotFound', outcome: 'refused', source: 'agent-core' },
      });
  });

  it('opens a bare error, and takes its absence for success', async () => {
    const error = { kind: 6, resource: 8, source: 's', extra: '' };
    const failing = await connect({
      destroyVolume: (_call: unknown, callback: sendUnaryData<unknown>) => callback(null, { error }),
    });
    expect(await failing.destroyVolume(id(1))).toMatchObject({ ok: false, error: { kind: 'NotFound' } });
    close?.();
    const done = await connect({
      destroyVolume: (_call: unknown, callback: sendUnaryData<unknown>) => callback(null, {}),
    });
    expect(await done.destroyVolume(id(1))).toEqual({ ok: true, value: undefined });
  });

  it('takes a reply with nothing in it for broken, with the outcome unknown', async () => {
    const client = await connect({
      publishVolume: (_call: unknown, callback: sendUnaryData<unknown>) => callback(null, {}),
    });
    expect(await client.publishVolume(id(1), undefined)).toMatchObject({ ok: false, error: { outcome: 'unknown' } });
  });

  it.each([
    [status.INVALID_ARGUMENT, 'InvalidArgument', 'refused'],
    [status.CANCELLED, 'DeadlineExceeded', 'unknown'],
    [status.UNAVAILABLE, 'Unavailable', 'unknown'],
    [status.NOT_FOUND, 'NotFound', 'refused'],
  ])('turns gRPC status %i into %s', async (code, kind, outcome) => {
    const client = await connect({
      listAppNodes: (_call: unknown, callback: sendUnaryData<unknown>) => callback({ code, details: 'why' }),
    });
    expect(await client.listAppNodes()).toMatchObject({ ok: false, error: { kind, outcome, message: 'why' } });
  });

  it('says Unimplemented for an rpc that an older server lacks', async () => {
    const client = await connect({});
    expect(await client.listAppNodes()).toMatchObject({
      ok: false,
      error: { kind: 'Unimplemented', retryable: false },
    });
  });

  it('says that nothing was done when there is nobody at the address', async () => {
    const client = await connect({});
    close?.();
    const away = new AgentCoreClient('127.0.0.1:1');
    close = () => away.close();
    expect(client.endpoint).toMatch(/^127/);
    expect(await away.destroyVolume(id(1))).toMatchObject({
      ok: false,
      error: { kind: 'Unavailable', outcome: 'refused' },
    });
  });

  it('gives up on a server that does not answer, with the outcome unknown', async () => {
    const client = await connect({ getNodes: () => {} });
    expect(await client.listNodes()).toMatchObject({
      ok: false,
      error: { kind: 'DeadlineExceeded', outcome: 'unknown' },
    });
  });

  it('answers instead of throwing when it was closed', async () => {
    const client = await connect({});
    client.close();
    expect((await client.listNodes()).ok).toBe(false);
  });
});
