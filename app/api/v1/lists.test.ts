import { afterAll, describe, expect, it } from 'vitest';
import { testPrincipal, testRuntime } from '@/server/auth/fakes.test-support';
import { type Cluster, setRuntime } from '@/server/runtime';
import { testSnapshot } from '@/server/views/fixtures.test-support';
import * as nodes from './clusters/[cluster]/nodes/route';
import * as pools from './clusters/[cluster]/pools/route';
import * as rebuilds from './clusters/[cluster]/rebuilds/route';
import * as replicas from './clusters/[cluster]/replicas/route';
import * as snapshots from './clusters/[cluster]/snapshots/route';
import * as volumes from './clusters/[cluster]/volumes/route';

const snapshot = testSnapshot({ volumes: Array.from({ length: 50 }, (_, n) => ({ n, on: [1, 2], target: 1 })) });
const collector = { snapshot, look: () => undefined };
const cluster = { id: 'c1', collector } as unknown as Cluster; // all that a list reads
const runtime = testRuntime(new Map([['c1', cluster]]));
setRuntime(runtime);
afterAll(() => setRuntime(undefined));

const LISTS = { nodes, pools, rebuilds, replicas, snapshots, volumes };

function get(list: keyof typeof LISTS, query: string, headers: Record<string, string> = {}): Promise<Response> {
  const request = new Request(`http://console/api/v1/clusters/c1/${list}?${query}`, { headers });
  return runtime.auth.run(testPrincipal('viewer'), '::1', async () =>
    LISTS[list].GET(request, { params: Promise.resolve({ cluster: 'c1' }) }),
  );
}

describe.each(Object.keys(LISTS) as Array<keyof typeof LISTS>)('the list of %s', (list) => {
  it('answers 304 while its revision is the one that the client has, and the whole when it moved on', async () => {
    const first = await get(list, 'limit=10');
    expect(first.status).toBe(200);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const again = await get(list, 'limit=10', { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const behindProxy = await get(list, 'limit=10', { 'if-none-match': `"older", W/${etag}` });
    expect(behindProxy.status).toBe(304);
    collector.snapshot = { ...snapshot, revision: snapshot.revision + 1 };
    expect((await get(list, 'limit=10', { 'if-none-match': etag })).status).toBe(200);
    collector.snapshot = snapshot;
  });

  it.each([
    ['q=nope:1', 'q', 0],
    ['sort=nope', 'sort', 0],
  ])('says where %s is wrong', async (query, path, at) => {
    const response = await get(list, query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid_query', fields: [{ path, at }] });
  });

  it.each(['around=', 'limit=0', 'limit=501', 'offset=-1', 'before=x', 'unknown=1', `q=${'x'.repeat(513)}`])(
    'refuses %s',
    async (query) => expect((await get(list, query)).status).toBe(400),
  );
});

it('cuts a window around a row wherever it stands', async () => {
  const id = [...(snapshot.volumes?.items.keys() ?? [])][30];
  const response = await get('volumes', `around=${id}&limit=5&before=1`);
  const body = (await response.json()) as { rows: Array<{ id: string }>; anchor: unknown; total: number };
  expect(body.rows[1]?.id).toBe(id);
  expect(body).toMatchObject({ anchor: { id, index: 30 }, total: 50 });
});
