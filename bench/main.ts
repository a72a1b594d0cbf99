// npm run bench: the figures of this console as a table; `-- --help` says how to measure a part.
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Browser } from '@playwright/test';
import { launch } from './browser';
import type { Bench, Measurement } from './context';
import { axe } from './figures/axe';
import { changeToPixel } from './figures/change-to-pixel';
import { chartFrames } from './figures/chart-frames';
import { dataPath } from './figures/data-path';
import { embeddedScale } from './figures/embedded-scale';
import { idleBusy, idleList } from './figures/idle';
import { interaction } from './figures/interaction';
import { listApi } from './figures/list-api';
import { memory } from './figures/memory';
import { pageWeight } from './figures/page-weight';
import { rows } from './figures/rows';
import { tabs } from './figures/tabs';
import { startConsole, startEmbedded, startFleet } from './programs';
import { type Figure, table } from './table';

interface Planned {
  run: Measurement;
  /** Whether it makes sense for every size or once. */
  sizes: 'all' | 'first' | 'large';
  /** Some must know the very moment of a change, or have I/O on every volume: these take a replayed fleet. */
  peer: Peer;
}
type Peer = 'embedded' | 'replayed';

/** Measurements in the order in which they run. */
const MEASUREMENTS: Readonly<Record<string, Planned>> = {
  'page-weight': { run: pageWeight, sizes: 'first', peer: 'embedded' },
  axe: { run: axe, sizes: 'first', peer: 'embedded' },
  rows: { run: rows, sizes: 'all', peer: 'embedded' },
  idle: { run: idleList, sizes: 'all', peer: 'embedded' },
  interaction: { run: interaction, sizes: 'large', peer: 'embedded' },
  'list-api': { run: listApi, sizes: 'large', peer: 'embedded' },
  'idle-busy': { run: idleBusy, sizes: 'all', peer: 'replayed' },
  'change-to-pixel': { run: changeToPixel, sizes: 'large', peer: 'replayed' },
  memory: { run: memory, sizes: 'large', peer: 'replayed' },
  tabs: { run: tabs, sizes: 'large', peer: 'replayed' },
  'chart-frames': { run: chartFrames, sizes: 'first', peer: 'replayed' },
};
/** Above, the embedded cluster takes minutes to start, and is measured by itself (`embedded-scale`). */
const MOST_EMBEDDED = 10_000;

/** What needs neither browser nor console: the embedded cluster itself, once or at each large size. */
const ALONE: Readonly<
  Record<string, { run: (nodes: number, volumes: number) => Promise<Figure[]>; sizes: 'once' | 'large' }>
> = {
  'data-path': { run: dataPath, sizes: 'once' },
  'embedded-scale': { run: embeddedScale, sizes: 'large' },
};
const NAMES = [...Object.keys(MEASUREMENTS), ...Object.keys(ALONE)];

const USAGE = `npm run bench -- [NAME …] [--volumes 40,1000,10000,100000] [--runs 5] [--short]
The figures of this console as a table (docs/figures.md); --short weighs the pages, and fails when one is too heavy.
Names: ${NAMES.join(', ')}`;

/** Says how it is used, and ends. */
function usage(problem?: string): never {
  console.error(problem === undefined ? USAGE : `bench: ${problem}\n${USAGE}`);
  process.exit(problem === undefined ? 0 : 2);
}

function parsed() {
  return parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      volumes: { type: 'string', default: '40,1000,10000,100000' },
      /** For CI: how heavy the pages are, and nothing else. */
      short: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      only: { type: 'string', default: NAMES.join(',') },
    },
  });
}

function options() {
  let read: ReturnType<typeof parsed>;
  try {
    read = parsed();
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = read;
  if (values.help) return usage();
  const only = positionals.length > 0 ? positionals : values.only.split(',');
  const unknown = only.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) return usage(`no measurement ${unknown.join(', ')}`);
  const volumes = values.volumes.split(',').map(Number);
  const runs = Number(values.runs);
  if (![...volumes, runs].every((n) => Number.isInteger(n) && n > 0))
    return usage('--volumes and --runs take whole numbers above 0');
  if (values.short) return { volumes: [40], runs: 1, only: ['page-weight'], short: true };
  return { volumes, runs, only, short: false };
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

const peerOf = (m: Planned, volumes: number): Peer => (volumes > MOST_EMBEDDED ? 'replayed' : m.peer);

/** Starts a peer of so many volumes and a console over it, and measures. */
async function overPeer(
  browser: Browser,
  peer: Peer,
  volumes: number,
  runs: number,
  chosen: ReadonlyArray<readonly [string, Planned]>,
  loads: string[],
): Promise<Figure[]> {
  const nodes = nodesFor(volumes);
  console.error(`${volumes} volumes on ${nodes} nodes (${peer}), load ${load()}`);
  const figures: Figure[] = [];
  const fleet = await (peer === 'embedded' ? startEmbedded : startFleet)(nodes, volumes);
  try {
    const server = await startConsole(fleet.agentCore, volumes);
    const page = (path: string) => `${server.url}/c/default${path}`;
    const bench: Bench = { browser, fleet, console: server, nodes, volumes, runs, page, say };
    try {
      for (const [name, m] of chosen) {
        say(`${name}, load ${load()}`);
        const measured = await m.run(bench).catch((error: unknown) => failed(name, volumes, error));
        // At once, too: a bench that is ended has not run for nothing.
        for (const f of measured) say(`  ${f.figure}, ${f.at}: ${f.measured.toFixed(1)} ${f.unit} (${f.detail ?? ''})`);
        figures.push(...measured.map((f) => (peer === 'replayed' ? { ...f, figure: `${f.figure} *` } : f)));
        loads.push(load());
      }
    } finally {
      await server.stop();
    }
  } finally {
    await fleet.stop();
  }
  return figures;
}

/** Measures the console in a browser, at each size. */
async function withBrowser(o: ReturnType<typeof options>, figures: Figure[], loads: string[]): Promise<void> {
  const browser = await launch();
  try {
    for (const [i, volumes] of o.volumes.entries()) {
      const fits = ({ sizes }: Planned) =>
        sizes === 'all' ||
        (sizes === 'first' && i === 0) ||
        (sizes === 'large' && (volumes >= 10_000 || i === o.volumes.length - 1));
      for (const peer of ['embedded', 'replayed'] as const) {
        const chosen = Object.entries(MEASUREMENTS).filter(
          ([name, m]) => o.only.includes(name) && fits(m) && peerOf(m, volumes) === peer,
        );
        if (chosen.length > 0) figures.push(...(await overPeer(browser, peer, volumes, o.runs, chosen, loads)));
      }
    }
  } finally {
    await browser.close();
  }
  console.log(`Production build, Chromium ${browser.version()}, node ${process.version}, medians of ${o.runs} runs.`);
  console.log(
    'Cold browser cache. Peer: the embedded cluster with --churn; for what is marked *, and above 10,000 volumes, a',
  );
  console.log(
    'replayed fleet (generated specs over gRPC, no data behind them), whose changes are known to the millisecond.',
  );
}

await main();
