import { makeVolume } from './api';
import { violations } from './axe';
import { expect, test } from './fixtures';

const PAGES = [
  ['', 'Overview'],
  ['/volumes', 'Volumes'],
  ['/pools', 'Pools'],
  ['/nodes', 'Nodes'],
  ['/replicas', 'Replicas'],
  ['/rebuilds', 'Rebuilds'],
  ['/snapshots', 'Snapshots'],
  ['/audit', 'Audit'],
] as const;

for (const [path, title] of PAGES) {
  test(`${title} is there at its own address, also after a reload`, async ({ page }) => {
    await page.goto(`/c/default${path}`);
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeAttached();
    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeAttached();
    await expect(page.getByRole('status', { name: 'Connection to the console' })).toHaveText('Live');
  });
}

test('a volume, pool and node are there at their own address, also after a reload', async ({ page }) => {
  await page.goto('/c/default/volumes');
  const first = page.getByRole('grid', { name: 'Volumes' }).getByRole('link').first();
  const name = (await first.textContent()) ?? '';
  await first.click();
  for (const [path, heading] of [
    ['', name],
    ['/c/default/pools/pool-io-2-1', 'pool-io-2-1'],
    ['/c/default/nodes/io-2', 'io-2'],
  ] as const) {
    if (path) await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  }
});

test('what is not there is said, with the way on', async ({ page }) => {
  for (const path of [
    '/c/default/volumes/00000000-0000-4000-8000-000000000000',
    '/c/default/volumes/not-a-uuid',
    '/c/default/pools/no-such-pool',
    '/c/default/nodes/no%20such%20node',
    '/c/nowhere',
    '/c/nowhere/volumes',
  ]) {
    await page.goto(path);
    await expect(page.getByRole('alert').first()).toContainText(/no (volume|pool|node|cluster)|not an id/i);
  }
});

test('a page of a cluster that is not there asks for what it shows once', async ({ page }) => {
  await page.clock.install();
  const asked: string[] = [];
  page.on('request', (r) => r.url().includes('/api/v1/clusters/nowhere') && asked.push(r.url()));
  const stream = page.waitForResponse(/nowhere\/events/);
  await page.goto('/c/nowhere');
  await expect(page.getByRole('alert').first()).toContainText('no cluster');
  expect((await stream).status()).toBe(404);
  await (await stream).finished();
  const before = [...asked];
  await page.clock.runFor(60_000);
  expect(asked).toEqual(before);
});

test('an absurd query is told, and the page goes on', async ({ page }) => {
  for (const query of ['q=size%3E((', 'q=%22', 'offset=99999999&sort=%3Cscript%3E', `q=${'w'.repeat(1500)}`]) {
    const response = await page.goto(`/c/default/volumes?${query}`);
    expect(response?.status(), query).toBe(200);
    await expect(page.getByRole('heading', { level: 1, name: 'Volumes' })).toBeVisible();
  }
  await page.goto('/c/default/volumes?q=size%3E((');
  await expect(page.getByRole('alert').first()).toContainText('is not a size');
  await page.getByRole('combobox', { name: 'Filter' }).fill('');
  await page.getByRole('combobox', { name: 'Filter' }).press('Enter');
  await expect(page.getByRole('grid', { name: 'Volumes' }).getByRole('link').first()).toBeVisible();
});

test('a cluster or an object that is not there has the status of what is not there', async ({ page }) => {
  for (const [path, status] of [
    ['/c/nowhere', 404],
    ['/c/default/volumes/00000000-0000-4000-8000-000000000000', 404],
    ['/c/default/volumes/not-a-uuid', 404],
    ['/c/default/pools/no-such-pool', 404],
    ['/c/default/nodes/no-such-node', 404],
    ['/c/default/pools/pool-io-1-0', 200],
    ['/c/default/volumes/new', 200],
  ] as const) {
    expect((await page.goto(path))?.status(), path).toBe(status);
  }
});

