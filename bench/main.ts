// npm run bench [-- --short | data-path embedded-scale rows … --volumes 40,1000 --nodes 3,10 --runs 5 --only page-weight,rows]: the figures of this console as a table.
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { launch } from './browser';
import type { Bench, Measurement } from './context';
import { changeToPixel } from './figures/change-to-pixel';
import { chartFrames } from './figures/chart-frames';
import { dataPath } from './figures/data-path';
import { embeddedScale } from './figures/embedded-scale';
import { idleList } from './figures/idle';
import { interaction } from './figures/interaction';
import { listApi } from './figures/list-api';
import { memory } from './figures/memory';
import { pageWeight } from './figures/page-weight';
import { rows } from './figures/rows';
import { tabs } from './figures/tabs';
import { startConsole, startFleet } from './programs';
import { type Figure, table } from './table';

/** Measurements in the order in which they run, and whether they make sense for every size or once. */
const MEASUREMENTS: Readonly<Record<string, { run: Measurement; sizes: 'all' | 'first' | 'large' }>> = {
  'page-weight': { run: pageWeight, sizes: 'first' },
  rows: { run: rows, sizes: 'all' },
  idle: { run: idleList, sizes: 'all' },
  interaction: { run: interaction, sizes: 'large' },
  'change-to-pixel': { run: changeToPixel, sizes: 'large' },
  'list-api': { run: listApi, sizes: 'large' },
  memory: { run: memory, sizes: 'large' },
  tabs: { run: tabs, sizes: 'large' },
  'chart-frames': { run: chartFrames, sizes: 'first' },
};

/** What needs neither browser nor console: the embedded cluster itself, once or at each large size. */
const ALONE: Readonly<
  Record<string, { run: (nodes: number, volumes: number) => Promise<Figure[]>; sizes: 'once' | 'large' }>
> = {
  'data-path': { run: dataPath, sizes: 'once' },
  'embedded-scale': { run: embeddedScale, sizes: 'large' },
};
const NAMES = [...Object.keys(MEASUREMENTS), ...Object.keys(ALONE)];

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      volumes: { type: 'string', default: '40,1000,10000,100000' },
      /** For CI: how heavy the pages are, and nothing else. */
      short: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      only: { type: 'string', default: NAMES.join(',') },
    },
  });
  const only = positionals.length > 0 ? positionals : values.only.split(',');
  const unknown = only.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    console.error(`bench: no measurement ${unknown.join(', ')}; there are ${NAMES.join(', ')}`);
    process.exit(2);
  }
  if (values.short) return { volumes: [40], runs: 1, only: ['page-weight'], short: true };
  return { volumes: values.volumes.split(',').map(Number), runs: Number(values.runs), only, short: false };
}

const nodesFor = (volumes: number) => (volumes > 10_000 ? 200 : volumes >= 10_000 ? 100 : volumes >= 1_000 ? 10 : 3);
const say = (text: string) => console.error(`  ${text}`);
const load = () =>
  loadavg()
    .map((x) => x.toFixed(1))
    .join(' ');

/** What could not be measured stands in the table as such, and the rest goes on. */
function failed(name: string, volumes: number, error: unknown): Figure[] {
  const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return [
    { figure: name, at: `${volumes} volumes`, measured: Number.NaN, unit: '', detail: text.slice(0, 120), limit: 0 },
  ];
}

/** Measures the embedded cluster itself. */
async function alone(only: readonly string[], sizes: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  const largest = Math.max(...sizes);
  for (const [name, m] of Object.entries(ALONE)) {
    if (!only.includes(name)) continue;
    for (const volumes of sizes.filter((v) => v === largest || (m.sizes === 'large' && v >= 10_000))) {
      console.error(`${name}, load ${load()}`);
      figures.push(...(await m.run(nodesFor(volumes), volumes).catch((e: unknown) => failed(name, volumes, e))));
    }
  }
  return figures;
}

async function main(): Promise<void> {
  const o = options();
  // What is measured is what is in the tree.
  const needsConsole = o.only.some((name) => Object.hasOwn(MEASUREMENTS, name));
  const parts = needsConsole ? [] : ['--only', 'embedded'];
  const built = spawnSync(process.execPath, ['scripts/build.mjs', ...parts], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (built.status !== 0) throw new Error('what is to be measured could not be built');
  const loads = [load()];
  const figures = await alone(o.only, o.volumes);
  if (needsConsole) await withBrowser(o, figures, loads);
  else console.log(`node ${process.version}. Peer: the embedded cluster; its data is real.`);
  loads.push(load());
  console.log(`Load average of the machine (1, 5, 15 min) along the way: ${loads.join(' | ')}\n`);
  figures.push(...flatness(figures));
  console.log(table(figures));
  // What could not be measured is no better than what is too heavy.
  const heavy = figures.filter((f) => !(f.measured <= (f.limit ?? 0)));
  if (!o.short || heavy.length === 0) return;
  console.error(
    `\n${heavy.length} pages are heavier than bench/budgets.json allows: ${heavy.map((f) => f.figure).join('; ')}`,
  );
  process.exitCode = 1;
}

/** How much slower ten times as many volumes are: the claim is that they are not. */
function flatness(figures: readonly Figure[]): Figure[] {
  const rowsAt = (at: string) => figures.find((f) => f.figure === 'rows visible' && f.at === at)?.measured;
  const [small, large] = [rowsAt('1,000 volumes'), rowsAt('10,000 volumes')];
  if (small === undefined || large === undefined) return [];
  const figure = 'rows visible, 10,000 over 1,000';
  return [{ figure, at: '', measured: large / small, unit: 'times', limit: 1.1, bestPeer: '1.3, live 1.2' }];
}

/** Measures the console in a browser, on a replayed fleet of each size. */
async function withBrowser(o: ReturnType<typeof options>, figures: Figure[], loads: string[]): Promise<void> {
  const browser = await launch();
  try {
    for (const [i, volumes] of o.volumes.entries()) {
      const nodes = nodesFor(volumes);
      const chosen = Object.entries(MEASUREMENTS).filter(
        ([name, m]) =>
          o.only.includes(name) &&
          (m.sizes === 'all' ||
            (m.sizes === 'first' && i === 0) ||
            (m.sizes === 'large' && (volumes >= 10_000 || i === o.volumes.length - 1))),
      );
      if (chosen.length === 0) continue;
      console.error(`${volumes} volumes on ${nodes} nodes (replayed fleet), load ${load()}`);
      const fleet = await startFleet(nodes, volumes);
      try {
        const server = await startConsole(fleet.agentCore, volumes);
        const bench: Bench = {
          browser,
          fleet,
          console: server,
          nodes,
          volumes,
          runs: o.runs,
          page: (path) => `${server.url}/c/default${path}`,
          say,
        };
        try {
          for (const [name, m] of chosen) {
            say(`${name}, load ${load()}`);
            figures.push(...(await m.run(bench).catch((error: unknown) => failed(name, volumes, error))));
            loads.push(load());
          }
        } finally {
          await server.stop();
        }
      } finally {
        await fleet.stop();
      }
    }
  } finally {
    await browser.close();
  }
  console.log(`Production build, Chromium ${browser.version()}, node ${process.version}, medians of ${o.runs} runs.`);
  console.log('Peer: a replayed fleet (generated specs over gRPC; no data behind them). Cold browser cache.');
}

await main();
