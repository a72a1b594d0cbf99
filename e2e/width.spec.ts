import type { Page } from '@playwright/test';
import { makeVolume } from './api';
import { violations } from './axe';
import { expect, test } from './fixtures';

const WIDTHS = [360, 768, 1280, 1920];
const PAGES = [
  '/',
  '/c/default',
  '/c/default/volumes',
  '/c/default/volumes?q=no-such-volume',
  '/c/default/volumes/ID',
  '/c/default/volumes/ID/replicas?to=3',
  '/c/default/volumes/new?name=a&labels=team%3Dpayments',
  '/c/default/volumes/new?step=2&size=900TiB',
  '/c/default/volumes/new?step=3',
  '/c/default/pools',
  '/c/default/pools/pool-io-1-0',
  '/c/default/nodes',
  '/c/default/nodes/io-1',
  '/c/default/rebuilds',
  '/c/default/snapshots',
  '/c/default/audit',
  '/c/default/volumes/00000000-0000-4000-8000-000000000000',
  '/c/nowhere',
  '/nowhere',
];

/** How wide the page is beyond its window, and what reaches there; empty when it does not scroll sideways. */
const beyond = (page: Page) =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    // A box that scrolls by itself may hold what is wider.
    const isHeld = (e: Element | null): boolean =>
      e !== null && e !== document.body && (getComputedStyle(e).overflowX !== 'visible' || isHeld(e.parentElement));
    const wide = [...document.querySelectorAll('body *')].filter(
      (e) => e.getBoundingClientRect().right > clientWidth + 1 && !isHeld(e.parentElement),
    );
    return [`${scrollWidth} of ${clientWidth}`, ...wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
  });

for (const theme of ['light', 'dark'] as const) {
  test(`no page scrolls sideways, from a phone to a wall, ${theme}`, async ({ page, app }) => {
    test.setTimeout(240_000);
    const id = await makeVolume(app, `wide-${theme}-${'w'.repeat(50)}`, { replicas: 2, node: 'io-1' });
    await page.addInitScript((t) => localStorage.setItem('theme', t), theme);
    for (const path of PAGES) {
      await test.step(path, async () => {
        await page.goto(path.replace('ID', id));
        await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
        await expect(page.getByRole('status', { name: /^(Loading|Working|Asking|Scanning|Reading)/ })).toHaveCount(0);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 800 });
          // A chart or a list takes its new size a frame or two later.
          await expect.poll(() => beyond(page), { message: `${path} at ${width} px` }).toEqual([]);
        }
      });
    }
  });
}

test('on a phone a list is cards: named, sorted from a menu, and free of violations', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('/c/default/volumes');
  const cards = page.getByRole('list', { name: 'Volumes' }).getByRole('listitem');
  await expect(cards.first()).toContainText('Replicas');
  await expect(page.getByRole('grid', { name: 'Volumes' })).toHaveCount(0);
  const names = cards.getByRole('link');
  const first = await names.first().textContent();
  await page.getByRole('combobox', { name: 'Sort Volumes' }).selectOption({ label: 'Name, falling' });
  await expect(page).toHaveURL(/sort=-name/);
  await expect(names.last()).toHaveText(first ?? '');
  expect(await violations(page)).toEqual([]);
  await names.first().click();
  await expect(page.getByRole('list', { name: 'Copies' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Replicas' }).getByRole('row').nth(1)).toContainText('Online');
  expect(await violations(page)).toEqual([]);
});
