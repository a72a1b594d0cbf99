import { expect, program, test } from './fixtures';
import { LATENCY_TICKS, POOL_BYTES, startGiantCluster } from './giant-cluster';

const grouped = (n: bigint) => n.toString().replace(/\B(?=(\d{3})+$)/g, '\u202f');

test('a pool of 2^60 bytes and a counter near 2^63 reach the screen with every digit', async ({ page }) => {
  const giant = await startGiantCluster();
  const console = await program('dist/server.mjs', [], {
    AGENT_CORE: giant.agentCore,
    CONFIG: '',
    READY_JSON: '1',
    WITH_PARENT: '1',
    PORT: '0',
  });
  try {
    await page.goto(String(console.ready.signIn));
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached();
    await page.goto(`${String(console.ready.url).replace(/\/$/, '')}/c/default/pools/giant`);
    await expect(page.getByTitle(`${grouped(POOL_BYTES)} B`, { exact: true }).first()).toBeVisible();
    await expect(page.getByTitle(`${grouped(POOL_BYTES - 1n)} B`, { exact: true }).first()).toBeVisible();
    await expect(page.getByRole('cell', { name: grouped(LATENCY_TICKS), exact: true })).toBeVisible();
  } finally {
    await console.stop();
    giant.stop();
  }
});
