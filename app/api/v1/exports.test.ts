import { afterAll, expect, it } from 'vitest';
import { exportUrl } from '@/contract/keys';
import { testPrincipal, testRuntime } from '@/server/auth/fakes.test-support';
import { fileResponse } from '@/server/http/file-answer';
import { type Cluster, setRuntime } from '@/server/runtime';
import { testSnapshot } from '@/server/views/fixtures.test-support';
import * as volumesExport from './clusters/[cluster]/export/volumes/route';

const volumes = Array.from({ length: 1_200 }, (_, n) => ({ n, on: [1] }));
const cluster = { id: 'c1', collector: { snapshot: testSnapshot({ volumes }) } } as unknown as Cluster; // all that an export reads
const runtime = testRuntime(new Map([['c1', cluster]]));
setRuntime(runtime);
afterAll(() => setRuntime(undefined));

const get = (url: string) =>
  runtime.auth.run(testPrincipal('viewer'), '::1', () =>
    volumesExport.GET(new Request(`http://console${url}`), { params: Promise.resolve({ cluster: 'c1' }) }),
  );

it('answers a file of the whole set, named after cluster, list and moment', async () => {
  const response = await get(exportUrl('c1', 'volumes', { format: 'csv', columns: ['id', 'status'] }));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="c1-volumes-2026-11-23T1200Z.csv"');
  expect((await response.text()).trimEnd().split('\r\n')).toHaveLength(1_201);
});

it('refuses an unreadable filter as a list does', async () => {
  const response = await get(exportUrl('c1', 'volumes', { format: 'json', q: 'nope:1' }));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'invalid_query', fields: [{ path: 'q', at: 0 }] });
});

it('says that a list was never read instead of answering an empty file', async () => {
  const { volumes: _, ...unread } = cluster.collector.snapshot;
  Object.assign(cluster.collector, { snapshot: unread });
  expect((await get(exportUrl('c1', 'volumes', { format: 'csv' }))).status).toBe(503);
});

it('makes no more of a file than the reader takes, and ends when the reader goes away', async () => {
  let made = 0;
  let ended = false;
  function* chunks() {
    try {
      for (;;) {
        made += 1;
        yield 'x';
      }
    } finally {
      ended = true;
    }
  }
  const reader = fileResponse({ mediaType: 'text/csv', name: 'x.csv', chunks: chunks() }, {}).body?.getReader();
  for (let i = 0; i < 5; i += 1) await reader?.read();
  expect(made).toBeLessThanOrEqual(7);
  await reader?.cancel();
  expect(ended).toBe(true);
});
