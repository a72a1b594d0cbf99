import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessReviewClient, accessOf } from './access-review';

let server: Server;
let folder = '';
let handle: (req: IncomingMessage, res: ServerResponse, body: string) => void = () => undefined;
let asked: Array<{ path: string | undefined; authorization: string | undefined; body: unknown }> = [];

const json = (res: ServerResponse, status: number, value: unknown) => {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(value));
};
const allow = (status: object) => (_: IncomingMessage, res: ServerResponse) =>
  json(res, 201, { kind: 'SubjectAccessReview', status });

function kubeconfig(port: number, token: string, host = '127.0.0.1'): string {
  const file = path.join(folder, `kubeconfig-${token}`);
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: `http://${host}:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [
        { name: 'x', context: { cluster: 'c', user: 'u' } },
        { name: 'other', context: { cluster: 'gone', user: 'u' } },
      ],
      'current-context': 'x',
    }),
  );
  return file;
}

let port = 0;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mayastor-kube-'));
  server = createServer((req, res) => {
    let body = '';
    req.on('data', (part) => (body += part));
    req.on('end', () => {
      asked.push({ path: req.url, authorization: req.headers.authorization, body: JSON.parse(body) });
      handle(req, res, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo); // a TCP server's address is never a string
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const review = {
  user: 'oidc:u-1',
  groups: ['oidc:ops'],
  group: 'console.openebs.io',
  verb: 'delete',
  resource: 'volumes',
  name: 'v-1',
};
const ask = async (file = kubeconfig(port, 'secret')) =>
  (await AccessReviewClient.open(accessOf(file, undefined))).review(review);

describe('a SubjectAccessReview', () => {
  it('is asked as the console itself, for whoever asks', async () => {
    handle = allow({ allowed: true });
    asked = [];
    expect(await ask()).toEqual({ kind: 'allowed' });
    expect(asked).toEqual([
      {
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        authorization: 'Bearer secret',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: 'oidc:u-1',
            groups: ['oidc:ops'],
            resourceAttributes: { group: 'console.openebs.io', verb: 'delete', resource: 'volumes', name: 'v-1' },
          },
        },
      },
    ]);
  });
  it.each<[string, object]>([
    ['not allowed', { allowed: false }],
    ['allowed and denied', { allowed: true, denied: true }],
    ['not allowed with an error', { allowed: false, evaluationError: 'no such role' }],
  ])('means no when it is %s', async (_what, status) => {
    handle = allow(status);
    expect(await ask()).toEqual({ kind: 'denied' });
  });
  it.each<[string, typeof handle, RegExp]>([
    ['401', (_, res) => json(res, 401, {}), /answered 401/],
    ['403', (_, res) => json(res, 403, { status: { allowed: true } }), /answered 403/],
    ['500', (_, res) => json(res, 500, {}), /answered 500/],
    ['a redirect', (_, res) => res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /answered 302/],
    ['no JSON', (_, res) => res.end('<html>'), /no JSON/],
    ['something else', (_, res) => json(res, 200, { status: { allowed: 'yes' } }), /something else/],
    ['no status', (_, res) => json(res, 200, {}), /something else/],
    ['too much', (_, res) => res.end('x'.repeat(300_000)), /too much/],
    ['half an answer', (req) => req.socket.destroy(), /ECONNRESET|hang up/],
  ])('means nothing when the API server answers %s', async (_what, answer, reason) => {
    handle = answer;
    expect(await ask()).toEqual({ kind: 'unavailable', reason: expect.stringMatching(reason) });
  });
  it('means nothing when there is no answer in three seconds, or no server', async () => {
    handle = () => undefined;
    const started = Date.now();
    expect(await ask()).toEqual({ kind: 'unavailable', reason: 'no answer in 3 s' });
    expect(Date.now() - started).toBeGreaterThanOrEqual(2_900);
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const free = (gone.address() as AddressInfo).port;
    await new Promise((resolve) => gone.close(resolve));
    expect(await ask(kubeconfig(free, 'gone'))).toEqual({ kind: 'unavailable', reason: 'ECONNREFUSED' });
  });
  it('is not asked of a server whose certificate nobody would check', async () => {
    const file = kubeconfig(port, 'far', 'kubernetes.example');
    await expect(AccessReviewClient.open(accessOf(file, undefined))).rejects.toThrow('skips the check');
  });
  it('needs a kubeconfig that names a cluster', async () => {
    await expect(AccessReviewClient.open(accessOf(path.join(folder, 'none'), undefined))).rejects.toThrow();
    await expect(AccessReviewClient.open(accessOf(kubeconfig(port, 'a'), 'other'))).rejects.toThrow('names no cluster');
  });
});
