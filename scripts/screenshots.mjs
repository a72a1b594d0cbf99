// npm run screenshots: pictures of the main pages on the embedded cluster, for the README and the documentation.
import { mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { build, end, program } from './run.mjs';

const OUT = 'docs/images';
const WIDTH = 1280;
const PHONE = 360;

/** The page once nothing on it is loading and figures are there. */
async function settled(page) {
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
  await page.waitForFunction(
    () => !document.querySelector('[role="status"]:is([aria-label^="Loading"], [aria-label^="Asking"])'),
  );
  await page.waitForFunction(() => /\d (KiB|MiB|GiB)/.test(document.querySelector('main')?.textContent ?? ''));
  // Colours on their way from one state to another.
  await page.waitForFunction(() => document.getAnimations().every((a) => !(a instanceof CSSTransition)));
}

/** The page once its lines over time have something to show. */
const drawn = (page) =>
  page.waitForFunction(
    () => {
      const path = document.querySelector('main svg[role="img"] path, main [role="img"] svg path');
      return (path?.getAttribute('d')?.match(/L/g)?.length ?? 0) > 20;
    },
    undefined,
    { timeout: 120_000 },
  );

/** The page once rates are there, which need two readings. */
const measured = (page) =>
  page.waitForFunction(() => !/unknown|not measured yet/.test(document.querySelector('main')?.textContent ?? ''));

const ready = (child) => new Promise((resolve) => child.once('ready', resolve));
const start = (file, args, env) => {
  const child = program(file, args, env, (line) => {
    if (line.startsWith('{')) child.emit('ready', JSON.parse(line));
  });
  return child;
};

await build();
mkdirSync(OUT, { recursive: true });
const cluster = start('dist/embedded.mjs', ['--with-parent', '--seed', '1'], {});
const { agentCore } = await ready(cluster);
const env = { AGENT_CORE: agentCore, CONFIG: '', PORT: '0', READY_JSON: '1' };
const console_ = start('dist/server.mjs', [], env);
const { url, signIn } = await ready(console_);
/** A session for all pictures, by the link that the console printed. */
async function signedIn() {
  const { origin } = new URL(url);
  const response = await fetch(`${origin}/auth/local`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token: new URL(signIn).hash.slice('#t='.length) }),
  });
  const [name, value] = response.headers.get('set-cookie').split(';')[0].split('=');
  return { origin, cookie: { name, value, url: origin }, token: (await response.json()).csrf };
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const api = `${url.replace(/\/$/, '')}/api/v1/clusters/default`;
  const { cookie, token } = await signedIn();
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width: WIDTH, height: 860 }, colorScheme: theme });
    await context.addCookies([cookie]);
    const page = await context.newPage();
    const kept = { theme, 'mc-session-token': token };
    await page.addInitScript((k) => Object.entries(k).forEach(([key, v]) => void localStorage.setItem(key, v)), kept);
    await page.goto(url);
    // The stories of the fleet take a few seconds to begin; then a volume rebuilds.
    await page.goto(`${url}c/default/rebuilds`);
    await page.getByRole('progressbar').first().waitFor();
    const { rows } = await (
      await page.request.get(`${api}/volumes?q=status:degraded&sort=name`, { headers: { 'x-mc-csrf': token } })
    ).json();
    const rebuilding = rows.find((v) => v.rebuild) ?? rows[0];
    for (const [name, path] of [
      ['overview', ''],
      ['volumes', '/volumes'],
      ['volume', `/volumes/${rebuilding.id}?minutes=5`],
      ['create-volume', '/volumes/new?name=shop-db&step=3'],
    ]) {
      await page.goto(`${url}c/default${path}`);
      await settled(page);
      if (name === 'overview' || name === 'volumes') await measured(page);
      if (name === 'overview' || name === 'volume') await drawn(page);
      if (name === 'create-volume') await page.getByRole('table', { name: 'Chosen pools' }).waitFor();
      await settled(page);
      await page.screenshot({ path: `${OUT}/${name}-${theme}.png` });
      console.log(`${OUT}/${name}-${theme}.png`);
    }
    await page.setViewportSize({ width: PHONE, height: 740 });
    await page.goto(`${url}c/default/volumes`);
    await page.getByRole('list', { name: 'Volumes' }).waitFor();
    await settled(page);
    await page.screenshot({ path: `${OUT}/volumes-phone-${theme}.png` });
    console.log(`${OUT}/volumes-phone-${theme}.png`);
    await context.close();
  }
} finally {
  await browser.close();
  await end(console_);
  await end(cluster);
}
