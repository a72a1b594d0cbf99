import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveNodes } from '../upstream/wire.test-support';
import { doctor } from './doctor';

let folder = '';
let said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mayastor-doctor-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = async (env: Record<string, string>) => ({
  code: await doctor(env, (line) => said.push(line)),
  text: said.join('\n'),
});
const config = (yaml: string) => {
  const file = path.join(folder, 'c.yaml');
  writeFileSync(file, yaml);
  return { CONFIG: file };
};

/** A port of loopback on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe('the doctor', () => {
  it('names what would keep the console from starting, in one line', async () => {
    const { code, text } = await run({ AGENT_CORE: 'core:50051', HOST: '0.0.0.0' });
    expect(code).toBe(78);
    expect(text).toMatch(/^FAIL configuration: HOST: the local sign-in is for this machine only/);
  });
  it('explains a configuration, and says of each upstream whether it answers', async () => {
    const core = new Server();
    const gone = `127.0.0.1:${await freePort()}`;
    serveNodes(core, [
      { id: 'io-1', endpoint: gone },
      { id: 'io-2', endpoint: '169.254.169.254:10124' },
    ]);
    const port = await new Promise<number>((resolve, reject) =>
      core.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const { code, text } = await run({ AGENT_CORE: `127.0.0.1:${port}`, READ_ONLY: '1' });
    core.forceShutdown();
    expect(code).toBe(1);
    expect(text).toContain('Listens on 127.0.0.1, port 4200');
    expect(text).toContain('whoever opens the link that it prints, on this machine, has the role admin');
    expect(text).toContain('Read only: nothing can be changed');
    expect(text).toMatch(/ok {3}cluster default: agent-core .* answers, with 2 storage nodes/);
    expect(text).toMatch(/FAIL cluster default: io-engine of io-1: .*Unavailable/);
    expect(text).toMatch(/FAIL cluster default: io-engine of io-2: .*is not dialled/);
  });
  it('tells that something else answers at the address of agent-core, and what to set', async () => {
    const other = createHttp((_, res) => res.end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const at = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const { code, text } = await run({ AGENT_CORE: at });
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(1);
    expect(text).toContain(`FAIL cluster default: agent-core ${at}: NotAgentCore: an HTTP server answers at ${at}`);
    expect(text).toMatch(/agent-core listens on 50051/);
  });
  it('tries the identity provider and Kubernetes, and never tells a secret', async () => {
    const secret = path.join(folder, 'secret');
    writeFileSync(secret, 'canary-of-the-client', { mode: 0o600 });
    const issuer = `http://127.0.0.1:${await freePort()}`;
    const gone = `127.0.0.1:${await freePort()}`;
    const { code, text } = await run({
      ...config(`clusters: [{ id: a, agentCore: "${gone}", kubernetes: { kubeconfig: ${folder}/none } }]
auth: { mode: oidc, issuer: "${issuer}", clientId: console, clientSecretFile: ${secret}, everyone: viewer }`),
      PUBLIC_URL: 'https://console.example.org',
    });
    expect(code).toBe(1);
    expect(text).toMatch(/OpenID Connect: people sign in at http:.* as the client console/);
    expect(text).toMatch(/FAIL identity provider/);
    expect(text).toMatch(/FAIL cluster a: agent-core/);
    expect(text).toMatch(/FAIL cluster a: Kubernetes/);
    expect(text).not.toContain('canary');
  });
});
