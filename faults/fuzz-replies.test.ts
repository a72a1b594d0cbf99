import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes, type RouteEntry } from '@/app/api/v1/all-routes';
import type { SnapshotId, VolumeId } from '@/contract/scalars';
import { type TestRuntime, TOKEN, testPrincipal, testRuntime } from '@/server/auth/fakes.test-support';
import { Collector } from '@/server/collector/collector';
import type { CoreReads } from '@/server/collector/core-pass';
import type { EngineReads } from '@/server/collector/engine-pass';
import { HandClock } from '@/server/collector/fakes.test-support';
import type { ClusterSnapshot } from '@/server/model/snapshot';
import { type Cluster, setRuntime } from '@/server/runtime';
import { AgentCoreClient } from '@/server/upstream/agent-core';
import { IoEngineClient } from '@/server/upstream/io-engine';
import { tell } from './support/eventually';
import { HOSTILE_TEXTS } from './support/hostile';
import { RawUpstream, reply } from './support/raw-upstream';
import { replyBytes } from './support/replies';
import { FIRST_SEED, seedsOr } from './support/seeds';

// Every reply of both upstreams from its .proto, over the wire, through the clients and the collector into every route. An
// answer must be what its own schema says (which has no NaN), or a problem that is not ours.

const SEEDS = seedsOr(120);
const V = '00000000-0000-4000-8000-000000000001' as VolumeId;
const S = '00000000-0000-4000-8000-000000000002' as SnapshotId;

let seed = FIRST_SEED;
let upstream: RawUpstream;
let core: AgentCoreClient;
let engine: IoEngineClient;
const clock = new HandClock();
/** What the real clients made of the last replies. */
let coreSaid: CoreReads;
let engineSaid: EngineReads;
let collector: Collector;
let runtime: TestRuntime;
const errors: string[] = [];
const log = console.error;

beforeAll(async () => {
  console.error = (line: unknown) => void errors.push(String(line));
  upstream = await new RawUpstream((stream, headers) => {
    const path = String(headers[':path']);
    // The same path is answered differently by each seed, and differently from other paths.
    reply(replyBytes(path, seed * 1_009 + path.length))(stream, headers);
  }).start();
  core = new AgentCoreClient(upstream.endpoint);
  engine = new IoEngineClient(upstream.endpoint, 'io-1');
  const now = <T>(name: keyof CoreReads) => (coreSaid[name] as () => Promise<T>)();
  const agentCore = new Proxy({} as CoreReads, {
    get: (_, name) => (name === 'endpoint' ? '10.0.0.100:50051' : () => now(name as keyof CoreReads)), // its methods by name
  });
  const reads = new Proxy({} as EngineReads, {
    get: (_, name) => () => (name === 'close' ? undefined : (engineSaid[name as keyof EngineReads] as () => unknown)()), // as above
  });
  collector = new Collector({
    cluster: { id: 'c', name: 'C' },
    agentCore,
    ioEngines: () => reads,
    clock,
    random: () => 0.5,
  });
  runtime = testRuntime(new Map([['c', cluster()]]));
  setRuntime(runtime);
});
afterAll(async () => {
  console.error = log;
  setRuntime(undefined);
  await collector?.stop();
  core?.close();
  engine?.close();
  await upstream?.stop();
});

/** Methods that answer what `values` holds. */
const said = <T>(values: Record<string, unknown>): T =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, () => Promise.resolve(value)])) as T;

async function readAll(): Promise<void> {
  const [listNodes, listPools, listReplicas, listVolumes, listSnapshots, listAppNodes, getVolume] = await Promise.all([
    core.listNodes(),
    core.listPools(),
    core.listReplicas(),
    core.listVolumes(),
    core.listSnapshots(),
    core.listAppNodes(),
    core.getVolume(V),
  ]);
  coreSaid = said({ listNodes, listPools, listReplicas, listVolumes, listSnapshots, listAppNodes, getVolume });
  const [info, usage, listNexuses, rebuildHistory, nexusIo, replicaIo, poolIo] = await Promise.all([
    engine.info(),
    engine.usage(),
    engine.listNexuses(),
    engine.rebuildHistory(),
    engine.nexusIo(),
    engine.replicaIo(),
    engine.poolIo(),
  ]);
  const [nexus] = listNexuses.ok ? listNexuses.value : [];
  const rebuildStats = nexus
    ? await engine.rebuildStats(nexus, nexus.children[0]?.uri ?? '')
    : { ok: true, value: undefined };
  engineSaid = said({ info, usage, listNexuses, rebuildHistory, nexusIo, replicaIo, poolIo, rebuildStats });
}

function cluster(): Cluster {
  const operations = { list: () => [], get: () => undefined };
  return { id: 'c', name: 'C', agentCore: core, collector, operations, hub: { size: 0 } } as unknown as Cluster; // what reads use
}

