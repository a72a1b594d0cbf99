import type { Page } from '@playwright/test';
import { makeVolume } from './api';
import { violations } from './axe';
import { expect, test } from './fixtures';

const PAGES: ReadonlyArray<[name: string, path: string]> = [
  ['clusters', '/nowhere'],
  ['overview', '/c/default'],
  ['volumes', '/c/default/volumes'],
  ['volume', '/c/default/volumes/ID'],
  ['replica count', '/c/default/volumes/ID/replicas'],
  ['create volume', '/c/default/volumes/new'],
  ['create volume, copies', '/c/default/volumes/new?step=2&size=900TiB'],
  ['create volume, review', '/c/default/volumes/new?step=3'],
  ['pools', '/c/default/pools'],
  ['pool', '/c/default/pools/pool-io-1-0'],
  ['nodes', '/c/default/nodes'],
  ['node', '/c/default/nodes/io-1'],
  ['replicas', '/c/default/replicas'],
  ['rebuilds', '/c/default/rebuilds'],
  ['snapshots', '/c/default/snapshots'],
  ['audit', '/c/default/audit'],
  ['unknown volume', '/c/default/volumes/00000000-0000-4000-8000-000000000000'],
  ['unknown cluster', '/c/nowhere'],
];

for (const theme of ['light', 'dark'] as const) {
  test(`no page breaks an accessibility rule, ${theme}`, async ({ page, app }) => {
    test.setTimeout(240_000);
    const id = await makeVolume(app, `axe-${theme}`, { replicas: 2 });
    await page.addInitScript((t) => localStorage.setItem('theme', t), theme);
    for (const [name, path] of PAGES) {
      await test.step(name, async () => {
        await page.goto(path.replace('ID', id));
        await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
        await expect(page.getByRole('status', { name: /^(Loading|Working|Asking|Scanning|Reading)/ })).toHaveCount(0);
        expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
        expect(await violations(page), name).toEqual([]);
      });
    }
  });
}

test('a dialog breaks no accessibility rule', async ({ page, app }) => {
  const id = await makeVolume(app, 'axe-dialog', { replicas: 1 });
  await page.goto(`/c/default/volumes/${id}`);
  for (const action of ['Unpublish', 'Resize', 'Take snapshot']) {
    await page.getByRole('button', { name: action, exact: true }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await violations(page), action).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByRole('button', { name: action, exact: true })).toBeFocused();
  }
});

/** Tabs until the element with this accessible name has the focus. */
async function tabTo(page: Page, name: RegExp, selector = '*'): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate((wanted) => {
      const e = document.activeElement;
      if (!e?.matches(wanted)) return '';
      const label = e?.id ? document.querySelector(`label[for="${CSS.escape(e.id)}"]`)?.textContent : undefined;
      return e?.getAttribute('aria-label') ?? label ?? e?.textContent ?? '';
    }, selector);
    if (name.test(focused)) return;
  }
  throw new Error(`no Tab leads to ${name}`);
}

test('a volume is created by keyboard alone', async ({ page }) => {
  await page.goto('/c/default/volumes');
  await expect(page.getByRole('grid', { name: 'Volumes' }).getByRole('link').first()).toBeVisible();
  await tabTo(page, /^Create volume$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Create volume' })).toBeVisible();
  await tabTo(page, /^Name$/);
  await page.keyboard.type('by-keys');
  await tabTo(page, /^Next$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Replicas$/, 'input');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('checkbox', { name: 'Publish it' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Chosen pools' }).getByRole('row')).toHaveCount(3);
  await tabTo(page, /^Create volume$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Succeeded')).toBeVisible();
});

for (const [name, path] of PAGES.filter(([, p]) => p.startsWith('/c/default'))) {
  test(`every control of ${name} is reached by Tab`, async ({ page, app }) => {
    const id = path.includes('ID') ? await makeVolume(app, 'tabs', { replicas: 2 }) : '';
    await page.goto(path.replace('ID', id));
    await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
    await expect(page.getByRole('status', { name: /^(Loading|Asking|Scanning)/ })).toHaveCount(0);
    // What a control says of this moment is no part of what it is.
    const live = ' (aria-valuetext|value|max)="[^"]*"';
    const visible = () =>
      page.evaluate(
        (says) =>
          [
            ...document.querySelectorAll<HTMLElement>(
              'main a[href], main button, main input, main select, main summary',
            ),
          ]
            // In a grid arrows lead from row to row; Tab goes on into the row where one is.
            .filter((e) => !(e.closest('[role="grid"]') && e.tabIndex < 0))
            .filter((e) => e.checkVisibility() && !(e instanceof HTMLInputElement && e.type === 'radio' && !e.checked))
            .map((e) => e.outerHTML.replace(new RegExp(says, 'g'), '').slice(0, 120)),
        live,
      );
    const reached = new Set<string>();
    const wanted = (await visible()).slice(0, 25);
    for (let i = 0; i < 80 && !wanted.every((w) => reached.has(w)); i++) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate(
          (says) => document.activeElement?.outerHTML.replace(new RegExp(says, 'g'), '').slice(0, 120) ?? '',
          live,
        ),
      );
    }
    expect(wanted.filter((w) => !reached.has(w))).toEqual([]);
  });
}
