import { Tab } from '../browser';
import { count, type Measurement, pause } from '../context';
import { uuidOf } from '../fleet/model';
import { percentile } from '../stats';
import type { Figure } from '../table';

interface Moments {
  changedAt: number;
  servedAt: number;
}

const KINDS = {
  /** The io-engine faults a child: the status of the row. */
  engine: { column: 2, perRun: 6, what: 'at an io-engine' },
  /** agent-core has another size in the spec. */
  spec: { column: 3, perRun: 2, what: 'at agent-core' },
} as const;

/**
 * From a change in the cluster to the frame that shows it in the list. The wait for the console's next reading is not the
 * console's slowness but its poll interval: it ends when the peer first answers with the change, and both are reported.
 */
export const changeToPixel: Measurement = async (bench) => {
  const figures: Figure[] = [];
  for (const [state, busy] of [
    ['quiet cluster', 0],
    ['I/O on every volume', 1],
  ] as const) {
    await bench.fleet.get(`/busy/${busy}`);
    const tab = await Tab.open(bench);
    try {
      await tab.page.goto(bench.page('/volumes'), { waitUntil: 'load' });
      await tab.page.evaluate(() => window.probe.painted('table[aria-label="Volumes"] tbody tr a', 1));
      await pause(4_000);
      for (const kind of ['engine', 'spec'] as const) {
        const { column, perRun, what } = KINDS[kind];
        const changes = perRun * bench.runs;
        const above: number[] = [];
        const whole: number[] = [];
        for (let i = 0; i < changes; i += 1) {
          // Published volumes of the first rows with two copies at least; at ever other phases of the poll.
          const index = [0, 1, 2, 5, 6, 8][i % 6] ?? 0;
          await pause(((i * 618) % 1000) + 50);
          const pixel = tab.page.evaluate(
            (selector) => window.probe.differs(selector),
            `tr:has(a[href*="${uuidOf(`volume ${index}`)}"]) td:nth-child(${column})`,
          );
          // It is awaited only after the change is known to have been told; a failure before that must not end the bench.
          pixel.catch(() => undefined);
          const moments = await bench.fleet.get<Moments>(`/change/${kind}/${index}`);
          const at = await pixel;
          above.push(at - moments.servedAt);
          whole.push(at - moments.changedAt);
        }
        const ms = (values: number[], share: number) => percentile(values, share).toFixed(0);
        figures.push({
          figure: `change ${what} to pixel above the poll, p99, ${state}`,
          at: `${count(bench.volumes)} volumes`,
          measured: percentile(above, 0.99),
          unit: 'ms',
          detail: `p50 ${ms(above, 0.5)}; with the wait for the poll p50 ${ms(whole, 0.5)}, p99 ${ms(whole, 0.99)}; n ${changes}`,
          limit: bench.volumes === 10_000 ? 300 : undefined,
        });
      }
    } finally {
      await tab.close();
    }
  }
  await bench.fleet.get('/busy/0');
  return figures;
};
