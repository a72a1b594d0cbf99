import { expect, type Page, test } from '@playwright/test';
import { violations } from './axe';
import { type Program, program } from './fixtures';

let cluster: Program;
let url: string;

test.beforeAll(async () => {
  const flags = ['--with-parent', '--nodes', '3', '--volumes', '4', '--scenario', 'calm', '--time-factor', '20'];
  cluster = await program('dist/embedded.mjs', flags, {});
  url = String(cluster.ready.control);
});
test.afterAll(() => cluster.stop());
test.beforeEach(async ({ page }) => {
  await page.goto(url);
  await expect(page.getByRole('button', { name: 'Kill the io-engine' })).toBeEnabled();
});

const broken = (page: Page) => page.getByRole('list', { name: 'Broken now' }).getByRole('listitem');

test('by keyboard: a fault begins, is shown as broken, and ends', async ({ page }) => {
  await expect(page.getByText('Nothing is broken.')).toBeVisible();
  const node = page.getByRole('combobox', { name: 'Node' });
  await node.focus();
  await page.keyboard.press('ArrowDown');
  await expect(node).toHaveValue('io-2');
  await page.keyboard.press('Tab');
  const kill = page.getByRole('region', { name: 'A node' }).getByRole('button').first();
  await expect(kill).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(broken(page)).toContainText('io-2');
  await expect(broken(page)).toContainText('io-engine killed');
  await expect(page.getByText('Nothing is broken.')).toBeHidden();
  await expect(page.getByRole('status')).toContainText('io-2: done');
  // The same button ends it, and the focus has not moved.
  await expect(kill).toHaveText('Start it');
  await expect(kill).toBeFocused();
  await broken(page).getByRole('button', { name: 'Start it: io-2' }).focus();
  await page.keyboard.press('Enter');
  await expect(broken(page)).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Broken now' })).toBeFocused();
});

test('a strength is checked before anything is broken, and a copy has to be chosen', async ({ page }) => {
  const disks = page.getByRole('region', { name: 'A disk' });
  const by = disks.getByLabel('by');
  await by.fill('0');
  await disks.getByRole('button', { name: 'Make it slow' }).click();
  await expect(by).toBeFocused();
  await expect(broken(page)).toHaveCount(0);
  await by.fill('20');
  await disks.getByRole('button', { name: 'Make it slow' }).click();
  await expect(broken(page)).toContainText('io-1, disk 0');
  await expect(broken(page)).toContainText('by 20 ms');
  await disks.getByRole('button', { name: 'Full speed' }).click();
  await expect(broken(page)).toHaveCount(0);

  const copies = page.getByRole('region', { name: 'A copy of a volume' });
  await expect(copies.getByRole('button', { name: 'Take it offline' })).toBeDisabled();
  await copies.getByRole('searchbox', { name: 'Volume' }).fill('no such volume');
  await expect(copies.getByText('No volume matches.')).toBeVisible();
  await copies.getByRole('searchbox', { name: 'Volume' }).fill('');
  await copies.getByRole('radio').first().check();
  await expect(copies.getByRole('button', { name: 'Take it offline' })).toBeEnabled();
});

test('all of it ends at once, and what is refused is said', async ({ page }) => {
  await page.getByRole('button', { name: 'Let its store fail' }).last().click();
  await page.getByRole('button', { name: 'Hang the io-engine' }).click();
  await expect(broken(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Restart agent-core' }).click();
  await expect(page.getByText('agent-core waits for its store')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Hang the io-engine' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Kill the io-engine' }).click();
  await page.getByRole('region', { name: 'A disk' }).getByRole('button', { name: 'Fill it' }).click();
  await expect(page.getByRole('status')).toContainText('node io-1 does not run');
  await page.getByRole('button', { name: 'End all of it' }).click();
  await expect(broken(page)).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('it breaks no accessibility rule', async ({ page }) => {
      await page.getByRole('button', { name: 'Let it err' }).click();
      await expect(broken(page)).toHaveCount(1);
      await expect(page.getByRole('radio').first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await broken(page).getByRole('button').click();
      await expect(broken(page)).toHaveCount(0);
    });
  });
}
