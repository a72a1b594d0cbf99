import { Tab } from '../browser';
import { type Bench, count, type Measurement, pause } from '../context';
import { median, percentile } from '../stats';

const TABLE = `document.querySelector('table[aria-label="Volumes"]')`;
const settled = `${TABLE}?.getAttribute('aria-busy') === 'false'`;
const sorted = (title: string, order: string) =>
  `return ${settled} && [...${TABLE}.querySelectorAll('th')].find((h) => h.textContent.startsWith(${JSON.stringify(title)}))?.getAttribute('aria-sort') === '${order}';`;
const COUNT = `document.querySelector('main p[role="status"]')?.textContent ?? ''`;
const matching = `return ${settled} && (${COUNT}).endsWith('match');`;
const whole = `return ${settled} && !(${COUNT}).endsWith('match');`;

interface Result {
  sorts: number[];
  filters: number[];
  /** Back to the whole set, which the page may still have. */
  clears: number[];
  /** The slowest of the interactions, ms in steps of 8; below 16 is not recorded. */
  slowest: number;
}

async function work(bench: Bench): Promise<Result> {
  const tab = await Tab.open(bench);
  const { page } = tab;
  try {
    await page.goto(bench.page('/volumes'), { waitUntil: 'load' });
    await page.evaluate(() => window.probe.painted('table[aria-label="Volumes"] tbody tr a', 1));
    await pause(2_000);
    const timed = async (done: string, act: () => Promise<void>) => {
      const measured = page.evaluate((body) => window.probe.fromInput(body), done);
      const [ms] = await Promise.all([measured, act()]);
      await pause(300);
      return ms;
    };
    const header = (title: string) => page.locator('thead').getByRole('button', { name: title, exact: true }).click();
    const sorts: number[] = [];
    for (const [title, order] of [
      ['Size', 'ascending'],
      ['Size', 'descending'],
      ['Status', 'ascending'],
      ['Target', 'ascending'],
      ['Used', 'ascending'],
      ['Used', 'descending'],
    ] as const) {
      sorts.push(await timed(sorted(title, order), () => header(title)));
    }
    const filter = page.getByRole('combobox', { name: 'Filter' });
    const filters: number[] = [];
    const clears: number[] = [];
    for (const word of ['queue', 'size>4GiB', 'node:io-2']) {
      await filter.fill(word);
      filters.push(await timed(matching, () => filter.press('Enter')));
      clears.push(await timed(whole, () => page.getByRole('button', { name: 'Clear the filter' }).click()));
    }
    await page.getByRole('grid', { name: 'Volumes' }).press('End');
    await pause(500);
    const all = await page.evaluate(() => window.probe.interactions);
    return { sorts, filters, clears, slowest: Math.max(0, ...all) };
  } finally {
    await tab.close();
  }
}

/** How long the console's server takes for the same windows without a browser. */
async function serverMs(bench: Bench): Promise<number> {
  const times: number[] = [];
  for (const sort of ['size', '-size', 'status', 'node', 'allocated', '-allocated']) {
    for (let i = 0; i < 3; i += 1) {
      const begun = performance.now();
      const response = await fetch(`${bench.console.url}/api/v1/clusters/default/volumes?sort=${sort}&limit=100`, {
        headers: bench.console.session.headers,
      });
      await response.arrayBuffer();
      times.push(performance.now() - begun);
    }
  }
  return median(times);
}

/** Sorting, filtering and paging of the whole set, with one change a second going on. */
export const interaction: Measurement = async (bench) => {
  await bench.fleet.get('/drip/50');
  await work(bench);
  const runs: Result[] = [];
  for (let run = 0; run < bench.runs; run += 1) runs.push(await work(bench));
  const server = await serverMs(bench);
  await bench.fleet.get('/drip/0');
  const at = `${count(bench.volumes)} volumes`;
  const line = (figure: string, all: number[]) => ({
    figure,
    at,
    measured: median(all),
    unit: 'ms',
    detail: `p95 ${percentile(all, 0.95).toFixed(0)}, highest ${Math.max(...all).toFixed(0)}, n ${all.length}; server alone ${server.toFixed(0)}`,
    limit: bench.volumes === 10_000 ? 100 : undefined,
    bestPeer: 'none offers it live',
  });
  const slowest = runs.map((r) => r.slowest);
  return [
    line(
      'sort of the whole set, click to rows',
      runs.flatMap((r) => r.sorts),
    ),
    line(
      'filter of the whole set, key to rows',
      runs.flatMap((r) => r.filters),
    ),
    line(
      'the filter taken away again, click to rows',
      runs.flatMap((r) => r.clears),
    ),
    {
      figure: 'interaction to next paint, slowest of 13',
      at,
      measured: median(slowest),
      unit: 'ms',
      detail: `${Math.min(...slowest)}-${Math.max(...slowest)}; 0: all below 16 ms`,
      limit: bench.volumes === 10_000 ? 56 : undefined,
      bestPeer: '64 ms (mayastor-ui)',
    },
  ];
};
