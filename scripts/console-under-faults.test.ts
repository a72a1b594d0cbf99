import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ListQuery } from '@/contract/list';
import { NodeWindow } from '@/contract/node';
import { Overview } from '@/contract/overview';
import { Pool } from '@/contract/pool';
import { Volume } from '@/contract/volume';
import { Collector } from '@/server/collector/collector';
import type { ClusterSnapshot } from '@/server/model/snapshot';
import { AgentCoreClient } from '@/server/upstream/agent-core';
import { IoEngineClient } from '@/server/upstream/io-engine';
import { nodesView } from '@/server/views/nodes';
import { overviewView } from '@/server/views/overview';
import { poolView } from '@/server/views/pool';
import { volumeView } from '@/server/views/volume';
import { volumeRows } from '@/server/views/volume-row';
import { Program } from './testing';

/** What the console tells of a cluster in which something is broken: what it knows, and that it does not know the rest. */
let cluster: Program;
let control: string;
let agentCore: AgentCoreClient;
let collector: Collector;
/** A volume with three copies and its target on another node than io-2, where one copy is. */
let id: string;

beforeAll(async () => {
  const flags = ['--nodes', '3', '--disks', '1', '--volumes', '8', '--scenario', 'calm', '--time-factor', '50'];
  cluster = Program.source('embedded/main.ts', flags);
  const [line] = await cluster.says(/^\{.*"ready":true.*\}$/m);
  const ready = JSON.parse(line);
  control = ready.control;
  agentCore = new AgentCoreClient(ready.agentCore);
  collector = new Collector({
    cluster: { id: 'c', name: 'C' },
    agentCore,
    ioEngines: (endpoint, node) => new IoEngineClient(endpoint, node),
  });
  collector.start();
  await tells('everything is read', (s) => s.volumes?.items.size === 8 && s.engines.size === 3);
  const rows = volumeRows(collector.snapshot) ?? [];
  const found = rows.find((r) => r.replicas.wanted === 3 && r.targetNode !== null && r.targetNode !== 'io-2');
  if (!found) throw new Error('no volume with three copies and its target beside io-2');
  id = found.id;
});
afterEach(async () => {
  await ask('DELETE', '/faults');
  await tells(
    'all is well again',
    (s) => overview(s).safety.level === 'safe' && s.sources.every((x) => x.status === 'ok'),
  );
});
afterAll(async () => {
  await collector.stop();
  agentCore.close();
  cluster.signal('SIGTERM');
  await cluster.ended;
});

async function ask(method: string, path: string): Promise<void> {
  const response = await fetch(`${control}${path}`, { method });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
}
const begin = (fault: string, target = '') => ask('POST', `/faults/${fault}/${target}`);
const end = (fault: string, target = '') => ask('DELETE', `/faults/${fault}/${target}`);

