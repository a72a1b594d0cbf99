import { readFile } from 'node:fs/promises';
import { type BrowserContext, type Locator, type Page, test as plain } from '@playwright/test';
import { type FleetPeer, startConsole, startFleet } from '../bench/programs';
import { violations } from './axe';

const VOLUMES = 10_000;
const { expect } = plain;

/** A console over a replayed fleet: no bytes move in it, so that ten thousand volumes fit beside the browser. */
const test = plain.extend<object, { fleet: FleetPeer; big: Awaited<ReturnType<typeof startConsole>> }>({
  fleet: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures wanted from this pattern
    async ({}, use) => {
      const fleet = await startFleet(10, VOLUMES);
      await use(fleet);
      await fleet.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  big: [
    async ({ fleet }, use) => {
      const console_ = await startConsole(fleet.agentCore, VOLUMES);
      await use(console_);
      await console_.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  storageState: async ({ big }, use) => use(big.session.storageState),
  baseURL: async ({ big }, use) => use(big.url),
});

const LIST = '/c/default/volumes';
const grid = (page: Page) => page.getByRole('grid', { name: 'Volumes' });
const state = (page: Page) => page.getByRole('status', { name: 'Connection to the console' });
const filter = (page: Page) => page.getByRole('combobox', { name: 'Filter' });

async function open(page: Page, query = ''): Promise<void> {
  await page.goto(LIST + query);
  await expect(grid(page).getByRole('link').first()).toBeVisible();
}

/** The row that the grid says the keyboard is at. */
const active = (page: Page): Promise<{ index: number; text: string } | undefined> =>
  grid(page).evaluate((g) => {
    const row = document.getElementById(g.getAttribute('aria-activedescendant') ?? '');
    return row ? { index: Number(row.dataset.index), text: row.querySelector('a')?.textContent ?? '' } : undefined;
  });

/** Whether a row lies within the part of the list that is seen. */
const isSeen = (row: Locator): Promise<boolean> =>
  row.evaluate((e) => {
    const box = e.closest('section')?.getBoundingClientRect();
    const head = e.closest('table')?.tHead?.getBoundingClientRect();
    const own = e.getBoundingClientRect();
    return box !== undefined && head !== undefined && own.top >= head.bottom - 1 && own.bottom <= box.bottom + 1;
  });

test('ten thousand rows scroll, and only those in sight are in the page', async ({ page }) => {
  await open(page);
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(VOLUMES + 1));
  await page.getByRole('region', { name: 'Volumes, scrollable' }).evaluate((e) => {
    e.scrollTop = 5_000 * 41;
  });
  const row = grid(page).locator('[aria-rowindex="5002"]');
  await expect(row.getByRole('link')).toBeVisible();
  expect(await grid(page).getByRole('row').count()).toBeLessThan(80);
  // The place is in the address, and a reload leads back to it.
  await expect(page).toHaveURL(/offset=5000/);
  const name = await row.getByRole('link').textContent();
  await page.reload();
  await expect(grid(page).locator('[aria-rowindex="5002"]').getByRole('link')).toHaveText(name ?? '');
  expect(await violations(page)).toEqual([]);
});

test('arrows, pages, Home and End move the row; Enter opens it, and Back leads to it again', async ({ page }) => {
  await open(page);
  await grid(page).focus();
  await expect.poll(() => active(page)).toMatchObject({ index: 0 });
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => active(page)).toMatchObject({ index: 1 });
  await page.keyboard.press('PageDown');
  const paged = (await active(page))?.index ?? 0;
  expect(paged).toBeGreaterThan(5);
  await page.keyboard.press('PageUp');
  await expect.poll(() => active(page)).toMatchObject({ index: 1 });
  await page.keyboard.press('End');
  await expect.poll(() => active(page)).toMatchObject({ index: VOLUMES - 1, text: expect.stringMatching(/./) });
  expect(await isSeen(grid(page).locator(`[data-index="${VOLUMES - 1}"]`))).toBe(true);
  await page.keyboard.press('ArrowUp');
  const at = await active(page);
  expect(at?.index).toBe(VOLUMES - 2);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: at?.text })).toBeVisible();
  await page.goBack();
  const marked = grid(page).getByRole('row', { selected: true });
  await expect(marked.getByRole('link')).toHaveText(at?.text ?? '');
  await expect.poll(() => isSeen(marked)).toBe(true);
  await grid(page).focus();
  await page.keyboard.press('Home');
  await expect.poll(() => active(page)).toMatchObject({ index: 0, text: expect.stringMatching(/./) });
});