/** Ids for a route's parameters: what the snapshot holds, and text that no one should be called. */
function idsFor(name: string, s: ClusterSnapshot): string[] {
  const list =
    name === 'uuid'
      ? s.volumes
      : name === 'pool'
        ? s.pools
        : name === 'node'
          ? s.nodes
          : name === 'id'
            ? s.snapshots
            : undefined;
  return [...[...(list?.items.keys() ?? [])].slice(0, 2), HOSTILE_TEXTS[seed % HOSTILE_TEXTS.length] ?? ''];
}

const QUERIES: Record<string, readonly string[]> = {
  '/volumes': ['?limit=500', '?q=a', '?sort=-size&limit=2', '?q=status%3Adegraded'],
  '/pools': ['?sort=-used', ''],
  '/metrics': ['?minutes=10'],
  '/replica-count': ['?to=3', '?to=1'],
  '/audit': [''],
};
const queriesOf = (path: string) => Object.entries(QUERIES).find(([end]) => path.endsWith(end))?.[1] ?? [''];

async function askAll(route: RouteEntry, s: ClusterSnapshot): Promise<void> {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').filter((name) => name !== 'cluster');
  // One of each, another with each seed.
  const ids = names.length === 0 ? [''] : idsFor(names[0] ?? '', s);
  const id = ids[seed % ids.length] ?? '';
  const queries = queriesOf(route.path);
  const query = queries[seed % queries.length] ?? '';
  const params = { cluster: 'c', ...(names[0] === undefined ? {} : { [names[0]]: id }) };
  const body = route.path.endsWith('/plan')
    ? JSON.stringify({ sizeBytes: '1073741824', replicas: 2, thin: true })
    : undefined;
  const request = new Request(`http://console${route.path.replace(/[{}]/g, '')}${query}`, {
    method: route.method,
    headers: { 'x-mc-csrf': TOKEN, 'content-type': 'application/json', origin: 'http://console' },
    ...(body === undefined ? {} : { body }),
  });
  const response = await runtime.auth.run(
    testPrincipal('breakglass', {
      session: { id: 's', birth: { generation: '', mark: '' }, expiresAt: Date.UTC(2100, 0) },
    }),
    '::1',
    () => route.handler(request, { params: Promise.resolve(params) }),
  );
  const text = await response.text();
  const what = `seed ${seed}, ${route.method} ${route.path} ${JSON.stringify(id)}${query}: ${response.status} ${text.slice(0, 300)} ${errors.at(-1) ?? ''}`;
  expect(response.status, what).not.toBe(500);
  if (response.ok && response.headers.get('content-type')?.startsWith('application/json')) {
    const parsed = route.handler.definition.answer.safeParse(JSON.parse(text));
    const wrong = parsed.success ? [] : parsed.error.issues.slice(0, 3);
    expect(wrong, `${JSON.stringify(wrong)} ${what}`).toEqual([]);
  }
}

describe('replies of upstreams', () => {
  it(`of any shape end in answers of the right one (${SEEDS} seeds)`, async () => {
    const routes = allRoutes().filter((r) => r.method === 'GET' || r.path.endsWith('/plan'));
    let volumes = 0;
    let readings = 0;
    const begun = performance.now();
    await readAll();
    collector.start();
    for (seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      await readAll();
      await clock.advance(1_100);
      const s = collector.snapshot;
      volumes += s.volumes?.items.size ?? 0;
      readings += s.engines.size;
      for (const route of routes) await askAll(route, s);
    }
    tell(
      `replies: ${SEEDS} seeds, ${upstream.calls} replies, ${volumes} volumes and ${readings} readings shown, ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    );
    expect(errors).toEqual([]);
    expect(volumes).toBeGreaterThan(SEEDS / 4);
    expect(readings).toBeGreaterThan(SEEDS / 20);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it(`to changes are a result or an error with words (${SEEDS} seeds)`, async () => {
    const wanted = {
      sizeBytes: '1048576',
      replicas: 1,
      thin: true,
      labels: {},
      selfHeal: true,
      nodeInclusion: {},
      nodeSpread: [],
      allowedNodes: [],
      poolInclusion: {},
    };
    for (seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const results = await Promise.all([
        core.createVolume(V, wanted),
        core.destroyVolume(V),
        core.publishVolume(V, undefined),
        core.unpublishVolume(V, false),
        core.setVolumeReplica(V, 2),
        core.resizeVolume(V, 1n),
        core.setMaxSnapshots(V, 1),
        core.createSnapshot(V, S),
        core.destroySnapshot(S),
        core.getBlockDevices('io-1', true),
      ]);
      for (const result of results) {
        if (result.ok) continue;
        expect(typeof result.error.kind, `seed ${seed}`).toBe('string');
        expect(typeof result.error.message, `seed ${seed}`).toBe('string');
        expect(result.error.message.length).toBeLessThan(5_000);
      }
    }
  });
});
