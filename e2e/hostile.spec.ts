import { expect, program, test } from './fixtures';
import { startHostileCluster, TEXTS } from './hostile-cluster';

/** Names that an address can hold: the others are refused before they are looked up. */
const inAddress = (text: string) =>
  !/[/\\%\p{Cc}\p{Cf}]/u.test(text) && text !== '.' && text !== '..' && text.length < 250;

test('what somebody called a thing stays text on every page, and numbers that are none are not shown', async ({
  page,
}) => {
  test.setTimeout(180_000);
  const hostile = await startHostileCluster();
  const env = { AGENT_CORE: hostile.agentCore, CONFIG: '', READY_JSON: '1', WITH_PARENT: '1', PORT: '0' };
  const console = await program('dist/server.mjs', [], env);
  const trouble: string[] = [];
  page.on('dialog', (dialog) => {
    trouble.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('request', (request) => {
    if (
      new URL(request.url()).origin !== new URL(String(console.ready.url)).origin &&
      !request.url().startsWith('data:')
    )
      trouble.push(`asked ${request.url()}`);
  });
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    document.addEventListener('securitypolicyviolation', (e) => seen.push(`${e.violatedDirective} ${e.sample}`));
  });
  try {
    await page.goto(String(console.ready.signIn));
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached();
    const base = `${String(console.ready.url).replace(/\/$/, '')}/c/default`;
    const names = TEXTS.filter(inAddress).map(encodeURIComponent);
    const volume = (n: number) => `/volumes/00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    const pages = [
      '',
      '/volumes',
      '/volumes?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.ran%3D1%3E&sort=__proto__',
      '/volumes?sort=[object%20Object]&cols=__proto__',
      '/volumes/new',
      '/pools',
      '/nodes',
      '/rebuilds',
      '/snapshots',
      '/audit?q=%22%3E%3Cscript%3Ewindow.ran%3D1%3C/script%3E',
      ...[1, 2, 9].flatMap((n) => [volume(n), `${volume(n)}/replicas`]),
      ...names.slice(0, 8).map((name) => `/nodes/${name}`),
      ...names.slice(4, 10).map((name) => `/pools/${name}`),
    ];
    for (const at of pages) {
      await test.step(at, async () => {
        await page.goto(`${base}${at}`);
        await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
        await expect(page.getByRole('status', { name: /^(Loading|Working|Asking|Scanning|Reading)/ })).toHaveCount(0);
        const found = await page.evaluate(() => ({
          ran: (window as { ran?: number }).ran,
          seen: (window as { seen?: string[] }).seen, // put there above
          // What is shown; the text of scripts and of what is hidden is not.
          // biome-ignore lint/performance/useDomNodeTextContent: as above
          text: document.body.innerText,
          handlers: [...document.querySelectorAll('*')].flatMap((e) =>
            [...e.attributes]
              .filter(
                (a) =>
                  /^on|^srcdoc$/i.test(a.name) ||
                  (/href|src|action/i.test(a.name) && /^\s*(javascript|data:text)/i.test(a.value)),
              )
              .map((a) => `${e.tagName} ${a.name}=${a.value}`),
          ),
        }));
        expect(found.ran, at).toBeUndefined();
        expect(found.seen, at).toEqual([]);
        expect(found.handlers, at).toEqual([]);
        expect(found.text.match(/\bNaN\b|\bInfinity\b|\[object Object\]|\bundefined\b/)?.[0], at).toBeUndefined();
      });
    }
    // It is there to be seen, as it is.
    await page.goto(`${base}/nodes`);
    await expect(page.getByText('<img src=x onerror="window.ran=1">', { exact: true }).first()).toBeVisible();
    expect(trouble).toEqual([]);
  } finally {
    await console.stop();
    hostile.stop();
  }
});
