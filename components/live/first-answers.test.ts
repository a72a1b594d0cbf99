import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { topics, topicUrl } from '@/contract/keys';
import { FIRST_ORDERS } from '@/contract/lists';
import { PAGE, windowFor } from '../ui/list-window';
import { takeFirstAnswer } from './first-answers';

const SCRIPT = readFileSync('public/first.js', 'utf8');
const FACTS = { lists: FIRST_ORDERS, limit: String(PAGE), header: 'x-token', storageKey: 'key', meta: 'meta' };

/** What the script asks for on a page, by path and query, and with which headers. */
function asked(address: string, tokens: { meta?: string; kept?: string } = { kept: 'kept' }) {
  const { pathname, search } = new URL(address, 'http://console.test');
  const calls: Array<{ url: string; headers: Record<string, string> }> = [];
  runInNewContext(SCRIPT, {
    URLSearchParams,
    Map,
    performance,
    location: { pathname, search },
    document: {
      currentScript: { dataset: { facts: JSON.stringify(FACTS) } },
      querySelector: () => (tokens.meta === undefined ? null : { content: tokens.meta }),
    },
    localStorage: { getItem: () => tokens.kept ?? null },
    fetch: (url: string, { headers }: { headers: Record<string, string> }) => {
      calls.push({ url, headers });
      return Promise.resolve('answer');
    },
  });
  return calls;
}

const window = windowFor(0, 0);
const url = (topic: string) => topicUrl('default', topic);

describe('first.js', () => {
  it.each([
    ['/c/default', topics.overview()],
    ['/c/default/volumes', topics.volumes({ sort: 'name', ...window })],
    ['/c/default/volumes?sort=-size&q=a%20b%3Ac', topics.volumes({ q: 'a b:c', sort: '-size', ...window })],
    ['/c/default/rebuilds', topics.rebuilds({ sort: '-ended', ...window })],
    ['/c/default/snapshots', topics.snapshots({ sort: '-created', ...window })],
    ['/c/default/nodes/io-1', topics.node('io-1')],
    ['/c/default/volumes/3e203c19-e9f0-4b93-aa4e-00b66f51d762', topics.volume('3e203c19-e9f0-4b93-aa4e-00b66f51d762')],
  ])('asks on %s for exactly what the page will ask for', (address, topic) => {
    expect(asked(address).map((call) => call.url)).toEqual([url(topic)]);
  });

  it.each([
    '/c/default/volumes?row=x',
    '/c/default/volumes?offset=300',
    '/c/default/volumes/new',
    '/c/default/audit',
    '/c/default/__proto__',
  ])('leaves to the page what only that knows: %s', (address) => {
    expect(asked(address).map((call) => call.url)).toEqual([]);
  });

  it('asks nothing outside a cluster, or where nobody is signed in', () => {
    expect(asked('/login')).toEqual([]);
    expect(asked('/c/default/volumes', {})).toEqual([]);
  });

  it('proves with what the page was given, else with what the browser keeps, whose page asks', () => {
    expect(asked('/c/default', { meta: 'given', kept: 'kept' })[0]?.headers['x-token']).toBe('given');
    expect(asked('/c/default', { meta: '', kept: 'kept' })[0]?.headers['x-token']).toBe('kept');
  });
});

describe('an answer that was asked for first', () => {
  afterEach(() => {
    globalThis.firstAnswers = undefined;
    vi.restoreAllMocks();
  });
  const response = {} as Response; // only handed on
  const give = () => {
    globalThis.firstAnswers = { at: performance.now(), answers: new Map([['/a', Promise.resolve(response)]]) };
  };

  it('is given once', async () => {
    give();
    expect(takeFirstAnswer('/b')).toBeUndefined();
    expect(await takeFirstAnswer('/a')).toBe(response);
    expect(takeFirstAnswer('/a')).toBeUndefined();
  });

  it('is not given when it is old', () => {
    give();
    const later = performance.now() + 5_000;
    vi.spyOn(performance, 'now').mockReturnValue(later);
    expect(takeFirstAnswer('/a')).toBeUndefined();
  });
});
