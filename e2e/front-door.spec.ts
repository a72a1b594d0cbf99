import { connect } from 'node:net';
import type { Page } from '@playwright/test';
import { makeVolume, untilVolume } from './api';
import { expect, test } from './fixtures';

const PAGES = [
  '',
  '/volumes',
  '/volumes/new',
  '/pools',
  '/pools/pool-io-1-0',
  '/nodes',
  '/nodes/io-1',
  '/rebuilds',
  '/snapshots',
  '/audit',
];

/** Notes what a page's policy has stopped, from its first line on. */
async function noteViolations(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    document.addEventListener('securitypolicyviolation', (e) =>
      seen.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`),
    );
  });
  return () => page.evaluate(() => (window as unknown as { seen: string[] }).seen); // put there above
}

test('every page has a policy of its own and breaks none of it, also when one goes from page to page', async ({
  page,
  app,
}) => {
  const id = await makeVolume(app, 'policy', { replicas: 2 });
  const seen = await noteViolations(page);
  const errors: string[] = [];
  page.on('pageerror', (e) => errors.push(e.message));
  page.on('console', (m) => m.type() === 'error' && errors.push(m.text()));
  const nonces = new Set<string>();
  const paths = [...PAGES, `/volumes/${id}`, `/volumes/${id}/replicas`].map((p) => `/c/default${p}`);
  for (const at of [...paths, '/', '/login?reason=ended', '/no/such/page']) {
    await test.step(at, async () => {
      const response = await page.goto(at);
      const headers = response?.headers() ?? {};
      const policy = headers['content-security-policy'] ?? '';
      nonces.add(/'nonce-([\w+/=]{24})'/.exec(policy)?.[1] ?? 'none');
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': expect.stringContaining('no-store'),
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
      await expect(page.getByRole('status', { name: /^(Loading|Working|Asking|Scanning|Reading)/ })).toHaveCount(0);
      expect(await seen()).toEqual([]);
    });
  }
  expect(nonces.size).toBe(paths.length + 3);
  await page.goto('/c/default');
  for (const name of ['Volumes', 'Pools', 'Nodes', 'Rebuilds', 'Snapshots', 'Audit', 'Overview']) {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeAttached();
  }
  expect(await seen()).toEqual([]);
  // The one page that is not there says so in the console of the browser, too.
  expect(errors.filter((e) => !e.includes('404'))).toEqual([]);
});

test('text becomes code nowhere in a page', async ({ page }) => {
  await page.goto('/c/default');
  await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
  const tried = await page.evaluate(() => {
    const attempt = (what: () => void) => {
      try {
        what();
        return 'ran';
      } catch (error) {
        return error instanceof Error ? error.name : 'stopped';
      }
    };
    const script = document.createElement('script');
    return [
      attempt(() => (document.body.innerHTML = '<img src=x onerror=alert(1)>')),
      attempt(() => (script.src = 'https://evil.example/x.js')),
      attempt(() => (script.src = '/api/v1/session')),
      attempt(() => (script.text = 'alert(1)')),
      attempt(() => setTimeout('alert(1)' as unknown as () => void)), // text in place of a function
      attempt(() => (window as unknown as { trustedTypes: TrustedTypes }).trustedTypes.createPolicy('another', {})), // Chromium has it
    ];
  });
  expect(tried).toEqual(Array(6).fill('TypeError'));
});

test('another site can neither frame the console nor read it nor change it', async ({ page, app, context }) => {
  const { port } = new URL(app.url);
  await context.route('http://evil.example/', (route) =>
    route.fulfill({ contentType: 'text/html', body: `<iframe src="${app.url}/c/default"></iframe>` }),
  );
  await page.goto('http://evil.example/');
  // The browser puts an error of its own in the place of what may not be framed.
  const frame = () => page.frames().find((f) => f !== page.mainFrame());
  await expect.poll(() => frame()?.url()).toBe('chrome-error://chromewebdata/');
  const tried = await page.evaluate(async (url) => {
    const read = await fetch(`${url}/api/v1/clusters`, { credentials: 'include' }).then(
      () => 'read',
      () => 'stopped',
    );
    const write = await fetch(`${url}/api/v1/clusters/default/volumes`, {
      method: 'POST',
      mode: 'no-cors',
      credentials: 'include',
      body: '{"a":"="}',
    }).then(
      (r) => r.type,
      () => 'stopped',
    );
    return [read, write];
  }, app.url);
  // Where a browser lets such a request out at all, its answer is opaque.
  expect(tried).toEqual(['stopped', expect.stringMatching(/^(opaque|stopped)$/)]);
  // What such a change came to, as the server tells it.
  const answer = await fetch(`${app.url}/api/v1/clusters/default/volumes`, {
    method: 'POST',
    body: '{}',
    headers: { ...app.session.headers, origin: 'http://evil.example', 'content-type': 'text/plain' },
  });
  expect(answer.status).toBe(403);
  expect(Number(port)).toBeGreaterThan(0);
});

test('nothing behind the guard listens for upgrades, also once pages were served', async ({ page, app }) => {
  await page.goto('/c/default');
  await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
  const { host, port } = new URL(app.url);
  for (const target of ['/_next/webpack-hmr', '/_next/hmr?id=1', '/', 'http://169.254.169.254/']) {
    const seen = await new Promise<string>((resolve) => {
      let text = '';
      const lines = `Host: ${host}\r\nOrigin: ${app.url}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(`GET ${target} HTTP/1.1\r\n${lines}\r\n`));
      socket.on('data', (part) => (text += part));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
    });
    expect(seen.match(/HTTP\/1\.1 \d+/g), target).toEqual(['HTTP/1.1 426']);
  }
});

/** Not among TypeScript’s types of a page yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: object): void;
}

test('what was done is in the audit log with its outcome, and found by a word', async ({ page, app }) => {
  const id = await makeVolume(app, 'told-of', { replicas: 1 });
  await untilVolume(app, id, 'it is there', (v) => v.row.status === 'online');
  await page.goto(`/c/default/volumes/${id}`);
  await page.getByRole('button', { name: 'Unpublish', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('list', { name: 'What would happen' })).toContainText('would get I/O errors');
  await dialog.getByRole('textbox', { name: /Type told-of/ }).fill('told-of');
  await dialog.getByRole('button', { name: 'Unpublish' }).click();
  await expect(dialog.getByText('Succeeded')).toBeVisible();
  await page.goto('/c/default/audit');
  await page.getByRole('textbox', { name: 'Filter' }).fill('unpublish told-of');
  await page.getByRole('textbox', { name: 'Filter' }).press('Enter');
  await expect(page).toHaveURL(/q=unpublish/);
  const rows = page.getByRole('table', { name: 'Audit records' }).getByRole('row');
  await expect(rows.filter({ hasText: 'Unpublish a volume' }).filter({ hasText: 'Done' }).first()).toBeVisible();
  await page.getByRole('textbox', { name: 'Filter' }).fill('volumes:unpublish');
  await page.getByRole('textbox', { name: 'Filter' }).press('Enter');
  await expect(rows.filter({ hasText: 'Asked for, dry run' }).first()).toBeVisible();
});
