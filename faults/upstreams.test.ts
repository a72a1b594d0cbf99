import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Overview } from '@/contract/overview';
import type { SourceState } from '@/contract/source';
import type { VolumeWindow } from '@/contract/volume';
import { ConsoleProcess } from './support/console';
import { eventually, tell, timed } from './support/eventually';
import { BROKEN, RawUpstream } from './support/raw-upstream';
import { type FaultyCluster, startFaultyCluster } from './support/upstreams';

// One console with many clusters, each of which breaks in its own way at the same time: what one does to the others shows.

const UNKNOWN = '11111111-2222-4333-8444-555555555555';
const ids = [
  'away',
  'dies',
  'restarts',
  'late',
  'hole',
  'mute',
  'drip',
  'torn',
  'flipped',
  'noise',
  'proxied',
  'steady',
] as const;
type Id = (typeof ids)[number];
const clusters = {} as Record<Id, FaultyCluster>; // filled below, before any test
const broken = new Map<string, { upstream: RawUpstream; name: string }>();
let app: ConsoleProcess;
let readyAfterMs = 0;

beforeAll(async () => {
  for (const id of ids) clusters[id] = await startFaultyCluster(1, 10);
  await clusters.away.core.set({ kind: 'refuse' });
  let n = 0;
  for (const [name, answer] of Object.entries(BROKEN))
    broken.set(`raw-${n++}`, { name, upstream: await new RawUpstream(answer).start() });
  const addresses = Object.fromEntries([
    ...ids.map((id) => [id, clusters[id].core.endpoint]),
    ...[...broken].map(([id, { upstream }]) => [id, upstream.endpoint]),
  ]);
  const begun = performance.now();
  app = await ConsoleProcess.start({ clusters: addresses });
  await eventually(async () => expect((await app.fetch('/readyz')).status).toBe(200));
  readyAfterMs = Math.round(performance.now() - begun);
});

afterAll(async () => {
  await app?.kill();
  for (const id of ids) await clusters[id]?.stop();
  for (const { upstream } of broken.values()) await upstream.stop();
});

const overview = (id: string) => app.json<Overview>(id, '/overview');
const core = async (id: string): Promise<SourceState> => {
  const [source] = await app.sources(id);
  if (!source) throw new Error('no source');
  return source;
};
const is = async (id: string, status: SourceState['status']) => expect((await core(id)).status).toBe(status);
const volumesOf = (id: string) => app.json<VolumeWindow>(id, '/volumes?limit=500');

/** A change of the first volume, as a page would ask for it. */
async function deletion(id: string): Promise<Response> {
  const row = (await volumesOf(id)).rows[0];
  const etag = row ? (await app.get(id, `/volumes/${row.id}`)).headers.get('etag') : null;
  return app.taking(
    'DELETE',
    `/api/v1/clusters/${id}/volumes/${row?.id}`,
    { confirm: row?.name ?? 'x' },
    { 'if-match': etag ?? '"x"' },
  );
}

