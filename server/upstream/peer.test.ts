import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, createSecureServer } from 'node:http2';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { afterAll, describe, expect, it } from 'vitest';
import { AgentCoreClient } from './agent-core';
import { serveNodes } from './wire.test-support';

const ends: Array<() => unknown> = [];
afterAll(() => ends.forEach((end) => void end()));

/** Has a server listen on a free port of loopback. */
async function at(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is never a string
}

async function grpc(fill?: (server: GrpcServer) => void): Promise<string> {
  const server = new GrpcServer();
  fill?.(server);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (e, p) => (e ? reject(e) : resolve(p))),
  );
  ends.push(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

/** What the console is told when it lists the nodes there. */
async function told(target: string) {
  const client = new AgentCoreClient(target);
  try {
    const nodes = await client.listNodes();
    return nodes.ok ? undefined : await client.explain(nodes.error);
  } finally {
    client.close();
  }
}

describe('an address at which something else than agent-core answers', () => {
  it.each<[what: string, target: () => Promise<string>, words: RegExp]>([
    ['an HTTP server', () => at(createHttp((_, res) => res.end('hello'))), /an HTTP server answers at 127.*50051/],
    ['an HTTP/2 server', () => at(createHttp2((_, res) => res.end('hello'))), /does not know agent-core’s calls/],
    ['a gRPC server of another kind', () => grpc(), /does not know agent-core’s calls answers at 127.*10124/],
    // Without a certificate a handshake fails, and the alert that says so is TLS enough.
    ['a server that speaks TLS', () => at(createTls({})), /wants TLS answers.*without TLS/],
    ['gRPC behind TLS', () => at(createSecureServer({})), /wants TLS answers/],
    ['a service that greets', () => at(createTcp((s) => s.write('SSH-2.0-x\r\n'))), /does not speak gRPC answers/],
    ['a service that hangs up', () => at(createTcp((s) => s.destroy())), /does not speak gRPC answers/],
  ])('is told apart: %s', async (_what, target, words) => {
    const error = await told(await target());
    expect(error).toMatchObject({ kind: 'NotAgentCore' });
    expect(error?.message).toMatch(words);
  });

  it('is told apart from one at which nobody answers', async () => {
    const closed = createTcp();
    const target = await at(closed);
    await new Promise((resolve) => closed.close(resolve));
    const error = await told(target);
    expect(error).toMatchObject({ kind: 'Unavailable', outcome: 'refused' });
    expect(error?.message).toBe(
      `nothing listens at ${target} (ECONNREFUSED): check the address, and that agent-core runs`,
    );
    expect((await told('no-such-host.invalid:50051'))?.message).toMatch(/the name in no-such-host.invalid:50051/);
  });

  it('says of a service that takes connections and is silent that it hangs', async () => {
    const error = await told(await at(createTcp(() => undefined)));
    expect(error?.message).toMatch(/takes connections and says nothing/);
  });

  it('is no matter where agent-core answers', async () => {
    expect(await told(await grpc((server) => serveNodes(server, [{ id: 'io-1', endpoint: 'a:1' }])))).toBeUndefined();
  });
});
