import dns from 'node:dns';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, expect, it, vi } from 'vitest';
import { AgentCoreClient } from './agent-core';
import { serveNodes } from './wire.test-support';

afterEach(() => vi.restoreAllMocks());

/** An agent-core at an address of this machine, one node of which has its name. */
async function coreAt(host: string, port: number, node: string): Promise<{ port: number; stop: () => void }> {
  const server = new Server();
  serveNodes(server, [{ id: node, endpoint: '10.0.0.1:10124' }]);
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (e, p) => (e ? reject(e) : resolve(p))),
  );
  return { port: bound, stop: () => server.forceShutdown() };
}

it('looks a name up again when what was there is gone, and finds where it moved (R32)', async () => {
  let address = '127.0.0.1';
  vi.spyOn(dns.promises, 'lookup').mockImplementation((async () => [
    { address, family: 4 },
  ]) as unknown as typeof dns.promises.lookup);
  const first = await coreAt('127.0.0.1', 0, 'before');
  const client = new AgentCoreClient(`agent-core.test:${first.port}`);
  const nodes = async () => {
    const reply = await client.listNodes();
    return reply.ok ? [...reply.value.keys()] : [];
  };
  await expect.poll(nodes, { timeout: 20_000 }).toEqual(['before']);
  // The service is made anew, elsewhere.
  const second = await coreAt('127.0.0.2', first.port, 'after');
  address = '127.0.0.2';
  first.stop();
  await expect.poll(nodes, { timeout: 50_000, interval: 200 }).toEqual(['after']);
  client.close();
  second.stop();
});
