import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildFiles } from './build-files';

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(5_000))});`;
let folder: string;
let server: Server;
let files: BuildFiles;
let port = 0;

interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The answer with its bytes as they come. */
const ask = (urlPath: string, headers: Record<string, string> = {}): Promise<Got> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: urlPath, headers, agent: false }, (res) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts) }));
    }).on('error', reject);
  });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'build-files-'));
  mkdirSync(path.join(folder, 'static/chunks'), { recursive: true });
  mkdirSync(path.join(folder, 'public'));
  writeFileSync(path.join(folder, 'static/chunks/a1.js'), SCRIPT);
  writeFileSync(path.join(folder, 'static/chunks/b2.woff2'), Buffer.from([0, 1, 2, 255]));
  writeFileSync(path.join(folder, 'static/chunks/c3.js.map'), '{}');
  writeFileSync(path.join(folder, 'public/boot.js'), 'boot();');
  writeFileSync(path.join(folder, 'secret.js'), 'secret');
  files = new BuildFiles({ built: path.join(folder, 'static'), scripts: path.join(folder, 'public') });
  server = createServer((req, res) => {
    const urlPath = req.url ?? '';
    if (files.has(urlPath)) void files.answer(urlPath, req, res);
    else res.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port; // it listens on a port
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe('files of the build', () => {
  it.each([
    ['gzip, deflate', 'gzip', gunzipSync],
    ['gzip, br;q=1, zstd', 'br', brotliDecompressSync],
    ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
    ['gzip;q=0.0', undefined, (bytes: Buffer) => bytes],
    ['', undefined, (bytes: Buffer) => bytes],
  ])('come whole to whoever accepts %j', async (accepted, encoding, open) => {
    const { status, headers, body } = await ask('/_next/static/chunks/a1.js', { 'accept-encoding': accepted });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      vary: 'accept-encoding',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'application/javascript; charset=UTF-8',
      'content-length': String(body.length),
    });
    expect(headers['content-encoding']).toBe(encoding);
    expect(open(body).toString()).toBe(SCRIPT);
  });

  it('leave fonts as they are', async () => {
    const { headers, body } = await ask('/_next/static/chunks/b2.woff2', { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBeUndefined();
    expect([...body]).toEqual([0, 1, 2, 255]);
  });

  it('are asked for anew where the name has no hash, and answered with 304 when they are the same', async () => {
    const { headers } = await ask('/boot.js');
    expect(headers['cache-control']).toBe('public, max-age=0');
    const again = await ask('/boot.js', { 'if-none-match': headers.etag ?? '' });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect((await ask('/boot.js', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it.each([
    '/_next/static/../../secret.js',
    '/_next/static/%2e%2e/secret.js',
    '/_next/static/chunks/c3.js.map',
    '/_next/static/chunks/',
    '/_next/static/__proto__',
    '/secret.js',
  ])('are those and no others: %s', (urlPath) => {
    expect(files.has(urlPath)).toBe(false);
  });
});