describe.concurrent('a console whose agent-core', () => {
  it('cannot be reached at the start is ready to say so, refuses changes, and finds it when it appears (R1)', async () => {
    tell(`R1: ready after ${readyAfterMs} ms with an agent-core away`);
    await eventually(() => is('away', 'failing'));
    const seen = await overview('away');
    expect(seen.safety.level).toBe('unknown');
    expect(seen.volumes.total).toBeNull();
    const change = await app.change(
      'POST',
      '/api/v1/clusters/away/volumes',
      { sizeBytes: '1073741824', replicas: 1, thin: true },
      { 'idempotency-key': '11111111-2222-4333-8444-555555555555' },
    );
    expect([change.status, (await change.json()).code]).toEqual([503, 'upstream_unavailable']);
    await clusters.away.core.set({ kind: 'none' });
    tell(`R1: connected ${await timed(() => is('away', 'ok'))} ms after it appeared`);
    expect((await overview('away')).volumes.total).toBe(10);
  });

  it('dies keeps what it knew, says how old that is, and refuses changes (R2)', async () => {
    await eventually(() => is('dies', 'ok'));
    await eventually(async () => expect((await volumesOf('dies')).rows).toHaveLength(10));
    await clusters.dies.core.set({ kind: 'refuse' });
    tell(`R2: noticed after ${await timed(() => is('dies', 'failing'))} ms`);
    const source = await core('dies');
    expect(Date.parse(source.lastOkAt ?? '')).toBeLessThanOrEqual(Date.now());
    expect((await volumesOf('dies')).rows).toHaveLength(10);
    expect((await overview('dies')).findings[0]).toMatchObject({ severity: 'critical', object: { id: 'agent-core' } });
    expect((await deletion('dies')).status).toBe(503);
  });

  it('restarts is followed without anybody doing anything (R3)', async () => {
    await eventually(() => is('restarts', 'ok'));
    for (let round = 0; round < 2; round += 1) {
      await clusters.restarts.core.set({ kind: 'refuse' });
      await eventually(() => is('restarts', 'failing'));
      await clusters.restarts.core.set({ kind: 'none' });
      tell(`R3: fresh ${await timed(() => is('restarts', 'ok'))} ms after it was back`);
    }
  });

  it('answers too late is waited for no longer than the deadline, and not asked by a crowd meanwhile (R4)', async () => {
    await eventually(() => is('late', 'ok'));
    await clusters.late.core.set({ kind: 'late', ms: 20_000 });
    await eventually(() => is('late', 'failing'));
    expect((await core('late')).error?.code).toMatch(/DeadlineExceeded|Unavailable/);
    expect((await volumesOf('late')).rows).toHaveLength(10);
    await clusters.late.core.set({ kind: 'none' });
    await eventually(() => is('late', 'ok'));
  });

  it('stands and never moves a byte is found out and found again (R5)', async () => {
    await eventually(() => is('hole', 'ok'));
    await clusters.hole.core.set({ kind: 'hang' });
    tell(`R5: noticed after ${await timed(() => is('hole', 'failing'))} ms`);
    await clusters.hole.core.set({ kind: 'none' });
    tell(`R5: fresh ${await timed(() => is('hole', 'ok'))} ms after it moved again`);
  });

  it('takes requests and sends nothing back is found out and found again (half-open)', async () => {
    await eventually(() => is('mute', 'ok'));
    await clusters.mute.core.set({ kind: 'half-open' });
    await eventually(() => is('mute', 'failing'));
    await clusters.mute.core.set({ kind: 'none' });
    clusters.mute.core.cut();
    await eventually(() => is('mute', 'ok'));
  });

  it('answers a few bytes at a time, resets in the middle of replies, or sends other bits, is an error and then well again', async () => {
    for (const id of ['drip', 'torn', 'flipped', 'noise', 'proxied'] as const) await eventually(() => is(id, 'ok'));
    await clusters.drip.core.set({ kind: 'drip', bytes: 3, everyMs: 200 });
    await clusters.torn.core.set({ kind: 'reset', after: 700 });
    await clusters.flipped.core.set({ kind: 'flip', every: 97 });
    await clusters.noise.core.set({ kind: 'garbage' });
    await clusters.proxied.core.set({ kind: 'http1' });
    clusters.torn.core.cut();
    for (const id of ['drip', 'torn', 'noise', 'proxied'] as const) await eventually(() => is(id, 'failing'));
    // Other bits may be an error or another name; what they must not be is the end of us.
    await eventually(async () => expect((await app.get('flipped', '/overview')).status).toBe(200));
    await clusters.torn.core.set({ kind: 'end', after: 300 });
    clusters.torn.core.cut();
    await eventually(() => is('torn', 'failing'));
    for (const id of ['drip', 'torn', 'flipped', 'noise', 'proxied'] as const) {
      await clusters[id].core.set({ kind: 'none' });
      clusters[id].core.cut();
      await eventually(async () => {
        await is(id, 'ok');
        expect((await volumesOf(id)).rows).toHaveLength(10);
      });
    }
  });

  it.each(Object.keys(BROKEN).map((name, n) => [name, `raw-${n}`] as const))(
    'answers with %s is failing, for a reason, and no more is asked of it than of others (R30)',
    async (name, id) => {
      const upstream = broken.get(id)?.upstream;
      await eventually(() => is(id, 'failing'));
      expect((await core(id)).error?.message).toMatch(/\S/);
      expect((await overview(id)).volumes.total).toBeNull();
      expect((await volumesOf(id)).total).toBeNull();
      expect((await app.get(id, `/volumes/${UNKNOWN}`)).status).toBeGreaterThanOrEqual(500);
      if (name === 'nothing') expect(upstream?.mostWaiting).toBeLessThanOrEqual(16);
    },
  );
});

describe('after all of that', () => {
  it('the cluster that nothing happened to was read all the time, and nothing was left uncaught', async () => {
    expect(await core('steady')).toMatchObject({ status: 'ok', error: null });
    const metrics = await app.metrics();
    const calls = [...metrics].filter(([k]) => k.includes('calls_total{cluster="steady"') && !k.includes('code="OK"'));
    // A machine without time to spare may miss a deadline; nothing else may have gone wrong.
    const wrong = calls
      .map(([name]) => name)
      .filter((name) => !/code="(DeadlineExceeded|Busy|Unavailable)"/.test(name));
    expect(wrong, wrong.join()).toEqual([]);
    expect(app.isRunning).toBe(true);
    expect(app.uncaught).toEqual([]);
    tell(
      `memory ${app.rssMiB.toFixed(0)} MiB, ${app.openFiles} files, event loop p99 ${metrics.get('nodejs_eventloop_lag_p99_seconds')} s, ` +
        `${app.cpuSeconds.toFixed(1)} s of CPU for ${ids.length + broken.size} clusters`,
    );
    expect(app.rssMiB).toBeLessThan(600);
    // An upstream that cannot be told from a broken one is no reason to be unready.
    expect((await app.fetch('/readyz')).status).toBe(200);
  });
});
