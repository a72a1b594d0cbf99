import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import { MiB } from '@/embedded/cluster/testing';
import { CATALOGUE, helpText, SCOPES } from './catalogue';
import { ControlServer } from './control-server';
import { FAULT_PAGE } from './page';

describe('the catalogue', () => {
  it('names each fault once, says what is seen of it, and has a sequence of states over time for it', () => {
    const ids = CATALOGUE.map((f) => f.id);
    expect(new Set(ids).size).toBe(ids.length);
    const tests = readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith('-faults.test.ts'))
      .map((name) => readFileSync(path.join(import.meta.dirname, name), 'utf8'))
      .join();
    for (const { id, effect } of CATALOGUE) {
      expect(effect.length, id).toBeGreaterThan(40);
      expect(tests, id).toContain(`describe('${id}'`);
    }
  });

  it('is what the help and the README tell, fault by fault', () => {
    const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8');
    const listed = [...readme.matchAll(/^\| `([a-z][a-z-]+)` +\|/gm)].map(([, id]) => id);
    expect(listed).toEqual(CATALOGUE.map((f) => f.id));
    for (const { id, title } of CATALOGUE) expect(helpText()).toContain(`  ${id.padEnd(18)}${title}. `);
    for (const { title } of SCOPES) expect(helpText()).toContain(title);
  });

  it('is not known to the page, which is built of what it is told', () => {
    for (const { id, title } of CATALOGUE) {
      expect(FAULT_PAGE).not.toContain(`'${id}'`);
      expect(FAULT_PAGE).not.toContain(title);
    }
  });
});

describe('the control API of faults', () => {
  let cluster: EmbeddedCluster;
  let server: ControlServer;

  beforeAll(async () => {
    const common = { timeFactor: 50, rebuildBytesPerSecond: undefined, agentCorePort: 0, seed: 1 };
    cluster = await EmbeddedCluster.start({ nodes: 2, disksPerNode: 1, diskBytes: 512 * MiB, ...common });
    server = new ControlServer(cluster);
    await server.start(0);
  });
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  async function ask(method: string, at: string, body?: unknown) {
    const text = body === undefined ? null : JSON.stringify(body);
    const response = await fetch(`${server.url}${at}`, { method, body: text });
    return { status: response.status, reply: await response.json() };
  }

  it('finds copies by name or UUID of their volume, so that one can be broken', async () => {
    const uuid = '7d3f3c1e-0000-4000-8000-000000000001';
    const labels = { value: { name: 'shop-db' } };
    await cluster.control.createVolume({ uuid, size: BigInt(16 * MiB), replicas: 2n, thin: true, labels });
    await cluster.control.publish(uuid, 'io-1');
    expect((await ask('GET', '/volumes?q=nothing')).reply).toEqual({ found: 0, volumes: [] });
    const { reply } = await ask('GET', '/volumes?q=SHOP');
    expect(reply.volumes).toMatchObject([{ uuid, name: 'shop-db', status: 'online', target: 'io-1' }]);
    expect(reply.volumes[0].copies.map((c: { node: string; state: string }) => [c.node, c.state])).toEqual([
      ['io-1', 'online'],
      ['io-2', 'online'],
    ]);
  });

  it('begins each lasting fault of nodes, disks and agent-core, shows it as broken, and ends it', async () => {
    const targets = { node: 'io-2', disk: 'io-2/0', 'agent-core': 'agent-core', replica: undefined };
    for (const { id, scope, lasting, amount } of CATALOGUE) {
      const target = targets[scope];
      if (!lasting || target === undefined) continue;
      const begun = await ask('POST', `/faults/${id}/${target}`);
      expect(begun.status, `${id}: ${begun.reply.error}`).toBe(200);
      expect(begun.reply.active).toMatchObject([{ fault: id, target, ...(amount && { amount: amount.usual }) }]);
      expect(begun.reply.active[0].since).toBeLessThanOrEqual(Date.now());
      const ended = await ask('DELETE', `/faults/${id}/${target}`);
      expect(ended.status, id).toBe(200);
      expect(ended.reply.active).toEqual([]);
      await cluster.whenOnline(['io-1', 'io-2'], 45_000);
    }
  });

  it('ends all that is broken at once, whoever began it and in whatever order that has to be', async () => {
    await ask('POST', '/faults/disk-fail/io-1/0');
    await ask('POST', '/faults/disk-full/io-2/0');
    await ask('POST', '/nodes/io-2/hang');
    cluster.node('io-1').condition.isCutFromCore = true;
    await ask('POST', '/agent-core/kill');
    const { reply } = await ask('GET', '/faults');
    expect(reply.active).toHaveLength(5);
    const ended = await ask('DELETE', '/faults');
    expect(ended).toMatchObject({ status: 200, reply: { active: [] } });
    await cluster.whenOnline(['io-1', 'io-2'], 45_000);
  });

  it('refuses what it does not know with 404, what cannot be now with 409, what is no such amount with 400', async () => {
    expect((await ask('POST', '/faults/earthquake/io-1')).status).toBe(404);
    expect((await ask('POST', '/faults/node-kill/io-9')).status).toBe(404);
    expect((await ask('POST', '/faults/disk-fail/io-1/7')).status).toBe(404);
    expect((await ask('POST', '/faults/replica-error/none')).status).toBe(404);
    expect((await ask('POST', '/faults/disk-slow/io-1/0', { amount: 0 })).status).toBe(400);
    expect((await ask('POST', '/faults/disk-slow/io-1/0', { amount: 'x' })).status).toBe(400);
    expect((await ask('POST', '/faults/node-kill/io-1', { amount: 3 })).status).toBe(400);
    expect((await ask('DELETE', '/faults/core-restart')).status).toBe(409);
    expect((await ask('PUT', '/faults')).status).toBe(404);
    await ask('POST', '/faults/node-kill/io-1');
    expect((await ask('POST', '/faults/node-hang/io-1')).status).toBe(409);
    expect((await ask('POST', '/faults/disk-full/io-1/0')).status).toBe(409);
    await ask('DELETE', '/faults/node-kill/io-1');
    await cluster.whenOnline(['io-1'], 45_000);
  });
});
