import { beforeEach, describe, expect, it } from 'vitest';
import type { DryRun } from '@/contract/operation';
import { CreateVolume, DestroySnapshot, DestroyVolume, SetReplicaCount, UnpublishVolume } from '@/contract/volume';
import { testPrincipal } from '../auth/fakes.test-support';
import type { Answer } from '../http/answer';
import type { Failure } from '../http/problem';
import type { SnapshotModel } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import type { Cluster } from '../runtime';
import { ok } from '../upstream/result';
import { NOW, snapshotId, type TestVolume, testSnapshot, volumeId } from '../views/fixtures.test-support';
import { snapshotEtag } from '../views/snapshots';
import { volumeEtag } from '../views/volume';
import type { ChangeClient } from './cluster-access';
import { derivedId } from './derived-id';
import { Operations } from './operations';
import type { Asking } from './proceed';
import * as requests from './requests';

let volumes: TestVolume[];
let snapshots: SnapshotModel[];
/** Changes that were sent. */
let sent: string[];
let cluster: Cluster;
/** What a reading finds that was not known before. */
let refreshed: () => void;
/** Whether the control plane can be read. */
let isRead: boolean;
/** Further permissions that whoever asks does not hold. */
let mayNot: Set<string>;

const forbidden: Failure = { code: 'forbidden', detail: 'no' };
const snapshot = (): ClusterSnapshot => ({
  ...testSnapshot({ volumes }),
  snapshots: { at: NOW, items: new Map(snapshots.map((s) => [s.id, s])) },
});

beforeEach(() => {
  volumes = [{ n: 1, on: [1, 2], target: 1 }];
  snapshots = [];
  sent = [];
  mayNot = new Set();
  refreshed = () => undefined;
  isRead = true;
  // Every rpc that changes something is counted, and none does anything.
  const agentCore = new Proxy({} as ChangeClient, {
    get: (_, rpc: string) => async () => {
      if (rpc === 'getVolume') return ok(undefined);
      if (rpc === 'listSnapshots') return ok(new Map());
      sent.push(rpc);
      return ok(undefined);
    },
  });
  const ending = new AbortController();
  ending.abort(); // operations send what they have to, and do not wait for what comes of it
  const operations = new Operations({
    agentCore,
    snapshot,
    subscribe: () => () => undefined,
    refresh: async () => undefined,
    now: () => NOW,
    pause: async () => undefined,
    signal: ending.signal,
  });
  const collector = {
    get snapshot() {
      return snapshot();
    },
    refresh: async () => {
      refreshed();
      return isRead;
    },
  };
  cluster = { id: 'c1', collector, operations } as unknown as Cluster; // the rest is not used by requests
});

const etag = (n = 1) => {
  const model = snapshot().volumes?.items.get(volumeId(n));
  return model ? volumeEtag(model) : '';
};
const asking = (change: Partial<Asking> = {}): Asking => ({
  cluster,
  principal: testPrincipal('admin'),
  dryRun: false,
  ifMatch: etag(),
  idempotencyKey: undefined,
  refuseAlso: async (permission) => (mayNot.has(permission) ? forbidden : undefined),
  ...change,
});
const codeOf = (a: Answer<unknown>): string => (a.ok ? `ok ${a.status ?? 200}` : a.failure.code);
const settled = async (a: Answer<unknown>) => {
  await cluster.operations.settled();
  return codeOf(a);
};
const nameOf = () => 'vol-1';
type Changing<B> = (asking: Asking, body: B) => Answer<unknown> | Promise<Answer<unknown>>;
/** As a page does it: asks what would be lost, and then for the change by which that is. */
async function confirmed<B>(change: Changing<B>, body: B, more: Partial<Asking> = {}): Promise<Answer<unknown>> {
  const dry = await change(asking({ ...more, dryRun: true }), body);
  const told = dry.ok ? (dry.value as DryRun).consequence : undefined; // a dry run's answer
  return change(asking(more), { ...body, consequence: told });
}

