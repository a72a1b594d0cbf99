import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { LOCAL, TestConsole } from '../auth/console.test-support';
import type { Limits } from '../limits/limits';
import { RawClient, status } from './raw-client.test-support';

// The limits themselves are in server/limits; here: that they stand at the door, and what a client hears.

let app: TestConsole | undefined;
afterEach(async () => {
  await app?.stop();
  app = undefined;
});

async function started(limits: Partial<Limits>, trustedProxies: string[] = []): Promise<TestConsole> {
  app = await new TestConsole(LOCAL, { limits, trustedProxies }).start();
  return app;
}

async function session(console: TestConsole): Promise<Record<string, string>> {
  const body = JSON.stringify({ token: console.made?.newLink?.() });
  const response = await console.ask('/auth/local', { method: 'POST', body });
  const { csrf } = await response.json();
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '', 'x-mc-csrf': csrf };
}

const statuses = (answers: Response[]) => {
  const count: Record<number, number> = {};
  for (const { status } of answers) count[status] = (count[status] ?? 0) + 1;
  return count;
};
const burst = (n: number, ask: (i: number) => Promise<Response>) =>
  Promise.all(Array.from({ length: n }, (_, i) => ask(i)));

/** A request whose body does not come holds its place. */
function hold(console: TestConsole, headers: Record<string, string>, line = 'PUT /api/v1/x'): Socket {
  const socket = connect(console.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const lines = Object.entries({ ...headers, origin: console.url, 'content-type': 'application/json' });
  socket.write(
    `${line} HTTP/1.1\r\nHost: 127.0.0.1:${console.port}\r\nContent-Length: 9\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`,
  );
  return socket;
}

describe('who asks too much', () => {
  it('as a session, is told when to come back, and others are not', async () => {
    const console = await started({ readsPerSecond: 1 });
    const headers = await session(console);
    const answers = await burst(20, () => console.ask('/api/v1/x', { headers }));
    expect(statuses(answers)[200]).toBeLessThan(10);
    const late = answers.find((a) => a.status === 429);
    expect(Number(late?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await late?.json())?.code).toBe('too_many_requests');
    expect((await console.ask('/login')).status).toBe(200);
  });
  it('by changes, is held back sooner than by reads', async () => {
    const console = await started({ writesPerSecond: 1 });
    const headers = await session(console);
    const change = () => console.ask('/api/v1/x', { method: 'PUT', body: '{"size":"1"}', headers });
    expect(statuses(await burst(20, change))[200]).toBeLessThan(8);
    expect(console.changes).toBeLessThan(8);
    expect((await console.ask('/api/v1/x', { headers })).status).toBe(200);
  });
  it('without a session, is counted by address, whatever it says of itself', async () => {
    const console = await started({ anonymousPerSecond: 1 });
    const claim = (i: number) => console.ask('/login', { headers: { 'x-forwarded-for': `192.0.2.${i}` } });
    expect(statuses(await burst(20, claim))[429]).toBeGreaterThan(10);
  });
  it('behind a trusted proxy, is told of in the log by the address that the proxy names', async () => {
    const console = await started({}, ['127.0.0.0/8']);
    const headers = { 'x-forwarded-for': '192.0.2.9', origin: 'http://evil.test' };
    expect((await console.ask('/api/v1/x', { method: 'PUT', body: '{}', headers })).status).toBe(403);
    expect(JSON.parse(console.lines.at(-1) ?? '')).toMatchObject({ action: 'request.refused', address: '192.0.2.9' });
  });
  it('behind a trusted proxy, is counted by the address that the proxy names', async () => {
    const console = await started({ anonymousPerSecond: 1 }, ['127.0.0.0/8']);
    const from = (i: number) => console.ask('/login', { headers: { 'x-forwarded-for': `192.0.2.${i}` } });
    expect(statuses(await burst(20, from))).toEqual({ 200: 20 });
    expect(statuses(await burst(20, () => from(7)))[429]).toBeGreaterThan(10);
  });
  it('by signing in, is held back, and a right link still works later', async () => {
    const console = await started({ signInsPerMinute: 3 });
    const link = console.made?.newLink?.();
    const guess = () => console.ask('/auth/local', { method: 'POST', body: '{"token":"guessed"}' });
    expect(statuses(await burst(10, guess))).toEqual({ 401: 3, 429: 7 });
    const right = await console.ask('/auth/local', { method: 'POST', body: JSON.stringify({ token: link }) });
    expect(right.status).toBe(429);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(1);
  });
  it('all at once, finds the console busy at once, and it lives on', async () => {
    const console = await started({ requests: 2 });
    const headers = await session(console);
    const held = [hold(console, headers), hold(console, await session(console))];
    await expect.poll(async () => (await console.ask('/api/v1/x', { headers })).status).toBe(503);
    const raw = new RawClient(() => console.port);
    expect(await raw.get('/c/default')).toMatch(/retry-after: 1/i);
    // Health does not stand in that line.
    expect(status(await raw.get('/healthz'))).toBe(200);
    for (const socket of held) socket.destroy();
    await expect.poll(async () => (await console.ask('/api/v1/x', { headers })).status).toBe(200);
  });
  it('by sending slowly, holds a quarter of the places, and the others are for others', async () => {
    const console = await started({ requests: 8 });
    const [slow, quick] = [await session(console), await session(console)];
    const held = Array.from({ length: 8 }, () => hold(console, slow));
    await expect.poll(async () => (await console.ask('/api/v1/x', { headers: slow })).status).toBe(429);
    expect((await console.ask('/api/v1/x', { headers: quick })).status).toBe(200);
    expect((await console.ask('/login')).status).toBe(200);
    for (const socket of held) socket.destroy();
    await expect.poll(async () => (await console.ask('/api/v1/x', { headers: slow })).status).toBe(200);
  });
  it('as a stranger who sends slowly, keeps nobody out who is signed in', async () => {
    const console = await started({ requests: 8 });
    const headers = await session(console);
    const held = Array.from({ length: 20 }, () => hold(console, {}, 'POST /api/v1/csp-report'));
    await expect.poll(async () => (await console.ask('/login')).status).toBe(429);
    expect((await console.ask('/api/v1/x', { headers })).status).toBe(200);
    for (const socket of held) socket.destroy();
    await expect.poll(async () => (await console.ask('/login')).status).toBe(200);
  });
});
