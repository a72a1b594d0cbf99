import { beforeEach, describe, expect, it } from 'vitest';
import { Collector } from '../collector/collector';
import { FakeCore, FakeEngine, HandClock, node } from '../collector/fakes.test-support';
import { Metrics } from './metrics';

let clock: HandClock;
let core: FakeCore;
let engine: FakeEngine;
let collector: Collector;
let metrics: Metrics;

beforeEach(() => {
  clock = new HandClock();
  core = new FakeCore();
  engine = new FakeEngine('io-1');
  collector = new Collector({
    cluster: { id: 'c1', name: 'C1' },
    agentCore: core,
    ioEngines: () => engine,
    clock,
    random: () => 0.5,
  });
  const cluster = { id: 'c1', collector, hub: { size: 3, cuts: 2 }, operations: { list: () => [] } };
  metrics = new Metrics({ version: '1', clusters: () => [cluster], auditLost: () => 4, requests: () => 5 });
});

/** The value of a metric with exactly these labels. */
async function value(name: string, labels = ''): Promise<number | undefined> {
  const { body } = await metrics.text();
  const line = body.split('\n').find((l) => l.startsWith(`mayastor_console_${name}${labels} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

const CORE = '{cluster="c1",upstream="agent-core",node=""}';
const NODE = '{cluster="c1",upstream="io-engine",node="io-1"}';

describe('metrics', () => {
  it('tell of each upstream whether it answers and how old what is known of it is', async () => {
    expect(await value('upstream_up', CORE)).toBeUndefined();
    core.nodes.set('io-1', node('io-1'));
    collector.start();
    await clock.advance(2_000);
    expect([await value('upstream_up', CORE), await value('upstream_up', NODE)]).toEqual([1, 1]);
    engine.dead = true;
    await clock.advance(60_000);
    expect([await value('upstream_up', CORE), await value('upstream_up', NODE)]).toEqual([1, 0]);
    expect(await value('upstream_age_seconds', NODE)).toBeGreaterThan(55);
    expect(await value('upstream_age_seconds', CORE)).toBeLessThan(5);
  });

  it('forget a node that is gone', async () => {
    core.nodes.set('io-1', node('io-1'));
    collector.start();
    await clock.advance(2_000);
    metrics.observer('c1', 'io-1')({ upstream: 'io-engine', code: 'OK', ms: 1 });
    expect(await value('upstream_calls_total', '{cluster="c1",upstream="io-engine",node="io-1",code="OK"}')).toBe(1);
    core.nodes.clear();
    await clock.advance(5_000);
    expect((await metrics.text()).body).not.toContain('io-1');
  });

  it('count calls by what became of them, and lump together what a newer server invents without end', async () => {
    const observe = metrics.observer('c1', '');
    observe({ upstream: 'agent-core', code: 'OK', ms: 3 });
    observe({ upstream: 'agent-core', code: 'Unavailable', ms: 3 });
    observe({ upstream: 'agent-core', code: 'Unavailable', ms: 3 });
    const labels = (code: string) => `{cluster="c1",upstream="agent-core",node="",code="${code}"}`;
    expect(await value('upstream_calls_total', labels('Unavailable'))).toBe(2);
    for (let i = 0; i < 1_000; i += 1) observe({ upstream: 'agent-core', code: `Kind(${i})`, ms: 1 });
    const { body } = await metrics.text();
    expect(body.split('\n').filter((l) => l.startsWith('mayastor_console_upstream_calls_total{'))).toHaveLength(41);
    expect(await value('upstream_calls_total', labels('Other'))).toBe(962);
  });

  it('stay one line each, whatever a node is called', async () => {
    const hostile = 'a"} 1\nevil{x="';
    core.nodes.set(hostile, node(hostile));
    collector.start();
    await clock.advance(2_000);
    const { body } = await metrics.text();
    expect(body).not.toMatch(/^evil/m);
    expect(body).toContain('node="a\\"} 1\\nevil{x=\\""');
  });

  it('tell of clients, lost audit lines and this process', async () => {
    expect(await value('streams', '{cluster="c1"}')).toBe(3);
    expect(await value('streams_cut_total', '{cluster="c1"}')).toBe(2);
    expect(await value('audit_lines_lost_total')).toBe(4);
    expect(await value('http_requests')).toBe(5);
    metrics.answered(421);
    expect(await value('http_responses_total', '{status="421"}')).toBe(1);
    expect((await metrics.text()).body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });
});