describe('a typed name', () => {
  const kinds: Array<[string, (confirm: string) => Answer<unknown> | Promise<Answer<unknown>>]> = [
    [
      'unpublishing',
      (confirm) => confirmed((a, b) => requests.unpublishVolume(a, volumeId(1), b), UnpublishVolume.parse({ confirm })),
    ],
    [
      'taking a copy away',
      (confirm) =>
        confirmed((a, b) => requests.setReplicaCount(a, volumeId(1), b), SetReplicaCount.parse({ to: 1, confirm })),
    ],
    [
      'deleting',
      (confirm) => {
        volumes = [{ n: 1, on: [1, 2] }];
        return confirmed((a, b) => requests.destroyVolume(a, volumeId(1), b), DestroyVolume.parse({ confirm }));
      },
    ],
  ];
  it.each(kinds)('is asked for %s, byte for byte', async (_what, change) => {
    const name = nameOf();
    for (const wrong of [
      '',
      name.toUpperCase(),
      ` ${name}`,
      `${name} `,
      name.slice(0, 4),
      `${name}\u200d`,
      name.replace('o', 'о'),
    ])
      expect(codeOf(await change(wrong))).toBe('confirm_mismatch');
    expect(sent).toEqual([]);
    expect(await settled(await change(name))).toBe('ok 202');
    expect(sent).toHaveLength(1);
  });
  it('is not asked where nothing is taken away', async () => {
    const raise = SetReplicaCount.parse({ to: 3 });
    expect(codeOf(await requests.setReplicaCount(asking(), volumeId(1), raise))).toBe('ok 202');
  });
});

describe('a dry run', () => {
  it('tells what would be lost, checks all that the change checks, and sends nothing', async () => {
    const body = UnpublishVolume.parse({});
    const dry = await requests.unpublishVolume(asking({ dryRun: true }), volumeId(1), body);
    if (!dry.ok || !('dryRun' in dry.value)) throw new Error('no dry run');
    expect(dry.value).toMatchObject({
      dryRun: true,
      title: `Unpublish volume ${nameOf()}`,
      steps: ['Take the target down'],
      confirm: nameOf(),
    });
    expect(dry.value.consequences).toContainEqual({
      kind: 'loss',
      sentence: 'Every host that uses it through io-1 would get I/O errors.',
    });
    expect(codeOf(await requests.unpublishVolume(asking({ dryRun: true, ifMatch: '"old"' }), volumeId(1), body))).toBe(
      'precondition_failed',
    );
    volumes = [{ n: 1, on: [1, 2] }];
    expect(codeOf(await requests.unpublishVolume(asking({ dryRun: true }), volumeId(1), body))).toBe('conflict');
    expect(sent).toEqual([]);
    expect(cluster.operations.list()).toEqual([]);
  });
  it.each<[string, () => Answer<unknown> | Promise<Answer<unknown>>]>([
    [
      'creating',
      () =>
        requests.createVolume(
          asking({ dryRun: true, idempotencyKey: 'k' }),
          CreateVolume.parse({ sizeBytes: '1073741824', thin: true, replicas: 2 }),
        ),
    ],
    ['resizing', () => requests.resizeVolume(asking({ dryRun: true }), volumeId(1), { sizeBytes: String(1n << 40n) })],
    ['a snapshot', () => requests.createSnapshot(asking({ dryRun: true, idempotencyKey: 'k' }), volumeId(1), {})],
    [
      'fewer copies',
      () => requests.setReplicaCount(asking({ dryRun: true }), volumeId(1), SetReplicaCount.parse({ to: 1 })),
    ],
    [
      'more copies',
      () => requests.setReplicaCount(asking({ dryRun: true }), volumeId(1), SetReplicaCount.parse({ to: 3 })),
    ],
  ])('of %s sends nothing', async (_what, change) => {
    const dry = await change();
    expect(codeOf(dry)).toBe('ok 200');
    expect(dry.ok && (dry.value as DryRun).consequences.length).toBeGreaterThan(0); // a dry run's answer
    expect([sent, cluster.operations.list()]).toEqual([[], []]);
  });
  it('binds what is confirmed to what was told: other losses are refused, the same are not', async () => {
    const ask = (consequence: string | undefined, dryRun = false) =>
      requests.setReplicaCount(
        asking({ dryRun }),
        volumeId(1),
        SetReplicaCount.parse({ to: 1, confirm: nameOf(), consequence }),
      );
    const dry = await ask(undefined, true);
    const told = dry.ok && 'consequence' in dry.value ? dry.value.consequence : '';
    // Whoever was told nothing may not do it, however well they type.
    expect(codeOf(await ask(undefined))).toBe('precondition_required');
    expect(codeOf(await ask('v1-something-else'))).toBe('consequences_changed');
    // Meanwhile the other copy has fallen out: the one that goes is another one now.
    volumes = [{ n: 1, on: [1, 2], target: 1, child: { 1: { state: 'faulted', reason: 'io-failure' } } }];
    expect(codeOf(await ask(told))).toBe('consequences_changed');
    expect(sent).toEqual([]);
    volumes = [{ n: 1, on: [1, 2], target: 1 }];
    expect(await settled(await ask(told))).toBe('ok 202');
  });
});

