import { describe, expect, it } from 'vitest';
import type { Operation } from '@/contract/operation';
import { CreateVolume } from '@/contract/volume';
import type { VolumeModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import { err, ok, type Result, type UpstreamError } from '../upstream/result';
import { NOW, snapshotId, type TestVolume, testSnapshot, volumeId } from '../views/fixtures.test-support';
import type { Change } from './change';
import type { ChangeClient, ClusterAccess } from './cluster-access';
import { Operations } from './operations';

const lostAnswer: UpstreamError = {
  source: 'agent-core',
  kind: 'DeadlineExceeded',
  message: 'deadline',
  retryable: false,
  outcome: 'unknown',
};
const refusal: UpstreamError = {
  source: 'agent-core',
  kind: 'ResourceExhausted',
  resource: 'Pool',
  message: 'not enough pools',
  retryable: false,
  outcome: 'refused',
};

/** An agent-core whose volumes are test volumes; `react` says what a call does and answers. */
class FakeCluster {
  volumes = new Map<number, TestVolume>();
  calls: string[] = [];
  time = NOW;
  react: (call: string, apply: () => void) => Result<undefined> | Promise<Result<undefined>> = (_, apply) => {
    apply();
    return ok(undefined);
  };
  /** agent-core's own view of a volume's status, which may lag behind the io-engines'. */
  coreSays: (v: VolumeModel) => VolumeModel['status'] = (v) => v.status;
  /** Called whenever time passes. */
  tick: () => void = () => undefined;
  readonly ending = new AbortController();
  private readonly listeners = new Set<() => void>();

  snapshot(): ClusterSnapshot {
    return testSnapshot({ volumes: [...this.volumes.values()] });
  }

  volume(n: number): VolumeModel | undefined {
    return this.snapshot().volumes?.items.get(volumeId(n));
  }

  private async call<T>(name: string, apply: () => void, value: T): Promise<Result<T>> {
    this.calls.push(name);
    const reply = await this.react(name, apply);
    return reply.ok ? ok(value) : reply;
  }

  private edit(n: number, change: (v: TestVolume) => TestVolume) {
    const v = this.volumes.get(n);
    if (v) this.volumes.set(n, change(v));
  }

  access(): ClusterAccess {
    const number = (id: string) => Number(id.slice(-12));
    const client: ChangeClient = {
      getVolume: async (id) => {
        const model = this.volume(number(id));
        return ok(model && { model: { ...model, status: this.coreSays(model) }, raw: {} });
      },
      listSnapshots: async () => ok(new Map()),
      createVolume: (id, w) =>
        this.call(
          'create',
          () => this.volumes.set(number(id), { n: number(id), on: [1, 2, 3].slice(0, w.replicas) }),
          undefined,
        ),
      destroyVolume: (id) => this.call('destroy', () => this.volumes.delete(number(id)), undefined),
      publishVolume: (id, node) =>
        this.call(
          'publish',
          () => this.edit(number(id), (v) => ({ ...v, target: Number(node?.slice(3) ?? 1) })),
          undefined,
        ),
      unpublishVolume: (id) =>
        this.call('unpublish', () => this.edit(number(id), ({ target: _, ...v }) => v), undefined),
      setVolumeReplica: (id, n) =>
        this.call(
          `count ${n}`,
          () => this.edit(number(id), (v) => ({ ...v, wanted: n, on: n < v.on.length ? v.on.slice(0, n) : v.on })),
          undefined,
        ),
      resizeVolume: () => this.call('resize', () => undefined, undefined),
      createSnapshot: () => this.call('snapshot', () => undefined, undefined),
      destroySnapshot: () => this.call('delete snapshot', () => undefined, undefined),
    };
    return {
      agentCore: client,
      snapshot: () => this.snapshot(),
      subscribe: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      refresh: async () => undefined,
      now: () => this.time,
      // Time passes only when somebody waits.
      pause: async (ms) => {
        await new Promise(setImmediate);
        this.time += ms;
        this.tick();
        for (const listener of this.listeners) listener();
      },
      signal: this.ending.signal,
    };
  }
}

async function run(fake: FakeCluster, change: Change): Promise<Operation> {
  const operations = new Operations(fake.access());
  const started = operations.start(change);
  if (!started.ok) throw new Error(started.failure.detail);
  await operations.settled();
  const ended = operations.get(started.operation.id);
  if (!ended) throw new Error('forgotten');
  return ended;
}

const wanted = (more: Partial<CreateVolume> = {}) =>
  CreateVolume.parse({ sizeBytes: String(1 << 30), thin: true, replicas: 2, ...more });
const create = (more: Partial<CreateVolume> = {}): Change => ({
  kind: 'create-volume',
  volume: volumeId(1),
  name: 'db',
  wanted: wanted(more),
  isDerived: false,
});
const count = (from: number, to: number, force = false): Change => ({
  kind: 'set-replica-count',
  volume: volumeId(1),
  name: 'db',
  from,
  to,
  force,
});

describe('a change whose answer is lost', () => {
  it('is sent once, and counts as done when the cluster shows it', async () => {
    const fake = new FakeCluster();
    fake.react = (_, apply) => {
      apply();
      return err(lostAnswer);
    };
    const o = await run(fake, create());
    expect(fake.calls).toEqual(['create']);
    expect(o.state).toBe('succeeded');
    expect(o.steps[0]?.detail).toMatch(/answer was lost, but/);
  });

  it('is found done when the cluster shows it only later', async () => {
    const fake = new FakeCluster();
    fake.react = (_, apply) => {
      fake.tick = () => fake.time > NOW + 10_000 && apply();
      return err(lostAnswer);
    };
    expect((await run(fake, create())).state).toBe('succeeded');
    expect(fake.calls).toEqual(['create']);
  });

  it('stays unknown, and is not sent again, when the cluster never shows it', async () => {
    const fake = new FakeCluster();
    fake.react = () => err(lostAnswer);
    const o = await run(fake, create({ publish: {} }));
    expect(fake.calls).toEqual(['create']);
    expect(o.state).toBe('unknown');
    expect(o.problem).toMatchObject({
      code: 'outcome_unknown',
      status: 504,
      operationId: o.id,
      upstream: { kind: 'DeadlineExceeded' },
    });
    expect(o.steps.map((s) => s.state)).toEqual(['unknown', 'pending', 'pending']);
  });
});

describe('creation', () => {
  it('publishes after creating, and follows until the target serves it', async () => {
    const fake = new FakeCluster();
    const o = await run(fake, create({ publish: { node: 'io-2' } }));
    expect(fake.calls).toEqual(['create', 'publish']);
    expect(o).toMatchObject({ state: 'succeeded', problem: null });
    expect(o.steps.at(-1)?.detail).toBe('Online on io-2.');
  });

  it('tells a refusal with its status and the upstream’s own words, and does not publish', async () => {
    const fake = new FakeCluster();
    fake.react = () => err(refusal);
    const o = await run(fake, create({ publish: {} }));
    expect(o).toMatchObject({
      state: 'failed',
      problem: { code: 'insufficient_storage', status: 507, upstream: { kind: 'ResourceExhausted', resource: 'Pool' } },
    });
    expect(fake.calls).toEqual(['create']);
  });
});

describe('replica count', () => {
  it('goes up by one at a time, each complete before the next', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1], target: 1 });
    let waited = 0;
    fake.tick = () => {
      const v = fake.volumes.get(1);
      waited += 1;
      // The cluster brings a copy after a while, first incomplete, then complete.
      if (v?.wanted !== undefined && v.wanted > v.on.length && waited % 3 === 0) {
        fake.volumes.set(1, {
          ...v,
          on: [...v.on, v.on.length + 1],
          child: { [v.on.length + 1]: { state: 'degraded', reason: 'out-of-sync' } },
        });
      } else if (v?.wanted === v?.on.length && v && waited % 3 === 2) fake.volumes.set(1, { ...v, child: {} });
    };
    const order: string[] = [];
    fake.react = (call, apply) => {
      const v = fake.volumes.get(1);
      order.push(`${call} with ${v?.on.length} copies, all complete: ${Object.keys(v?.child ?? {}).length === 0}`);
      apply();
      return ok(undefined);
    };
    const o = await run(fake, count(1, 3));
    expect(o.state).toBe('succeeded');
    expect(order).toEqual(['count 2 with 1 copies, all complete: true', 'count 3 with 2 copies, all complete: true']);
    expect(o.command?.split('\n')).toHaveLength(2);
  });

  it('asks for the next copy only when the control plane, too, sees the volume online', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1], target: 1 });
    let caughtUpAt = NOW;
    fake.coreSays = () => (fake.time < caughtUpAt ? 'degraded' : 'online');
    const at: number[] = [];
    fake.react = (_, apply) => {
      at.push(fake.time);
      apply();
      const v = fake.volumes.get(1);
      if (v?.wanted !== undefined) fake.volumes.set(1, { ...v, on: [1, 2, 3].slice(0, v.wanted) });
      caughtUpAt = fake.time + 20_000;
      return ok(undefined);
    };
    const o = await run(fake, count(1, 3));
    expect(o.state).toBe('succeeded');
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(20_000);
  });

  it('stops going down when a copy fails on the way and the next would be the last healthy one', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1, 2, 3], target: 1 });
    fake.react = (_, apply) => {
      apply();
      const v = fake.volumes.get(1);
      // Both remaining copies fall out of use right after the first removal.
      if (v)
        fake.volumes.set(1, {
          ...v,
          child: { 1: { state: 'faulted', reason: 'io-failure' }, 2: { state: 'faulted', reason: 'io-failure' } },
        });
      return ok(undefined);
    };
    const o = await run(fake, count(3, 1));
    expect(fake.calls).toEqual(['count 2']);
    expect(o).toMatchObject({ state: 'failed', problem: { code: 'last_healthy_copy' } });
  });

  it('does not go down while it cannot be told how many copies are healthy', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1, 2], target: 1, child: { 2: { state: 'unknown' } } });
    const o = await run(fake, count(2, 1));
    expect(fake.calls).toEqual([]);
    expect(o.problem?.code).toBe('last_healthy_copy');
  });
});

