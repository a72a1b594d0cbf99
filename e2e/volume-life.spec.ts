import type { Page } from '@playwright/test';
import { makeVolume, untilVolume, volume } from './api';
import { expect, test } from './fixtures';

const MiB = 2 ** 20;

test('a volume is created in the wizard, published, and its I/O is seen', async ({ page }) => {
  await page.goto('/c/default/volumes');
  await page.getByRole('link', { name: 'Create volume' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('invoices');
  await page.getByRole('textbox', { name: 'Size' }).fill('1');
  await expect(page.getByText('1 GiB, 1,073,741,824 bytes')).toBeVisible();
  await page.getByRole('button', { name: 'Next' }).click();
  const chosen = page.getByRole('table', { name: 'Chosen pools' });
  await expect(chosen.getByRole('row')).toHaveCount(4);
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(chosen.getByRole('row')).toHaveCount(4);
  await page.getByRole('checkbox', { name: 'Publish it' }).check();
  await page.getByRole('combobox', { name: 'Node of the target' }).selectOption('io-2');
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page).toHaveURL(/operation=/);
  await expect(page.getByText('Succeeded')).toBeVisible();
  await page.reload();
  await page.getByRole('link', { name: 'Go to the volume' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'invoices' })).toBeVisible();
  await expect(page.getByText('3 of 3 copies healthy')).toBeVisible();
  const path = page.getByRole('list', { name: 'From the application to the target' });
  await expect(path.getByRole('link', { name: 'io-2' })).toBeVisible();
  // The demo's application hosts write to whatever is published.
  await expect(path).toContainText(/[1-9][\d.,]* IOPS/);
  // Charts come when they are in sight.
  await page.getByRole('heading', { name: 'I/O over time' }).evaluate((e) => e.scrollIntoView());
  await expect(page.getByRole('img', { name: /^IOPS now: read [\d.]+, write [\d.]+/ })).toBeVisible();
});

test('mistakes are said at the field, and nothing is sent', async ({ page, app }) => {
  const taken = await makeVolume(app, 'taken', { replicas: 1 });
  await page.goto('/c/default/volumes/new');
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Name' }).fill('n'.repeat(300));
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveAccessibleDescription(/at most 63 characters/i);
  await next.click();
  await expect(page.getByRole('textbox', { name: 'Size' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('fine');
  await page.getByRole('textbox', { name: 'Size' }).fill('ten');
  await expect(page.getByRole('textbox', { name: 'Size' })).toHaveAccessibleDescription(/“ten” is not a size/);
  await page.getByRole('textbox', { name: 'Size' }).fill('10G');
  await page.getByRole('textbox', { name: 'UUID' }).fill(taken);
  await expect(page.getByRole('textbox', { name: 'UUID' })).toHaveAccessibleDescription(/exist|taken|already/);
  await page.getByRole('textbox', { name: 'UUID' }).fill('');
  await page.getByRole('textbox', { name: 'Size' }).fill('900TiB');
  await expect(page.getByRole('textbox', { name: 'Size' })).toHaveAccessibleDescription(
    /room for no copy of this size/,
  );
  await next.click();
  // No pool is that large, and each says so.
  const rejected = page.getByRole('table', { name: 'Pools that cannot take a copy' });
  await expect(rejected.getByRole('row')).toHaveCount(7);
  await expect(rejected).toContainText('is not larger than the volume');
  await page.goto('/c/default/volumes/new?name=fine&size=1GiB&replicas=9&step=3');
  await expect(page.getByRole('button', { name: /Create volume/ })).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByRole('alert').first()).toContainText(/[Oo]nly|3 of 9|room/);
  await page.goto('/c/default/volumes/new?name=fine&size=1GiB&replicas=9&step=2');
  await expect(page.getByRole('textbox', { name: 'Replicas' })).toHaveAccessibleDescription(
    /only 3 nodes can take one/,
  );
});

/** Notes every value that a progress bar shows, from the page's first line on: what a slow test would come too late to see. */
async function noteProgress(page: Page, name: string): Promise<() => Promise<number[]>> {
  await page.addInitScript((label) => {
    const shown: number[] = [];
    Object.assign(window, { shown });
    const look = () => {
      const now = document.querySelector(`[role="progressbar"][aria-label="${label}"]`)?.getAttribute('aria-valuenow');
      if (now != null && shown.at(-1) !== Number(now)) shown.push(Number(now));
    };
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      attributeFilter: ['aria-valuenow'],
    });
  }, name);
  return () => page.evaluate(() => (window as unknown as { shown: number[] }).shown); // put there above
}

