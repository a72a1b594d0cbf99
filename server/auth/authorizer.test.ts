import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessReview, ReviewAnswer } from '../upstream/kubernetes/access-review';
import { KubernetesAuthorizer } from './authorizer';
import { testPrincipal } from './fakes.test-support';

let now = 0;
let answer: ReviewAnswer = { kind: 'allowed' };
let asked: AccessReview[] = [];
let authorizer: KubernetesAuthorizer;
beforeEach(() => {
  now = 0;
  answer = { kind: 'allowed' };
  asked = [];
  authorizer = new KubernetesAuthorizer({
    review: async (review) => {
      asked.push(review);
      return answer;
    },
    userPrefix: 'oidc:',
    groupsPrefix: 'g:',
    now: () => now,
  });
});
const ana = testPrincipal('none', { subject: 'u-1', name: 'Ana', groups: ['ops'] });
const away: ReviewAnswer = { kind: 'unavailable', reason: 'ECONNREFUSED' };
const read = () => authorizer.refuse(ana, 'volumes:list', { fresh: false });
const change = (object = 'v-1') => authorizer.refuse(ana, 'volumes:delete', { object, fresh: true });

describe('Kubernetes as the one who decides', () => {
  it('is asked for the person by subject and groups, in a group of resources of its own', async () => {
    await authorizer.refuse(ana, 'volumes:reduce', { object: 'v-1', fresh: true });
    expect(asked).toEqual([
      {
        user: 'oidc:u-1',
        groups: ['g:ops'],
        group: 'console.openebs.io',
        verb: 'reduce',
        resource: 'volumes',
        subresource: 'replicas',
        name: 'v-1',
      },
    ]);
  });
  it('is asked about reads every 30 s, and every 5 s while the answer is no', async () => {
    for (; now < 29_000; now += 1_000) expect(await read()).toBeUndefined();
    expect(asked).toHaveLength(1);
    now = 31_000;
    answer = { kind: 'denied' };
    expect(await read()).toMatchObject({ code: 'forbidden' });
    now += 4_000;
    await read();
    expect(asked).toHaveLength(2);
    now += 2_000;
    answer = { kind: 'allowed' };
    expect(await read()).toBeUndefined();
  });
  it('is asked again when the clock was set back: a permission that is gone does not live on by it', async () => {
    now = 3_600_000;
    expect(await read()).toBeUndefined();
    now = 0;
    answer = { kind: 'denied' };
    expect(await read()).toMatchObject({ code: 'forbidden' });
    // Nor is it good for the grace of a server that does not answer.
    now = 3_600_000;
    answer = { kind: 'allowed' };
    await read();
    now = 0;
    answer = { kind: 'unavailable', reason: 'away' };
    expect(await read()).toMatchObject({ code: 'authorization_unavailable' });
  });
  it('is asked about each change anew, also about its object', async () => {
    await change();
    answer = { kind: 'denied' };
    expect(await change()).toMatchObject({ code: 'forbidden', detail: 'Kubernetes does not let Ana delete volumes.' });
    expect(asked).toHaveLength(2);
  });
  it('keeps one person’s answers from another’s', async () => {
    await read();
    answer = { kind: 'denied' };
    expect(await authorizer.refuse({ ...ana, subject: 'u-2' }, 'volumes:list', { fresh: false })).toBeDefined();
    expect(await authorizer.refuse({ ...ana, groups: [] }, 'volumes:list', { fresh: false })).toBeDefined();
    expect(await read()).toBeUndefined();
  });
  it('lets reads go on for a minute while it is away, and no change at all', async () => {
    await read();
    await change();
    answer = away;
    now = 59_000;
    expect(await read()).toBeUndefined();
    expect(await change()).toMatchObject({ code: 'authorization_unavailable', retryAfterSeconds: 5 });
    now = 61_000;
    expect(await read()).toMatchObject({ code: 'authorization_unavailable' });
  });
  it('never means yes before it was asked once', async () => {
    answer = away;
    expect(await read()).toMatchObject({ code: 'authorization_unavailable' });
  });
});
