import { afterEach, describe, expect, it } from 'vitest';
import { Collector } from './collector';
import { FakeCore, FakeEngine, HandClock, nexus, nexusId, node, totals, volume, volumeId } from './fakes.test-support';

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

function cluster(names: string[], options: { isWatched?: () => boolean } = {}) {
  const clock = new HandClock();
  const core = new FakeCore();
  const engines = new Map(names.map((name) => [name, new FakeEngine(name)]));
  names.forEach((name, i) => {
    core.nodes.set(name, node(name, `10.0.0.${i + 1}:10124`));
  });
  const engine = (name: string): FakeEngine => {
    const found = engines.get(name);
    if (!found) throw new Error(`no engine ${name}`);
    return found;
  };
  const collector = new Collector({
    cluster: { id: 'c', name: 'C' },
    agentCore: core,
    ioEngines: (_endpoint, name) => engine(name),
    clock,
    random: () => 0.5,
    ...options,
  });
  stop = () => collector.stop();
  collector.start();
  const state = (name?: string) => collector.snapshot.sources.find((s) => s.node === name);
  return { clock, core, engine, collector, state };
}

describe('Collector', () => {
  it('reads agent-core and every io-engine that it lists', async () => {
    const { clock, collector, core } = cluster(['io-1', 'io-2']);
    core.volumes.set(volumeId(1), volume(1));
    await clock.advance(1_500);
    const { snapshot } = collector;
    expect([...(snapshot.nodes?.items.keys() ?? [])]).toEqual(['io-1', 'io-2']);
    expect([...snapshot.engines.keys()]).toEqual(['io-1', 'io-2']);
    expect(snapshot.sources.map((s) => [s.source, s.node, s.status])).toEqual([
      ['agent-core', undefined, 'ok'],
      ['io-engine', 'io-1', 'ok'],
      ['io-engine', 'io-2', 'ok'],
    ]);
  });

  it('reads one volume of a large cluster once or twice, however many ask for it at once', async () => {
    const { clock, collector, core } = cluster(['io-1']);
    core.volumes.set(volumeId(1), volume(1));
    // A pass that takes so long is one of a large cluster.
    core.slow = () => new Promise((resolve) => clock.after(400, resolve));
    await clock.advance(3_000);
    const asked = await Promise.all(Array.from({ length: 100 }, () => collector.refresh({ volume: volumeId(1) })));
    expect(asked.every(Boolean)).toBe(true);
    expect(core.asked).toBeLessThanOrEqual(2);
    core.dead = true;
    expect(await collector.refresh({ volume: volumeId(1) })).toBe(false);
  });

  it('keeps its revision and tells nobody while nothing changes, though ages move on', async () => {
    const { clock, collector, core, engine } = cluster(['io-1']);
    core.volumes.set(volumeId(1), volume(1, { target: { node: 'io-1', nexus: nexusId(1), frontend: [] } }));
    engine('io-1').nexuses = [nexus(1)];
    engine('io-1').io.set(nexusId(1), totals());
    await clock.advance(5_000);
    const before = collector.snapshot;
    let heard = 0;
    collector.subscribe(() => {
      heard += 1;
    });
    await clock.advance(20_000);
    expect(heard).toBe(0);
    expect(collector.snapshot.revision).toBe(before.revision);
    expect(collector.snapshot.volumes?.items).toBe(before.volumes?.items);
    expect(collector.snapshot.at).toBeGreaterThan(before.at + 15_000);
  });

  it('shares what did not change and moves the revision when one volume does', async () => {
    const { clock, collector, core } = cluster([]);
    core.volumes.set(volumeId(1), volume(1)).set(volumeId(2), volume(2));
    await clock.advance(2_000);
    const before = collector.snapshot;
    core.volumes.set(volumeId(2), volume(2, { status: 'degraded' }));
    await clock.advance(2_000);
    const after = collector.snapshot;
    expect(after.revision).toBe(before.revision + 1);
    expect(after.volumes?.items.get(volumeId(1))).toBe(before.volumes?.items.get(volumeId(1)));
    expect(after.since.get(`volume:${volumeId(2)}`)?.since).toBeDefined();
    expect(after.since.get(`volume:${volumeId(1)}`)?.since).toBeUndefined();
  });

  it('does not let a hung io-engine delay the others', async () => {
    const { clock, collector, engine } = cluster(['io-1', 'io-2', 'io-3']);
    await clock.advance(2_000);
    engine('io-2').hung = true;
    const passes = { one: engine('io-1').passes, three: engine('io-3').passes };
    await clock.advance(30_000);
    expect(engine('io-1').passes - passes.one).toBeGreaterThanOrEqual(29);
    expect(engine('io-3').passes - passes.three).toBeGreaterThanOrEqual(29);
    expect(engine('io-2').passes).toBeLessThanOrEqual(4); // one pass hangs, none is put on top of it
    expect(collector.snapshot.engines.get('io-2')?.at).toBeLessThan(clock.now() - 29_000);
  });

  it('keeps the last reading of a silent io-engine with its age, and makes its rates unknown', async () => {
    const { clock, collector, core, engine, state } = cluster(['io-1']);
    core.volumes.set(volumeId(1), volume(1, { target: { node: 'io-1', nexus: nexusId(1), frontend: [] } }));
    engine('io-1').nexuses = [nexus(1)];
    engine('io-1').io.set(nexusId(1), totals());
    await clock.advance(3_000);
    expect(collector.snapshot.rates.get(`nexus:${nexusId(1)}`)?.rate.writeIops).toBe(0);
    const { at } = collector.snapshot.engines.get('io-1') ?? { at: 0 };
    engine('io-1').dead = true;
    await clock.advance(20_000);
    expect(state('io-1')).toMatchObject({ status: 'failing', error: { code: 'Unavailable' } });
    expect(collector.snapshot.engines.get('io-1')?.nexuses).toHaveLength(1);
    expect(collector.snapshot.engines.get('io-1')?.at).toBeLessThanOrEqual(at + 1_000);
    expect(collector.snapshot.rates.get(`nexus:${nexusId(1)}`)).toBeUndefined();
    expect(collector.snapshot.rates.get('cluster')).toBeUndefined();

    engine('io-1').dead = false;
    await clock.advance(20_000);
    expect(state('io-1')?.status).toBe('ok');
    expect(collector.snapshot.rates.get('cluster')).toBeDefined();
    const series = collector.series.of(`volume:${volumeId(1)}`, 5);
    expect(series.writeIops).toContain(null); // the time of silence is a gap
    expect(series.writeIops.at(-1)).toBe(0);
  });

  it('backs off while agent-core is away and notes when it will try again', async () => {
    const { clock, collector, core, state } = cluster(['io-1']);
    await clock.advance(2_000);
    core.dead = true;
    await clock.advance(1_500);
    const passes = core.passes;
    await clock.advance(60_000);
    // Every 2 s, so that a restart of it is seen soon; one pass a second would be 60.
    expect(core.passes - passes).toBeLessThan(40);
    expect(state()).toMatchObject({ source: 'agent-core', status: 'failing' });
    expect(Date.parse(state()?.nextTryAt ?? '')).toBeGreaterThan(clock.now());
    expect(collector.snapshot.nodes?.items.size).toBe(1);
    expect(Date.parse(state()?.lastOkAt ?? '')).toBeLessThan(clock.now() - 60_000);
  });

  it('has the data of an agent-core that is back after two minutes within 4 s (R3)', async () => {
    const { clock, core, state } = cluster([]);
    await clock.advance(2_000);
    core.dead = true;
    await clock.advance(120_000);
    core.dead = false;
    await clock.advance(4_000);
    expect(state()).toMatchObject({ status: 'ok' });
  });

  it('asks an io-engine that comes and goes every 2 s, and tells of it, ever less often (R7)', async () => {
    const { clock, collector, engine, state } = cluster(['io-1', 'io-2']);
    await clock.advance(2_000);
    const told: string[] = [];
    collector.subscribe(() => {
      const status = state('io-1')?.status ?? '';
      if (told.at(-1) !== status) told.push(status);
    });
    const passes = engine('io-2').passes;
    const flap = async (seconds: number) => {
      for (let s = 0; s < seconds; s += 2) {
        engine('io-1').dead = !engine('io-1').dead;
        await clock.advance(2_000);
      }
    };
    await flap(60);
    told.length = 0;
    await flap(300);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThanOrEqual(60);
    expect(engine('io-2').passes - passes).toBeGreaterThanOrEqual(355);
    // Once it stays, it is read every second again, and its past is forgotten.
    engine('io-1').dead = false;
    await clock.advance(60_000);
    const steady = engine('io-1').passes;
    await clock.advance(10_000);
    expect(engine('io-1').passes - steady).toBeGreaterThanOrEqual(9);
    engine('io-1').dead = true;
    await clock.advance(1_100);
    engine('io-1').dead = false;
    await clock.advance(3_000);
    expect(state('io-1')?.status).toBe('ok');
  });

  it('reads every 5 s while nobody looks, and soon and every second once somebody does', async () => {
    let isWatched = false;
    const { clock, core, engine, collector } = cluster(['io-1'], { isWatched: () => isWatched });
    await clock.advance(2_000);
    const idle = [core.passes, engine('io-1').passes] as const;
    await clock.advance(30_000);
    expect(core.passes - idle[0]).toBeLessThanOrEqual(7);
    expect(engine('io-1').passes - idle[1]).toBeLessThanOrEqual(7);
    await clock.advance(2_000);
    const before = core.passes;
    isWatched = true;
    collector.look();
    await clock.advance(1_100);
    expect(core.passes - before).toBeGreaterThanOrEqual(1);
    await clock.advance(10_000);
    expect(core.passes - before).toBeGreaterThanOrEqual(9);
    expect(engine('io-1').passes - idle[1]).toBeGreaterThanOrEqual(9);
  });

  it('keeps a volume that fell between two pages, and lets one go that agent-core does not have (facts of the wire, 6)', async () => {
    const { clock, core, collector } = cluster([]);
    for (const n of [1, 2, 3]) core.volumes.set(volumeId(n), volume(n));
    await clock.advance(2_000);
    core.hidden.add(volumeId(2));
    core.volumes.delete(volumeId(3));
    await clock.advance(2_000);
    expect([...(collector.snapshot.volumes?.items.keys() ?? [])]).toEqual([volumeId(1), volumeId(2)]);
  });

  it('reads at once on refresh, and a crowd of callers costs two passes at most', async () => {
    const { clock, collector, core } = cluster([]);
    await clock.advance(2_100);
    const passes = core.passes;
    core.volumes.set(volumeId(3), volume(3));
    await Promise.all(Array.from({ length: 50 }, () => collector.refresh({ volume: volumeId(3) })));
    expect(collector.snapshot.volumes?.items.has(volumeId(3))).toBe(true);
    expect(core.passes - passes).toBeLessThanOrEqual(2);
  });

  it('refuses to dial a node that claims a link-local or a local address', async () => {
    const { clock, core, state } = cluster([]);
    core.nodes.set('evil', node('evil', '169.254.169.254:80'));
    core.nodes.set('self', node('self', 'localhost:6443'));
    core.nodes.set('path', node('path', 'unix:/run/x'));
    await clock.advance(3_000);
    for (const name of ['evil', 'self', 'path']) expect(state(name)?.status).toBe('refused');
  });

  it('takes what another node says at a reused address for no answer', async () => {
    const { clock, core, engine, state } = cluster(['io-1']);
    Object.assign(engine('io-1'), { node: 'io-9' });
    core.nodes.set('io-1', node('io-1'));
    await clock.advance(3_000);
    expect(state('io-1')).toMatchObject({ status: 'failing', error: { code: 'WrongNode' } });
  });

  it('reads a node anew when it moves, and forgets one that is gone', async () => {
    const { clock, collector, core, engine } = cluster(['io-1']);
    await clock.advance(2_000);
    core.nodes.set('io-1', node('io-1', '10.0.0.77:10124'));
    await clock.advance(2_000);
    expect(engine('io-1').closed).toBe(true);
    expect(collector.snapshot.sources[1]?.endpoint).toBe('10.0.0.77:10124');
    core.nodes.clear();
    await clock.advance(3_000);
    expect(collector.snapshot.engines.size).toBe(0);
    expect(collector.snapshot.sources).toHaveLength(1);
  });
});
