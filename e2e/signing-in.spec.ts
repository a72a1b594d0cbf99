import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from '@playwright/test';
import { makeVolume } from './api';
import { violations } from './axe';
import { expect, program, test } from './fixtures';
import { signIn } from './sign-in';

const NOBODY = { cookies: [], origins: [] };

/** How wide the box is that a text stands in: hidden ones are there for those who listen, and a pixel wide. */
const widthOf = (text: Locator): Promise<number> =>
  text.evaluate((e) => e.parentElement?.getBoundingClientRect().width ?? 0);

interface Own {
  url: string;
  signIn: string;
  /** Presses Enter where it runs, and reads the link that it prints. */
  newLink(): Promise<string>;
}

/** A console of one's own on the worker's cluster, with settings of its own. */
async function withConsole(
  agentCore: string,
  yaml: string,
  use: (own: Own) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mayastor-e2e-'));
  const file = path.join(folder, 'config.yaml');
  const secret = path.join(folder, 'secret');
  writeFileSync(secret, SECRET, { mode: 0o600 });
  writeFileSync(file, `clusters: [{ id: default, agentCore: "${agentCore}" }]\n${yaml.replace('FOLDER', folder)}`);
  const p = await program('dist/server.mjs', [], {
    CONFIG: file,
    AGENT_CORE: '',
    READY_JSON: '1',
    WITH_PARENT: '1',
    PORT: '0',
    ...env,
  });
  const newLink = () =>
    new Promise<string>((resolve) => {
      p.child.stdout?.on('data', (text: string) => {
        const link = /\{"signIn":"([^"]+)"\}/.exec(text)?.[1];
        if (link) resolve(link);
      });
      p.child.stdin?.write('\n');
    });
  try {
    await use({ url: String(p.ready.url).replace(/\/$/, ''), signIn: String(p.ready.signIn ?? ''), newLink });
  } finally {
    await p.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
const SECRET = randomBytes(24).toString('hex');

/** A port of loopback that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

test.describe('with nobody signed in', () => {
  test.use({ storageState: NOBODY });

  test('a link signs in once; reloads, further tabs and deep links work after it, and another browser is told the way', async ({
    page,
    context,
    browser,
    cluster,
  }) => {
    await withConsole(cluster.agentCore, '', async (own) => {
      await page.goto(`${own.url}/c/default/pools`);
      await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
      await expect(page.getByText('press Enter')).toBeVisible();
      await page.goto(own.signIn);
      await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached();
      await page.reload();
      await expect(page.getByRole('status', { name: 'Connection to the console' })).toHaveText('Live');
      const tab = await context.newPage();
      await tab.goto(`${own.url}/c/default/volumes?q=cache`);
      await expect(tab.getByRole('heading', { level: 1, name: 'Volumes' })).toBeAttached();
      // In this browser the link still leads in.
      await tab.goto(own.signIn);
      await expect(tab.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached();
      const other = await (await browser.newContext({ storageState: NOBODY })).newPage();
      await other.goto(own.signIn);
      await expect(
        other.getByRole('alert').filter({ hasText: 'This link was used before, or is too old.' }),
      ).toBeVisible();
      await expect(other).toHaveURL(`${own.url}/login`);
      expect(await violations(other)).toEqual([]);
      // A link is made at most every five seconds.
      await expect(async () => {
        const link = await Promise.race([own.newLink(), new Promise<string>((_, no) => setTimeout(no, 2_000))]);
        await other.goto(link);
        await expect(other.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached({ timeout: 5_000 });
      }).toPass();
      await other.context().close();
    });
  });

  test('the way to where one wanted to go is kept through the sign-in page', async ({ page, cluster }) => {
    await withConsole(cluster.agentCore, '', async (own) => {
      await page.goto(`${own.url}/c/default/nodes?q=io-2`);
      await expect(page).toHaveURL(/\/login\?to=/);
      await page.evaluate((hash) => (window.location.hash = hash), new URL(own.signIn).hash);
      await expect(page).toHaveURL(`${own.url}/c/default/nodes?q=io-2`);
    });
  });

  for (const theme of ['light', 'dark'] as const) {
    test(`pages of the door break no accessibility rule, ${theme}`, async ({ browser, cluster }) => {
      const context = await browser.newContext({ storageState: NOBODY });
      const page = await context.newPage();
      await page.addInitScript((t) => localStorage.setItem('theme', t), theme);
      await withConsole(cluster.agentCore, '', async (own) => {
        for (const reason of ['', '?reason=ended', '?reason=signed-out', '?reason=provider', '?reason=groups']) {
          await page.goto(`${own.url}/login${reason}`);
          await expect(page.getByRole('heading', { name: 'Get a link' })).toBeVisible();
          expect(await violations(page), reason).toEqual([]);
        }
      });
      const proxy =
        'auth: { mode: trusted-proxy, cidrs: [127.0.0.0/8], secretFile: FOLDER/secret, groups: { viewer: [staff] } }';
      await withConsole(cluster.agentCore, proxy, async (own) => {
        await page.goto(`${own.url}/`);
        await expect(page.getByText('The proxy in front of this console signs people in.')).toBeVisible();
        expect(await violations(page)).toEqual([]);
        await context.setExtraHTTPHeaders({ 'x-console-proxy-secret': SECRET, 'x-forwarded-user': 'ana' });
        await page.goto(`${own.url}/`);
        await expect(page.getByRole('alert').filter({ hasText: 'nothing gives you a role' })).toBeVisible();
        expect(await violations(page)).toEqual([]);
        await page.goto(`${own.url}/c/default/volumes`);
        await expect(page.getByRole('heading', { level: 1, name: 'You may not see this cluster' })).toBeVisible();
        expect(await violations(page)).toEqual([]);
      });
      await context.close();
    });
  }

  test('behind a proxy that signs people in, the page makes changes with a token of its own', async ({
    page,
    app,
    cluster,
  }) => {
    const id = await makeVolume(app, 'proxied', { replicas: 2 });
    const proxy =
      'auth: { mode: trusted-proxy, cidrs: [127.0.0.0/8], secretFile: FOLDER/secret, groups: { admin: [ops] } }';
    await withConsole(cluster.agentCore, proxy, async (own) => {
      await page.setExtraHTTPHeaders({
        'x-console-proxy-secret': SECRET,
        'x-forwarded-user': 'ana',
        'x-forwarded-groups': 'staff,ops',
      });
      await page.goto(`${own.url}/c/default/volumes/${id}`);
      await expect(page.getByText('ana', { exact: true }).first()).toBeVisible();
      await page.getByRole('button', { name: 'Take snapshot', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Take snapshot' }).click();
      await expect(dialog.getByText('Succeeded')).toBeVisible();
      expect(await page.evaluate(() => Object.keys(localStorage))).not.toContain('mc-session-token');
    });
  });

  test('the sign-in page of an identity provider leads there, breaks no rule, and says when it is away', async ({
    page,
    cluster,
  }) => {
    const oidc = 'auth: { mode: oidc, issuer: "http://127.0.0.1:9", clientId: console, everyone: viewer }';
    const at = await freePort();
    await withConsole(
      cluster.agentCore,
      oidc,
      async (own) => {
        await page.goto(`${own.url}/c/default/pools`);
        const way = page.getByRole('link', { name: 'Sign in with 127.0.0.1:9' });
        await expect(way).toHaveAttribute('href', `/auth/login?to=${encodeURIComponent('/c/default/pools')}`);
        expect(await violations(page)).toEqual([]);
        await way.click();
        await expect(page).toHaveURL(/reason=provider/);
        await expect(page.getByText('The identity provider cannot be reached now.')).toBeVisible();
        expect(await violations(page)).toEqual([]);
      },
      { PORT: String(at), PUBLIC_URL: `http://127.0.0.1:${at}` },
    );
  });

  test('a viewer sees every action, disabled with the reason', async ({ page, app, cluster }) => {
    const id = await makeVolume(app, 'looked-at', { replicas: 2 });
    await withConsole(cluster.agentCore, 'auth: { mode: local, role: viewer }', async (own) => {
      const { storageState } = await signIn(own.url, own.signIn);
      await page.context().addCookies(storageState.cookies);
      await page.addInitScript(
        (items) => items.forEach(({ name, value }) => void localStorage.setItem(name, value)),
        storageState.origins[0]?.localStorage ?? [],
      );
      await page.goto(`${own.url}/c/default/volumes/${id}`);
      await expect(page.getByRole('button', { name: /^Resize/ })).toBeVisible();
      // From here on the focus is seen, as for whoever goes by keyboard.
      await page.keyboard.press('Tab');
      for (const name of ['Publish', 'Unpublish', 'Resize', 'Take snapshot', 'Delete', 'Change replica count']) {
        const button = page.getByRole('button', { name: new RegExp(`^${name}`) });
        if (name === 'Publish' && (await button.count()) === 0) continue;
        await expect(button).toHaveAttribute('aria-disabled', 'true');
        const reason = button.getByText(/You are signed in with the role viewer; to .* takes the role/);
        expect(await widthOf(reason), `${name} before it has the focus`).toBeLessThan(10);
        await button.focus();
        expect(await widthOf(reason), `${name} with the focus`).toBeGreaterThan(100);
      }
      await page.goto(`${own.url}/c/default/volumes`);
      await expect(page.getByRole('button', { name: /^Create volume/ })).toHaveAttribute('aria-disabled', 'true');
      await page.goto(`${own.url}/c/default/audit`);
      await expect(page.getByRole('alert').filter({ hasText: 'takes the role admin' })).toBeVisible();
    });
  });

  test('the menu of the person who is signed in shuts by Escape and by a click beside it', async ({ page, app }) => {
    await page.context().addCookies(app.session.storageState.cookies);
    await page.addInitScript(
      (items) => items.forEach(({ name, value }) => void localStorage.setItem(name, value)),
      app.session.storageState.origins[0]?.localStorage ?? [],
    );
    await page.goto('/c/default');
    const out = page.getByRole('button', { name: 'Sign out', exact: true });
    const menu = page.getByRole('banner').locator('summary');
    await menu.click();
    await page.getByText(/^Role: /).click();
    await expect(out).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(out).toBeHidden();
    await expect(menu).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(out).toBeVisible();
    await page.getByRole('heading', { name: 'Nodes', exact: true }).click();
    await expect(out).toBeHidden();
  });

  test('a console that is read only changes nothing, whoever asks', async ({ page, cluster, app }) => {
    const id = await makeVolume(app, 'kept', { replicas: 1 });
    await withConsole(cluster.agentCore, 'readOnly: true', async (own) => {
      await page.goto(own.signIn);
      await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached();
      await page.goto(`${own.url}/c/default/volumes/${id}`);
      const resize = page.getByRole('button', { name: /^Resize/ });
      await resize.hover();
      expect(await widthOf(resize.getByText(/set to read only/))).toBeGreaterThan(100);
      const answer = await page.evaluate(async (volume) => {
        const response = await fetch(`/api/v1/clusters/default/volumes/${volume}`, {
          method: 'DELETE',
          headers: { 'x-mc-csrf': localStorage.getItem('mc-session-token') ?? '', 'content-type': 'application/json' },
          body: '{"confirm":"kept"}',
        });
        return [response.status, (await response.json()).code];
      }, id);
      expect(answer).toEqual([405, 'read_only']);
    });
  });

  test('a session that has ended is said in place, and the page goes on after signing in in another tab', async ({
    page,
    context,
    cluster,
  }) => {
    await withConsole(cluster.agentCore, '', async (own) => {
      await page.goto(own.signIn);
      await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached();
      await page.goto(`${own.url}/c/default/volumes/new`);
      await page.getByRole('textbox', { name: 'Name' }).fill('half-typed');
      const other = await context.newPage();
      await other.goto(`${own.url}/c/default`);
      await other.getByText('Live').waitFor();
      await other.locator('summary').filter({ hasText: /./ }).first().click();
      await other.getByRole('button', { name: 'Sign out everywhere' }).click();
      await expect(other.getByText('You have signed out.')).toBeVisible();
      const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
      await page.bringToFront();
      await expect(dialog).toBeVisible({ timeout: 30_000 });
      expect(await violations(page)).toEqual([]);
      await expect(async () => {
        const link = await Promise.race([own.newLink(), new Promise<string>((_, no) => setTimeout(no, 2_000))]);
        await other.goto(link);
        await expect(other.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached({ timeout: 5_000 });
      }).toPass();
      await page.bringToFront();
      await expect(dialog).toHaveCount(0);
      await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('half-typed');
    });
  });
});