test('a failed disk degrades the volume with its reason, the rebuild is watched, and it is whole again', async ({
  page,
  app,
  cluster,
}) => {
  const id = await makeVolume(app, 'ledger', { replicas: 3, node: 'io-1' });
  // Enough data that the rebuild takes some seconds at the cluster's rate.
  await cluster.act('/workloads', {
    volume: id,
    pattern: 'seqwrite',
    blockSize: MiB,
    iops: 400,
    workingSetBytes: 256 * MiB,
  });
  await untilVolume(app, id, 'data is written', (v) => BigInt(v.usage?.allocatedBytes ?? 0) >= BigInt(256 * MiB));
  const copy = (await volume(app, id)).replicas.find((r) => r.node?.id === 'io-3');
  const index = copy?.pool?.id.at(-1) ?? '';
  const progress = await noteProgress(page, 'Rebuild of ledger');
  await page.goto(`/c/default/volumes/${id}`);
  await expect(page.getByText('3 of 3 copies healthy')).toBeVisible();
  await cluster.act(`/disks/io-3/${index}/fail`);
  await expect(page.getByText('2 of 3 copies healthy')).toBeVisible();
  // What becomes of it is told with its reason, whichever of the two moments of the repair is seen first.
  await expect(page.getByText(/^(lost the copy on io-3: .+|the copy on io-3 is being rebuilt)/i)).toBeVisible();
  await expect(page.getByRole('progressbar', { name: 'Rebuild of ledger' })).toBeVisible({ timeout: 150_000 });
  await expect(page.getByText(/^Why: /)).toBeVisible();
  await expect(page.getByText('3 of 3 copies healthy')).toBeVisible({ timeout: 150_000 });
  const shown = await progress();
  // A first try may fail and begin anew; the bar rises all the same.
  expect(
    shown.some((value, i) => value > (shown[i - 1] ?? value)),
    `progress shown: ${shown}`,
  ).toBe(true);
  await expect(page.getByRole('table', { name: 'Past rebuilds' })).toContainText('Completed');
  await cluster.act(`/disks/io-3/${index}/heal`);
});

test('the number of copies is raised and lowered in the wizard', async ({ page, app }) => {
  const id = await makeVolume(app, 'archive', { replicas: 1, node: 'io-1' });
  await page.goto(`/c/default/volumes/${id}`);
  await page.getByRole('link', { name: 'Change replica count' }).click();
  await expect(page.getByRole('status', { name: 'Wanted copies' })).toHaveText('2');
  await page.getByRole('button', { name: 'One copy more' }).click();
  await expect(page).toHaveURL(/to=3/);
  await expect(page.getByRole('table', { name: 'Copies that are added' }).getByRole('row')).toHaveCount(3);
  await page.getByRole('button', { name: 'Raise to 3' }).click();
  await expect(page.getByText('Succeeded')).toBeVisible({ timeout: 150_000 });
  await untilVolume(app, id, '3 copies are complete', (v) => v.row.replicas.healthy === 3);
  await page.goto(`/c/default/volumes/${id}/replicas`);
  await expect(page.getByRole('status', { name: 'Wanted copies' })).toHaveText('4');
  // As fast as a person who knows what to do.
  const less = page.getByRole('button', { name: 'One copy less' });
  for (let n = 0; n < 3; n += 1) await less.click();
  await expect(page).toHaveURL(/to=1/);
  const removed = page.getByRole('table', { name: 'Copies that are removed' });
  await expect(removed.getByRole('row')).toHaveCount(3);
  await expect(page.getByRole('button', { name: 'Lower to 1' })).toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('textbox', { name: /Type archive/ }).fill('archive');
  await page.getByRole('button', { name: 'Lower to 1' }).click();
  await expect(page.getByText('Succeeded')).toBeVisible({ timeout: 150_000 });
  await untilVolume(app, id, '1 copy is left', (v) => v.row.replicas.present === 1 && v.row.replicas.healthy === 1);
  await page.goto(`/c/default/volumes/${id}/replicas?to=0`);
  await expect(page.getByText(/at least (1|one)/i).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Lower to 0' })).toHaveAttribute('aria-disabled', 'true');
});

test('a volume is deleted only when its name is typed', async ({ page, app }) => {
  const id = await makeVolume(app, 'scratch', { replicas: 1 });
  await page.goto(`/c/default/volumes/${id}`);
  await page.getByRole('button', { name: /^Unpublish/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /Type scratch/ }).fill('scratch');
  await dialog.getByRole('button', { name: 'Unpublish' }).click();
  await expect(dialog.getByText('Succeeded')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('button', { name: /^Delete/ }).click();
  await expect(dialog.getByRole('button', { name: /Delete volume/ })).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByRole('textbox', { name: /Type scratch/ }).fill('scratch');
  await dialog.getByRole('button', { name: 'Delete volume' }).click();
  await expect(page.getByText('This cluster has no volume of that name or id.')).toBeVisible();
});

test('a volume on a hung node is unknown with its age, and others are not touched', async ({ page, app, cluster }) => {
  const hung = await makeVolume(app, 'on-three', { replicas: 1, node: 'io-3' });
  await page.goto(`/c/default/volumes/${hung}`);
  await expect(page.getByText('1 of 1 copies healthy')).toBeVisible();
  await cluster.act('/nodes/io-3/hang');
  await expect(page.getByText(/does not answer since/).first()).toBeVisible();
  await expect(page.getByText('unknown of 1 copies healthy')).toBeVisible();
  // In the list the row and the list itself say how old they are, and the badge of the connection is not green.
  await page.goto('/c/default/volumes?q=on-three');
  const row = page.getByRole('grid', { name: 'Volumes' }).getByRole('row').filter({ hasText: 'on-three' });
  await expect(row).toContainText(/Unknown.*last read \d+ (s|min).* ago/);
  await expect(page.getByText(/^in part: io-engine on io-3 last read/)).toBeVisible();
  await expect(page.getByRole('status', { name: 'Connection to the console' })).toHaveText('Live, in part');
  await page.goto('/c/default/nodes/io-1');
  await expect(page.getByRole('heading', { level: 1, name: 'io-1' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Targets' })).toContainText('Online');
  await cluster.act('/nodes/io-3/unhang');
  await page.goto(`/c/default/volumes/${hung}`);
  await expect(page.getByText('1 of 1 copies healthy')).toBeVisible({ timeout: 150_000 });
});
