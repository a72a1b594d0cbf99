import { Server, ServerCredentials, type sendUnaryData, status } from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import { HostRpcService } from '@/gen/mayastor/v1/host';
import { NexusRpcService } from '@/gen/mayastor/v1/nexus';
import { IoEngineClient } from './io-engine';

let close: (() => void) | undefined;
afterEach(() => close?.());

it.each([
  [status.NOT_FOUND, 'NotFound'],
  [status.INTERNAL, 'Internal'],
  [status.UNIMPLEMENTED, 'Unimplemented'],
])(
  'P1: takes gRPC status %i of an io-engine for %s, and an empty answer for one without nexuses',
  async (code, kind) => {
    let isFailing = true;
    const server = new Server();
    server.addService(HostRpcService, {});
    server.addService(NexusRpcService, {
      listNexus: (_call: unknown, callback: sendUnaryData<unknown>) =>
        isFailing ? callback({ code, details: 'why' }) : callback(null, { nexusList: [] }),
    });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const client = new IoEngineClient(`127.0.0.1:${port}`, 'io-1');
    close = () => {
      client.close();
      server.forceShutdown();
    };
    expect(await client.listNexuses()).toMatchObject({
      ok: false,
      error: { source: 'io-engine', kind, message: 'why' },
    });
    isFailing = false;
    expect(await client.listNexuses()).toEqual({ ok: true, value: [] });
  },
);