test('a filter and an order stay in the address', async ({ page }) => {
  await page.goto('/c/default/volumes');
  const table = page.getByRole('grid', { name: 'Volumes' });
  await expect(table.getByRole('link').first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Filter' }).fill('cache');
  await page.getByRole('combobox', { name: 'Filter' }).press('Enter');
  await expect(page).toHaveURL(/q=cache/);
  await expect(table.getByRole('link', { name: /^shop-db/ })).toHaveCount(0);
  await table.getByRole('button', { name: 'Size' }).click();
  await expect(page).toHaveURL(/sort=size/);
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Filter' })).toHaveValue('cache');
  await expect(table.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending');
});

test('a killed node is unknown or offline with the others fine, and comes back by itself', async ({
  page,
  cluster,
}) => {
  await page.goto('/c/default/nodes');
  const row = (name: string) => page.getByRole('grid', { name: 'Nodes' }).getByRole('row').filter({ hasText: name });
  await expect(row('io-2')).toContainText('Online');
  await cluster.act('/nodes/io-2/kill');
  await expect(row('io-2')).toContainText(/Offline|Unknown/);
  await expect(row('io-2')).toContainText('unknown');
  await expect(row('io-1')).toContainText('Online');
  await cluster.act('/nodes/io-2/restart');
  await expect(row('io-2')).toContainText('Online');
});

test('a page catches up by itself after the server was killed', async ({ page, app }) => {
  await page.goto('/c/default/volumes');
  const state = page.getByRole('status', { name: 'Connection to the console' });
  await expect(state).toHaveText('Live');
  await app.kill();
  await expect(state).toContainText('Offline since');
  await app.restart();
  await expect(state).toHaveText('Live');
  await expect(page.getByRole('grid', { name: 'Volumes' }).getByRole('link').first()).toBeVisible();
});

test('a snapshot has an address: shown in full beside the list, and found on the page of its volume', async ({
  page,
  app,
}) => {
  const id = await makeVolume(app, 'pictured', { replicas: 2, node: 'io-1' });
  await page.goto(`/c/default/volumes/${id}`);
  await page.getByRole('button', { name: 'Take snapshot' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take snapshot' }).click();
  await expect(page.getByRole('dialog').getByText('Succeeded')).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  const own = page.getByRole('table', { name: 'Snapshots' }).getByRole('link');
  const short = (await own.first().textContent()) ?? '';
  await own.first().click();
  const details = page.getByRole('complementary', { name: `Snapshot ${short}` });
  await expect(details).toContainText('pictured');
  await expect(details.getByRole('listitem')).toHaveCount(2);
  await page.reload();
  await expect(details).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Snapshots' }).getByRole('row', { selected: true })).toContainText(short);
  expect(await violations(page)).toEqual([]);
  await details.getByRole('link', { name: 'pictured' }).click();
  await expect(page).toHaveURL(new RegExp(`/volumes/${id}#snapshot-${short}$`));
  await expect(page.getByRole('table', { name: 'Snapshots' }).getByRole('link', { name: short })).toBeInViewport();
  await page.goBack();
  await details.getByRole('button', { name: 'Close' }).click();
  await expect(details).toHaveCount(0);
  await expect(page).not.toHaveURL(/row=/);
});

test('a list ordered by two columns is in that order on a phone, too, and its menu says the first', async ({
  page,
}) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('/c/default/volumes?sort=-size,name');
  await expect(page.getByRole('combobox', { name: 'Sort Volumes' })).toHaveValue('-size');
});

test('at 1280 px no column of a list is out of sight', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const name of ['Volumes', 'Pools', 'Nodes', 'Replicas', 'Snapshots']) {
    await page.goto(`/c/default/${name.toLowerCase()}`);
    const box = page.getByRole('region', { name: `${name}, scrollable` });
    await expect(box).toBeVisible();
    expect(await box.evaluate((e) => e.scrollWidth - e.clientWidth), name).toBe(0);
  }
});