test('a link to a row finds it wherever it stands, and says when it is not there', async ({ page, big }) => {
  const answer = await fetch(`${big.url}/api/v1/clusters/default/volumes?sort=name&offset=7000&limit=1`, {
    headers: big.session.headers,
  });
  const { rows } = (await answer.json()) as { rows: Array<{ id: string; name: string }> }; // contract: VolumeWindow
  const [row] = rows;
  if (!row) throw new Error('no row 7000');
  await open(page, `?row=${row.id}`);
  const marked = grid(page).getByRole('row', { selected: true });
  await expect(marked.getByRole('link')).toHaveText(row.name);
  await expect(marked).toHaveAttribute('aria-rowindex', '7002');
  await expect.poll(() => isSeen(marked)).toBe(true);
  // In another order it is elsewhere.
  await open(page, `?row=${row.id}&sort=-name`);
  await expect(marked.getByRole('link')).toHaveText(row.name);
  await expect(marked).not.toHaveAttribute('aria-rowindex', '7002');
  await open(page, `?row=${row.id}&q=-id:${row.id}`);
  await expect(page.getByText('The row of this link is not among the volumes shown')).toBeVisible();
});

test('what one reads stays in its place when a row above it goes and comes back', async ({ page, fleet }) => {
  await open(page, '?q=status:online');
  await page.getByRole('region', { name: 'Volumes, scrollable' }).evaluate((e) => {
    e.scrollTop = 40 * 41;
  });
  const at = (index: number) => grid(page).locator(`[data-index="${index}"]`).getByRole('link');
  await expect(at(45)).toBeVisible();
  const name = (await at(45).textContent()) ?? '';
  const row = grid(page).getByRole('link', { name, exact: true });
  const top = async () => (await row.boundingBox())?.y ?? 0;
  const before = await top();
  // The address follows when one rests; by then the window is on the stream, or soon will be.
  await expect(page).toHaveURL(/offset=40/);
  await expect(state(page)).toHaveText('Live');
  await fleet.get('/change/engine/0');
  await expect(at(44)).toHaveText(name);
  expect(Math.abs((await top()) - before)).toBeLessThan(2);
  await fleet.get('/change/engine/0');
  await expect(at(45)).toHaveText(name);
  expect(Math.abs((await top()) - before)).toBeLessThan(2);
});

test('columns, order, width and density are in the address, and a view keeps them', async ({ page, context }) => {
  await open(page, '?q=node:io-1');
  const heads = () => grid(page).getByRole('columnheader').allTextContents();
  await page.getByRole('button', { name: 'Columns', exact: true }).click();
  const panel = page.getByRole('region', { name: 'Columns of Volumes' });
  await panel.getByRole('checkbox', { name: 'Latency' }).uncheck();
  await panel.getByRole('checkbox', { name: 'Claim' }).check();
  await panel.getByRole('button', { name: 'Move Size forward' }).click();
  await panel.getByRole('spinbutton', { name: 'Width of Size in pixels' }).fill('222');
  await panel.getByRole('radio', { name: 'Compact' }).check();
  await expect(page).toHaveURL(/density=compact/);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Columns', exact: true })).toBeFocused();
  const shown = await heads();
  expect(shown.slice(0, 3)).toEqual(['Name', 'Size', 'Status']);
  expect(shown).not.toContain('Latency');
  expect(shown.at(-1)).toBe('Claim');
  const size = () => grid(page).getByRole('columnheader', { name: 'Size' }).boundingBox();
  expect((await size())?.width).toBe(222);
  const row = grid(page).getByRole('row').nth(1);
  expect((await row.boundingBox())?.height).toBe(29);

  await page.getByRole('button', { name: 'Views', exact: true }).click();
  const views = page.getByRole('region', { name: 'Views of Volumes' });
  await views.getByRole('button', { name: 'Save' }).click();
  await expect(views.getByRole('alert')).toHaveText('Give it a name.');
  await views.getByRole('textbox').fill('first node');
  await views.getByRole('button', { name: 'Save' }).click();
  const address = new URL(page.url());

  // The address alone shows the same, and the view is still there in another tab.
  const other = await context.newPage();
  await open(other);
  await other.getByRole('button', { name: 'Views', exact: true }).click();
  await other.getByRole('button', { name: 'first node', exact: true }).click();
  await expect(other).toHaveURL((url) => url.search === address.search);
  await expect.poll(() => grid(other).getByRole('columnheader').allTextContents()).toEqual(shown);
  await other.getByRole('button', { name: 'Delete the view first node' }).click();
  await expect(other.getByText('No views of volumes are saved.')).toBeVisible();
  await page.reload();
  await expect.poll(heads).toEqual(shown);
});