describe('a forced reduction', () => {
  it('goes on where the wall would have stopped it, and nothing else is forced', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1, 2], target: 1, child: { 2: { state: 'unknown' } } });
    const o = await run(fake, count(2, 1, true));
    expect(fake.calls).toEqual(['count 1']);
    expect(o.state).toBe('succeeded');
  });
});

describe('a create that was made before', () => {
  const exists = { ...refusal, kind: 'AlreadyExists' };
  const derived: Change = { kind: 'create-volume', volume: volumeId(1), name: 'db', wanted: wanted(), isDerived: true };
  it('by an earlier try of the same request, is done', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1, 2] });
    fake.react = () => err(exists);
    const made = fake.volume(1);
    const same = wanted({
      sizeBytes: String(made?.sizeBytes),
      thin: made?.thin ?? true,
      replicas: made?.replicas ?? 0,
    });
    expect((await run(fake, { ...derived, wanted: same })).state).toBe('succeeded');
    expect(fake.calls).toEqual(['create']);
  });
  it('as something else, is not taken for this one', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1, 2, 3] });
    fake.react = () => err(exists);
    expect(await run(fake, derived)).toMatchObject({ state: 'failed', problem: { code: 'key_reused' } });
  });
  it('under an id that somebody chose, is refused', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1, 2] });
    fake.react = () => err(exists);
    expect(await run(fake, create())).toMatchObject({ state: 'failed', problem: { code: 'already_exists' } });
  });
});

