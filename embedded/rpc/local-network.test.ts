import { Server, ServerCredentials, type ServiceError, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { type ListPoolsResponse, Pool, PoolRpcService } from '@/gen/mayastor/v1/pool';
import { LocalNetwork, type Service } from './local-network';
import { SocketClient, type UnaryClient } from './unary-client';

const pool = Pool.fromPartial({ uuid: 'u', name: 'p', capacity: 2n ** 60n, disks: ['/d'] });
const LONG_MS = 30_000;

/** Answers by what the call asks for. */
function services(waiting: (go: () => void) => void): Service[] {
  const implementation: UntypedServiceImplementation = {
    listPools: (
      call: { request: { name?: string } },
      callback: (error: object | null, value?: ListPoolsResponse) => void,
    ) => {
      const { name } = call.request;
      if (name === 'missing') callback({ code: status.NOT_FOUND, details: 'no such pool' });
      else if (name === 'never') waiting(() => callback(null, { pools: [] }));
      else callback(null, { pools: [pool] });
    },
  };
  return [[PoolRpcService, implementation]];
}

const failure = (call: Promise<unknown>): Promise<ServiceError> =>
  call.then(
    () => Promise.reject(new Error('it was answered')),
    (error: ServiceError) => error,
  );

/** The same server within the process and on a socket. */
async function both() {
  let arrived = () => {};
  const waits = () =>
    new Promise<void>((resolve) => {
      arrived = resolve;
    });
  const list = services(() => arrived());
  const network = new LocalNetwork();
  const local = network.serve('here:1', list);
  const server = new Server();
  for (const [definition, implementation] of list) server.addService(definition, implementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const clients: Record<'local' | 'socket', UnaryClient> = {
    local: network.dial('here:1'),
    socket: new SocketClient(`127.0.0.1:${port}`, {}),
  };
  const stop = () => {
    local.close();
    server.forceShutdown();
  };
  const end = () => {
    for (const client of Object.values(clients)) client.close();
    stop();
  };
  return { clients, network, stop, waits, end };
}

const listPools = (client: UnaryClient, name?: string, deadlineMs = LONG_MS) =>
  client.call(PoolRpcService.listPools, { name }, deadlineMs);

describe.each(['local', 'socket'] as const)('a call over %s', (kind) => {
  let end = () => {};
  afterEach(() => end());

  const start = async () => {
    const started = await both();
    end = started.end;
    return { ...started, client: started.clients[kind] };
  };

  it('answers what the server said, in objects of the caller', async () => {
    const { client } = await start();
    const answer = await listPools(client);
    expect(answer).toEqual({ pools: [pool] });
    expect(answer.pools[0]).not.toBe(pool);
    expect(answer.pools[0]?.disks).not.toBe(pool.disks);
  });

  it('rejects with the status of the server', async () => {
    const { client } = await start();
    expect(await failure(listPools(client, 'missing'))).toMatchObject({
      code: status.NOT_FOUND,
      details: 'no such pool',
    });
  });

  it('is UNIMPLEMENTED where nobody serves the method', async () => {
    const { client } = await start();
    const call = client.call({ ...PoolRpcService.listPools, path: '/mayastor.v1.PoolRpc/Nothing' }, {}, LONG_MS);
    expect(await failure(call)).toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('ends at its deadline when nothing is answered', async () => {
    const { client } = await start();
    await listPools(client);
    expect(await failure(listPools(client, 'never', 50))).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  it('fails at once when the server goes while it is under way, and when it is gone', async () => {
    const { client, stop, waits } = await start();
    const arrived = waits();
    const under = failure(listPools(client, 'never'));
    await arrived;
    stop();
    expect([status.UNAVAILABLE, status.CANCELLED]).toContain((await under).code);
    expect(await failure(listPools(client))).toMatchObject({ code: status.UNAVAILABLE });
  });
});

it('finds a server that comes back at the same address, and nobody after close', async () => {
  const network = new LocalNetwork();
  const client = network.dial('here:1');
  expect(await failure(listPools(client))).toMatchObject({ code: status.UNAVAILABLE });
  const first = network.serve(
    'here:1',
    services(() => {}),
  );
  const second = network.serve(
    'here:1',
    services(() => {}),
  );
  first.close();
  expect(network.has('here:1')).toBe(true);
  expect((await listPools(client)).pools).toHaveLength(1);
  client.close();
  expect(await failure(listPools(client))).toMatchObject({ code: status.UNAVAILABLE });
  second.close();
  expect(network.has('here:1')).toBe(false);
});
