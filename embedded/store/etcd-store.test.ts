import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AgentCore } from '@/embedded/agent-core/agent-core';
import { timings } from '@/embedded/timing';
import { EtcdStore } from './etcd-store';
import { MemoryStore } from './memory-store';

let inner: MemoryStore;
let core: AgentCore;
let store: EtcdStore;

beforeEach(async () => {
  inner = new MemoryStore();
  core = new AgentCore({ host: '127.0.0.1', port: 0, store: inner, timings: timings(50) });
  await core.start();
  store = new EtcdStore(core.address, 2_000);
});
afterEach(async () => {
  store.close();
  await core.stop();
});

it('keeps an io-engine’s keys at agent-core, as it would at etcd', async () => {
  await store.put('volume/a/nexus/1/info', '{"clean_shutdown":false}');
  await store.put('volume/a/nexus/2/info', 'ö');
  await store.put('volume/b/nexus/3/info', 'other');
  expect(await store.get('volume/a/nexus/2/info')).toBe('ö');
  expect(await store.list('volume/a/')).toEqual([
    ['volume/a/nexus/1/info', '{"clean_shutdown":false}'],
    ['volume/a/nexus/2/info', 'ö'],
  ]);
  await store.delete('volume/a/nexus/1/info');
  expect(await store.get('volume/a/nexus/1/info')).toBeUndefined();
  expect(await inner.list('volume/')).toHaveLength(2);
});

it('does not let an io-engine at the specs', async () => {
  await inner.put('agent-core/specs/volume/x', '{}');
  const denied = { code: status.PERMISSION_DENIED };
  await expect(store.get('agent-core/specs/volume/x')).rejects.toMatchObject(denied);
  await expect(store.put('agent-core/specs/volume/x', 'stolen')).rejects.toMatchObject(denied);
  await expect(store.delete('agent-core/specs/volume/x')).rejects.toMatchObject(denied);
  expect(await store.list('a')).toEqual([]);
  expect(await inner.get('agent-core/specs/volume/x')).toBe('{}');
});

it('rejects while the store is away, and finds it again when it is back', async () => {
  const port = Number(core.address.split(':')[1]);
  await store.put('k', '1');
  await core.kill();
  await expect(store.put('k', '2')).rejects.toThrow();
  core = new AgentCore({ host: '127.0.0.1', port, store: inner, timings: timings(50) });
  await core.start();
  await expect.poll(() => store.get('k').catch(() => 'away'), { timeout: 10_000 }).toBe('1');
});
