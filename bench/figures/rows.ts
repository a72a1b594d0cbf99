import { type Conditions, Tab } from '../browser';
import { type Bench, count, type Measurement } from '../context';
import { median } from '../stats';
import type { Figure } from '../table';

// A row that is still under way has no link.
const ROWS = 'table[aria-label="Volumes"] tbody tr a';

interface Load {
  rows: number;
  fcp: number;
  blocked: number;
  longest: number;
}

async function load(bench: Bench, conditions: Conditions): Promise<Load> {
  const tab = await Tab.open(bench, conditions);
  try {
    await tab.page.goto(bench.page('/volumes'), { waitUntil: 'commit' });
    const rows = await tab.page.evaluate(([selector, least]) => window.probe.painted(selector, least), [
      ROWS,
      Math.min(10, bench.volumes),
    ] as const);
    const { fcp, longTasks } = await tab.page.evaluate(() => ({
      fcp: window.probe.fcp,
      longTasks: window.probe.longTasks,
    }));
    const before = longTasks.filter((t) => t.at < rows).map((t) => t.ms);
    return {
      rows,
      fcp,
      blocked: before.reduce((sum, ms) => sum + Math.max(0, ms - 50), 0),
      longest: Math.max(0, ...before),
    };
  } finally {
    await tab.close();
  }
}

interface Wanted {
  figure: string;
  conditions: Conditions;
  limit?: number;
  bestPeer?: string;
}

function wanted(volumes: number): Wanted[] {
  const plain: Wanted = { figure: 'rows visible', conditions: {} };
  if (volumes > 10_000) return [plain];
  if (volumes === 10_000) return [{ ...plain, limit: 650, bestPeer: '976 ms (mayastor-ui), 2,089 live (Headlamp)' }];
  if (volumes < 1_000) return [plain];
  return [
    { ...plain, limit: 600, bestPeer: '747 ms (mayastor-ui, not live)' },
    {
      figure: 'rows visible, 4x slower CPU',
      conditions: { cpuSlowdown: 4 },
      limit: 1_800,
      bestPeer: '2,184 ms (mayastor-ui)',
    },
    {
      figure: 'rows visible, 10 Mbit/s 40 ms',
      conditions: { slowNetwork: true },
      limit: 1_000,
      bestPeer: '1,158 ms (mayastor-ui)',
    },
  ];
}

/** From navigation with an empty cache to a painted frame with the first rows of the list of volumes. */
export const rows: Measurement = async (bench) => {
  await bench.fleet.get('/drip/50');
  await load(bench, {}); // the server has not served this page before
  const figures: Figure[] = [];
  for (const w of wanted(bench.volumes)) {
    const loads: Load[] = [];
    for (let run = 0; run < bench.runs; run += 1) loads.push(await load(bench, w.conditions));
    const all = loads.map((l) => l.rows);
    const [fcp, blocked, longest] = [
      loads.map((l) => l.fcp),
      loads.map((l) => l.blocked),
      loads.map((l) => l.longest),
    ].map(median);
    figures.push({
      figure: w.figure,
      at: `${count(bench.volumes)} volumes`,
      measured: median(all),
      unit: 'ms',
      detail: `${Math.round(Math.min(...all))}-${Math.round(Math.max(...all))}; FCP ${fcp?.toFixed(0)}, TBT ${blocked?.toFixed(0)}, longest task ${longest?.toFixed(0)}`,
      limit: w.limit,
      bestPeer: w.bestPeer,
    });
  }
  await bench.fleet.get('/drip/0');
  return figures;
};