/** Resolves with the first snapshot of which that is true. */
async function tells(what: string, test: (s: ClusterSnapshot) => boolean): Promise<ClusterSnapshot> {
  const limit = performance.now() + 45_000;
  for (;;) {
    const s = collector.snapshot;
    if (test(s)) return s;
    if (performance.now() > limit) throw new Error(`never: ${what}; ${JSON.stringify(overview(s).safety)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// Each answer has to be one that the contract allows, whatever the servers say.
const overview = (s: ClusterSnapshot) => Overview.parse(overviewView(s, collector.series.of('cluster', 60)));
const pool = (s: ClusterSnapshot, name: string) => Pool.parse(poolView(s, name));
const volume = (s: ClusterSnapshot) => Volume.parse(volumeView(s, id as Parameters<typeof volumeView>[1]));
function node(s: ClusterSnapshot, name: string) {
  const outcome = nodesView(s, ListQuery.parse({}));
  if (!('value' in outcome)) throw new Error('nodes cannot be listed');
  const row = NodeWindow.parse(outcome.value).rows.find((r) => r.id === name);
  if (!row) throw new Error(`no row of ${name}`);
  return row;
}
const farCopy = (s: ClusterSnapshot) => volume(s).replicas.find((r) => r.node?.id === 'io-2');

describe('the console under faults', () => {
  it('says of a newer server that it does not know its words, and neither that all is well nor that a copy is lost', async () => {
    const targetNode = volume(collector.snapshot).row.targetNode ?? '';
    await begin('core-newer');
    await begin('node-newer', targetNode);
    const newer = await tells(
      'the pool has an unknown state',
      (s) => pool(s, 'pool-io-2-0').row.status === 'unrecognized:42',
    );
    expect(newer.volumes?.items.size).toBe(8);
    expect(newer.sources.every((x) => x.status === 'ok')).toBe(true);
    expect(volume(newer).row.status).toBe('online');
    await begin('replica-offline', farCopy(newer)?.id);
    const s = await tells('the volume has an unknown state', (x) => volume(x).row.status === 'unrecognized:42');
    expect(volume(s).row.replicas).toMatchObject({ wanted: 3, healthy: null });
    expect(overview(s).safety).toMatchObject({
      level: 'unknown',
      sentence: expect.stringMatching(/annot tell for 1 volume/),
    });
    await end('core-newer');
    await end('node-newer', targetNode);
    await tells('it is degraded in words that are known', (x) => volume(x).row.status === 'degraded');
  });

  it('says of a node that agent-core cannot reach what each of the two says, and nothing of its space', async () => {
    await begin('partition-core', 'io-2');
    const s = await tells('agent-core has lost the node', (x) => node(x, 'io-2').status !== 'online');
    // The io-engine still answers the console: what it says is current.
    expect(s.sources.find((x) => x.node === 'io-2')?.status).toBe('ok');
    expect(node(s, 'io-2')).toMatchObject({
      capacity: { capacityBytes: null, usedBytes: null },
      observed: { stale: false },
    });
    expect(pool(s, 'pool-io-2-0').row).toMatchObject({ status: 'unknown', capacity: { usedBytes: null } });
    expect(volume(s).row.status).toBe('online');
    expect(farCopy(s)).toMatchObject({ status: 'unknown', child: { state: 'online' } });
  });

  it('says of a node that is parted from its peers that it is online, and of its copy why it is lost', async () => {
    await begin('partition-peers', 'io-2');
    const s = await tells('the copy is lost', (x) => volume(x).row.status === 'degraded');
    expect(volume(s).row.statusReason).toContain('io-2: it took too long to answer');
    expect(node(s, 'io-2').status).toBe('online');
    expect(overview(s).safety.level).toBe('at-risk');
  });

  it('says of a node that hangs since when it is silent, and shows what it said before as old', async () => {
    await begin('node-hang', 'io-2');
    const s = await tells('it is silent', (x) => /does not answer since/.test(node(x, 'io-2').statusReason ?? ''));
    const row = node(s, 'io-2');
    expect(row).toMatchObject({ io: null, rebuilds: null, observed: { stale: true } });
    expect(Date.parse(row.observed.at ?? '')).toBeLessThanOrEqual(Date.now());
    expect(pool(s, 'pool-io-2-0').row).toMatchObject({ status: 'unknown', io: null });
  });

  it('says of a cluster without a control plane how it was, since when, and that this is not how it is', async () => {
    const before = collector.snapshot.volumes?.at ?? 0;
    await begin('core-kill');
    const s = await tells('the control plane is silent', (x) => overview(x).safety.level === 'unknown');
    expect(overview(s).safety.sentence).toMatch(/does not answer since \d\d:\d\d:\d\d UTC, so this is how it was then/);
    expect(volume(s).row.id).toBe(id);
    expect(s.volumes?.at).toBeGreaterThanOrEqual(before);
    expect(volume(s).sources.map((x) => x.source)).toContain('agent-core');
  });

  it('leaves open what became of a change that the store of the control plane did not take', async () => {
    await begin('core-store-fail');
    const reply = await agentCore.resizeVolume(id as Parameters<typeof agentCore.resizeVolume>[0], 64n << 30n);
    expect(reply).toMatchObject({ ok: false, error: { kind: 'FailedPersist', outcome: 'unknown' } });
    await end('core-store-fail');
  });

  it('shows moments of a node whose clock is wrong as told, and goes by its own', async () => {
    const targetNode = volume(collector.snapshot).row.targetNode ?? '';
    await begin('node-clock', targetNode);
    const copy = farCopy(collector.snapshot)?.id;
    await begin('replica-offline', copy);
    await end('replica-offline', copy);
    const isAhead = (x: { endedAt: string | null }) => Date.parse(x.endedAt ?? '') - Date.now() > 3_000_000;
    const s = await tells('it was rebuilt, an hour from now', (x) => volume(x).rebuilds.past.some(isAhead));
    const past = volume(s).rebuilds.past.find(isAhead);
    expect(Date.parse(past?.observed.at ?? '')).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(volume(s).row.since ?? new Date(0).toISOString())).toBeLessThanOrEqual(Date.now());
  });
});