test('several columns sort together', async ({ page }) => {
  await open(page);
  await grid(page).getByRole('button', { name: 'Target' }).click();
  await grid(page)
    .getByRole('button', { name: 'Size' })
    .click({ modifiers: ['Shift'] });
  await grid(page)
    .getByRole('button', { name: /^Size/ })
    .click({ modifiers: ['Shift'] });
  await expect(page).toHaveURL(/sort=node%2C-size/);
  await expect(grid(page).getByRole('columnheader', { name: /^Target/ })).toHaveAttribute('aria-sort', 'ascending');
  await expect(grid(page).getByRole('columnheader', { name: /Size.*2.*in the order, descending/ })).toBeVisible();
});

test('chips and text are one filter, completed from what there is, with errors at their character', async ({
  page,
}) => {
  await open(page);
  await filter(page).pressSequentially('nod');
  await expect(page.getByRole('option', { name: /^node:/ })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(filter(page)).toHaveValue('node:');
  // Values come from the facets, with their counts.
  await expect(page.getByRole('option', { name: /^io-3/ })).toContainText(/\d/);
  expect(await violations(page)).toEqual([]);
  await filter(page).pressSequentially('io-3');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/q=node%3Aio-3/);
  await expect(page.getByRole('button', { name: /^node io-3/ })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('status').filter({ hasText: 'match' })).toContainText(
    `of ${VOLUMES.toLocaleString('en')}`,
  );

  await page.getByRole('button', { name: /^node io-5/ }).click();
  await expect(filter(page)).toHaveValue('node:io-3,io-5');
  await page.getByRole('button', { name: 'Remove node:io-3,io-5' }).click();
  await expect(filter(page)).toHaveValue('');
  await expect(page).not.toHaveURL(/q=/);

  await filter(page).fill('status:online sice>3 ');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'At character 15' })).toContainText('“sice” is not a filter');
  await expect(filter(page)).toHaveAccessibleDescription(/At character 15/);
  await expect(page).not.toHaveURL(/sice/);
  await filter(page).fill('status:online size>3GiB');
  await expect(filter(page)).not.toHaveAttribute('aria-invalid');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Change size>3GiB' }).click();
  await expect(filter(page)).toBeFocused();
  await page.keyboard.type('size<2GiB');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL((url) => url.searchParams.get('q') === 'status:online size<2GiB');
});

test('the whole filtered list is saved as CSV and as JSON', async ({ page }) => {
  await open(page, '?q=node:io-1&sort=-size');
  const count = page.getByRole('status').filter({ hasText: 'match' });
  const matched = Number((await count.textContent())?.split(' ')[0]?.replaceAll(',', ''));
  expect(matched).toBeGreaterThan(200);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const saved = async (format: 'CSV' | 'JSON') => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: `Download ${format}` }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`default-volumes.${format.toLowerCase()}`);
    return readFile(await file.path(), 'utf8');
  };
  const csv = (await saved('CSV')).trimEnd().split(/\r?\n/);
  expect(csv.length).toBe(matched + 1);
  expect(csv[0]).toContain('target_node');
  const json: unknown = JSON.parse(await saved('JSON'));
  const rows = Array.isArray(json) ? json : Object.values(json as object).find(Array.isArray);
  expect(rows).toHaveLength(matched);
  await expect(page.getByText(/default-volumes.json.*is in your downloads/)).toBeVisible();
});

/** Open streams of a page, counted in the page itself. */
async function countStreams(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const counted = window as unknown as { asked: string[] };
    counted.asked = [];
    const { fetch: real } = window;
    window.fetch = (input, init) => {
      const url = String(input);
      counted.asked.push(url);
      return real(input, init);
    };
  });
}
const asked = (page: Page) => page.evaluate(() => (window as unknown as { asked: string[] }).asked);