describe('deletion', () => {
  it('of a volume that is gone already is what was wanted', async () => {
    const fake = new FakeCluster();
    fake.react = () => err({ ...refusal, kind: 'NotFound' });
    expect((await run(fake, { kind: 'destroy-volume', volume: volumeId(1), name: 'db' })).state).toBe('succeeded');
  });
});

describe('operations', () => {
  it('gives the first operation to a repeat with the same key, and refuses another request with it', async () => {
    const fake = new FakeCluster();
    const operations = new Operations(fake.access());
    const first = operations.start(create(), { key: 'k', request: wanted() });
    expect(operations.repeated('k', wanted())).toMatchObject({
      ok: true,
      operation: { id: first.ok ? first.operation.id : '' },
    });
    expect(operations.repeated('k', wanted({ replicas: 3 }))).toMatchObject({
      ok: false,
      failure: { code: 'key_reused' },
    });
    expect(operations.repeated('other', wanted())).toBeUndefined();
    await operations.settled();
    expect(fake.calls).toEqual(['create']);
  });

  it('lets one change of a volume run at a time', async () => {
    const fake = new FakeCluster();
    const operations = new Operations(fake.access());
    expect(operations.start(create()).ok).toBe(true);
    expect(
      operations.start({ kind: 'publish-volume', volume: volumeId(1), name: 'db', node: undefined }),
    ).toMatchObject({ ok: false, failure: { code: 'conflict' } });
    await operations.settled();
    expect(operations.start({ kind: 'publish-volume', volume: volumeId(1), name: 'db', node: undefined }).ok).toBe(
      true,
    );
    await operations.settled();
  });

  it('keeps the last 200', async () => {
    const fake = new FakeCluster();
    const operations = new Operations(fake.access());
    for (let i = 0; i < 210; i += 1) {
      operations.start({ kind: 'destroy-snapshot', volume: null, name: 'db', snapshot: snapshotId(i) });
      await operations.settled();
    }
    expect(operations.list()).toHaveLength(200);
  });

  it('stops watching when the console stops, and says that the cluster goes on', async () => {
    const fake = new FakeCluster();
    fake.volumes.set(1, { n: 1, on: [1], target: 1 });
    const operations = new Operations(fake.access());
    const started = operations.start(count(1, 2));
    fake.tick = () => fake.ending.abort();
    await operations.settled();
    expect(started.ok && operations.get(started.operation.id)).toMatchObject({
      state: 'unknown',
      problem: { detail: expect.stringMatching(/goes on by itself/) },
    });
  });
});
