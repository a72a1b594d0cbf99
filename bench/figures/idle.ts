import { Tab } from '../browser';
import { type Bench, count, type Measurement, pause } from '../context';
import { median } from '../stats';

const WINDOW_MS = 10_000;

interface Idle {
  kbPerSecond: number;
  busyPercent: number;
  longest: number;
  heap: number;
  heapAfter: number;
}

async function idle(bench: Bench): Promise<Idle> {
  const tab = await Tab.open(bench);
  try {
    await tab.page.goto(bench.page('/volumes'), { waitUntil: 'load' });
    await tab.page.evaluate(() => window.probe.painted('table[aria-label="Volumes"] tbody tr a', 1));
    await pause(3_000);
    const heap = await tab.heapMb();
    const bytes = tab.wireBytes;
    const before = await tab.taskSeconds();
    const longSoFar = await tab.page.evaluate(() => window.probe.longTasks.length);
    await pause(WINDOW_MS);
    const after = await tab.taskSeconds();
    const seconds = after.at - before.at;
    const long = await tab.page.evaluate((n) => window.probe.longTasks.slice(n).map((t) => t.ms), longSoFar);
    return {
      kbPerSecond: (tab.wireBytes - bytes) / 1000 / seconds,
      busyPercent: ((after.task - before.task) / seconds) * 100,
      longest: Math.max(0, ...long),
      heap,
      heapAfter: await tab.heapMb(),
    };
  } finally {
    await tab.close();
  }
}

async function idleRuns(bench: Bench): Promise<(key: keyof Idle) => number> {
  await pause(3_000);
  const runs: Idle[] = [];
  for (let run = 0; run < bench.runs; run += 1) runs.push(await idle(bench));
  return (key) => median(runs.map((r) => r[key]));
}

const busyWords = (middle: (key: keyof Idle) => number) =>
  `main thread ${middle('busyPercent').toFixed(1)} % busy, longest task ${middle('longest').toFixed(0)} ms`;

/** An untouched list of volumes for ten seconds, with one change a second: traffic, main thread, heap. */
export const idleList: Measurement = async (bench) => {
  const at = `${count(bench.volumes)} volumes`;
  await bench.fleet.get('/drip/50');
  const middle = await idleRuns(bench);
  await bench.fleet.get('/drip/0');
  return [
    {
      figure: 'idle traffic while live, one change a second',
      at,
      measured: middle('kbPerSecond'),
      unit: 'KB/s',
      detail: busyWords(middle),
      limit: 1.3,
      bestPeer: '1.3 KB/s (Headlamp)',
    },
    {
      figure: 'JavaScript heap after GC',
      at,
      measured: middle('heap'),
      unit: 'MB',
      detail: `${middle('heapAfter').toFixed(1)} MB ten seconds later`,
      limit: 14,
      bestPeer: '14 MB (Oxide)',
    },
  ];
};

/** The same while every volume has I/O. */
export const idleBusy: Measurement = async (bench) => {
  await bench.fleet.get('/busy/1');
  const middle = await idleRuns(bench);
  await bench.fleet.get('/busy/0');
  return [
    {
      figure: 'idle traffic while live, I/O on every volume',
      at: `${count(bench.volumes)} volumes`,
      measured: middle('kbPerSecond'),
      unit: 'KB/s',
      detail: busyWords(middle),
    },
  ];
};