/** Two tabs at one volume, and the cell of its status in each. */
async function twoTabs(page: Page, context: BrowserContext) {
  await countStreams(context);
  const other = await context.newPage();
  const cell = (p: Page) => grid(p).getByRole('row').nth(1).getByRole('gridcell').nth(1);
  for (const p of [page, other]) {
    await open(p, '?q=name:cache-0');
    await expect(state(p)).toHaveText('Live');
    await expect(cell(p)).toHaveText('Online');
  }
  return { own: cell(page), others: cell(other) };
}

test('a paused page stands still and catches up when it goes on', async ({ page, fleet, context }) => {
  const { own, others } = await twoTabs(page, context);
  await page.getByRole('button', { name: 'Pause live updates' }).click();
  await expect(state(page)).toContainText(/^Paused since \d/);
  const quiet = await asked(page);
  await fleet.get('/change/engine/0');
  await expect(others).toHaveText('Degraded');
  await expect(own).toHaveText('Online');
  expect(await asked(page)).toEqual(quiet);
  await page.getByRole('button', { name: 'Go on live' }).click();
  await expect(own).toHaveText('Degraded');
  await expect(state(page)).toHaveText('Live');
  await fleet.get('/change/engine/0');
  await expect(own).toHaveText('Online');
});

test('a hidden page has no stream, and catches up when it is looked at', async ({ page, fleet, context }) => {
  const { own, others } = await twoTabs(page, context);
  const look = (hidden: boolean) =>
    page.evaluate((h) => {
      Object.defineProperty(document, 'hidden', { value: h, configurable: true });
      Object.defineProperty(document, 'visibilityState', { value: h ? 'hidden' : 'visible', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  const ended = page.waitForEvent('requestfailed', (r) => r.url().includes('/events?'));
  await look(true);
  await ended;
  const quiet = await asked(page);
  await fleet.get('/change/engine/0');
  await expect(others).toHaveText('Degraded');
  await expect(own).toHaveText('Online');
  expect(await asked(page)).toEqual(quiet);
  await look(false);
  await expect(own).toHaveText('Degraded');
  await expect(state(page)).toHaveText('Live');
  await fleet.get('/change/engine/0');
  await expect(own).toHaveText('Online');
});

test('charts share a crosshair by pointer and by keyboard, and the heavy view comes when it is asked for', async ({
  page,
  big,
  fleet,
}) => {
  await fleet.get('/busy/1');
  const answer = await fetch(`${big.url}/api/v1/clusters/default/volumes?q=published:true&limit=1`, {
    headers: big.session.headers,
  });
  const { rows } = (await answer.json()) as { rows: Array<{ id: string }> }; // contract: VolumeWindow
  await page.goto(`${LIST}/${rows[0]?.id}`);
  await page.getByRole('heading', { name: 'I/O over time' }).evaluate((e) => e.scrollIntoView());
  const figures = page.getByRole('figure').filter({ hasText: /IOPS|Throughput|Latency/ });
  await expect(figures).toHaveCount(3);
  const time = /\d\d:\d\d:\d\d/;
  await expect(figures.filter({ hasText: time })).toHaveCount(0);
  // What loads above a chart may push it away from under the pointer.
  await expect(async () => {
    await page.getByRole('img', { name: /^IOPS now/ }).hover();
    await expect(figures.filter({ hasText: time })).toHaveCount(3, { timeout: 2_000 });
  }).toPass();
  await page.mouse.move(0, 0);
  await expect(figures.filter({ hasText: time })).toHaveCount(0);
  const slider = page.getByRole('slider', { name: 'Moment under the crosshair' });
  await slider.focus();
  await expect(figures.filter({ hasText: time })).toHaveCount(3);
  await page.keyboard.press('Home');
  await expect(figures.filter({ hasText: time })).toHaveCount(3);
  await expect(slider).toHaveAttribute('aria-valuetext', /IOPS: read .*Latency: read/);

  const scripts = () =>
    page.evaluate(() => performance.getEntriesByType('resource').filter((r) => r.name.endsWith('.js')).length);
  const before = await scripts();
  await page.getByRole('button', { name: 'Enlarge IOPS' }).click();
  await expect(page.getByRole('dialog', { name: 'IOPS' }).getByRole('figure', { name: /^IOPS now/ })).toBeVisible();
  expect(await scripts()).toBeGreaterThan(before);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await fleet.get('/busy/0');
});