describe('what protects data', () => {
  const reduce = (force: boolean) =>
    confirmed(
      (a, b) => requests.setReplicaCount(a, volumeId(1), b),
      SetReplicaCount.parse({ to: 1, confirm: nameOf(), force }),
    );
  const destroy = (force: boolean) =>
    confirmed((a, b) => requests.destroyVolume(a, volumeId(1), b), DestroyVolume.parse({ confirm: nameOf(), force }));
  const noHealthyCopy = () => {
    volumes = [{ n: 1, on: [1, 2], target: 1, child: { 2: { state: 'unknown' } } }];
  };

  it('asks for a permission of its own to be forced, beside being asked to', async () => {
    noHealthyCopy();
    expect(codeOf(await reduce(false))).toBe('last_healthy_copy');
    mayNot.add('volumes:force');
    expect(codeOf(await reduce(true))).toBe('forbidden');
    expect(codeOf(await destroy(true))).toBe('forbidden');
    expect(sent).toEqual([]);
    mayNot.clear();
    expect(await settled(await reduce(true))).toBe('ok 202');
    expect(sent).toEqual(['setVolumeReplica']);
  });
  it('never deletes a volume in use, unless forced', async () => {
    expect(codeOf(await destroy(false))).toBe('conflict');
    expect(await settled(await destroy(true))).toBe('ok 202');
  });
  it('never deletes a volume of a claim, forced or not: Kubernetes must know', async () => {
    volumes = [{ n: 1, on: [1], model: { labels: new Map([['pvc-name', 'orders']]) } }];
    expect(codeOf(await destroy(true))).toBe('conflict');
    expect(sent).toEqual([]);
  });
  it('never goes below one copy, forced or not', () => {
    expect(SetReplicaCount.safeParse({ to: 0, force: true }).success).toBe(false);
  });
  it('takes another permission to take copies away than to add some', async () => {
    mayNot.add('volumes:reduce');
    expect(codeOf(await reduce(false))).toBe('forbidden');
    expect(codeOf(await requests.setReplicaCount(asking(), volumeId(1), SetReplicaCount.parse({ to: 3 })))).toBe(
      'ok 202',
    );
  });
});

describe('a change', () => {
  const all: Array<[string, (a: Asking) => Promise<Answer<unknown>>]> = [
    ['publishing', (a) => requests.publishVolume(a, volumeId(1), {})],
    ['unpublishing', (a) => requests.unpublishVolume(a, volumeId(1), UnpublishVolume.parse({ confirm: nameOf() }))],
    ['resizing', (a) => requests.resizeVolume(a, volumeId(1), { sizeBytes: String(1n << 40n) })],
    ['deleting', (a) => requests.destroyVolume(a, volumeId(1), DestroyVolume.parse({ confirm: nameOf() }))],
    ['counting', (a) => requests.setReplicaCount(a, volumeId(1), SetReplicaCount.parse({ to: 3 }))],
  ];
  it.each(all)('%s is judged by a reading of this moment, not by what was known', async (_, change) => {
    const seen = asking();
    refreshed = () => {
      volumes = [{ n: 1, on: [1], target: 1, model: { replicas: 1 } }];
    };
    expect(codeOf(await change(seen))).toBe('precondition_failed');
    expect(sent).toEqual([]);
  });
  it.each(all)('%s is refused while the volume cannot be read', async (_, change) => {
    isRead = false;
    expect(codeOf(await change(asking()))).toBe('stale_data');
    expect(sent).toEqual([]);
  });
});

describe('a changed object', () => {
  it('is not changed by whoever saw the old one', async () => {
    const old = '"of-yesterday"';
    const ask = asking({ ifMatch: old });
    const answers = await Promise.all([
      requests.publishVolume(ask, volumeId(1), {}),
      requests.unpublishVolume(ask, volumeId(1), UnpublishVolume.parse({ confirm: nameOf() })),
      requests.resizeVolume(ask, volumeId(1), { sizeBytes: String(1n << 40n) }),
      requests.destroyVolume(ask, volumeId(1), DestroyVolume.parse({ confirm: nameOf() })),
      requests.setReplicaCount(ask, volumeId(1), SetReplicaCount.parse({ to: 3 })),
    ]);
    expect(answers.map(codeOf)).toEqual(Array(5).fill('precondition_failed'));
    expect(sent).toEqual([]);
  });
  it('is a snapshot from which a volume was made meanwhile', async () => {
    const model = (restores: number): SnapshotModel => ({
      id: snapshotId(1),
      volume: volumeId(1),
      specStatus: 'created',
      createdAt: NOW,
      sizeBytes: 1n,
      specSizeBytes: 1n,
      allocatedBytes: 1n,
      totalAllocatedBytes: 1n,
      restores,
      replicas: [],
    });
    snapshots = [model(0)];
    const seen = snapshotEtag(model(0));
    const destroy = (ifMatch: string) =>
      confirmed((a, b) => requests.destroySnapshot(a, snapshotId(1), b), DestroySnapshot.parse({ confirm: nameOf() }), {
        ifMatch,
      });
    snapshots = [model(1)];
    expect(codeOf(await destroy(seen))).toBe('precondition_failed');
    expect(codeOf(await destroy(snapshotEtag(model(1))))).toBe('conflict');
    snapshots = [model(0)];
    expect(await settled(await destroy(seen))).toBe('ok 202');
    expect(sent).toEqual(['destroySnapshot']);
  });
});

describe('a repeated request', () => {
  const KEY = '0b8f8a52-52b1-4ac9-9d0e-1f1c2b3a4d5e';
  const wanted = CreateVolume.parse({ sizeBytes: '1073741824', thin: true, replicas: 2 });
  it('with the same key makes one volume, however often it comes', async () => {
    const ask = () => requests.createVolume(asking({ idempotencyKey: KEY }), wanted);
    const ids = Array.from({ length: 50 }, ask).map((a) => (a.ok && 'id' in a.value ? a.value.id : codeOf(a)));
    await cluster.operations.settled();
    expect(new Set(ids).size).toBe(1);
    expect(sent).toEqual(['createVolume']);
  });
  it('with the same key and another body is refused', () => {
    requests.createVolume(asking({ idempotencyKey: KEY }), wanted);
    expect(codeOf(requests.createVolume(asking({ idempotencyKey: KEY }), { ...wanted, replicas: 1 }))).toBe(
      'key_reused',
    );
  });
  it('of another person is another one', async () => {
    const ask = (subject: string) =>
      requests.createVolume(asking({ idempotencyKey: KEY, principal: testPrincipal('admin', { subject }) }), wanted);
    const [a, b] = [ask('u-1'), ask('u-2')];
    expect(a.ok && b.ok && 'volume' in a.value && 'volume' in b.value && a.value.volume !== b.value.volume).toBe(true);
  });
  it('names the same volume after the console was started anew', () => {
    const id = derivedId('p', 'c1', 'volume', KEY);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(derivedId('p', 'c1', 'volume', KEY)).toBe(id);
    const others = [
      derivedId('q', 'c1', 'volume', KEY),
      derivedId('p', 'c2', 'volume', KEY),
      derivedId('p', 'c1', 'snapshot', KEY),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });
});
